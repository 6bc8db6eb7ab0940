"""The table of remembered verdicts, however many there are: for Excel, or as CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.domain.verdict_fields import Kind, Shown, VerdictField, columns_of
from deeprx_gui.i18n import render
from deeprx_gui.i18n.verdict_text import field_text
from deeprx_gui.results.csv_export import cell_text
from deeprx_gui.results.writing import writing_whole
from deeprx_gui.results.xlsx import SUFFIX, Cell, write_workbook

_LINES_AT_ONCE: Final = 500


_OUR_OWN: Final = frozenset({Kind.WHOLE, Kind.NUMBER, Kind.MOMENT, Kind.UTC, Kind.VERDICT})
"""What cannot begin a formula; a minus of a number is none."""
_FIGURES: Final = frozenset({Kind.WHOLE, Kind.NUMBER})


def export_table(
    path: Path, store: RecordSource, query: RecordQuery
) -> Generator[Progress, None, int]:
    """Write one row per verdict of a query, the oldest first; the result is how many.

    A workbook where the name ends in ``.xlsx``, else CSV. Raises StorageError.
    """
    write = export_workbook if path.suffix.lower() == SUFFIX else export_csv
    return (yield from write(path, store, query))


def export_workbook(
    path: Path, store: RecordSource, query: RecordQuery
) -> Generator[Progress, None, int]:
    """Write a workbook for Excel: serial numbers are text, figures numbers, times of this PC.

    Otherwise as ``export_csv``.
    """
    total, done = store.count(query), 0
    fields = columns_of(Shown.SHEET)
    rows = ([_typed(field, record) for field in fields] for record in store.rows(query))
    with writing_whole(path) as stream:
        for done in write_workbook(stream, [render(field.title) for field in fields], rows):
            yield Progress(done, max(done, total), say("Writing the table"))
    return done


def _typed(field: VerdictField, record: Record) -> Cell:
    value = field.value(record)
    if field.kind in _FIGURES:
        # As many digits as the table for programs has.
        text = field_text(field, record)
        return float(text) if text and field.kind is Kind.NUMBER else value
    if field.kind is Kind.MOMENT:
        return None if value is None else value.astimezone()
    return field_text(field, record)


def export_csv(
    path: Path, store: RecordSource, query: RecordQuery
) -> Generator[Progress, None, int]:
    """Write one line per verdict of a query, the oldest first; the result is how many.

    UTF-8 with a byte order mark, numbers with a point, headings in the reader's language, like
    every table of this program. Closed before its end it leaves no file. Raises StorageError.
    """
    total = store.count(query)
    done = 0
    with writing_whole(path) as stream:
        for lines, text in _chunks(store.rows(query)):
            stream.write(text.encode("utf-8", "replace"))
            done += lines
            yield Progress(done, max(done, total), say("Writing the table"))
    return done


def cells(record: Record, fields: Sequence[VerdictField]) -> list[str]:
    """Return what stands in a record's line of the table."""
    return [
        text if field.kind in _OUR_OWN else cell_text(text)
        for field, text in ((field, field_text(field, record)) for field in fields)
    ]


def _chunks(records: Iterable[Record]) -> Iterator[tuple[int, str]]:
    """Yield how many records a piece of the table holds, and the piece; the heading first."""
    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    fields = columns_of(Shown.SHEET)
    writer.writerow([render(field.title) for field in fields])
    lines = 0
    for record in records:
        writer.writerow(cells(record, fields))
        lines += 1
        if lines == _LINES_AT_ONCE:
            yield lines, stream.getvalue()
            lines = 0
            stream.seek(0)
            stream.truncate()
    yield lines, stream.getvalue()
