"""What a profile can see: the smallest planted defects above its NG limit, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.arrays import Bools, ByteImage
from deeprx_gui.domain.limit_setters import BadScores
from deeprx_gui.domain.message import Message, say

SEES_TITLE: Final = say("What can it see?")
HONESTLY: Final = say(
    "Planted in software into pictures of good parts, four times as strong as just visible. These "
    "are no real defects: those may be fainter or clearer. Nothing is promised."
)


@dataclass(frozen=True, eq=False)
class SmallestSeen:
    """The smallest size of one kind that is seen; ``extent`` is ``None`` when none is.

    ``extent``: longest side in pixels of the picture; ``mm`` where the profile knows the scale.
    ``found`` of ``tried`` at that size. ``picture`` shows one that was found, ``mask`` where.
    ``largest``: where none is seen, the largest size that was tried.
    """

    kind: str
    title: Message
    extent: float | None
    mm: float | None
    found: int
    tried: int
    picture: ByteImage | None = None
    mask: Bools | None = None
    largest: float | None = None


@dataclass(frozen=True, eq=False)
class Seen:
    """The smallest of each kind, and what the profile scores a mixture of planted defects."""

    smallest: tuple[SmallestSeen, ...]
    planted: BadScores


def seen_words(seen: SmallestSeen) -> Message:
    """Say what can be seen of one kind, in a sentence."""
    if seen.extent is None:
        if seen.largest is None:
            return say("{kind}: there is no room for one inside the region.", kind=seen.title)
        return say(
            "{kind}: not even the largest tried ({px} px) lies above the limit.",
            kind=seen.title,
            px=round(seen.largest),
        )
    words = {
        "kind": seen.title,
        "px": round(seen.extent),
        "found": seen.found,
        "tried": seen.tried,
    }
    if seen.mm is None:
        return say("{kind}: seen from {px} px on ({found} of {tried} planted).", **words)
    return say(
        "{kind}: seen from {px} px ({mm} mm) on ({found} of {tried} planted).",
        mm=f"{seen.mm:.2g}",
        **words,
    )
