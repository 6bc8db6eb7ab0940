"""The table of remembered verdicts for Excel, however many there are."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deeprx_gui.domain.history import Query
from deeprx_gui.domain.inspection import Cause, Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.words import CAUSE_WORDS, VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.results.csv_export import cell_number, cell_text
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.writing import writing_whole

DECISION_WORDS: Final[Mapping[Decision, Message]] = {
    Decision.OK: say("OK"),
    Decision.NG: say("NG"),
}
_LINES_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Column:
    """One column: its heading and what stands in a record's cell."""

    heading: Message
    cell: Callable[[Record], str]


def _decision(record: Record) -> str:
    return "" if record.decision is None else render(DECISION_WORDS[record.decision])


COLUMNS: tuple[Column, ...] = (
    Column(say("Number"), lambda r: str(r.number)),
    Column(say("Time"), lambda r: local_text(r.when)),
    Column(say("Verdict"), lambda r: render(VERDICT_WORDS[r.verdict])),
    Column(say("× limit"), lambda r: cell_number(r.times, 4)),
    Column(say("Decision"), _decision),
    Column(say("Decided by"), lambda r: cell_text(r.decided_by)),
    Column(say("Decided at"), lambda r: local_text(r.decided_at)),
    Column(say("Note"), lambda r: cell_text(r.note)),
    Column(say("Serial number"), lambda r: cell_text(r.serial)),
    Column(say("Profile"), lambda r: cell_text(r.profile)),
    Column(say("Revision"), lambda r: str(r.revision)),
    Column(say("Score"), lambda r: cell_number(r.score, 6)),
    Column(say("Review limit"), lambda r: cell_number(r.limits.review, 6)),
    Column(say("NG limit"), lambda r: cell_number(r.limits.ng, 6)),
    Column(say("Condition of the picture"), lambda r: causes_text(r.causes)),
    Column(say("Message"), lambda r: "" if r.error is None else cell_text(render(r.error))),
    Column(say("Source"), lambda r: cell_text(r.source)),
    Column(say("File"), lambda r: cell_text(r.item)),
    Column(say("Kept picture"), lambda r: cell_text(r.picture)),
    Column(say("ms"), lambda r: cell_number(r.milliseconds, 2)),
    Column(say("Latency (ms)"), lambda r: cell_number(r.latency, 2)),
    Column(say("Runtime"), lambda r: cell_text(r.runtime)),
    Column(say("Time (UTC)"), lambda r: f"{r.when:%Y-%m-%dT%H:%M:%S.%fZ}"),
    Column(say("Identifier"), lambda r: cell_text(r.uid)),
)


def export_csv(path: Path, store: RecordStore, query: Query) -> Generator[Progress, None, int]:
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


def local_text(when: datetime | None) -> str:
    """Return a time on this PC's clock, to the millisecond; empty when there is none."""
    if when is None:
        return ""
    local = when.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"


def causes_text(causes: Iterable[Cause]) -> str:
    """Return what is wrong with a picture in a few words."""
    return "; ".join(render(CAUSE_WORDS[cause]) for cause in causes)


def _chunks(records: Iterable[Record]) -> Iterator[tuple[int, str]]:
    """Yield how many records a piece of the table holds, and the piece; the heading first."""
    stream = io.StringIO(newline="")
    stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([render(column.heading) for column in COLUMNS])
    lines = 0
    for record in records:
        writer.writerow([column.cell(record) for column in COLUMNS])
        lines += 1
        if lines == _LINES_AT_ONCE:
            yield lines, stream.getvalue()
            lines = 0
            stream.seek(0)
            stream.truncate()
    yield lines, stream.getvalue()
