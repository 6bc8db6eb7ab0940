"""What can be written behind a command: an argument knows how it is written, read and stored."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say

_FEW_LETTERS = 24


@dataclass(frozen=True)
class Argument:
    """A word (``NAME``) or an option (``--size 256``) of a command, in the terms of argparse.

    ``type`` turns a word into a value and may raise RequestError. ``nargs`` says how many words
    belong to it, as in a regular expression; empty for one.
    """

    names: tuple[str, ...]
    action: Literal["store", "append", "store_true", "help", "version"] = "store"
    nargs: Literal["", "?", "*", "+"] = ""
    type: Callable[[str], Any] = str
    choices: Collection[Any] = ()
    default: Any = None
    metavar: str = ""
    help: str = ""
    version: str = ""

    @property
    def is_option(self) -> bool:
        """Whether it may stand anywhere, after its name."""
        return self.names[0].startswith("-")

    @property
    def takes_value(self) -> bool:
        """Whether the word behind the option belongs to it."""
        return self.action in {"store", "append"}

    @property
    def answers(self) -> bool:
        """Whether the option prints something and ends the program."""
        return self.action in {"help", "version"}

    @property
    def dest(self) -> str:
        """The attribute its value gets: that of its first long name."""
        name = next((name for name in self.names if name.startswith("--")), self.names[0])
        return name.lstrip("-").replace("-", "_")

    @property
    def called(self) -> str:
        """How a person would call it: ``NAME``, ``--size``."""
        return self.names[-1] if self.is_option else (self.metavar or self.dest).upper()

    @property
    def written(self) -> str:
        """How it is written: ``NAME``, ``IMAGES...``, ``--size 256``."""
        if not self.is_option:
            return f"{self.called}..." if self.nargs == "+" else self.called
        names = ", ".join(self.names)
        return f"{names} {self._value_written()}" if self.takes_value else names

    def _value_written(self) -> str:
        listed = "|".join(map(str, self.choices))
        if self.metavar or not 0 < len(listed) <= _FEW_LETTERS:
            return self.metavar or self.dest.upper()
        return listed

    @property
    def when_left_out(self) -> Any:  # noqa: ANN401 - as ``default``
        """The value where it is not given."""
        if self.nargs == "*":
            return []
        return False if self.action == "store_true" else self.default

    def read(self, word: str) -> Any:  # noqa: ANN401 - what ``type`` returns
        """Return the value of a word. Raises RequestError."""
        try:
            value = self.type(word)
        except RequestError as error:
            if not self.is_option:
                raise
            raise RequestError(
                say("{option}: {reason}", option=self.called, reason=error.message)
            ) from error
        except ValueError:
            if not self.choices:
                raise
            value = word  # none of them: told below
        if self.choices and value not in self.choices:
            raise RequestError(
                say(
                    "“{value}” is not possible for {option}. Choose one of: {known}.",
                    value=value,
                    option=self.called,
                    known=", ".join(map(str, self.choices)),
                )
            )
        return value
