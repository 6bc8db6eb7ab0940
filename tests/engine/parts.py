"""Synthetic parts: a ribbed plate, never twice the same, and defects put where a test wants."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame


def part(seed: int, height: int = 128, width: int = 128) -> ByteImage:
    """A good part: RGB ribs with sensor noise; every seed shifts them a little."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] + rng.uniform(0, 6, 2)[:, None, None]
    ribs = 128 + 40 * np.sin(x / 3.5) * np.cos(y / 5.5)
    noise = rng.normal(0, 4, (height, width, 3))
    return np.asarray((ribs[:, :, None] + noise).clip(0, 255), np.uint8)


def texture(seed: int, side: int = 128) -> ByteImage:
    """A good part without any pattern: cast metal, the same everywhere and never twice alike."""
    rng = np.random.default_rng(seed)
    grain = rng.normal(size=(side + 8, side + 8))
    summed = np.pad(grain, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    boxes = summed[9:, 9:] - summed[:-9, 9:] - summed[9:, :-9] + summed[:-9, :-9]
    grey = 128 + 25 * boxes / boxes.std()
    return np.asarray(np.repeat(grey.clip(0, 255)[:, :, None], 3, axis=2), np.uint8)


def with_scratch(pixels: ByteImage, top: int, left: int, size: int = 10) -> ByteImage:
    """The same part with a dark square and a bright streak."""
    bad = pixels.copy()
    bad[top : top + size, left : left + size] = 8
    bad[top + size // 3 : top + size // 2, left : left + size] = 250
    return bad


def frame(pixels: ByteImage) -> Frame:
    """A frame as the decoder gives it."""
    return Frame(pixels.copy(), "made in a test")
