"""The columns of the history table, and the words for what a person decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.verdict_fields import Kind, Shown, VerdictField, columns_of
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import render
from deeprx_gui.i18n.verdict_text import field_text

_RIGHT_AFTER_ALL: Final = say("Confirmed")
_WAS_OK: Final = say("Was OK")
_WAS_NG: Final = say("Was NG")

DECIDED_WORDS: Final[Mapping[tuple[Verdict, Decision], Message]] = {
    (Verdict.OK, Decision.OK): _RIGHT_AFTER_ALL,
    (Verdict.OK, Decision.NG): say("Missed"),
    (Verdict.REVIEW, Decision.OK): _WAS_OK,
    (Verdict.REVIEW, Decision.NG): _WAS_NG,
    (Verdict.NG, Decision.OK): say("False call"),
    (Verdict.NG, Decision.NG): _RIGHT_AFTER_ALL,
    (Verdict.ERROR, Decision.OK): _WAS_OK,
    (Verdict.ERROR, Decision.NG): _WAS_NG,
}
"""What a decision makes of a verdict."""


@dataclass(frozen=True)
class HistoryColumn:
    """One column: its title, the text of a record, and whether it is a number."""

    name: str
    title: Message
    text: Callable[[Record], str]
    number: bool = False


def decided_text(record: Record) -> str:
    """Return what a person said of the part, empty where nobody did."""
    if record.decision is None:
        return ""
    return render(DECIDED_WORDS[record.verdict, record.decision])


def product_text(record: Record) -> str:
    """Return the product and the revision that judged: ``Bracket r0007``."""
    return f"{one_line(record.profile)} r{record.revision:04d}"


def moment_text(record: Record) -> str:
    """Return when the part was seen, on this PC's clock."""
    return f"{record.when.astimezone():%Y-%m-%d %H:%M:%S}"


def _time(record: Record) -> str:
    """Leave the year out where it is this one: the column is narrow, and the tip says it all."""
    local = record.when.astimezone()
    if local.year == datetime.now(local.tzinfo).year:
        return f"{local:%m-%d %H:%M:%S}"
    return f"{local:%Y-%m-%d %H:%M}"


def _times(record: Record) -> str:
    return times_limit_text(record.times)


_SHORTER: Final[Mapping[str, Callable[[Record], str]]] = {
    "when": _time,
    "times": _times,
    "decision": decided_text,
    "profile": product_text,
}
"""What a narrow column says otherwise than the tables."""


def _column(field: VerdictField) -> HistoryColumn:
    return HistoryColumn(
        field.name,
        field.short or field.title,
        _SHORTER.get(field.name) or partial(field_text, field),
        number=field.kind in {Kind.NUMBER, Kind.WHOLE},
    )


COLUMNS: Final = tuple(map(_column, columns_of(Shown.COLUMN)))
_NAMES: Final = [column.name for column in COLUMNS]
TIME, VERDICT, TIMES, DECIDED, SERIAL, PRODUCT = map(
    _NAMES.index, ("when", "verdict", "times", "decision", "serial", "profile")
)
