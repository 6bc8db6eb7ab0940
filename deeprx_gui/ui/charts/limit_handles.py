"""Hit test: which of the two limits is at a touch or mouse position."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

REACH: Final = 20.0
"""Pixels left and right of a line that still take hold of it: a target of 40, as for a button."""


class LimitKind(StrEnum):
    """One of the two limits."""

    REVIEW = "review"
    NG = "ng"


@dataclass(frozen=True)
class LimitFlag:
    """Where a limit's flag lies, in pixels; the line hangs below one end of it."""

    left: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies on the flag."""
        return self.left <= x <= self.right and y <= self.bottom


def grabbed(
    x: float, y: float, *, review_x: float, ng_x: float, review_flag: LimitFlag, ng_flag: LimitFlag
) -> LimitKind | None:
    """Return the limit at a point, ``None`` when neither is in reach.

    Flags decide first. Where both lines are in reach the nearer one is taken; where they lie on
    each other, the side of the point decides: the review limit is moved from the left, the NG
    limit from the right.
    """
    if review_flag.holds(x, y):
        return LimitKind.REVIEW
    if ng_flag.holds(x, y):
        return LimitKind.NG
    to_review, to_ng = abs(x - review_x), abs(x - ng_x)
    if min(to_review, to_ng) > REACH:
        return None
    if abs(to_review - to_ng) < 1.0:
        return LimitKind.REVIEW if x < (review_x + ng_x) / 2 else LimitKind.NG
    return LimitKind.REVIEW if to_review < to_ng else LimitKind.NG
