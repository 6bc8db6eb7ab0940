"""RunningGaussian: mean and covariance of a stream of rows, exactly, with add, remove and merge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Float32, Float64


class RunningGaussian:
    """Streaming mean and scatter in float64; memory O(dimension²), whatever the rows seen.

    Updates follow Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing
    sample variances" (1979): every batch is centred on its own mean before it is squared, so that
    nothing cancels when the mean is large. ``remove`` is the exact downdate. ``count`` rows have
    been seen, ``mean`` has shape (d,), ``scatter`` = Σ (x-mean)(x-mean)ᵀ has shape (d, d).

    The mean is carried with a second number per entry, what rounding took from it: without that a
    mean of 10⁶ beside a spread of 10⁻³ costs the scatter half of its digits after a few updates.
    """

    def __init__(self, dimension: int) -> None:
        if dimension < 1:
            raise ValueError("the dimension must be at least 1")
        self.count = 0
        self.mean: Float64 = np.zeros(dimension)
        self._mean_rest: Float64 = np.zeros(dimension)
        self.scatter: Float64 = np.zeros((dimension, dimension))

    @classmethod
    def of(cls, rows: Float32 | Float64) -> RunningGaussian:
        """Return the Gaussian of ``rows``, shape (n, d), n >= 1.

        Raises ValueError on a wrong shape or non-finite rows.
        """
        if rows.ndim != 2 or 0 in rows.shape:
            raise ValueError(f"rows must be (n, d), at least one, not {rows.shape}")
        out = cls(rows.shape[1])
        out.count = rows.shape[0]
        x = rows.astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is refused below
            out.mean = x.mean(axis=0)
            x -= out.mean
            residue = x.mean(axis=0)  # what rounding left of the mean
            out._move_mean(residue)
            out.scatter = x.T @ x - len(x) * np.outer(residue, residue)
        if not np.isfinite(out.scatter).all():
            raise ValueError("rows must be finite")
        return out

    @property
    def dimension(self) -> int:
        return int(self.mean.size)

    def copy(self) -> RunningGaussian:
        """Return an independent copy."""
        out = RunningGaussian(self.dimension)
        out.count, out.scatter = self.count, self.scatter.copy()
        out.mean, out._mean_rest = self.mean.copy(), self._mean_rest.copy()
        return out

    def add(self, rows: Float32 | Float64) -> None:
        """Take in ``rows`` (n, d). Raises ValueError on a wrong shape or non-finite rows."""
        self.merge(self._checked(rows))

    def remove(self, rows: Float32 | Float64) -> None:
        """Take out rows (n, channels) that were added before (the caller vouches for that)."""
        self.subtract(self._checked(rows))

    def merge(self, other: RunningGaussian) -> None:
        """Take in everything ``other`` has seen."""
        self._same_dimension(other)
        total = self.count + other.count
        if other.count == 0:
            return
        if self.count == 0:
            self.mean, self._mean_rest = other.mean.copy(), other._mean_rest.copy()
        delta = other._mean_minus(self)
        self.scatter += other.scatter
        self.scatter += np.outer(delta, delta * (self.count * (other.count / total)))
        self._move_mean(delta * (other.count / total))
        self.count = total

    def subtract(self, other: RunningGaussian) -> None:
        """Take out everything ``other`` has seen, the inverse of ``merge``.

        Raises ValueError when that would leave no row.
        """
        self._same_dimension(other)
        left = self.count - other.count
        if left < 1:
            raise ValueError("a Gaussian must keep at least one row")
        if other.count == 0:
            return
        self._move_mean(self._mean_minus(other) * (other.count / left))
        delta = other._mean_minus(self)
        self.scatter -= other.scatter
        self.scatter -= np.outer(delta, delta * (left * (other.count / self.count)))
        self.count = left

    def covariance(self, shrinkage: float = 0.0) -> Float64:
        """Return the maximum-likelihood covariance (c, c), shrunk towards a scaled identity.

        (1-a) S + a (tr S / d) I with a = ``shrinkage`` in 0..1, the form of Ledoit & Wolf (2004);
        the same as scikit-learn's ``shrunk_covariance``. Raises ValueError before the first row.
        """
        if self.count < 1:
            raise ValueError("no rows have been added")
        symmetric = self.scatter + self.scatter.T
        cov = np.asarray(symmetric * (0.5 / self.count), np.float64)
        if shrinkage:
            level = float(np.trace(cov)) / self.dimension
            cov *= 1.0 - shrinkage
            cov.flat[:: self.dimension + 1] += shrinkage * level
        return cov

    def whitener(self, shrinkage: float) -> Float64:
        """Return W = L⁻¹ (c, c), lower triangular; LLᵀ is the shrunk covariance, d² = ‖W(x-mean)‖².

        Never an explicit inverse of the covariance. Raises numpy.linalg.LinAlgError when the
        covariance is singular.
        """
        lower = np.linalg.cholesky(self.covariance(shrinkage))
        inverse: Float64 = np.linalg.solve(lower, np.eye(self.dimension))
        return np.asarray(np.tril(inverse), np.float64)

    def _checked(self, rows: Float32 | Float64) -> RunningGaussian:
        if rows.ndim != 2 or rows.shape[1] != self.dimension:
            raise ValueError(f"rows must be (n, {self.dimension}), not {rows.shape}")
        return RunningGaussian.of(rows)

    def _move_mean(self, step: NDArray[np.floating[Any]]) -> None:
        """Add to the mean and keep the rounding error (Knuth's two-sum)."""
        moved = np.asarray(self.mean + step, np.float64)
        taken = moved - self.mean
        self._mean_rest = self._mean_rest + ((self.mean - (moved - taken)) + (step - taken))
        self.mean = moved

    def _mean_minus(self, other: RunningGaussian) -> Float64:
        delta = (self.mean - other.mean) + (self._mean_rest - other._mean_rest)
        return np.asarray(delta, np.float64)

    def _same_dimension(self, other: RunningGaussian) -> None:
        if other.dimension != self.dimension:
            raise ValueError(f"dimensions differ: {self.dimension} and {other.dimension}")
