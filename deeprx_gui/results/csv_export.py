"""The table of results: for Excel, or as CSV for programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.visible_text import visible
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.results.words import JudgedResult, judge_results
from deeprx_gui.results.writing import write_file, writing_whole
from deeprx_gui.results.xlsx import SUFFIX, Cell, write_workbook

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes Excel run a cell, in the full width that Japanese Excel also takes."""


@dataclass(frozen=True)
class _Sheet:
    """What is the same in every row."""

    profile: Profile
    limits: Limits


@dataclass(frozen=True)
class CsvColumn:
    """One column: its heading and what stands in a row's cell; ``figure``: a number, or nothing."""

    heading: Message
    text: Callable[[JudgedResult, _Sheet], str]
    figure: bool = False

    def cell(self, row: JudgedResult, sheet: _Sheet) -> str:
        """Return the cell of a table in CSV."""
        text = self.text(row, sheet)
        return text if self.figure else cell_text(text)

    def typed(self, row: JudgedResult, sheet: _Sheet) -> Cell:
        """Return the cell of a workbook: a number where it is one, else text."""
        text = self.text(row, sheet)
        if self.figure:
            return float(text) if text else None
        return text


COLUMNS: tuple[CsvColumn, ...] = (
    CsvColumn(say("File"), lambda row, _: row.result.path.name),
    CsvColumn(say("Verdict"), lambda row, _: render(VERDICT_WORDS[row.verdict])),
    CsvColumn(say("× suggested limit"), lambda row, _: cell_number(row.times, 4), figure=True),
    CsvColumn(say("Score"), lambda row, _: cell_number(row.result.value, 6), figure=True),
    CsvColumn(say("Label"), lambda row, _: _label(row.result)),
    CsvColumn(say("Message"), lambda row, _: _message(row.result)),
    CsvColumn(
        say("Review limit"), lambda _, sheet: cell_number(sheet.limits.review, 6), figure=True
    ),
    CsvColumn(say("NG limit"), lambda _, sheet: cell_number(sheet.limits.ng, 6), figure=True),
    CsvColumn(say("Width"), lambda row, _: _count(row.result.width), figure=True),
    CsvColumn(say("Height"), lambda row, _: _count(row.result.height), figure=True),
    CsvColumn(say("ms"), lambda row, _: _milliseconds(row.result), figure=True),
    CsvColumn(say("Profile"), lambda _, sheet: sheet.profile.name),
    CsvColumn(say("Revision"), lambda _, sheet: str(sheet.profile.revision), figure=True),
    CsvColumn(say("Folder"), lambda row, _: str(row.result.path.parent)),
    CsvColumn(
        say("Review limit (× suggested limit)"),
        lambda _, sheet: cell_number(sheet.limits.review_times, 4),
        figure=True,
    ),
    CsvColumn(
        say("NG limit (× suggested limit)"),
        lambda _, sheet: cell_number(sheet.limits.ng_times, 4),
        figure=True,
    ),
)


def write_csv(path: Path, profile: Profile, results: Sequence[ScoredImage], limits: Limits) -> None:
    """Write the table, one row per result in their order; raises StorageError.

    UTF-8 with a byte order mark, so that Excel shows Japanese; numbers with a point and no
    grouping in every language; headings and verdicts in the reader's language.
    """
    # Names that are not valid Unicode exist on Linux; a question mark is better than no table.
    data = csv_text(profile, results, limits).encode("utf-8-sig", "replace")
    write_file(path, data)


def write_table(
    path: Path, profile: Profile, results: Sequence[ScoredImage], limits: Limits
) -> None:
    """Write the table as a workbook for Excel where the name ends in ``.xlsx``, else as CSV.

    Raises StorageError.
    """
    if path.suffix.lower() != SUFFIX:
        write_csv(path, profile, results, limits)
        return
    sheet = _Sheet(profile, limits.shown_in(profile.suggested.review))
    rows = (
        [column.typed(row, sheet) for column in COLUMNS]
        for row in judge_results(results, sheet.limits)
    )
    with writing_whole(path) as stream:
        for _ in write_workbook(stream, [render(column.heading) for column in COLUMNS], rows):
            pass


def csv_text(profile: Profile, results: Sequence[ScoredImage], limits: Limits) -> str:
    """Return the table as text with Windows line ends."""
    sheet = _Sheet(profile, limits.shown_in(profile.suggested.review))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([render(column.heading) for column in COLUMNS])
    for row in judge_results(results, sheet.limits):
        writer.writerow([column.cell(row, sheet) for column in COLUMNS])
    return stream.getvalue()


def cell_text(text: str) -> str:
    """Return text that came from outside; an apostrophe keeps Excel from running it."""
    text = "\r".join(map(visible, text.split("\r")))  # a quoted cell holds line ends
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def cell_number(value: float, decimals: int) -> str:
    """Return a number with a point and no grouping, empty when there is none."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""


def _count(value: int) -> str:
    return str(value) if value else ""


def _label(result: ScoredImage) -> str:
    return "" if result.label is Label.UNKNOWN else render(LABEL_WORDS[result.label])


def _message(result: ScoredImage) -> str:
    return "" if result.error is None else render(result.error)


def _milliseconds(result: ScoredImage) -> str:
    return "" if result.score is None else cell_number(result.score.milliseconds, 2)
