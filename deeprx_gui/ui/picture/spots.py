"""The coloured places of a score map, as marks on a picture: as many as are told in words."""

from __future__ import annotations

from deeprx_gui.domain.blobs import Places
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.marked_places import NAMED_PLACES
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.ui.picture.picture_view import Spot


def marks(found: Places, limits: Limits, frame: Frame) -> list[Spot]:
    """Return a mark for each place, the first of them with their scores in × limit."""
    return [
        Spot(
            blob.peak_x * frame.width,
            blob.peak_y * frame.height,
            f"{times_limit_text(limits.times(blob.score))}×" if number < NAMED_PLACES else "",
        )
        for number, blob in enumerate(found.hottest)
    ]
