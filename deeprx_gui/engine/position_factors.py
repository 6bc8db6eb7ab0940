"""Factors of a covariance for each position: what turns a deviation into a squared distance.

The covariances are C_p = a S_p + b B with S_p the scatter at position p and B one matrix for all of
them; T whitens B: T B Tᵀ = 1. Never an explicit inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.engine.position_sums import AnyFloat, PositionStore, chunks

_ROWS = 16
"""A triangle is kept in bands of so many rows, each only as long as its last row."""


class CovarianceFactor(Protocol):
    """Gives δᵀ C_p⁻¹ δ."""

    def squares(self, deviations: AnyFloat) -> AnyFloat:
        """Return the squared distance of δ at each position: (positions, d) -> (positions,)."""
        ...


@dataclass(frozen=True)
class Blend:
    """``a`` and ``b`` of C_p = a S_p + b B, and T; ``whitener`` is ``None`` where B = 1."""

    a: float
    b: float
    whitener: Float64 | None = None

    def base(self, dimension: int) -> Float64:
        """Return B (c, c)."""
        if self.whitener is None:
            return np.eye(dimension)
        root = np.linalg.inv(self.whitener)
        return np.asarray(root @ root.T, np.float64)


@dataclass(frozen=True, eq=False)
class Triangles:
    """δᵀ C⁻¹ δ = ‖L⁻¹δ‖² with C = LLᵀ.

    ``bands[k]`` holds rows k·16 … of L⁻¹, shape (positions, rows, columns up to the last row): the
    zeros above the diagonal, nearly half of it, are neither kept nor read.
    """

    bands: tuple[AnyFloat, ...]

    @classmethod
    def make(cls, store: PositionStore, blend: Blend, dtype: DTypeLike) -> Triangles:
        """Factor; raises numpy.linalg.LinAlgError when a covariance is singular."""
        positions, d = store.mean.shape
        ends = [min(start + _ROWS, d) for start in range(0, d, _ROWS)]
        starts = [0, *ends[:-1]]
        bands = [
            np.empty((positions, end - start, end), dtype)
            for start, end in zip(starts, ends, strict=True)
        ]
        base = blend.b * blend.base(d)
        for where in chunks(positions):
            lower = np.linalg.cholesky(blend.a * store.scatter(where) + base)
            inverse = np.linalg.inv(lower)
            for band, start, end in zip(bands, starts, ends, strict=True):
                band[where] = inverse[:, start:end, :end]
        return cls(tuple(bands))

    def squares(self, deviations: AnyFloat) -> AnyFloat:
        """Return squared distances (positions,) of ``deviations`` (positions, d)."""
        total = np.zeros(len(deviations), deviations.dtype)
        for band in self.bands:
            columns = band.shape[2]
            white = np.matmul(band, deviations[:, :columns, None])[..., 0]
            total += np.einsum("pr,pr->p", white, white)
        return total


@dataclass(frozen=True, eq=False)
class LowRank:
    """The same from n x d numbers per position, for fewer pictures n than channels d.

    With X the deviations of the pictures (n, d) and Y = X Tᵀ, the identity of Woodbury (1950) gives
    δᵀ C⁻¹ δ = ‖Tδ‖²/b - ‖G T δ‖², where G = K⁻¹Y/√b and KKᵀ = (b/a) 1 + YYᵀ.
    ``common`` is T/√b (d, d), or 1/√b (0 dimensions) where T = 1; ``rows`` are G T
    (positions, n, d).
    """

    common: AnyFloat
    rows: AnyFloat

    @classmethod
    def make(cls, store: PositionStore, blend: Blend, dtype: DTypeLike) -> LowRank:
        """Factor; raises ValueError where the pictures themselves were not kept."""
        positions, d = store.mean.shape
        rows = np.empty((positions, store.images, d), dtype)
        root = np.sqrt(blend.b)
        for where in chunks(positions):
            x = store.deviations(where)
            if x is None:
                raise ValueError("a low-rank factor is made from pictures")
            y = x if blend.whitener is None else x @ blend.whitener.T
            gram = np.matmul(y, y.transpose(0, 2, 1))
            gram[:, range(store.images), range(store.images)] += blend.b / blend.a
            white = y if blend.whitener is None else y @ blend.whitener
            rows[where] = np.linalg.solve(np.linalg.cholesky(gram), white) / root
        common = np.asarray(1.0) if blend.whitener is None else blend.whitener
        return cls(np.asarray(common / root, dtype), rows)

    def squares(self, deviations: AnyFloat) -> AnyFloat:
        """Return squared distances (positions,); rounding never makes one negative.

        ``deviations``: (positions, d).
        """
        flat = self.common.ndim == 0
        outer = deviations * self.common if flat else deviations @ self.common.T
        inner = np.matmul(self.rows, deviations[..., None])[..., 0]
        squares = np.einsum("pd,pd->p", outer, outer) - np.einsum("pr,pr->p", inner, inner)
        return np.asarray(np.maximum(squares, 0))


def factor(store: PositionStore, blend: Blend, dtype: DTypeLike = np.float32) -> CovarianceFactor:
    """Return the factor with fewer numbers; raises numpy.linalg.LinAlgError when one is singular.

    A triangle in bands takes a little more than half of d².
    """
    dimension = store.mean.shape[1]
    few = store.images < (dimension + _ROWS) / 2
    if few and store.deviations(slice(0, 1)) is not None:
        return LowRank.make(store, blend, dtype)
    return Triangles.make(store, blend, dtype)


def pooled_covariance(store: PositionStore) -> Float64:
    """Return the covariance (c, c) within positions, pooled over all; at least two pictures."""
    positions, dimension = store.mean.shape
    total = np.zeros((dimension, dimension))
    for where in chunks(positions):
        total += store.scatter(where).sum(axis=0)
    return np.asarray(total / (positions * (store.images - 1)), np.float64)
