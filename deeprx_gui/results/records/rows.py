"""A record as the columns of a row, and back."""

from __future__ import annotations

import json
import math
import re
import string
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deeprx_gui.domain.inspection import Cause, Decision, Record
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.trouble import damage

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

SELECT: Final = (
    "SELECT r.number, r.uid, r.at, p.profile_id, c.profile, c.revision, r.verdict, r.score,"
    " c.review, c.ng, c.promise, c.runtime, r.milliseconds, r.latency, c.source, r.serial, r.item,"
    " r.picture, r.error, r.causes, r.decision, d.who, d.at, d.note"
    " FROM records r JOIN contexts c ON c.id = r.context JOIN products p ON p.id = r.product"
    " LEFT JOIN decisions d ON d.id = r.decided "
)
"""What ``read`` understands; ``r`` is the record."""


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


def context_of(record: Record) -> tuple[Value, ...]:
    """Return the columns of ``contexts`` behind ``product``."""
    limits = record.limits
    promises = [[p.rank, p.normals] if p else None for p in _promises(limits)]
    return (
        clean(record.profile),
        record.revision,
        limits.review,
        limits.ng,
        json.dumps(promises),
        clean(record.runtime),
        clean(record.source),
    )


def columns_of(record: Record) -> tuple[Value, ...]:
    """Return uid, at, verdict, score, times, milliseconds, latency, serial, item, picture, error
    and causes.
    """  # noqa: D205 - the order is the sentence
    return (
        clean(record.uid),
        micros(record.when),
        VERDICTS.index(record.verdict),
        _finite(record.score),
        _finite(record.times),
        _finite(record.milliseconds),
        _finite(record.latency),
        clean(record.serial),
        clean(record.item),
        clean(record.picture),
        "" if record.error is None else message_to_text(record.error),
        " ".join(record.causes),
    )


def read(row: Sequence[Any]) -> Record:
    """Return the record of a row of ``SELECT``; raises sqlite3.DatabaseError for nonsense."""
    try:
        return _read(row)
    except (ValueError, TypeError, IndexError) as error:
        raise damage(f"row {row[0]}: {error}") from error


def _read(row: Sequence[Any]) -> Record:
    (number, uid, at, profile_id, profile, revision, verdict, score, review, ng, promise) = row[:11]
    runtime, milliseconds, latency, source, serial, item, picture, error, causes = row[11:20]
    decision, who, decided_at, note = row[20:] if row[20] is not None else (None, "", None, "")
    return Record(
        uid=uid,
        when=moment(at),
        profile_id=profile_id,
        profile=profile,
        revision=revision,
        verdict=VERDICTS[verdict],
        score=_number(score),
        limits=Limits(review, ng, *_promises_from(promise)),
        runtime=runtime,
        milliseconds=_number(milliseconds),
        latency=_number(latency),
        source=source,
        serial=serial,
        item=item,
        picture=picture,
        error=message_from_text(error) if error else None,
        causes=tuple(_CAUSES[word] for word in causes.split() if word in _CAUSES),
        number=number,
        decision=decision_of(decision),
        decided_by=who,
        decided_at=None if decided_at is None else moment(decided_at),
        note=note,
    )


def decision_of(number: int | None) -> Decision | None:
    """Return a decision from its number."""
    return None if number is None else DECISIONS[number]


def message_to_text(message: Message) -> str:
    """Return a message as JSON, so that it can be read in any language later."""
    return json.dumps(_message_to_raw(message), ensure_ascii=True)


def message_from_text(text: str) -> Message:
    """Return the message of a JSON text; what is no message is shown as it stands. Never raises."""
    try:
        return _message_from_raw(json.loads(text), _DEEPEST)
    except (ValueError, TypeError, KeyError, RecursionError):
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
    return {"template": message.template, "plural": message.plural, "values": values}


def _message_from_raw(raw: Any, deep: int) -> Message:  # noqa: ANN401 - whatever the file says
    template, plural, values = raw["template"], raw["plural"], raw["values"]
    if not isinstance(template, str) or not isinstance(plural, str) or deep == 0:
        raise TypeError("not a message")
    if not (_is_plain(template) and _is_plain(plural)):
        raise ValueError("a template that does more than name its values")
    read_values = {
        str(key): _message_from_raw(value, deep - 1) if isinstance(value, dict) else value
        for key, value in values.items()
    }
    return Message(template, read_values, plural)


def _is_plain(template: str) -> bool:
    """Say whether it only names values: no attributes, no formats a foreign file could abuse."""
    return all(
        field is None
        or (field.isidentifier() and _SPEC.fullmatch(spec or "") is not None and not conversion)
        for _, field, spec, conversion in string.Formatter().parse(template)
    )


def _promises(limits: Limits) -> tuple[Promise | None, Promise | None]:
    return limits.review_promise, limits.ng_promise


def _promises_from(text: str) -> tuple[Promise | None, Promise | None]:
    review, ng = json.loads(text)
    return (Promise(*review) if review else None), (Promise(*ng) if ng else None)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
