"""What is known of a profile without opening it: its card, its history, what a revision changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message


@dataclass(frozen=True, eq=False)
class ProfileCard:
    """What a list of profiles shows.

    ``revision`` is the current one (0: not known), ``revisions`` how many there are. ``problem``
    says why the profile cannot be used and what to do; then what is not known is empty or 0.
    """

    id: str
    name: str
    revision: int
    revisions: int
    saved_at: datetime | None = None
    last_used: datetime | None = None
    who: str = ""
    normals: int = 0
    backbone: str = ""
    detector: str = ""
    thumbnail: ByteImage | None = None
    problem: Message | None = None


@dataclass(frozen=True)
class BinnedProfile:
    """A profile in the bin; ``place`` names its folder there."""

    id: str
    name: str
    place: str
    when: datetime | None = None
    who: str = ""


@dataclass(frozen=True)
class Difference:
    """One thing that changed: ``field`` for programs, ``text`` for people."""

    field: str
    text: Message


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to a profile.

    ``revision`` became (or, for a save that was interrupted, was meant to become) the current one;
    ``what`` says how, ``changes`` what that changed. ``is_current`` marks the entry that made the
    present state. ``problem`` says why the revision can no longer be used, if so.
    """

    revision: int
    when: datetime
    who: str
    what: Message
    why: str
    changes: tuple[Difference, ...] = ()
    is_current: bool = False
    problem: Message | None = None
