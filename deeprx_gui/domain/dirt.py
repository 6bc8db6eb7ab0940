"""Dirt: what stays at the same place while the parts change.

The mean of the last pictures is compared with what the golden images lead one to expect. Where
parts have a pattern in common that is the golden images' mean; where they have none (bare texture)
it is one grey everywhere: in between, the mean is drawn towards the common grey as far as its own
uncertainty says (James & Stein 1961). Golden images are few, so only a spot that stands out clearly
counts, and one that lies within what neighbouring cells may show does not.

Of products of mixed kinds the few golden images show not every kind, and kinds come in runs. What
the detector has learnt as normal is a feature of a kind: where the score map stays low, a spot that
every part shows is none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.displacement import blocks

_SIDE = 48
"""Cells along the longer side."""
_FEWEST = 8
"""Different parts that must show the same spot."""
_MEMORY = 16
_SIGMAS = 4.5
_LEAST = 6.0
"""Grey levels of 128; less is not worth cleaning."""
_ALWAYS = 1.3
"""So many standard deviations: nine of ten parts show it there. A part of one kind among others, at
whose corner it is dark, is not dirt."""
_FAMILIAR = 0.6
"""Up to this score, in x limit, the last parts have on the average what normal parts have there."""
_MOST_SHARE = 0.1
"""More than this share of the picture is no spot but another scene."""


class DirtDetector:
    """Looks at one part after the other; scenes are grey and of the shape of the golden ones.

    ``golden``: grey levels 0..255, float32, each (h, w).
    """

    def __init__(self, golden: Sequence[Float32]) -> None:
        self._usable = len(golden) > 1
        self._seen = 0
        if not self._usable:
            return
        self._block = max(1, round(max(golden[0].shape) / _SIDE))
        grids = np.stack([_even(blocks(g, self._block)) for g in golden])
        mean = grids.mean(axis=0)
        own = grids.var(axis=0, ddof=1)
        doubt = float(own.mean()) / len(golden)
        common = max(0.0, float(mean.var()) - doubt)
        trust = common / (common + doubt + 1e-6)
        self._expected = mean.mean() + np.float32(trust) * (mean - mean.mean())
        # parts lie half a cell to this side or that: what lies between neighbours is expected too
        self._highest = (self._expected + _around(self._expected, np.maximum)) / 2
        self._lowest = (self._expected + _around(self._expected, np.minimum)) / 2
        # products of mixed kinds: what any golden image shows at a place is no dirt there
        high, low = grids.max(axis=0), grids.min(axis=0)
        self._highest = np.maximum(self._highest, (high + _around(high, np.maximum)) / 2)
        self._lowest = np.minimum(self._lowest, (low + _around(low, np.minimum)) / 2)
        near = np.maximum(_around(own, np.add) / 9, own.mean())
        self._doubt = np.asarray(trust * near / len(golden), np.float32)
        self._least_variance = np.float32(max(0.25, float(own.mean()) / 2))
        self._mean = np.zeros_like(mean)
        self._square = np.zeros_like(mean)
        self._heat = np.full_like(mean, np.inf)  # where nothing is known of it, all is unfamiliar

    def sees(self, scene: Float32, heat: Float32 | None = None) -> bool:
        """Look at one more part (h, w); say whether the last ones all show a spot at one place.

        ``heat``: the part's score map in the same frame, any (h, w), in x limit.
        """
        if not self._usable:
            return False
        grid = _even(blocks(scene, self._block))
        self._seen += 1
        weight = np.float32(1 / min(self._seen, _MEMORY))
        self._note_heat(heat, weight)
        step = grid - self._mean
        self._mean += weight * step
        self._square += weight * (step * step * (1 - weight) - self._square)
        if self._seen < _FEWEST:
            return False
        variance = np.maximum(self._square, self._least_variance)
        error = np.sqrt(variance / min(self._seen, _MEMORY) + self._doubt)
        beyond = np.maximum(self._mean - self._highest, self._lowest - self._mean)
        always = beyond > _ALWAYS * np.sqrt(variance)
        off = always & (beyond > np.maximum(_SIGMAS * error, _LEAST))
        off &= _around(self._heat, np.maximum) > _FAMILIAR
        return bool(off.any()) and float(off.mean()) <= _MOST_SHARE

    def _note_heat(self, heat: Float32 | None, weight: np.float32) -> None:
        """Follow the mean score of each cell of the last parts."""
        if heat is None:
            self._heat = np.full_like(self._heat, np.inf)
            return
        rows, columns = self._heat.shape
        y = (np.arange(rows) + 0.5) * heat.shape[0] / rows
        x = (np.arange(columns) + 0.5) * heat.shape[1] / columns
        here = np.asarray(heat[y.astype(int)[:, None], x.astype(int)[None, :]], np.float32)
        if self._seen > 1 and np.isfinite(self._heat).all():
            here = self._heat + weight * (here - self._heat)
        self._heat = here


def _around(grid: Float32, what: np.ufunc) -> Float32:
    """Combine each cell with its eight neighbours: parts lie a cell to this side or that."""
    wide = np.pad(grid, 1, mode="edge")
    rows = what(what(wide[:-2], wide[1:-1]), wide[2:])
    return np.asarray(what(what(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:]), np.float32)


def _even(grid: Float32) -> Float32:
    """Return the grid at one brightness, mid-grey: a lamp is not dirt."""
    return np.asarray(grid * np.float32(128 / (float(np.median(grid)) + 1)), np.float32)
