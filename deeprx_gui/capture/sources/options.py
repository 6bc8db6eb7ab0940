"""Options of sources: what each may be, read from text or from a stored specification."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.option import Field, Form, Value

_WORDS = frozenset({Form.TEXT, Form.CHOICE, Form.FOLDER, Form.FILE})
_SWITCH = {"1": True, "true": True, "yes": True, "on": True,
           "0": False, "false": False, "no": False, "off": False}  # fmt: skip


@dataclass(frozen=True)
class Option(Field):
    """One option: ``default`` ``None`` leaves it as the device has it. Bounds are included."""

    def read(self, value: Value) -> Value:
        """Return a value in this option's type; text is read. Raises RequestError."""
        if self.form is Form.SWITCH:
            return self._switch(value)
        if self.form in _WORDS:
            return self._word(value)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if self.form is Form.WHOLE and math.isfinite(number) and number != int(number):
            number = math.nan
        if not math.isfinite(number) or isinstance(value, bool):
            raise self._no_number(value)
        if not self.minimum <= number <= self.maximum:
            raise self._out_of_range(value)
        return int(number) if self.form is Form.WHOLE else number

    def _switch(self, value: Value) -> bool:
        found = _SWITCH.get(str(value).casefold())
        if found is None:
            raise RequestError(
                say("{key}={value} is not possible. Write 1 or 0.", key=self.key, value=value)
            )
        return found

    def _word(self, value: Value) -> str:
        text = str(value)
        if self.choices and text not in self.choices:
            raise RequestError(
                say(
                    "{key}={value} is not possible. Write one of these: {choices}.",
                    key=self.key,
                    value=value,
                    choices=", ".join(self.choices),
                )
            )
        return text

    def _no_number(self, value: Value) -> RequestError:
        if self.form is Form.WHOLE:
            return RequestError(
                say(
                    "{key}={value} is not possible. Write a whole number.",
                    key=self.key,
                    value=value,
                )
            )
        return RequestError(
            say("{key}={value} is not possible. Write a number.", key=self.key, value=value)
        )

    def _out_of_range(self, value: Value) -> RequestError:
        values = {"key": self.key, "value": value}
        low, high = f"{self.minimum:g}", f"{self.maximum:g}"
        if math.isinf(self.maximum):
            return RequestError(
                say("{key}={value} is too small. Write {low} or more.", low=low, **values)
            )
        return RequestError(
            say(
                "{key}={value} is not possible. Write a number from {low} to {high}.",
                low=low,
                high=high,
                **values,
            )
        )


@dataclass(frozen=True)
class Chosen:
    """Options of one source, complete: what was not given has its default."""

    values: Mapping[str, Value | None]

    def number(self, key: str) -> float:
        """Return a number that has a default."""
        value = self.values[key]
        assert isinstance(value, int | float)
        return float(value)

    def maybe(self, key: str) -> float | None:
        """Return a number, ``None`` to leave it as the device has it."""
        return None if self.values[key] is None else self.number(key)

    def text(self, key: str) -> str:
        """Return a word, empty when none was given."""
        return str(self.values[key] or "")

    def switch(self, key: str) -> bool:
        """Return whether something is on."""
        return bool(self.values[key])


def choose(options: Sequence[Option], given: Mapping[str, Value]) -> Chosen:
    """Check what was given and add the defaults. Raises RequestError."""
    return Chosen({o.key: o.default for o in options} | checked(options, given))


def checked(options: Sequence[Option], given: Mapping[str, Value]) -> dict[str, Value]:
    """Return what was given, each in its option's type. Raises RequestError."""
    known = {option.key: option for option in options}
    for key in given:
        if key not in known:
            raise RequestError(
                say(
                    "There is no option {key} here. Options: {keys}.",
                    key=key,
                    keys=", ".join(known) or "–",
                )
            )
    return {key: known[key].read(value) for key, value in given.items()}
