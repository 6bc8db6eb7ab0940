"""Score: how far a frame lies from the normal images."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.arrays import Float32


@dataclass(frozen=True, eq=False)
class Score:
    """One number for the image and the smoothed distance at each grid position.

    ``map`` has shape (grid height, grid width), float32, unclamped. ``value`` is its maximum or the
    mean of its top 1 %, as the profile says. ``milliseconds`` is the time from pixels to score.
    """

    value: float
    map: Float32
    milliseconds: float
