"""GridMasks: which positions of a picture's grid count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Bools


@dataclass(frozen=True, eq=False)
class GridMasks:
    """Two masks on the finest grid (h, w).

    ``region``: what the profile's region covers, the same in all pictures of one shape: what
    detectors that pool positions learn from. ``counted``: those of them that this picture shows; a
    part that lies askew may leave some out. Only these score.
    """

    region: Bools
    counted: Bools


def fitted(mask: Bools, height: int, width: int) -> Bools:
    """Bring a mask (h, w) to another grid, the nearest cell each."""
    if mask.shape == (height, width):
        return mask
    rows = ((np.arange(height) + 0.5) * mask.shape[0] / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * mask.shape[1] / width).astype(np.intp)
    return mask[rows[:, None], columns]
