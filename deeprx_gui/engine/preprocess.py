"""From a frame to the network's input pixels: one preprocessing for everything."""

from __future__ import annotations

import math

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.engine.resample import resize_area

SIZES = (32, 4096)
"""Smallest and largest ``Preprocessing.size``."""
_LONGEST_RATIO = 16.0


def network_size(height: int, width: int, settings: Preprocessing, stride: int) -> tuple[int, int]:
    """Return the network input's (height, width), multiples of ``stride``.

    With ``keep_aspect`` the area is that of a ``size`` x ``size`` square, so that cost and the
    fineness of the grid do not depend on the shape of the picture.
    """
    if not settings.keep_aspect:
        side = max(stride, round(settings.size / stride) * stride)
        return side, side
    ratio = min(max(height / width, 1 / _LONGEST_RATIO), _LONGEST_RATIO)
    ideal_height = settings.size * math.sqrt(ratio)
    ideal_width = settings.size / math.sqrt(ratio)
    return (
        max(stride, round(ideal_height / stride) * stride),
        max(stride, round(ideal_width / stride) * stride),
    )


def prepare(pixels: ByteImage, settings: Preprocessing, stride: int) -> ByteImage:
    """Return the network input for RGB pixels: uint8, shape ``network_size(...)`` + (3,)."""
    height, width = network_size(pixels.shape[0], pixels.shape[1], settings, stride)
    return resize_area(pixels, height, width)
