"""A limit sample as a small picture."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.limit_samples import LimitSample
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.profiles.codec import sample_pixels

SIDE = 160


def small_pixels(sample: LimitSample, side: int = SIDE) -> ByteImage | None:
    """Return a sample as RGB (h, w, 3), at most ``side`` pixels long.

    ``None`` where it cannot be read.
    """
    try:
        pixels = sample_pixels(sample.png)
    except DeepRxError:
        return None
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return np.ascontiguousarray(resize_area(pixels, *size))
