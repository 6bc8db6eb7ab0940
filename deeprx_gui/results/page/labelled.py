"""False calls and misses, where somebody said what the parts really are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deeprx_gui.domain.limits import Promise
from deeprx_gui.domain.metrics import Confusion, auroc, confusion
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.words import JudgedResult, share_text


def labelled_section(rows: Sequence[JudgedResult], promise: Promise | None) -> Html | None:
    """Return the table of labels against verdicts, ``None`` when nothing is labelled.

    ``promise`` is that of the NG limit, which the false calls are held against.
    """
    counted = confusion([r.verdict for r in rows], [r.result.label for r in rows])
    labels = [x for x in (Label.GOOD, Label.BAD) if counted.count(x)]
    if not labels:
        return None
    head = [tag("th"), *(tag("th", render(VERDICT_WORDS[v]), class_="n") for v in VERDICTS)]
    head.append(tag("th", tr("Sum"), class_="n"))
    body = [_row(counted, label) for label in labels]
    return tag(
        "section",
        tag("h2", tr("Compared with what the parts really are")),
        tag(
            "div",
            tag("table", tag("thead", tag("tr", head)), tag("tbody", body), class_="cells"),
            class_="scroll",
        ),
        tag("div", _words(counted, rows, promise), style="margin-top:14px"),
    )


def _row(counted: Confusion, label: Label) -> Html:
    cells = [
        tag("td", str(counted.table[label][v]), class_=_cell_style(label, v, counted))
        for v in VERDICTS
    ]
    total = tag("td", str(counted.count(label)), class_="n")
    return tag("tr", tag("th", render(LABEL_WORDS[label])), cells, total)


def _cell_style(label: Label, verdict: Verdict, counted: Confusion) -> str:
    wrong = (label, verdict) in ((Label.GOOD, Verdict.NG), (Label.BAD, Verdict.OK))
    return "n wrong NG" if wrong and counted.table[label][verdict] else "n"


def _words(counted: Confusion, rows: Sequence[JudgedResult], promise: Promise | None) -> Html:
    lines: list[str] = []
    good, bad = counted.count(Label.GOOD), counted.count(Label.BAD)
    if good:
        lines.append(
            tr(
                "False calls (good parts judged NG): {n} of {total}, {rate}.",
                n=counted.false_calls,
                total=good,
                rate=share_text(counted.false_calls / good),
            )
        )
        if promise is not None and clearly_more(counted.false_calls, good, promise.rate):
            lines.append(
                tr(
                    "That is clearly more than the promised {rate}: these good parts look "
                    "different from the normal images. Check light, focus and position, or add "
                    "some of them to the normal images.",
                    rate=share_text(promise.rate),
                )
            )
    if bad:
        lines.append(
            tr(
                "Misses (bad parts judged OK): {n} of {total}, {rate}.",
                n=counted.misses,
                total=bad,
                rate=share_text(counted.misses / bad),
            )
        )
    area = auroc(_times(rows, Label.GOOD), _times(rows, Label.BAD))
    if area is not None:
        lines.append(
            tr(
                "A bad part scores higher than a good one in {share} of all pairs (AUROC "
                "{area:.3f}); 50% would be chance.",
                share=share_text(area),
                area=area,
            )
        )
    return join([tag("p", line) for line in lines])


def clearly_more(found: int, parts: int, rate: float) -> bool:
    """Whether chance alone, at ``rate``, would find so many less than once in a hundred times.

    The binomial tail; the spread of the promise itself is left out.
    """
    below = sum(
        math.comb(parts, k) * rate**k * (1 - rate) ** (parts - k) for k in range(min(found, parts))
    )
    return 1 - below < 0.01


def _times(rows: Sequence[JudgedResult], label: Label) -> list[float]:
    return [r.times for r in rows if r.result.label is label and math.isfinite(r.times)]
