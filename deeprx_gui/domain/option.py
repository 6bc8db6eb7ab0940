"""Option: one thing a person may set about a source or an output, as data."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.message import Message

OptionValue = str | int | float | bool


@dataclass(frozen=True)
class Option:
    """One entry of a kind's table: its key as written, its title, its unit, what is allowed.

    The type of ``default`` is the option's type. ``minimum`` and ``maximum`` bound numbers, both
    included; ``choices`` lists the words allowed where not every text is.
    """

    key: str
    title: Message
    default: OptionValue
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        """Which field a window shows: switch, whole, number, choice or text."""
        if isinstance(self.default, bool):
            return "switch"
        if isinstance(self.default, int):
            return "whole"
        if isinstance(self.default, float):
            return "number"
        return "choice" if self.choices else "text"
