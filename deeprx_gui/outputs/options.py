"""Options of outputs: what each may be, read from text or from a stored specification."""

from __future__ import annotations

import re
from dataclasses import dataclass

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Field, Form, Value

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Option(Field):
    """One option: its key as written, its title, its form, what is allowed; bounds included.

    A key that ends in ``_env`` names an environment variable.
    """

    default: Value

    def read(self, value: Value) -> Value:
        """Return a value in the option's own type and within its bounds. Raises RequestError."""
        try:
            sound = self._typed(value)
        except (ValueError, OverflowError):
            sound = None
        if sound is None or not self._allows(sound):
            raise RequestError(
                say(
                    "“{value}” is not possible for the option {key}. {allowed}",
                    value=value,
                    key=self.key,
                    allowed=self._allowed(),
                )
            )
        return sound

    def _typed(self, value: Value) -> Value | None:
        if self.form is Form.SWITCH:
            word = str(value).lower()
            return True if word in _TRUE else False if word in _FALSE else None
        if self.form in {Form.WHOLE, Form.NUMBER}:
            if isinstance(value, bool):
                return None
            number = float(value)
            whole = self.form is Form.WHOLE
            return None if whole and number != int(number) else int(number) if whole else number
        return value if isinstance(value, str) else None

    def _allows(self, value: Value) -> bool:
        if not isinstance(value, str):
            return self.form is Form.SWITCH or self.minimum <= value <= self.maximum
        if self.choices:
            return value in self.choices
        if self.key.endswith("_env") and value:
            return _VARIABLE.fullmatch(value) is not None
        return value.isprintable()

    def _allowed(self) -> Message:
        if self.choices:
            return say("Choose one of: {choices}.", choices=", ".join(self.choices))
        if self.form is Form.SWITCH:
            return say("Write 1 or 0.")
        if self.form in {Form.WHOLE, Form.NUMBER}:
            return say("It is a number from {low} to {high}.", low=self.minimum, high=self.maximum)
        if self.key.endswith("_env"):
            return say("It is the name of an environment variable.")
        return say("It is a short text.")
