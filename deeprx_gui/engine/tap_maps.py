"""TapMaps: the feature maps of one picture, one per tap, each on its own grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.grid_masks import GridMasks


@lru_cache(maxsize=64)
def upsampling(fine: int, coarse: int) -> Float32:
    """Return the (fine, coarse) matrix of bilinear interpolation along one axis.

    Half-pixel centres, edges clamped: the ``align_corners=False`` of the deep-learning frameworks,
    so that every runtime agrees.
    """
    at = np.clip((np.arange(fine) + 0.5) * (coarse / fine) - 0.5, 0, coarse - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, coarse - 1)
    part = at - low
    matrix = np.zeros((fine, coarse))
    rows = np.arange(fine)
    np.add.at(matrix, (rows, low), 1 - part)
    np.add.at(matrix, (rows, high), part)
    out: Float32 = matrix.astype(np.float32)
    out.flags.writeable = False
    return out


def upsample(maps: Float32, height: int, width: int) -> Float32:
    """Bring maps of shape (channels, h, w) bilinearly to (channels, height, width)."""
    return resample(maps, height, width, upsampling)


def resample(
    maps: Float32, height: int, width: int, matrix: Callable[[int, int], Float32]
) -> Float32:
    """Bring maps of shape (channels, h, w) to (channels, height, width).

    ``matrix(target, source)`` resamples one axis, shape (target, source), float32.
    """
    channels, h, w = maps.shape
    if (h, w) == (height, width):
        return maps
    tall = np.matmul(matrix(height, h), maps)
    wide = tall.reshape(channels * height, w) @ matrix(width, w).T
    return np.asarray(wide.reshape(channels, height, width), np.float32)


@dataclass(frozen=True, eq=False)
class TapMaps:
    """Feature maps of one picture: float32 arrays (channels, h, w), coarsest grid first.

    The order of the channels in every statistic is the order here: coarsest tap first. It lets a
    triangular whitening work on the coarse grid wherever it can (see ``heads``). ``cells``: what of
    the finest grid counts, ``None`` when everything does.
    """

    maps: tuple[Float32, ...]
    cells: GridMasks | None = None

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the finest grid."""
        return self.maps[-1].shape[1], self.maps[-1].shape[2]

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(m.shape[0] for m in self.maps)

    def dense(self) -> Float32:
        """Return all channels on the finest grid: shape (channels, grid height * grid width)."""
        height, width = self.grid
        return np.concatenate([upsample(m, height, width).reshape(len(m), -1) for m in self.maps])
