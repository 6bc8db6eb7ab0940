"""What receivers are told about a verdict: stable keys, documented in ``docs/outputs.md``."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.domain.verdict_fields import Shown, plain_values, shown_in

SCHEMA = 2
"""Raised when a key changes its meaning or goes; a new key alone does not raise it. Since 2
``times`` is a multiple of the suggested review limit, of schema 1 of the limit in use."""

CSV_COLUMNS = tuple(field.told_as for field in shown_in(Shown.LINE))
"""The columns of a CSV line, in this order; new ones are added at the end only."""


def payload(record: Record) -> dict[str, object]:
    """Return a verdict as plain JSON values: floats are finite or ``None``, times ISO 8601 UTC."""
    fields = shown_in(Shown.PAYLOAD)
    values = plain_values(record, fields, moment=_time, message=str)
    return {"schema": SCHEMA, **dict(zip((f.told_as for f in fields), values, strict=True))}


def state_words(status: LineStatus) -> dict[str, int]:
    """Return how the line stands as whole numbers, 0 or 1 where it is a question."""
    counts = status.counts
    return {
        "running": int(status.running),
        "ready": int(status.ready),
        "busy": int(status.busy),
        "source_away": int(status.source_away),
        "records_blocked": int(status.records_blocked),
        "awaits_person": int(status.awaits_person),
        "waiting": status.waiting,
        "accepted": counts.accepted,
        "refused": counts.refused,
        "missed": counts.missed,
        "bounced": counts.bounced,
    }


def to_json(record: Record) -> bytes:
    """Return a verdict as one line of JSON in UTF-8, without the line's end."""
    text = json.dumps(payload(record), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # A file name that is no valid Unicode becomes JSON's own \udcxx, which every reader takes.
    return text.encode("utf-8", "backslashreplace")


def to_csv(record: Record) -> bytes:
    """Return a verdict as one line of CSV in UTF-8, columns ``CSV_COLUMNS``, no line's end."""
    told = payload(record)
    told["causes"] = " ".join(cause.value for cause in record.causes)
    row = [_cell(told[key]) for key in CSV_COLUMNS]
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: object) -> str:
    """A line stays one line: line breaks inside a value become spaces."""
    return " ".join(str(value).splitlines()) if value is not None else ""


def _time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain_text(text: str) -> str:
    """Return text that UTF-8 can carry: a file name that is no valid Unicode is written escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
