"""RunningWithinCovariance.

A mean for each position and one covariance within positions, exactly.
"""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import Float32, Float64
from deeprx_gui.engine.gaussian import RunningGaussian


class RunningWithinCovariance:
    """Streaming means per position and the scatter of what differs from them, in float64.

    Over the pictures seen, x_ip being the features of picture i at position p:
    ``mean`` m_p has shape (d, positions), ``scatter`` = Σ_i Σ_p (x_ip-m_p)(x_ip-m_p)ᵀ has (d, d).
    Adding, removing and merging are exact: with n and m pictures whose means differ by δ_p the
    scatters add up to S_n + S_m + nm/(n+m) Σ_p δ_p δ_pᵀ (Chan, Golub & LeVeque 1979).
    """

    def __init__(self, dimension: int, positions: int) -> None:
        if dimension < 1 or positions < 1:
            raise ValueError("the dimension and the number of positions must be at least 1")
        self.images = 0
        self.mean: Float64 = np.zeros((dimension, positions))
        self.scatter: Float64 = np.zeros((dimension, dimension))

    def copy(self) -> RunningWithinCovariance:
        """Return an independent copy."""
        out = RunningWithinCovariance(*self.mean.shape)
        out.images, out.mean, out.scatter = self.images, self.mean.copy(), self.scatter.copy()
        return out

    def add(self, features: Float32 | Float64) -> None:
        """Take in one picture (d, positions); raises ValueError when it is not finite."""
        if features.shape != self.mean.shape:
            raise ValueError(f"features must be {self.mean.shape}, not {features.shape}")
        if not np.isfinite(features).all():
            raise ValueError("features must be finite")
        delta = features - self.mean
        self.images += 1
        self.mean += delta / self.images
        if self.images > 1:
            self.scatter += (delta @ delta.T) * ((self.images - 1) / self.images)

    def merge(self, other: RunningWithinCovariance) -> None:
        """Take in everything ``other`` has seen."""
        self._same_shape(other)
        if other.images == 0:
            return
        total = self.images + other.images
        delta = other.mean - self.mean
        self.mean += delta * (other.images / total)
        self.scatter += other.scatter
        self.scatter += (delta @ delta.T) * (self.images * other.images / total)
        self.images = total

    def subtract(self, other: RunningWithinCovariance) -> None:
        """Take out everything ``other`` has seen, the inverse of ``merge``.

        Raises ValueError when that would leave no picture.
        """
        self._same_shape(other)
        left = self.images - other.images
        if left < 1:
            raise ValueError("at least one picture must be kept")
        if other.images == 0:
            return
        self.mean += (self.mean - other.mean) * (other.images / left)
        delta = other.mean - self.mean
        self.scatter -= other.scatter
        self.scatter -= (delta @ delta.T) * (left * other.images / self.images)
        self.images = left

    def gaussian(self) -> RunningGaussian:
        """Return the pooled Gaussian around the means: its ``count`` is the degrees of freedom.

        Each position spends one degree on its mean. Raises ValueError with fewer than two pictures.
        """
        if self.images < 2:
            raise ValueError("two pictures are needed to see a difference")
        pooled = RunningGaussian(len(self.mean))
        pooled.count = (self.images - 1) * self.mean.shape[1]
        pooled.scatter = self.scatter
        return pooled

    def _same_shape(self, other: RunningWithinCovariance) -> None:
        if other.mean.shape != self.mean.shape:
            raise ValueError(f"shapes differ: {self.mean.shape} and {other.mean.shape}")
