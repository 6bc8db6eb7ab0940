"""Parts of a remembered verdict as text and numbers, the same in every store of verdicts."""

from __future__ import annotations

import json
import math
import re
import string
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.json_text import parse_json_text
from deeprx_gui.domain.limits import FittedTail, Promise
from deeprx_gui.domain.message import Message

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


def unit_of(
    review: float,
    promise: Promise | None,
    score: float,
    times: float,
    *,
    precision: float = 1e-12,
) -> float:
    """Return the raw score that was 1.00 when a verdict was recorded.

    A review limit with a promise is the suggested one. Of one moved by hand the recorded multiple
    says it: of the suggested limit, in a file of before of the limit used then. Only where there is
    no score, or one of 0, nothing says it, and nothing is shown in it. ``precision``: of ``times``,
    relative.
    """
    if promise is not None or not (0 < score < math.inf and 0 < times < math.inf):
        return review
    unit = score / times
    return review if math.isclose(unit, review, rel_tol=precision) else unit


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


def promises_to_text(promises: tuple[Promise | None, ...]) -> str:
    """Return what both limits promise as JSON."""
    return json.dumps([_promise_to_raw(p) if p else None for p in promises])


def _promise_to_raw(promise: Promise) -> list[object]:
    tail = promise.tail
    plain: list[object] = [promise.rank, promise.normals]
    return plain if tail is None else [*plain, [tail.aimed, tail.family, tail.low, tail.high]]


def promises_from_text(text: str) -> tuple[Promise | None, Promise | None]:
    """Return what the review and the NG limit promise. Raises ValueError or TypeError."""
    review, ng = parse_json_text(text)
    return _promise_from_raw(review), _promise_from_raw(ng)


def _promise_from_raw(raw: Any) -> Promise | None:  # noqa: ANN401 - whatever the file says
    if not raw:
        return None
    rank, normals, *tail = raw
    return Promise(rank, normals, FittedTail(*tail[0]) if tail else None)


def causes_from_text(text: str) -> tuple[Cause, ...]:
    """Return causes from words with blanks between; words of a newer program are left out."""
    return tuple(_CAUSES[word] for word in text.split() if word in _CAUSES)


def finite(value: float) -> float | None:
    """Return ``None`` for what no JSON and no table can hold."""
    return float(value) if math.isfinite(value) else None


def number(value: float | None) -> float:
    """Return NaN where there is no number."""
    return math.nan if value is None else float(value)
