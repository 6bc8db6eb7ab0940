"""The coloured places of a score map, as marks on a picture: as many as are told in words."""

from __future__ import annotations

from typing import Final

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.blobs import Places, places
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.hotspots import hot_spots
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.ui.picture.picture_view import Spot

MOST_PLACES: Final = 20
"""Nobody looks at more circles or sizes than this; the number of all is told."""
_NAMED: Final = 5
"""So many circles have their score beside them: more texts would cover the picture."""


def places_above(score_map: Float32, limits: Limits, frame: Frame, profile: Profile) -> Places:
    """Return what a raw map (h, w) shows above the review limit, at most ``MOST_PLACES``."""
    return places(
        score_map,
        limits.review,
        width=frame.width,
        height=frame.height,
        mm_per_pixel=profile.view.mm_per_pixel,
        min_cells=profile.scoring.min_area,
        most=MOST_PLACES,
    )


def marks(found: Places, limits: Limits, frame: Frame) -> list[Spot]:
    """Return a mark for each place, the first of them with their scores in × limit."""
    return [
        Spot(
            blob.peak_x * frame.width,
            blob.peak_y * frame.height,
            f"{times_limit_text(limits.times(blob.score))}×" if number < _NAMED else "",
        )
        for number, blob in enumerate(found.hottest)
    ]


def hottest_mark(score_map: Float32, limits: Limits, frame: Frame) -> list[Spot]:
    """Return one mark at the hottest place of ``score_map`` (h, w), if above the review limit."""
    return [
        Spot(s.x * frame.width, s.y * frame.height, f"{times_limit_text(limits.times(s.score))}×")
        for s in hot_spots(score_map, most=1)
        if s.score > limits.review
    ]
