"""Field: one thing that is asked for, written in a spec, bounded and stored."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say

Value = str | int | float | bool

_VARIABLE = re.compile(r"[^\W\d][\w.()-]*")
_SWITCH = {"1": True, "true": True, "yes": True, "on": True,
           "0": False, "false": False, "no": False, "off": False}  # fmt: skip


class FieldKind(StrEnum):
    """What is asked for: it decides how text is read and which widget asks."""

    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"
    TEXT = "text"
    CHOICE = "choice"
    FOLDER = "folder"
    FILE = "file"
    DEVICE = "device"


@dataclass(frozen=True)
class Answer:
    """One answer of a choice; without a title it is shown as it is written."""

    value: Value
    title: Message | None = None


def plain_choices(*words: str) -> tuple[Answer, ...]:
    """Return answers that are shown as they are written: names of formats and drivers."""
    return tuple(Answer(word) for word in words)


@dataclass(frozen=True)
class Field:
    """One question with what may be answered.

    ``default`` ``None`` leaves it as the device has it. Bounds are included, ``minimum`` not where
    ``above``. ``secret``: the answer names the environment variable that a password lies in; the
    password itself is never asked for, stored or shown.
    """

    key: str
    title: Message
    kind: FieldKind
    default: Value | None = None
    unit: str = ""
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[Answer, ...] = ()
    hint: Message | None = None
    above: bool = False
    secret: bool = False

    def allows(self, value: object) -> bool:
        """Return whether this is a possible value, in this field's own type."""
        match self.kind:
            case FieldKind.SWITCH:
                return isinstance(value, bool)
            case FieldKind.WHOLE | FieldKind.NUMBER:
                return self._allows_number(value)
            case FieldKind.CHOICE:
                return any(
                    type(value) is type(answer.value) and value == answer.value
                    for answer in self.choices
                )
            case FieldKind.TEXT:
                named = not self.secret or not value or _VARIABLE.fullmatch(str(value))
                return isinstance(value, str) and value.isprintable() and bool(named)
            case _:
                return isinstance(value, str)

    def read(self, value: object) -> Value:
        """Return a value in this field's type; text is read. Raises RequestError."""
        typed = self._typed(value)
        if typed is None or not self.allows(typed):
            shown = "***" if self.secret else value
            raise RequestError(
                say(
                    "{key}={value} is not possible. Write {allowed}.",
                    key=self.key,
                    value=shown,
                    allowed=self.allowed,
                )
            )
        return typed

    @staticmethod
    def format(value: Value) -> str:
        """Return a value as text that ``read`` reads back."""
        if isinstance(value, bool):
            return str(int(value))
        return repr(value) if isinstance(value, float) else str(value)

    @property
    def allowed(self) -> Message:
        """What may be written, as the end of a sentence."""
        whole = self.kind is FieldKind.WHOLE
        match self.kind:
            case FieldKind.CHOICE:
                words = (self.format(answer.value) for answer in self.choices)
                return say("one of {choices}", choices=", ".join(word for word in words if word))
            case FieldKind.SWITCH:
                return say("1 or 0")
            case FieldKind.WHOLE | FieldKind.NUMBER if math.isinf(self.minimum):
                return say("a whole number") if whole else say("a number")
            case FieldKind.WHOLE | FieldKind.NUMBER:
                return self._range(whole=whole)
            case FieldKind.TEXT if self.secret:
                return say("the name of an environment variable")
            case FieldKind.TEXT:
                return say("a short text")
            case _:
                return say("a path")

    def _range(self, *, whole: bool) -> Message:
        low, high = _plain(self.minimum), _plain(self.maximum)
        if math.isinf(self.maximum):
            return say("a number of {low} or more", low=low)
        if self.above:
            return say("a number above {low} and at most {high}", low=low, high=high)
        if whole:
            return say("a whole number from {low} to {high}", low=low, high=high)
        return say("a number from {low} to {high}", low=low, high=high)

    def _allows_number(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.kind is FieldKind.WHOLE and not isinstance(value, int):
            return False
        over = value > self.minimum if self.above else value >= self.minimum
        return over and value <= self.maximum and math.isfinite(value)

    def _typed(self, value: object) -> Value | None:
        if self.kind is FieldKind.SWITCH:
            return _SWITCH.get(str(value).casefold())
        if not isinstance(value, str | int | float):
            return None
        if self.kind is FieldKind.CHOICE:
            text = self.format(value)
            return next((a.value for a in self.choices if self.format(a.value) == text), None)
        if isinstance(value, bool):
            return None
        if self.kind in {FieldKind.WHOLE, FieldKind.NUMBER}:
            return self._number(value)
        return str(value)

    def _number(self, value: str | float) -> float | int | None:
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        if self.kind is FieldKind.NUMBER:
            return number
        return int(number) if number.is_integer() else None


def _plain(number: float) -> str:
    """Write a bound: whole ones in full, never as 1e+06."""
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


@dataclass(frozen=True)
class Options:
    """The answers to some fields, complete: what was not given has its default."""

    values: Mapping[str, Value | None]

    def number(self, key: str) -> float:
        """Return a number that has a default."""
        value = self.values[key]
        assert isinstance(value, int | float)
        return float(value)

    def whole(self, key: str) -> int:
        """Return a whole number that has a default."""
        return int(self.number(key))

    def maybe(self, key: str) -> float | None:
        """Return a number, ``None`` to leave it as the device has it."""
        return None if self.values[key] is None else self.number(key)

    def text(self, key: str) -> str:
        """Return a word, empty when none was given."""
        return str(self.values[key] or "")

    def switch(self, key: str) -> bool:
        """Return whether something is on."""
        return bool(self.values[key])


Unknown = Callable[[str, str], Message]
"""What is said about a key that is none: the key, and the known ones as a list."""


def _no_such_option(key: str, known: str) -> Message:
    return say("There is no option {key} here. Options: {keys}.", key=key, keys=known)


def checked(
    fields: Sequence[Field], given: Mapping[str, Value], unknown: Unknown = _no_such_option
) -> dict[str, Value]:
    """Return what was given, each in its field's type. Raises RequestError."""
    known = {field.key: field for field in fields}
    for key in given:
        if key not in known:
            raise RequestError(unknown(key, ", ".join(known) or "–"))
    return {key: known[key].read(value) for key, value in given.items()}


def complete_options(
    fields: Sequence[Field], given: Mapping[str, Value], unknown: Unknown = _no_such_option
) -> Options:
    """Check what was given and add the defaults. Raises RequestError."""
    return Options({f.key: f.default for f in fields} | checked(fields, given, unknown))
