"""Shapes of planted defects: soft masks with values 0..1, float32, as large as asked for.

Each is drawn around the middle of a square and takes ``extent`` pixels at its longest.
"""

from __future__ import annotations

import math

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.resample import smooth

_SEGMENTS = 12


def disc(side: int, extent: float, rng: np.random.Generator) -> Float32:
    """Return an ellipse with a soft edge."""
    x, y = _turned(side, rng.uniform(0, math.pi))
    flat = rng.uniform(0.6, 1.0)
    radius = max(0.75, extent / 2)
    return _inside(radius - np.hypot(x, y / flat), max(1.0, radius / 3))


def line(side: int, extent: float, rng: np.random.Generator) -> Float32:
    """Return a straight, slightly bent line, thin for its length."""
    x, y = _turned(side, rng.uniform(0, math.pi))
    half = max(1.5, extent / 2)
    bend = rng.uniform(-0.15, 0.15) * half
    across = np.abs(y - bend * (1 - (x / half) ** 2))
    width = max(0.7, half * rng.uniform(0.025, 0.06))
    return _inside(width - across, 1.0) * _inside(half - np.abs(x), 1.0)


def crack(side: int, extent: float, rng: np.random.Generator) -> Float32:
    """Return a jagged line that changes its direction every few pixels."""
    half = max(1.5, extent / 2)
    x, y = _turned(side, rng.uniform(0, math.pi))
    knots = np.linspace(-half, half, _SEGMENTS + 1)
    heights = np.cumsum(rng.normal(0, half / _SEGMENTS, _SEGMENTS + 1))
    heights -= heights.mean()
    across = np.abs(y - np.interp(x, knots, np.clip(heights, -half / 2, half / 2)))
    width = max(0.7, half * rng.uniform(0.02, 0.05))
    return _inside(width - across, 1.0) * _inside(half - np.abs(x), 1.0)


def blob(side: int, extent: float, rng: np.random.Generator) -> Float32:
    """Return an irregular patch: a disc whose radius wavers with the angle."""
    x, y = _turned(side, 0.0)
    angle = np.arctan2(y, x)
    waver = sum(
        rng.uniform(0, 0.25 / k) * np.cos(k * angle + rng.uniform(0, 2 * math.pi))
        for k in range(2, 6)
    )
    radius = max(0.75, extent / 2)
    wanted = radius * (0.75 + waver)
    return _inside(np.minimum(wanted, radius) - np.hypot(x, y), max(1.0, radius / 8))


def soft(mask: Float32, sigma: float) -> Float32:
    """Return the mask (h, w), 0..1, with a softer edge, nowhere above its highest value."""
    return np.minimum(smooth(mask, sigma), mask.max())


def _turned(side: int, angle: float) -> tuple[Float32, Float32]:
    at = np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2)
    x, y = at[None, :], at[:, None]
    c, s = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    return x * c + y * s, y * c - x * s


def _inside(distance: Float32, edge: float) -> Float32:
    """Return 1 inside, 0 outside, a ramp of ``edge`` pixels between."""
    return np.asarray(np.clip(distance / edge + 0.5, 0, 1), np.float32)
