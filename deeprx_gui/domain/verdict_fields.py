"""Every field of a verdict, declared once: what it is called, what it holds, where it shows.

The store's tables, what receivers are told, the tables for Excel, the command line's JSON, the
columns of the history and the report are made from ``FIELDS``. A new field is a ``VerdictField``
here with the next schema number as ``since``, an attribute of ``Record``, and the place that fills
it (``work/live_run.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, Flag, StrEnum, auto
from functools import cached_property
from operator import attrgetter
from typing import Any, Final

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message, say


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MOMENT = "moment"
    UTC = "utc"
    VERDICT = "verdict"
    DECISION = "decision"
    CAUSES = "causes"
    MESSAGE = "message"
    PROMISES = "promises"


class Kept(Enum):
    """Which table of the store holds a field.

    ``CONTEXT``: what is the same for thousands of verdicts, ``DECISION``: the log of what people
    decided; ``NOWHERE``: made from other fields when it is asked for.
    """

    NOWHERE = auto()
    PART = auto()
    CONTEXT = auto()
    PRODUCT = auto()
    DECISION = auto()


class Shown(Flag):
    """Where a field shows."""

    PAYLOAD = auto()
    """The JSON that outputs tell (``docs/outputs.md``)."""
    LINE = auto()
    """The CSV line of the TCP server."""
    RECORD = auto()
    """JSON of ``deeprx history``."""
    RUN = auto()
    """JSON lines of ``deeprx inspect``."""
    SHEET = auto()
    """The table for Excel."""
    COLUMN = auto()
    """The list of the History page."""
    LISTING = auto()
    """The table ``deeprx history list`` prints."""
    REPORT = auto()
    """A line under each picture of the report."""


TOLD: Final = Shown.PAYLOAD | Shown.RECORD | Shown.RUN
"""Every JSON of a verdict."""
EVERYWHERE: Final = TOLD | Shown.LINE | Shown.SHEET | Shown.COLUMN | Shown.REPORT


@dataclass(frozen=True)
class VerdictField:
    """One field.

    ``name``: the attribute of ``Record``, with points where it lies deeper. ``unit`` and
    ``decimals`` are those of a table. ``column``: its name in the store, ``key`` in what outputs
    tell, ``cli_key`` in the command line's JSON (a point begins an object); each is the one before
    it unless given. ``short``: the title of a narrow column. ``since``: the schema number of the
    store in which it appeared.
    """

    name: str
    kind: Kind
    title: Message
    kept: Kept = Kept.PART
    shown: Shown = EVERYWHERE
    unit: str = ""
    decimals: int = 0
    column: str = ""
    key: str = ""
    cli_key: str = ""
    short: Message | None = None
    since: int = 1

    def value(self, record: Record) -> Any:  # noqa: ANN401 - ``kind`` says what it is
        """Return what a record holds."""
        return self._get(record)

    @cached_property
    def _get(self) -> Callable[[Record], Any]:
        """Made once: a table of a million lines asks for each cell."""
        return attrgetter(self.name)

    @property
    def stored_as(self) -> str:
        return self.column or self.name.rpartition(".")[2]

    @property
    def told_as(self) -> str:
        """Its key in what outputs tell."""
        return self.key or self.name

    @property
    def answered_as(self) -> str:
        """Its key in the command line's JSON."""
        return self.cli_key or self.told_as


_NUMBERS: Final = TOLD | Shown.LINE | Shown.SHEET
_LISTED: Final = _NUMBERS | Shown.COLUMN | Shown.LISTING

FIELDS: tuple[VerdictField, ...] = (
    VerdictField("uid", Kind.TEXT, say("Identifier"), shown=_NUMBERS),
    VerdictField(
        "number", Kind.WHOLE, say("Number"), Kept.NOWHERE, _NUMBERS | Shown.LISTING
    ),
    VerdictField(
        "when", Kind.MOMENT, say("Time"), column="at", key="time", cli_key="when",
        shown=_LISTED,
    ),
    VerdictField(
        "utc", Kind.UTC, say("Time (UTC)"), Kept.NOWHERE, Shown.SHEET,
    ),
    VerdictField(
        "profile", Kind.TEXT, say("Profile"), Kept.CONTEXT, short=say("Product"),
        shown=_LISTED & ~Shown.RUN,
    ),
    VerdictField(
        "profile_id", Kind.TEXT, say("Profile ID"), Kept.PRODUCT,
        Shown.PAYLOAD | Shown.RECORD, cli_key="id",
    ),
    VerdictField(
        "revision", Kind.WHOLE, say("Revision"), Kept.CONTEXT,
        Shown.PAYLOAD | Shown.RECORD | Shown.LINE | Shown.SHEET,
    ),
    VerdictField(
        "verdict", Kind.VERDICT, say("Verdict"),
        shown=_LISTED,
    ),
    VerdictField("score", Kind.NUMBER, say("Score"), shown=_NUMBERS, decimals=6),
    VerdictField(
        "times", Kind.NUMBER, say("× suggested limit"), decimals=4, short=say("× suggested"),
        shown=_LISTED,
    ),
    VerdictField(
        "limits.review", Kind.NUMBER, say("Review limit"), Kept.CONTEXT,
        Shown.PAYLOAD | Shown.RECORD | Shown.SHEET, decimals=6,
        key="review_limit", cli_key="limits.review",
    ),
    VerdictField(
        "limits.ng", Kind.NUMBER, say("NG limit"), Kept.CONTEXT,
        Shown.PAYLOAD | Shown.RECORD | Shown.SHEET, decimals=6,
        key="ng_limit", cli_key="limits.ng",
    ),
    VerdictField(
        "limits.promises", Kind.PROMISES, say("Promise"), Kept.CONTEXT, Shown(0),
        column="promise",
    ),
    VerdictField(
        "runtime", Kind.TEXT, say("Runtime"), Kept.CONTEXT,
        Shown.PAYLOAD | Shown.RECORD | Shown.SHEET,
    ),
    VerdictField(
        "milliseconds", Kind.NUMBER, say("ms"), shown=TOLD | Shown.SHEET, unit="ms", decimals=2,
    ),
    VerdictField(
        "latency", Kind.NUMBER, say("Latency (ms)"), shown=TOLD | Shown.SHEET, unit="ms",
        decimals=2, key="latency_ms",
    ),
    VerdictField(
        "serial", Kind.TEXT, say("Serial number"), short=say("Serial"),
        shown=_LISTED,
    ),
    VerdictField(
        "source", Kind.TEXT, say("Source"), Kept.CONTEXT, _LISTED & ~Shown.LISTING
    ),
    VerdictField(
        "item", Kind.TEXT, say("File"), shown=TOLD | Shown.SHEET | Shown.LISTING
    ),
    VerdictField("picture", Kind.TEXT, say("Kept picture"), shown=TOLD | Shown.SHEET),
    VerdictField(
        "causes", Kind.CAUSES, say("Condition of the picture"), shown=_NUMBERS
    ),
    VerdictField("error", Kind.MESSAGE, say("Message"), shown=_NUMBERS),
    VerdictField(
        "decision", Kind.DECISION, say("Decision"), Kept.DECISION, short=say("Decided"),
        shown=Shown.PAYLOAD | Shown.RECORD | Shown.SHEET | Shown.COLUMN | Shown.LISTING,
    ),
    VerdictField(
        "decided_by", Kind.TEXT, say("Decided by"), Kept.DECISION,
        Shown.RECORD | Shown.SHEET, column="who",
    ),
    VerdictField(
        "decided_at", Kind.MOMENT, say("Decided at"), Kept.DECISION,
        Shown.RECORD | Shown.SHEET, column="at",
    ),
    VerdictField(
        "note", Kind.TEXT, say("Note"), Kept.DECISION, Shown.RECORD | Shown.SHEET
    ),
    VerdictField("station", Kind.TEXT, say("Station"), Kept.CONTEXT, since=2),
    VerdictField("operator", Kind.TEXT, say("Operator"), Kept.CONTEXT, since=2),
    VerdictField("method", Kind.TEXT, say("Method"), Kept.CONTEXT, since=2),
    VerdictField(
        "station_id", Kind.TEXT, say("Station ID"), Kept.CONTEXT, _NUMBERS, since=2
    ),
    VerdictField("places", Kind.TEXT, say("Places"), shown=Shown.RECORD, since=3),
    VerdictField(
        "limits.review_times", Kind.NUMBER, say("Review limit (× suggested limit)"), Kept.NOWHERE,
        Shown.PAYLOAD | Shown.RECORD | Shown.SHEET, decimals=4,
        key="review_times", cli_key="limits.review_times",
    ),
    VerdictField(
        "limits.ng_times", Kind.NUMBER, say("NG limit (× suggested limit)"), Kept.NOWHERE,
        Shown.PAYLOAD | Shown.RECORD | Shown.SHEET, decimals=4,
        key="ng_times", cli_key="limits.ng_times",
    ),
)  # fmt: skip
"""In the order of every JSON and of a line of CSV, where new ones are added at the end only."""

SHEET_ORDER: Final = (
    "number", "when", "verdict", "times", "decision", "decided_by", "decided_at", "note",
    "serial", "profile", "revision", "score", "limits.review", "limits.ng",
    "limits.review_times", "limits.ng_times", "causes", "error",
    "source", "item", "picture", "milliseconds", "latency", "runtime", "utc", "uid",
)  # fmt: skip
"""The order of tables that people read; every other field follows in the order of ``FIELDS``."""


def shown_in(place: Shown) -> tuple[VerdictField, ...]:
    """Return the fields that show in a place, in their order."""
    return tuple(field for field in FIELDS if place in field.shown)


def columns_of(place: Shown) -> tuple[VerdictField, ...]:
    """Return the fields of a table that people read, in its order."""
    rank = {name: number for number, name in enumerate(SHEET_ORDER)}
    return tuple(sorted(shown_in(place), key=lambda field: rank.get(field.name, len(rank))))


def stored(*tables: Kept, schema: int | None = None) -> tuple[VerdictField, ...]:
    """Return the fields that tables of the store hold, as of a schema number, older ones first."""
    found = (f for f in FIELDS if f.kept in tables and (schema is None or f.since <= schema))
    return tuple(sorted(found, key=lambda field: field.since))


def newest_schema() -> int:
    """Return the number of the store's schema: it rises with every field that is added."""
    return max(field.since for field in FIELDS)


def plain_values(
    record: Record,
    fields: Iterable[VerdictField],
    *,
    moment: Callable[[datetime], str],
    message: Callable[[Message], str],
) -> list[object]:
    """Return the values of fields as JSON knows them: numbers are finite or ``None``.

    ``moment`` writes times and ``message`` sentences.
    """
    return [_plain(field.kind, field.value(record), moment, message) for field in fields]


def _plain(
    kind: Kind,
    value: Any,  # noqa: ANN401 - ``kind`` says what it is
    moment: Callable[[datetime], str],
    message: Callable[[Message], str],
) -> object:
    if value is None:
        return None
    match kind:
        case Kind.NUMBER:
            return float(value) if math.isfinite(value) else None
        case Kind.MOMENT | Kind.UTC:
            return moment(value)
        case Kind.VERDICT | Kind.DECISION:
            return value.value
        case Kind.CAUSES:
            return [cause.value for cause in value]
        case Kind.MESSAGE:
            return message(value)
        case _:
            return value


def nested(keys: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    """Return keys and values as JSON objects; a point in a key begins an object within."""
    answer: dict[str, object] = {}
    for key, value in zip(keys, values, strict=True):
        place = answer
        *outer, last = key.split(".")
        for name in outer:
            inner = place.setdefault(name, {})
            if not isinstance(inner, dict):
                raise TypeError(f"{key}: {name} is a value already")
            place = inner
        place[last] = value
    return answer
