"""BankHead: the distance to the nearest of a bank of remembered features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from deeprx_gui.domain.arrays import Float32, Ints
from deeprx_gui.engine.tap_maps import TapMaps, upsampling

_CHUNK = 2048
"""So many positions are compared with the bank at a time."""
_PRODUCTS = 1 << 18
"""A runtime compares with so much of the bank at a time that about this many products are made:
1 MB, which stays in a processor's cache until it is read again."""
_MOST_BLOCKS = 64
_LANES = 16
"""The rows of a block are a multiple of this: no lane of a processor's vectors stays empty."""


@lru_cache(maxsize=64)
def averaging(fine: int, coarse: int) -> Float32:
    """Return the (fine, coarse) matrix: mean of three neighbours, then bilinear interpolation.

    Outside the picture there are zeros, as in the authors' program. That draws patches at the
    border together. A mean over the neighbours that exist calms them less than all others: on
    our sets more than nine of ten good parts then had their highest score at the border.
    """
    near = np.abs(np.subtract.outer(np.arange(coarse), np.arange(coarse))) <= 1
    out: Float32 = (upsampling(fine, coarse) @ (near / 3)).astype(np.float32)
    out.flags.writeable = False
    return out


def patches(taps: TapMaps) -> Float32:
    """Return the locally averaged (3 x 3) features on the finest grid, (positions, channels)."""
    height, width = taps.grid
    out = []
    for m in taps.maps:
        count, h, w = m.shape
        tall = np.matmul(averaging(height, h), m)
        wide = tall.reshape(count * height, w) @ averaging(width, w).T
        out.append(wide.reshape(count, height * width))
    return np.ascontiguousarray(np.concatenate(out).T, np.float32)


def patch_at(taps: TapMaps, row: int, column: int) -> Float32:
    """Return ``patches`` at one position only, shape (channels,)."""
    height, width = taps.grid
    out = []
    for m in taps.maps:
        _, h, w = m.shape
        line = np.matmul(averaging(height, h)[row], m)
        out.append(line @ averaging(width, w)[column])
    return np.concatenate(out)


@dataclass(frozen=True, eq=False)
class BankBlock:
    """Some rows of the centred bank, split by taps: what is multiplied on each tap's own grid.

    ``weights``: (rows, channels of a tap) for each tap, coarsest first; ``halves``: half the
    squared norm of each row.
    """

    weights: tuple[Float32, ...]
    halves: Float32


@dataclass(frozen=True, eq=False)
class BankHead:
    """s = min ‖f-m‖ over the bank (rows, channels).

    ``weight`` is equation 7 of the paper: w = 1 - exp(‖f-m*‖) / Σ_{m in N(m*)} exp(‖f-m‖), m* being
    nearest to f and N(m*) the ``neighbours`` of the bank nearest to m*, itself among them. It is
    small where m* is itself a rarity. No neighbours: no weight.

    The squared distance is ‖f-c‖² - 2 max ((f-c)ᵀ(m-c) - ‖m-c‖²/2), c the mean of the bank.
    ``blocks`` is for runtimes: a patch is interpolated from averages on each tap's own grid, and
    interpolation is linear, so a coarse tap is multiplied with the bank there, where it has a
    quarter of the positions, and its products are interpolated.
    """

    bank: Float32
    channels: tuple[int, ...]
    neighbours: int

    @property
    def centres(self) -> tuple[Float32, ...]:
        """The bank's mean, split by taps."""
        mean, _, _ = self._centred
        return tuple(np.split(mean, np.cumsum(self.channels)[:-1]))

    def blocks(self, positions: int) -> tuple[BankBlock, ...]:
        """Split the bank for pictures with so many positions."""
        _, away, halves = self._centred
        rows = max(_PRODUCTS // positions, -(-len(self.bank) // _MOST_BLOCKS))
        rows = -(-rows // _LANES) * _LANES
        seams = np.cumsum(self.channels)[:-1]
        blocks = []
        for start in range(0, len(self.bank), rows):
            part = away[:, start : start + rows].T
            weights = (np.ascontiguousarray(w) for w in np.split(part, seams, axis=1))
            blocks.append(BankBlock(tuple(weights), halves[start : start + rows]))
        return tuple(blocks)

    @cached_property
    def _centred(self) -> tuple[Float32, Float32, Float32]:
        """The bank's mean, the bank around it, and half its squared norms: little cancels."""
        mean = self.bank.mean(axis=0)
        away = self.bank - mean
        return mean, np.ascontiguousarray(away.T), 0.5 * np.einsum("md,md->m", away, away)

    def nearest(self, rows: Float32) -> tuple[Float32, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        """Return distance to, and number of, the nearest of the bank, (n,) each for rows (n, c)."""
        mean, away, halves = self._centred
        found = np.empty(len(rows), np.intp)
        for start in range(0, len(rows), _CHUNK):
            products = (rows[start : start + _CHUNK] - mean) @ away
            products -= halves
            found[start : start + _CHUNK] = products.argmax(axis=1)
        difference = rows - self.bank[found]
        return np.sqrt(np.einsum("nd,nd->n", difference, difference)), found

    def score_map(self, taps: TapMaps) -> Float32:
        """Return the distance at each position of the finest grid, shape (h, w)."""
        distance, _ = self.nearest(patches(taps))
        return np.asarray(distance.reshape(taps.grid), np.float32)

    def weight(self, taps: TapMaps, row: int, column: int) -> float:
        """Return w at a position, from 0 to 1."""
        around = min(self.neighbours, len(self.bank))
        if around < 2:
            return 1.0
        patch = patch_at(taps, row, column)
        _, (best,) = self.nearest(patch[None])
        near = self._around(int(best), around)
        distances = np.linalg.norm(self.bank[near] - patch, axis=1)
        exponents = np.exp(distances - distances.max())
        return float(1 - exponents[near == best][0] / exponents.sum())

    def _around(self, best: int, count: int) -> Ints:
        """Return the rows of the bank nearest to ``best``, itself among them whatever its doubles.

        One product with the bank finds a few more than are wanted; only their differences are
        taken, which are exact where products cancel.
        """
        _, away, halves = self._centred
        products = away[:, best] @ away - halves
        products[best] = np.inf
        few = min(len(products), 2 * count + 8)
        near = np.argpartition(-products, few - 1)[:few]
        to_best = np.linalg.norm(self.bank[near] - self.bank[best], axis=1)
        to_best[near == best] = -1
        return np.asarray(near[np.argpartition(to_best, count - 1)[:count]])
