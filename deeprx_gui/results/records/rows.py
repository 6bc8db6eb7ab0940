"""A record as the columns of a row, and back."""

from __future__ import annotations

import json
import math
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deeprx_gui.domain.inspection import Cause, Decision, Record
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.limits import FittedTail, Limits, Promise
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.domain.verdict_fields import Kept, Kind, stored
from deeprx_gui.results.records.schema import JOINED, TABLES, names, place
from deeprx_gui.results.records.sqlite_errors import damage

Value = str | float | int | None
"""What SQLite keeps."""

DECISIONS: Final = (Decision.OK, Decision.NG)
"""The order in which the file numbers them."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LATEST: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
_CAUSES: Final = {cause.value: cause for cause in Cause}
_DEEPEST: Final = 4
_SPEC: Final = re.compile(r",?(\.\d{1,2})?[defgn%]?")


def micros(when: datetime) -> int:
    """Return a time as UTC microseconds since 1970, never below 0.

    Raises ValueError for a time without a zone.
    """
    if when.tzinfo is None:
        raise ValueError("a time needs its zone")
    return max(0, (when - EPOCH) // _MICROSECOND)


def moment(at: int) -> datetime:
    """Return UTC microseconds as an aware time; what no calendar knows is the last or first."""
    return EPOCH + timedelta(microseconds=min(max(at, 0), _LATEST))


def clean(text: str) -> str:
    r"""Return text that UTF-8 can hold: names on Linux may carry bytes that are no letters."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


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
    unit = _unit(review, promises[0], values["score"], values.pop("times"))
    return Record(limits=Limits(review, ng, promises[0], promises[1], unit), **values)


def _unit(review: float, promise: Promise | None, score: float, times: float) -> float:
    """Return the raw score that was 1.00 when a verdict was recorded.

    A review limit with a promise is the suggested one. Of one moved by hand the recorded multiple
    says it: of the suggested limit, in a file of before of the limit used then. Only where there is
    no score, or one of 0, nothing says it, and nothing is shown in it.
    """
    if promise is not None or not (0 < score < math.inf and 0 < times < math.inf):
        return review
    unit = score / times
    return review if math.isclose(unit, review, rel_tol=1e-12) else unit


def decision_of(number: int | None) -> Decision | None:
    """Return a decision from its number."""
    return None if number is None else DECISIONS[number]


def message_to_text(message: Message) -> str:
    """Return a message as JSON, so that it can be read in any language later."""
    return json.dumps(_message_to_raw(message), ensure_ascii=True)


def message_from_text(text: str) -> Message:
    """Return the message of a JSON text; what is no message is shown as it stands. Never raises."""
    try:
        return _message_from_raw(parse_json_text(text), _DEEPEST)
    except (ValueError, TypeError, KeyError):
        return Message(text.replace("{", "{{").replace("}", "}}"))


def _message_to_raw(message: Message) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in message.values.items():
        if isinstance(value, Message):
            values[key] = _message_to_raw(value)
        elif isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
            values[key] = value
        else:
            values[key] = str(value)
    raw: dict[str, object] = {
        "template": message.template,
        "plural": message.plural,
        "values": values,
    }
    return raw | {"context": message.context} if message.context else raw


def _message_from_raw(raw: Any, deep: int) -> Message:  # noqa: ANN401 - whatever the file says
    template, plural, values = raw["template"], raw["plural"], raw["values"]
    context = raw.get("context", "")
    if not all(isinstance(text, str) for text in (template, plural, context)) or deep == 0:
        raise TypeError("not a message")
    if not (_is_plain(template) and _is_plain(plural)):
        raise ValueError("a template that does more than name its values")
    read_values = {
        str(key): _message_from_raw(value, deep - 1) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    return Message(template, read_values, plural, context)


def _is_plain(template: str) -> bool:
    """Say whether it only names values: no attributes, no formats a foreign file could abuse."""
    return all(
        field is None
        or (field.isidentifier() and _SPEC.fullmatch(spec or "") is not None and not conversion)
        for _, field, spec, conversion in string.Formatter().parse(template)
    )


def _promises_to_text(promises: tuple[Promise | None, ...]) -> str:
    return json.dumps([_promise_to_raw(p) if p else None for p in promises])


def _promise_to_raw(promise: Promise) -> list[object]:
    tail = promise.tail
    plain: list[object] = [promise.rank, promise.normals]
    return plain if tail is None else [*plain, [tail.aimed, tail.family, tail.low, tail.high]]


def _promises_from(text: str) -> tuple[Promise | None, Promise | None]:
    review, ng = parse_json_text(text)
    return _promise_from_raw(review), _promise_from_raw(ng)


def _promise_from_raw(raw: Any) -> Promise | None:  # noqa: ANN401 - whatever the file says
    if not raw:
        return None
    rank, normals, *tail = raw
    return Promise(rank, normals, FittedTail(*tail[0]) if tail else None)


def _causes_from(text: str) -> tuple[Cause, ...]:
    return tuple(_CAUSES[word] for word in text.split() if word in _CAUSES)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


_TO_FILE: Final[Mapping[Kind, Callable[[Any], Value]]] = {
    Kind.TEXT: clean,
    Kind.WHOLE: int,
    Kind.NUMBER: _finite,
    Kind.MOMENT: micros,
    Kind.VERDICT: VERDICTS.index,
    Kind.CAUSES: " ".join,
    Kind.MESSAGE: lambda message: "" if message is None else message_to_text(message),
    Kind.PROMISES: _promises_to_text,
}
_FROM_FILE: Final[Mapping[Kind, Callable[[Any], object]]] = {
    Kind.NUMBER: _number,
    Kind.MOMENT: lambda at: None if at is None else moment(at),
    Kind.VERDICT: VERDICTS.__getitem__,
    Kind.DECISION: decision_of,
    Kind.CAUSES: _causes_from,
    Kind.MESSAGE: lambda text: message_from_text(text) if text else None,
    Kind.PROMISES: _promises_from,
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
