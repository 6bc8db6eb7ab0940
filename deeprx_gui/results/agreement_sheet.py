"""The sheet of an agreement study: to print and sign, and as a table for Excel."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from deeprx_gui.domain.agreement import (
    EFFECTIVENESS,
    FALSE_ALARM_RATE,
    KAPPA,
    MISS_RATE,
    AgreementStudy,
    AppraiserFigures,
    Grades,
    Rating,
    ScoreSpread,
    Share,
)
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import UNKNOWN, VERDICT_WORDS, percent_cell
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.csv_export import cell_number, cell_text
from deeprx_gui.results.page.markup import Html, tag
from deeprx_gui.results.page.shell import document, heading
from deeprx_gui.results.writing import write_file


def write_sheet(path: Path, study: AgreementStudy, *, made: datetime) -> None:
    """Write the sheet as one HTML file in the reader's language; raises StorageError."""
    write_file(path, sheet_html(study, made=made).encode("utf-8"))


def write_ratings(path: Path, study: AgreementStudy) -> None:
    """Write every rating and whether it was right, for Excel; raises StorageError."""
    write_file(path, ratings_csv(study).encode("utf-8-sig", "replace"))


def ratings_csv(study: AgreementStudy) -> str:
    """Return one line per rating with Windows line ends, headings in the reader's language."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    heads = (tr("Part"), tr("Truth"), tr("Appraiser"), tr("Trial"), tr("Verdict"), tr("× limit"))
    writer.writerow((*heads, tr("Right")))
    for part in study.parts:
        for name in study.appraisers:
            for trial, rating in enumerate(study.ratings(part, name), start=1):
                writer.writerow(
                    (
                        cell_text(part),
                        _truth(study, part),
                        cell_text(name),
                        trial,
                        render(VERDICT_WORDS[rating.verdict]),
                        cell_number(rating.times, 4),
                        _right(study, rating),
                    )
                )
    return stream.getvalue()


def sheet_html(study: AgreementStudy, *, made: datetime) -> str:
    """Return the sheet as one self-contained HTML document in the reader's language."""
    title = tr("Agreement of verdicts (attribute MSA)")
    about = tr(
        "Parts: {parts} ({bad} bad, {good} good) · appraisers: {appraisers} · trials: {trials}",
        parts=len(study.parts),
        bad=sum(study.truth.values()),
        good=len(study.truth) - sum(study.truth.values()),
        appraisers=len(study.appraisers),
        trials=study.trials,
    )
    return document(
        title,
        heading(title, made, about),
        _appraisers(study),
        _between(study),
        _spreads(study.spreads),
        _parts(study),
        _signature(),
    )


def _appraisers(study: AgreementStudy) -> Html:
    heads = (
        tr("Appraiser"),
        tr("Judged alike every time"),
        tr("Right every time"),
        tr("Bad parts let through"),
        tr("Good parts stopped"),
        tr("Kappa against the truth"),
    )
    rows = [_appraiser(figures) for figures in study.figures]
    return tag(
        "section",
        tag("h2", tr("Each appraiser")),
        _table(heads, rows),
        tag(
            "p",
            tr(
                "Good: right every time on {right} % of the parts or more, at most {missed} % of"
                " the bad parts let through, at most {alarms} % of the good parts stopped."
                " Not good enough: below {poor_right} %, above {poor_missed} % or {poor_alarms} %"
                " (AIAG, MSA, 4th edition). In brackets: where the true share lies with 95 %"
                " certainty. REVIEW and ERROR count as stopped.",
                right=f"{100 * EFFECTIVENESS.good:.0f}",
                missed=f"{100 * MISS_RATE.good:.0f}",
                alarms=f"{100 * FALSE_ALARM_RATE.good:.0f}",
                poor_right=f"{100 * EFFECTIVENESS.poor:.0f}",
                poor_missed=f"{100 * MISS_RATE.poor:.0f}",
                poor_alarms=f"{100 * FALSE_ALARM_RATE.poor:.0f}",
            ),
            class_="muted",
        ),
    )


def _appraiser(figures: AppraiserFigures) -> Html:
    return tag(
        "tr",
        tag("td", figures.name),
        _share(figures.repeated, None),
        _share(figures.right, EFFECTIVENESS),
        _share(figures.missed, MISS_RATE),
        _share(figures.false_alarms, FALSE_ALARM_RATE),
        _kappa(figures.kappa),
    )


def _share(share: Share, grades: Grades | None) -> Html:
    value, interval = share.value, share.interval
    if value is None or interval is None:
        return tag("td", UNKNOWN, class_="n")
    text = percent_cell(value)
    count = tr("{n} of {of} ({low}–{high} %)", n=share.count, of=share.of,
               low=f"{100 * interval[0]:.0f}", high=f"{100 * interval[1]:.0f}")  # fmt: skip
    return tag("td", _badge(text, grades, value), tag("small", count), class_="n")


def _kappa(value: float | None) -> Html:
    return tag("td", UNKNOWN if value is None else _badge(f"{value:.2f}", KAPPA, value), class_="n")


def _badge(text: str, grades: Grades | None, value: float) -> Html:
    style = "" if grades is None else f" {grades.verdict(value).value}"
    return tag("span", text, class_=f"badge{style}")


def _between(study: AgreementStudy) -> Html | None:
    if len(study.appraisers) < 2:
        return None
    rows = [
        tag("tr", tag("td", f"{first} – {second}"), _kappa(kappa))
        for (first, second), kappa in study.between.items()
    ]
    rows.append(tag("tr", tag("td", tr("All together (Fleiss)")), _kappa(study.overall)))
    alike = study.all_alike
    return tag(
        "section",
        tag("h2", tr("Between appraisers")),
        _table((tr("Two appraisers"), tr("Kappa")), rows),
        tag(
            "p",
            tr(
                "All agreed in all trials on {n} of {of} parts. Kappa: 1 means always alike, 0 like"
                " throwing dice; {good} or more is good, below {poor} poor.",
                n=alike.count,
                of=alike.of,
                good=f"{KAPPA.good:.2f}",
                poor=f"{KAPPA.poor:.2f}",
            ),
            class_="muted",
        ),
    )


def _spreads(spreads: Sequence[ScoreSpread]) -> Html | None:
    if not spreads:
        return None
    rows = [
        tag(
            "tr",
            tag("td", spread.name),
            tag("td", f"{spread.deviation:.3f}", class_="n"),
            tag("td", str(spread.parts), class_="n"),
            tag("td", ", ".join(spread.near) or UNKNOWN),
        )
        for spread in spreads
    ]
    heads = (tr("Station"), tr("Spread × limit"), tr("Parts"), tr("Parts near the limit"))
    return tag(
        "section",
        tag("h2", tr("How much scores of the same part differ")),
        _table(heads, rows),
        tag(
            "p",
            tr(
                "Spread: standard deviation of the scores of one part. Parts nearer to the limit"
                " than three times that may be judged differently the next time."
            ),
            class_="muted",
        ),
    )


def _parts(study: AgreementStudy) -> Html:
    heads = (tr("Part"), tr("Truth"), *study.appraisers)
    rows = [
        tag(
            "tr",
            tag("td", part),
            tag("td", _truth(study, part)),
            [
                tag("td", [_mark(study, rating) for rating in study.ratings(part, name)])
                for name in study.appraisers
            ],
        )
        for part in study.parts
    ]
    return tag(
        "section", tag("h2", tr("Every part")), tag("div", _table(heads, rows), class_="scroll")
    )


def _mark(study: AgreementStudy, rating: Rating) -> Html:
    """Return a verdict; a wrong one stands in its badge, so that it is seen in print as well."""
    word = render(VERDICT_WORDS[rating.verdict])
    bad = study.truth.get(rating.part)
    wrong = bad is not None and rating.stops is not bad
    style = f"badge {Verdict.NG.value}" if wrong else "badge"
    return tag("span", f"{word} ✕" if wrong else word, class_=style)


def _signature() -> Html:
    line = "＿" * 12
    names = [tag("p", f"{word}: {line}") for word in (tr("Made by"), tr("Checked by"), tr("Date"))]
    return tag("section", tag("div", names, class_="columns"))


def _table(heads: Sequence[str], rows: Sequence[Html]) -> Html:
    cells = [tag("th", head) for head in heads]
    return tag("table", tag("thead", tag("tr", cells)), tag("tbody", rows))


def _truth(study: AgreementStudy, part: str) -> str:
    bad = study.truth.get(part)
    if bad is None:
        return UNKNOWN
    return render(VERDICT_WORDS[Verdict.NG if bad else Verdict.OK])


def _right(study: AgreementStudy, rating: Rating) -> str:
    bad = study.truth.get(rating.part)
    if bad is None:
        return ""
    return tr("yes") if rating.stops is bad else tr("no")
