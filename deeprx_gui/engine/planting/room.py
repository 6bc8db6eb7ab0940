"""Where in a picture a defect may be planted: inside the region, wherever the part lies."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import Bools, ByteImage
from deeprx_gui.domain.raster import rasterise
from deeprx_gui.domain.view import View
from deeprx_gui.engine.input_view import InputView
from deeprx_gui.engine.resample import warp_map

_INSIDE = 0.999


def room_in(pixels: ByteImage, view: View, seen: InputView) -> Bools | None:
    """Return the pixels of a picture that lie in the view's region, ``None`` when all do.

    ``seen``: what the network is shown of the same picture; it knows where the part lies.
    """
    if view.region.whole:
        return None
    height, width = pixels.shape[:2]
    mask = rasterise(view.region, height, width)
    if view.positioning is None or seen.home is None:
        return mask
    back = np.linalg.inv(np.vstack([seen.home.to_picture, (0, 0, 1)]))[:2]
    back[:, 2] += back[:, :2] @ (0.5, 0.5) - 0.5  # between pixel edges -> between pixel centres
    placed = warp_map(mask.astype(np.float32), np.asarray(back, np.float64), height, width)
    return placed > _INSIDE
