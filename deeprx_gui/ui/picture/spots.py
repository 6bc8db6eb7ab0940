"""The hottest places of a score map, as marks on a picture."""

from __future__ import annotations

from collections.abc import Sequence

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.hotspots import HotSpot, hot_spots
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.ui.picture.picture_view import Spot


def hottest(score_map: Float32, most: int = 5) -> tuple[HotSpot, ...]:
    """Return the places of a raw map (h, w) worth a mark under any limit, hottest first."""
    return hot_spots(score_map, most=most, apart=5)


def spots_above(found: Sequence[HotSpot], limits: Limits, frame: Frame) -> list[Spot]:
    """Return marks for what lies above the review limit, each with its score in × limit."""
    return [
        Spot(s.x * frame.width, s.y * frame.height, f"{times_limit_text(limits.times(s.score))}×")
        for s in found
        if s.score > limits.review
    ]
