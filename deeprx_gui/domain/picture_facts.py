"""What a product's pictures are like as pictures: size, colour, range. Learnt, and compared.

A picture of another kind than learnt may score as if nothing were amiss, so it is said at the part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.message import Message, say

KEY: Final = "pictures"
"""Under this key a profile's file keeps what was learnt."""
_OTHER: Final = frozenset({Cause.SIZE, Cause.COLOUR, Cause.RANGE})
"""What makes a picture another kind than those that were learnt."""

_LOOKS = 256
_DARKER = 16
_MOST_SIDE, _SHARES = 65_535, (1, 4, 16, 64)


@dataclass(frozen=True)
class LearntPictures:
    """What all normal images had in common; ``None``: they differed.

    ``share``: the numbers of the files reach 1 / ``share`` of what the files could hold.
    """

    size: tuple[int, int] | None
    grey: bool | None
    share: int

    def to_raw(self) -> dict[str, object]:
        """Return it as a profile's file holds it."""
        size = None if self.size is None else list(self.size)
        return {"size": size, "grey": self.grey, "share": self.share}

    @staticmethod
    def from_raw(raw: object) -> LearntPictures | None:
        """Return what a profile's file holds; ``None`` where it makes no sense or says nothing."""
        if not isinstance(raw, dict):
            return None
        size, grey, share = raw.get("size"), raw.get("grey"), raw.get("share")
        if not (grey is None or isinstance(grey, bool)) or type(share) is not int:
            return None
        if share not in _SHARES:
            return None
        if size is None:
            return LearntPictures(None, grey, share)
        if not (isinstance(size, list) and len(size) == 2 and all(map(_is_side, size))):
            return None
        return LearntPictures((size[0], size[1]), grey, share)


class PicturesSeen:
    """Gathers what normal images have in common, one after the other."""

    def __init__(self) -> None:
        self._sizes: set[tuple[int, int]] = set()
        self._grey: set[bool] = set()
        self._shares: set[int] = set()

    def add(self, frame: Frame) -> None:
        """Look at a normal image."""
        self._sizes.add((frame.width, frame.height))
        self._grey.add(is_grey(frame))
        self._shares.add(frame.stored.share)

    def learnt(self) -> LearntPictures | None:
        """Return what they have in common; ``None`` before the first."""
        if not self._sizes:
            return None
        size = next(iter(self._sizes)) if len(self._sizes) == 1 else None
        grey = next(iter(self._grey)) if len(self._grey) == 1 else None
        return LearntPictures(size, grey, min(self._shares))


def is_grey(frame: Frame) -> bool:
    """Say whether a picture has no colours, looking at up to 256 x 256 of its pixels."""
    down, across = (max(1, side // _LOOKS) for side in frame.pixels.shape[:2])
    looked = frame.pixels[::down, ::across].astype(int)
    return bool((looked == looked[:, :, :1]).all())


def picture_causes(frame: Frame, learnt: LearntPictures | None) -> tuple[Cause, ...]:
    """Return what is to be said about a picture as a file, and against those that were learnt."""
    stored = frame.stored
    causes = [Cause.PAGES] if stored.pages > 1 else []
    causes += [Cause.TRANSPARENT] if stored.transparent else []
    if learnt is None:
        return tuple(causes)
    if learnt.size not in (None, (frame.width, frame.height)):
        causes.append(Cause.SIZE)
    if learnt.grey not in (None, is_grey(frame)):
        causes.append(Cause.COLOUR)
    if stored.share < learnt.share or stored.share >= _DARKER * learnt.share:
        causes.append(Cause.RANGE)
    return tuple(causes)


def why_other(causes: Iterable[Cause]) -> Cause | None:
    """Return what makes a picture another kind than learnt, for whoever refuses such pictures."""
    return min(_OTHER.intersection(causes), default=None)


def range_remark(learnt: LearntPictures | None) -> Message | None:
    """Say that the normal images use a small part of their range; ``None`` when they do not."""
    if learnt is None or learnt.share == 1:
        return None
    return say(
        "The normal images use only 1/{share} of the brightness their 16-bit files can hold, so "
        "they are judged as dark as that. If the camera has 10, 12 or 14 bits, let it or its "
        "program write 8-bit pictures or use the whole range.",
        share=learnt.share,
    )


def with_learnt(extra: Mapping[str, object], learnt: LearntPictures | None) -> dict[str, object]:
    """Return what a profile's file carries beside its own keys, with this or with nothing."""
    rest = {key: value for key, value in extra.items() if key != KEY}
    return rest if learnt is None else {**rest, KEY: learnt.to_raw()}


def learnt_in(extra: Mapping[str, object]) -> LearntPictures | None:
    """Return what a profile's normal images had in common, ``None`` when it does not say."""
    return LearntPictures.from_raw(extra.get(KEY))


def _is_side(value: object) -> bool:
    return type(value) is int and 1 <= value <= _MOST_SIDE
