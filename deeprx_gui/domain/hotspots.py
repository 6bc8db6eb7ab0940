"""Hot spots: the separate peaks of a score map, each with its own score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32


@dataclass(frozen=True)
class HotSpot:
    """A peak of the map: centre as a share of width and height (0..1), and its raw score."""

    x: float
    y: float
    score: float


def hot_spots(score_map: Float32, most: int = 3, apart: int = 3) -> tuple[HotSpot, ...]:
    """Return up to ``most`` peaks of a map (h, w), hottest first, at least ``apart`` cells apart.

    A peak is a position no neighbour exceeds; positions without a finite score are none, nor are
    those with 0, which were not looked at.
    """
    finite = np.where(np.isfinite(score_map), score_map, -np.inf).astype(np.float32)
    height, width = finite.shape
    around = np.pad(finite, 1, constant_values=-np.inf)
    shifts = [(dy, dx) for dy in range(3) for dx in range(3) if (dy, dx) != (1, 1)]
    highest = np.max([around[dy : dy + height, dx : dx + width] for dy, dx in shifts], axis=0)
    rows, columns = np.nonzero((finite >= highest) & np.isfinite(finite) & (finite > 0))
    kept: list[tuple[int, int]] = []
    for i in np.argsort(-finite[rows, columns], kind="stable"):
        y, x = int(rows[i]), int(columns[i])
        if all(max(abs(y - ky), abs(x - kx)) >= apart for ky, kx in kept):
            kept.append((y, x))
            if len(kept) == most:
                break
    return tuple(
        HotSpot((x + 0.5) / width, (y + 0.5) / height, float(finite[y, x])) for y, x in kept
    )
