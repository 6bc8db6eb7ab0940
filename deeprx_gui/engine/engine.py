"""Engine: one backbone on one runtime with one preprocessing; frames in, scores out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.domain.score import Score
from deeprx_gui.engine.calm_blas import calm_blas
from deeprx_gui.engine.heads import Head, Weighing
from deeprx_gui.engine.preprocess import prepare
from deeprx_gui.engine.resample import smooth
from deeprx_gui.engine.runtimes.base import Extractor, RuntimeInfo
from deeprx_gui.engine.tap_maps import TapMaps

REDUCTIONS: dict[str, Callable[[Float32], float]] = {
    "max": lambda m: float(m.max()),
    "top1": lambda m: float(np.sort(m, axis=None)[-max(1, math.ceil(m.size / 100)) :].mean()),
}
"""How a score map becomes one number: its maximum, or the mean of its top 1 %."""


def finish(raw: Float32, scoring: Scoring) -> tuple[float, Float32]:
    """Smooth a raw score map and reduce it to one number; the one place where this is done."""
    smoothed = smooth(raw, scoring.sigma)
    return REDUCTIONS[scoring.reduce](smoothed), smoothed


def score_of(head: Head, taps: TapMaps, scoring: Scoring) -> tuple[float, Float32]:
    """Score feature maps in memory: ``finish``, and the head's own weight for the hottest place.

    The map is multiplied with the weight too: what is coloured and the verdict tell the same.
    """
    value, smoothed = finish(head.score_map(taps), scoring)
    if isinstance(head, Weighing):
        row, column = np.unravel_index(int(smoothed.argmax()), smoothed.shape)
        weight = head.weight(taps, int(row), int(column))
        value *= weight
        smoothed = smoothed * np.float32(weight)
    return value, smoothed


class Engine:
    """Turns frames into feature maps, and into scores once it has a detector's head.

    Not thread-safe: one engine belongs to one worker.
    """

    def __init__(
        self,
        extractor: Extractor,
        preprocessing: Preprocessing,
        channels: Mapping[int, int],
        weights_sha256: str,
        stride: int | None = None,
    ) -> None:
        """``channels``: stride of each tap -> number of its feature channels.

        ``stride``: what the sides of a network input are multiples of, unless the coarsest tap's.
        """
        self._extractor = extractor
        self._preprocessing = preprocessing
        self._stride = stride or max(channels)
        self._channels = tuple(channels[stride] for stride in sorted(channels, reverse=True))
        self.weights_sha256 = weights_sha256

    @property
    def info(self) -> RuntimeInfo:
        """What computes."""
        return self._extractor.info

    def prepare(self, pixels: ByteImage) -> ByteImage:
        """Return the network input for RGB pixels."""
        return prepare(pixels, self._preprocessing, self._stride)

    def taps(self, prepared: ByteImage) -> TapMaps:
        """Return the feature maps of prepared pixels."""
        return self._extractor.taps(prepared)

    def compute(self, prepared: ByteImage) -> None:
        """Run the backbone alone, to measure what it costs."""
        self._extractor.compute(prepared)

    def scorer(self, head: Head, scoring: Scoring) -> Scorer:
        """Return what scores frames against a detector's head.

        Raises ProfileError when the head was learnt from other feature maps.
        """
        if head.channels != self._channels:
            raise ProfileError(
                say(
                    "The statistics in this profile do not fit together. "
                    "Roll back to an older revision."
                )
            )
        if isinstance(head, Weighing):
            return Scorer(self, lambda prepared: score_of(head, self.taps(prepared), scoring))
        raw = self._extractor.scorer(head)
        return Scorer(self, lambda prepared: finish(raw(prepared), scoring))


class Scorer:
    """Scores frames: the one path for still, batch, live, golden and evaluation.

    ``run`` turns prepared pixels into the score and the smoothed map.
    """

    def __init__(self, engine: Engine, run: Callable[[ByteImage], tuple[float, Float32]]) -> None:
        self._engine, self._run = engine, run

    def score(self, frame: Frame) -> Score:
        """Score one frame."""
        start = time.perf_counter()
        return self._finish(self._engine.prepare(frame.pixels), start)

    def score_prepared(self, prepared: ByteImage) -> Score:
        """Score pixels that already are a network input (golden images)."""
        return self._finish(prepared, time.perf_counter())

    def _finish(self, prepared: ByteImage, start: float) -> Score:
        with calm_blas():  # and the same bits, however many cores there are
            value, smoothed = self._run(prepared)
        return Score(value, smoothed, (time.perf_counter() - start) * 1000)
