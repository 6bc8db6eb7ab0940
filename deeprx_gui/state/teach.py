"""What the Teach page asks for, and what it learns back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import Profile


@dataclass(frozen=True)
class TeachPlan:
    """A fit as the person set it up; ``profile_id`` ``None`` starts a new profile ``name``."""

    name: str
    profile_id: str | None
    images: tuple[Path, ...]
    settings: FitSettings


@dataclass(frozen=True)
class Forecast:
    """What a fit will take on this PC; ``problem`` says why it would not fit, if it would not."""

    seconds: float
    megabytes: float
    problem: Message | None = None


class FieldKind(StrEnum):
    """How a setting of a detector is asked for."""

    FLAG = "flag"
    CHOICE = "choice"
    WHOLE = "whole"
    NUMBER = "number"


@dataclass(frozen=True)
class SettingField:
    """One setting of a detector: its words, its default, and what it may be.

    ``low`` and ``high`` bound a number (one that is not whole lies above ``low``); ``options`` are
    the answers of a choice.
    """

    key: str
    title: Message
    hint: Message | None
    kind: FieldKind
    default: object
    low: float = 0.0
    high: float = 0.0
    options: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True)
class DetectorEntry:
    """One detector to choose: ``pixels`` looks at colours and needs no network."""

    name: str
    title: Message
    hint: Message
    needs_positioning: bool = False
    pixels: bool = False
    fields: tuple[SettingField, ...] = ()


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was learnt: ``unread`` pairs files with the reason they were left out."""

    profile: Profile
    unread: tuple[tuple[Path, Message], ...]
    seconds: float
    runtime: str
