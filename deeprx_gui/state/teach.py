"""What the Teach page asks for, and what it learns back."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was learnt: ``unread`` pairs files with the reason they were left out."""

    profile: Profile
    unread: tuple[tuple[Path, Message], ...]
    seconds: float
    runtime: str
