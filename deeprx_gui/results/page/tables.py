"""The table of all results, and how the profile was made."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS, times_limit_text
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.results.page.markup import Html, tag
from deeprx_gui.results.words import JudgedResult, worst_first

MOST_ROWS = 2000
"""More rows make a page that browsers scroll badly; the CSV table holds them all."""


def results_table(rows: Sequence[JudgedResult]) -> Html:
    """Return the results, highest score first; the folder they share is named once."""
    labelled = any(row.result.label is not Label.UNKNOWN for row in rows)
    heads = [tag("th", tr("Verdict")), tag("th", tr("× suggested"), class_="n")]
    heads += [tag("th", tr("Label"))] if labelled else []
    heads.append(tag("th", tr("File")))
    shared = shared_folder([row.result.path for row in rows])
    shown = worst_first(rows)[:MOST_ROWS]
    table = tag(
        "table",
        tag("thead", tag("tr", heads)),
        tag("tbody", [_row(row, shared, labelled=labelled) for row in shown]),
        class_="results",
    )
    folder = tr("Folder: {folder}", folder=str(shared)) if shared is not None else None
    return tag(
        "section",
        tag("h2", tr("All results, highest score first")),
        tag("p", folder, class_="muted") if folder else None,
        tag("div", table, class_="scroll"),
        tag("p", _left_out(len(rows) - len(shown)), class_="muted")
        if len(shown) < len(rows)
        else None,
    )


def _left_out(count: int) -> str:
    return tr_n(
        "{n} more picture with a lower score is in the CSV table.",
        "{n} more pictures with lower scores are in the CSV table.",
        n=count,
    )


def shared_folder(paths: Sequence[Path]) -> Path | None:
    """Return the deepest folder that holds all pictures, ``None`` when they share only a drive."""
    try:
        shared = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # none at all, or on different drives
        return None
    return shared if shared.name else None


def _row(row: JudgedResult, shared: Path | None, *, labelled: bool) -> Html:
    result = row.result
    badge = tag("span", render(VERDICT_WORDS[row.verdict]), class_=f"badge {row.verdict.value}")
    cells = [tag("td", badge), tag("td", times_limit_text(row.times), class_="n")]
    if labelled:
        known = result.label is not Label.UNKNOWN
        cells.append(tag("td", render(LABEL_WORDS[result.label]) if known else "", class_="label"))
    parent = result.path.parent
    folder = "" if parent == shared else str(parent.relative_to(shared) if shared else parent)
    cells.append(
        tag(
            "td",
            tag("span", one_line(result.path.name)),
            tag("small", folder) if folder else None,
            tag("small", render(result.error), class_="ERROR") if result.error else None,
        )
    )
    return tag("tr", cells)


def profile_facts(profile: Profile, runtime: str) -> Html:
    """Return what judged: enough to repeat it."""
    made = profile.origin
    taps = ", ".join(str(t) for t in profile.backbone.taps)
    left = [
        (tr("Product profile"), profile.name),
        (tr("Revision"), f"r{profile.revision:04d}" if profile.revision else tr("not saved")),
        (tr("Saved"), f"{made.when.astimezone():%Y-%m-%d %H:%M}"),
        (tr("By"), made.who),
        (tr("Why"), made.why),
        (tr("Normal images"), str(len(profile.normals))),
    ]
    right = [
        (tr("Detector"), profile.detector.name),
        (tr("Backbone"), profile.backbone.name),
        (tr("Taps (stride)"), taps),
        (tr("Weights"), profile.backbone.weights_sha256[:16]),
        (tr("Inspection image size"), tr("{n} px", n=profile.preprocessing.size)),
        (tr("Runtime"), runtime or made.runtime),
    ]
    return tag(
        "section",
        tag("h2", tr("How it was judged")),
        tag("div", [_facts(left), _facts(right)], class_="columns"),
    )


def _facts(facts: Sequence[tuple[str, str]]) -> Html:
    rows = [tag("tr", tag("th", name), tag("td", value)) for name, value in facts if value]
    return tag("table", tag("tbody", rows), class_="facts")
