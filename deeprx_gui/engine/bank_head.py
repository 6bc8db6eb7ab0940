"""BankHead: the distance to the nearest of a bank of remembered features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.tap_maps import TapMaps, upsampling

_CHUNK = 2048
"""So many positions are compared with the bank at a time."""


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
class BankHead:
    """s = min ‖f-m‖ over the bank (rows, channels).

    ``weight`` is equation 7 of the paper: w = 1 - exp(‖f-m*‖) / Σ_{m in N(m*)} exp(‖f-m‖), m* being
    nearest to f and N(m*) the ``neighbours`` of the bank nearest to m*, itself among them. It is
    small where m* is itself a rarity. No neighbours: no weight.
    """

    bank: Float32
    channels: tuple[int, ...]
    neighbours: int

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
        to_best = np.linalg.norm(self.bank - self.bank[best], axis=1)
        to_best[best] = -1  # itself first, whatever its doubles
        near = np.argpartition(to_best, around - 1)[:around]
        distances = np.linalg.norm(self.bank[near] - patch, axis=1)
        exponents = np.exp(distances - distances.max())
        return float(1 - exponents[near == best][0] / exponents.sum())
