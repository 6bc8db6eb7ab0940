"""The report: one HTML file that needs nothing else, to be mailed, printed and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.i18n import tr
from deeprx_gui.results.page.gallery import Picture, gallery
from deeprx_gui.results.page.histogram import histogram
from deeprx_gui.results.page.labelled import labelled_section
from deeprx_gui.results.page.promise import promise_section
from deeprx_gui.results.page.shell import counts_section, document, heading
from deeprx_gui.results.page.tables import profile_facts, results_table
from deeprx_gui.results.words import judge_results
from deeprx_gui.results.writing import write_file


@dataclass(frozen=True, eq=False)
class BatchReport:
    """What a report is made of.

    ``limits`` are those to judge by (the profile's, or as moved since). ``made`` is when the report
    was made, shown in local time. ``runtime`` scored the pictures. ``picture`` gives reduced
    pictures for the gallery (``capture.decode.thumbnail``); without it there is no gallery.
    ``below``: heat maps wear the quiet scale up to the limit.
    """

    profile: Profile
    limits: Limits
    results: Sequence[ScoredImage]
    made: datetime
    runtime: str = ""
    picture: Picture | None = None
    below: bool = False


def write_report(path: Path, report: BatchReport) -> None:
    """Write the report in the reader's language; raises StorageError."""
    write_file(path, report_html(report).encode("utf-8"))


def report_html(report: BatchReport) -> str:
    """Return the report as one self-contained HTML document in the reader's language."""
    limits = report.limits.shown_in(report.profile.suggested.review)
    rows = judge_results(report.results, limits)
    pictures = None
    if report.picture is not None:
        pictures = gallery(rows, limits, report.profile, report.picture, below=report.below)
    title = tr("Inspection report: {name}", name=report.profile.name)
    return document(
        title,
        heading(title, report.made),
        counts_section(tr("Pictures"), Counter(row.verdict for row in rows)),
        promise_section(report.profile, limits),
        histogram(rows, limits),
        labelled_section(rows, limits.ng_promise),
        pictures,
        results_table(rows),
        profile_facts(report.profile, report.runtime),
    )
