"""Pixels: the "backbone" of detectors that look at colours; computes with numpy everywhere."""

from __future__ import annotations

import platform
from collections.abc import Callable

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.runtimes.base import MapWithTaps, RuntimeInfo, numpy_scorer_with_taps
from deeprx_gui.engine.tap_maps import TapMaps

PIXELS = "pixels"
"""What a profile of such a detector names as its backbone."""
CHANNELS = {1: 3}
"""Stride -> channels: red, green and blue of every pixel."""


class PixelsExtractor:
    """The colours themselves, 0..255, as a feature map of stride 1."""

    def __init__(self) -> None:
        self.info = RuntimeInfo("numpy-cpu", platform.processor() or platform.machine())

    def taps(self, pixels: ByteImage) -> TapMaps:
        """Return the one map (3, h, w)."""
        return TapMaps((np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32),))

    def compute(self, pixels: ByteImage) -> None:
        """Make the map and let it go: there is no network to run."""
        self.taps(pixels)

    def scorer(self, head: Head) -> Callable[[ByteImage], Float32]:
        """Return the head's own arithmetic."""
        return lambda pixels: head.score_map(self.taps(pixels))

    def scorer_with_taps(self, head: Head) -> Callable[[ByteImage], MapWithTaps]:
        """Return the head's own arithmetic and the map it worked on."""
        return numpy_scorer_with_taps(self, head)
