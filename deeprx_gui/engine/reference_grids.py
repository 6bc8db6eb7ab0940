"""ReferenceGrids: the grids that fix where everything is, for detectors that look at positions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from deeprx_gui.domain.arrays import Float32, Ints64
from deeprx_gui.engine.tap_maps import TapMaps, resample, upsampling


@lru_cache(maxsize=64)
def resampling(target: int, source: int) -> Float32:
    """Return the (target, source) matrix that resamples one axis.

    Bilinear where it grows, as everywhere; where it shrinks the same triangle is stretched over all
    cells it swallows, so that none is skipped.
    """
    if target >= source:
        return upsampling(target, source)
    step = source / target
    centres = (np.arange(target) + 0.5) * step - 0.5
    away = np.abs(np.arange(source) - centres[:, None]) / step
    weights = np.maximum(0.0, 1.0 - away)
    matrix: Float32 = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    matrix.flags.writeable = False
    return matrix


def resample_maps(maps: Float32, height: int, width: int) -> Float32:
    """Bring maps of shape (channels, h, w) to (channels, height, width)."""
    return resample(maps, height, width, resampling)


@dataclass(frozen=True)
class ReferenceGrids:
    """The grid (height, width) of each tap in the first normal image, coarsest first.

    A picture of another shape has other grids; its features are brought to these, so that a
    position means the same share of the width and height in every picture.
    """

    grids: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, taps: TapMaps) -> ReferenceGrids:
        """Return the grids of one picture."""
        return cls(tuple((m.shape[1], m.shape[2]) for m in taps.maps))

    @classmethod
    def from_array(cls, array: Ints64) -> ReferenceGrids:
        """Rebuild from what ``as_array`` returned, shape (taps, 2)."""
        return cls(tuple((int(h), int(w)) for h, w in array))

    def as_array(self) -> Ints64:
        """Return the grids as numbers, shape (taps, 2)."""
        return np.asarray(self.grids, np.int64)

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the finest grid."""
        return self.grids[-1]

    @property
    def positions(self) -> int:
        """Number of positions of the finest grid."""
        return self.grid[0] * self.grid[1]

    def bring(self, taps: TapMaps) -> TapMaps:
        """Return the maps on these grids; the same object when they are there already."""
        if all(m.shape[1:] == grid for m, grid in zip(taps.maps, self.grids, strict=True)):
            return taps
        pairs = zip(taps.maps, self.grids, strict=True)
        return TapMaps(tuple(resample_maps(m, *grid) for m, grid in pairs), taps.cells)
