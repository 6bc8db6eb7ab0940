"""Settings of detectors: those that several share, and the check of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, FieldKind
from deeprx_gui.domain.message import Message, say

Settings = Mapping[str, object]

LEFT_TO_THE_PROGRAM: Final = say("0: chosen automatically.")
BY_THE_PROGRAM: Final = say("automatic")

SHRINKAGE: Final = Field(
    "shrinkage",
    say("Regularisation (shrinkage)"),
    FieldKind.NUMBER,
    1e-3,
    minimum=0,
    maximum=1,
    above=True,
    hint=say("Larger with few images: more stable. Smaller with many images: more sensitive."),
)
SQUARED: Final = Field(
    "squared", say("Use the squared distance as the score"), FieldKind.SWITCH, default=False
)
SEED: Final = Field(
    "seed",
    say("Random seed"),
    FieldKind.WHOLE,
    0,
    minimum=0,
    maximum=2**31 - 1,
    hint=say("The same seed with the same images gives the same result."),
)
MEGABYTES: Final = Field(
    "megabytes",
    say("Memory limit for learning (MB)"),
    FieldKind.WHOLE,
    2000,
    minimum=50,
    maximum=1_000_000,
    hint=say("The detector reduces its size to stay within this limit."),
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
