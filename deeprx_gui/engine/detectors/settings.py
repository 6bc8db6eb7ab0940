"""Settings of detectors: those that several share, and the check of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.message import Message, say

Settings = Mapping[str, object]

LEFT_TO_THE_PROGRAM: Final = say("0 leaves it to the program.")
BY_THE_PROGRAM: Final = say("the program chooses")

SHRINKAGE: Final = Field(
    "shrinkage",
    say("Steadiness"),
    FieldKind.NUMBER,
    1e-3,
    minimum=0,
    maximum=1,
    above=True,
    hint=say("More is steadier with few images, less is sharper with many."),
)
SQUARED: Final = Field(
    "squared", say("Score by the squared distance"), FieldKind.SWITCH, default=False
)
SEED: Final = Field(
    "seed",
    say("Random seed"),
    FieldKind.WHOLE,
    0,
    minimum=0,
    maximum=2**31 - 1,
    hint=say("The same number gives the same result again."),
)
MEGABYTES: Final = Field(
    "megabytes",
    say("Memory for learning, MB at most"),
    FieldKind.WHOLE,
    2000,
    minimum=50,
    maximum=1_000_000,
    hint=say("The detector makes itself as small as this asks."),
)


def check_settings(detector: str, fields: Sequence[Field], settings: Settings) -> Settings:
    """Return the complete settings; raises RequestError for an unknown or impossible one."""
    known = {field.key: field for field in fields}
    for key in settings:
        if key not in known:
            raise RequestError(
                say(
                    "The detector {detector} has no setting “{key}”. Leave it out.",
                    detector=detector,
                    key=key,
                )
            )
    full = {**{field.key: field.default for field in fields}, **settings}
    for key, value in full.items():
        if not known[key].allows(value):
            raise RequestError(
                say(
                    "The setting “{key}” must be {allowed}, not {value}.",
                    key=key,
                    allowed=_allowed(known[key]),
                    value=value,
                )
            )
    return full


def _allowed(field: Field) -> Message:
    """Settings are values, not text: a switch is no 1 or 0."""
    return say("true or false") if field.kind is FieldKind.SWITCH else field.allowed


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
