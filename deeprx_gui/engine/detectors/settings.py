"""Settings of detectors as a table: each has a default and says what it may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.detectors.base import Settings


class Rule(Protocol):
    """One setting."""

    @property
    def default(self) -> object:
        """The value where none is given."""
        ...

    def problem(self, key: str, value: object) -> Message | None:
        """Return why ``value`` is impossible, ``None`` when it is fine."""
        ...


@dataclass(frozen=True)
class Flag:
    """True or false."""

    default: bool

    def problem(self, key: str, value: object) -> Message | None:
        """Return why not."""
        if isinstance(value, bool):
            return None
        return say("The setting “{key}” must be true or false, not {value}.", key=key, value=value)


@dataclass(frozen=True)
class Number:
    """A number above ``above`` and at most ``most``."""

    default: float
    above: float
    most: float

    def problem(self, key: str, value: object) -> Message | None:
        """Return why not."""
        if self.above < _as_number(value) <= self.most:
            return None
        return say(
            "The setting “{key}” must be above {low} and at most {high}, not {value}.",
            key=key,
            low=f"{self.above:g}",
            high=f"{self.most:g}",
            value=value,
        )


@dataclass(frozen=True)
class Whole:
    """A whole number from ``least`` to ``most``."""

    default: int
    least: int
    most: int

    def problem(self, key: str, value: object) -> Message | None:
        """Return why not."""
        if isinstance(value, int) and self.least <= _as_number(value) <= self.most:
            return None
        return say(
            "The setting “{key}” must be a whole number from {low} to {high}, not {value}.",
            key=key,
            low=self.least,
            high=self.most,
            value=value,
        )


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    default: str
    words: tuple[str, ...]

    def problem(self, key: str, value: object) -> Message | None:
        """Return why not."""
        if value in self.words:
            return None
        return say(
            "The setting “{key}” must be one of {known}, not {value}.",
            key=key,
            known=", ".join(self.words),
            value=value,
        )


def _as_number(value: object) -> float:
    """Return a number as it is and NaN for anything else; Python counts True as a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value)


@dataclass(frozen=True)
class TableCheck:
    """The check of a detector whose settings are a table; the table can be read."""

    detector: str
    rules: Mapping[str, Rule]

    def __call__(self, settings: Settings) -> Settings:
        """Return the complete settings; raises RequestError for an impossible one."""
        for key in settings:
            if key not in self.rules:
                raise RequestError(
                    say(
                        "The detector {detector} has no setting “{key}”. Leave it out.",
                        detector=self.detector,
                        key=key,
                    )
                )
        full = {**{key: rule.default for key, rule in self.rules.items()}, **settings}
        for key, rule in self.rules.items():
            problem = rule.problem(key, full[key])
            if problem is not None:
                raise RequestError(problem)
        return full


def checker(detector: str, rules: Mapping[str, Rule]) -> TableCheck:
    """Return the check of a detector with these settings."""
    return TableCheck(detector, rules)


def number(settings: Settings, key: str) -> float:
    """Return a checked number."""
    value = settings[key]
    assert isinstance(value, int | float)
    return float(value)


def whole(settings: Settings, key: str) -> int:
    """Return a checked whole number."""
    value = settings[key]
    assert isinstance(value, int)
    return value
