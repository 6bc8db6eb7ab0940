"""A product as a camera sees it: one cast shape, and parts of it that are never quite alike."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import ByteImage, Float64

Light = NDArray[np.floating[Any]]
"""What falls on the sensor, shape (height, width), in grey levels."""


class Product:
    """``part(n)`` is the n-th part: the product's shape and texture with its own grain and noise.

    Parts differ by 2 % in brightness, lie within half a pixel of each other and have a texture of
    their own as strong as a third of the common one.
    """

    def __init__(self, seed: int, height: int = 192, width: int = 256) -> None:
        self._rng = np.random.default_rng(seed)
        self._size = (height, width)
        y, x = np.mgrid[0:height, 0:width]
        shape = 110 + 25 * _grain(self._rng, self._size, 12) + 12 * _grain(self._rng, self._size, 3)
        for _ in range(6):  # holes, bosses and edges
            cy, cx = self._rng.uniform(0.1, 0.9, 2) * self._size
            radius = self._rng.uniform(6, 28)
            inside = np.hypot(y - cy, x - cx) < radius
            shape = np.where(inside, shape + self._rng.choice([-45, 40]), shape)
        self._shape = np.asarray(shape, np.float64)

    def part(self) -> Float64:
        """The next part, as light falls on the sensor (no noise yet), about 110 grey levels."""
        own = 7 * _grain(self._rng, self._size, 5)
        moved = shifted(self._shape + own, *self._rng.uniform(-0.5, 0.5, 2))
        return np.asarray(moved * self._rng.normal(1, 0.02), np.float64)

    def picture(self, light: Light) -> ByteImage:
        """What the camera makes of it: noise of two grey levels, 8 bits."""
        return exposed(light, self.noise())

    def noise(self) -> Float64:
        """The noise of the next picture."""
        return np.asarray(self._rng.normal(0, 2, self._size), np.float64)


def exposed(light: Light, noise: Float64) -> ByteImage:
    """A scene with a picture's noise on it, 8 bits."""
    grey = (light + noise).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def shifted(light: Light, down: float, across: float) -> Float64:
    """The scene moved by a fraction of pixels; the border is continued."""
    height, width = light.shape
    y = np.clip(np.arange(height) - down, 0, height - 1.001)
    x = np.clip(np.arange(width) - across, 0, width - 1.001)
    top, left = y.astype(int), x.astype(int)
    v, u = (y - top)[:, None], (x - left)[None, :]
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    rows = light[top] * (1 - v) + light[below] * v
    return np.asarray(rows[:, left] * (1 - u) + rows[:, right] * u, np.float64)


def blurred(light: Light, sigma: float) -> Float64:
    """Out of focus by a Gaussian of ``sigma`` pixels."""
    soft = _low_pass(light.shape[0], light.shape[1], sigma)
    return np.asarray(np.fft.irfft2(np.fft.rfft2(light) * soft, s=light.shape), np.float64)


@cache
def _low_pass(height: int, width: int, sigma: float) -> Float64:
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    return np.asarray(np.exp(-2 * (np.pi * sigma * frequency) ** 2), np.float64)


def stained(light: Light, row: float, column: float, radius: float = 8) -> Float64:
    """A soft spot on the lens that takes half the light in its middle."""
    down, across = np.arange(light.shape[0]) - row, np.arange(light.shape[1]) - column
    spot = np.outer(np.exp(-(down**2) / (2 * radius**2)), np.exp(-(across**2) / (2 * radius**2)))
    return np.asarray(light * (1 - 0.5 * spot), np.float64)


def _grain(rng: np.random.Generator, size: tuple[int, int], width: float) -> Float64:
    """Texture of spread 1 whose grains are about ``width`` pixels wide."""
    soft = blurred(rng.normal(size=size), width / 2)
    return np.asarray((soft - soft.mean()) / soft.std(), np.float64)
