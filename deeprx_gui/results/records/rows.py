"""A record as the columns of a row, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.recorded_values import (
    causes_from_text,
    clean,
    decision_of,
    finite,
    message_from_text,
    message_to_text,
    micros,
    moment,
    number,
    promises_from_text,
    promises_to_text,
    unit_of,
)
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.domain.verdict_fields import Kept, Kind, stored
from deeprx_gui.results.records.schema import JOINED, TABLES, names, place
from deeprx_gui.results.records.sqlite_errors import damage

Value = str | float | int | None
"""What SQLite keeps."""


def read(row: Sequence[Any]) -> Record:
    """Return the record of a row of ``SELECT``; raises sqlite3.DatabaseError for nonsense."""
    try:
        return _read(row)
    except (ValueError, TypeError, IndexError) as error:
        raise damage(f"row {row[0]}: {error}") from error


def _read(row: Sequence[Any]) -> Record:
    values: dict[str, Any] = {
        name: value if turn is None else turn(value)
        for (name, turn), value in zip(_COLUMNS, row, strict=True)
    }
    if values["decision"] is None:  # never decided, or taken back
        values.update(_UNDECIDED)
    review, ng, promises = (values.pop(f"limits.{name}") for name in ("review", "ng", "promises"))
    unit = unit_of(review, promises[0], values["score"], values.pop("times"))
    return Record(limits=Limits(review, ng, promises[0], promises[1], unit), **values)


_TO_FILE: Final[Mapping[Kind, Callable[[Any], Value]]] = {
    Kind.TEXT: clean,
    Kind.WHOLE: int,
    Kind.NUMBER: finite,
    Kind.MOMENT: micros,
    Kind.VERDICT: VERDICTS.index,
    Kind.CAUSES: " ".join,
    Kind.MESSAGE: lambda message: "" if message is None else message_to_text(message),
    Kind.PROMISES: promises_to_text,
}
_FROM_FILE: Final[Mapping[Kind, Callable[[Any], object]]] = {
    Kind.NUMBER: number,
    Kind.MOMENT: lambda at: None if at is None else moment(at),
    Kind.VERDICT: VERDICTS.__getitem__,
    Kind.DECISION: decision_of,
    Kind.CAUSES: causes_from_text,
    Kind.MESSAGE: lambda text: message_from_text(text) if text else None,
    Kind.PROMISES: promises_from_text,
}
_UNDECIDED: Final = {"decided_by": "", "decided_at": None, "note": ""}
_GIVEN: Final = {field.name for field in fields(Record)} | {
    "limits.review", "limits.ng", "limits.promises", "times",
}  # fmt: skip
"""What a record is built from; the rest of it follows."""
_READ: Final = [field for field in stored(*TABLES) if field.name in _GIVEN]
_COLUMNS: Final[Sequence[tuple[str, Callable[[Any], object] | None]]] = [
    ("number", None),
    *((field.name, _FROM_FILE.get(field.kind)) for field in _READ),
]
SELECT: Final = f"SELECT {', '.join(['r.number', *map(place, _READ)])} {JOINED} "
"""What ``read`` understands; ``r`` is the record."""

PART_COLUMNS: Final = names(Kept.PART)
CONTEXT_COLUMNS: Final = names(Kept.CONTEXT)
_PARTS: Final = stored(Kept.PART)
_CONTEXTS: Final = stored(Kept.CONTEXT)


def context_of(record: Record) -> tuple[Value, ...]:
    """Return the values of ``CONTEXT_COLUMNS``."""
    return tuple(_TO_FILE[field.kind](field.value(record)) for field in _CONTEXTS)


def part_of(record: Record) -> tuple[Value, ...]:
    """Return the values of ``PART_COLUMNS``."""
    return tuple(_TO_FILE[field.kind](field.value(record)) for field in _PARTS)
