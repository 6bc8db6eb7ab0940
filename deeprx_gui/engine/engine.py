"""Engine: one backbone on one runtime with one preprocessing; frames in, scores out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.view import WHOLE, View
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.heads import Head, SupportsImageWeight
from deeprx_gui.engine.input_view import InputView, InputViewBuilder
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.normalise import PositionNormaliser
from deeprx_gui.engine.runtimes.base import Extractor, RuntimeInfo
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.tap_maps import TapMaps


def score_of(head: Head, taps: TapMaps, scoring: Scoring) -> tuple[float, Float32]:
    """Score feature maps in memory, without normalising: ``weighted_score`` of the head's map."""
    return weighted_score(head, taps, head.score_map(taps), scoring)


def weighted_score(
    head: Head, taps: TapMaps, raw: Float32, scoring: Scoring
) -> tuple[float, Float32]:
    """Smooth and reduce, and apply the head's own weight for the hottest place where it has one.

    ``raw``: distances (h, w), not clamped; returned are the score and a map of the same shape.
    The map is multiplied with the weight too: what is coloured and the verdict tell the same.
    """
    counted = None if taps.cells is None else taps.cells.counted
    value, smoothed = smooth_and_reduce(raw, scoring, counted)
    if isinstance(head, SupportsImageWeight):
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
        view: View = WHOLE,
        *,
        stride: int | None = None,
    ) -> None:
        """``channels``: stride of each tap -> number of its feature channels.

        ``stride``: what the sides of a network input are multiples of, unless the coarsest tap's.
        """
        self._extractor = extractor
        self._sights = InputViewBuilder(view, preprocessing, min(channels), stride or max(channels))
        self._channels = tuple(channels[stride] for stride in sorted(channels, reverse=True))
        self.weights_sha256 = weights_sha256

    @property
    def info(self) -> RuntimeInfo:
        return self._extractor.info

    def see(self, pixels: ByteImage) -> InputView:
        """Return what the network is shown of RGB pixels.

        Raises PlacementError when the part is not where the profile's view wants it.
        """
        return self._sights.see(pixels)

    def prepare(self, pixels: ByteImage) -> ByteImage:
        """Return the network input for RGB pixels."""
        return self.see(pixels).pixels

    def look(self, pixels: ByteImage) -> TapMaps:
        """Return the feature maps of RGB pixels, with the cells that count."""
        sight = self.see(pixels)
        return self.taps(sight.pixels, sight.cells)

    def taps(self, prepared: ByteImage, cells: GridMasks | None = None) -> TapMaps:
        """Return the feature maps of prepared pixels.

        Without ``cells`` those of the region count, as if the picture showed all of it.
        """
        taps = self._extractor.taps(prepared)
        cells = cells or self._sights.cells(taps.grid)
        return taps if cells is None else replace(taps, cells=cells)

    def cells(self, raw: Float32) -> GridMasks | None:
        """Return which cells of a raw score map (h, w) the region covers, ``None`` when all."""
        return self._sights.cells((raw.shape[0], raw.shape[1]))

    def compute(self, prepared: ByteImage) -> None:
        """Run the backbone alone, to measure what it costs."""
        self._extractor.compute(prepared)

    def scorer(
        self, head: Head, scoring: Scoring, normalise: PositionNormaliser | None = None
    ) -> Scorer:
        """Return what scores frames against a detector's head.

        ``normalise``: what ``normaliser_of`` found beside the statistics. A normalised map is
        measured against good parts already: a head's own weight of the image is left out.
        Raises ProfileError when the head was learnt from other feature maps.
        """
        if head.channels != self._channels:
            raise ProfileError(
                say(
                    "The statistics in this profile do not fit together. "
                    "Roll back to an older revision."
                )
            )
        if isinstance(head, SupportsImageWeight) and normalise is None:
            return Scorer(self, self._weighing(head, scoring))
        run = self._extractor.scorer(head)

        def score(sight: InputView) -> tuple[float, Float32]:
            raw = run(sight.pixels)
            cells = sight.cells or self.cells(raw)
            if normalise is not None:
                raw = normalise(raw)
            return smooth_and_reduce(raw, scoring, None if cells is None else cells.counted)

        return Scorer(self, score)

    def _weighing(
        self, head: Head, scoring: Scoring
    ) -> Callable[[InputView], tuple[float, Float32]]:
        """Return what scores against a head with a weight of its own."""
        run = self._extractor.scorer_with_taps(head)

        def score(sight: InputView) -> tuple[float, Float32]:
            raw, taps = run(sight.pixels)
            cells = sight.cells or self.cells(raw)
            return weighted_score(head, replace(taps, cells=cells), raw, scoring)

        return score


class Scorer:
    """Scores frames: the one path for still, batch, live, golden and evaluation.

    ``run`` turns what the network is shown into the score and the smoothed map (h, w).
    """

    def __init__(self, engine: Engine, run: Callable[[InputView], tuple[float, Float32]]) -> None:
        self._engine, self._run = engine, run

    def score(self, frame: Frame) -> Score:
        """Score one frame; raises PlacementError when the part is not where it should be."""
        start = time.perf_counter()
        return self._finish(self._engine.see(frame.pixels), start)

    def see(self, frame: Frame) -> InputView:
        """Return what the network is shown of a frame; raises PlacementError as ``score``."""
        return self._engine.see(frame.pixels)

    def taps(self, sight: InputView) -> TapMaps:
        """Return the feature maps of what ``see`` returned, with the cells that count."""
        return self._engine.taps(sight.pixels, sight.cells)

    def score_seen(self, sight: InputView, start: float) -> Score:
        """Score what ``see`` returned; ``start`` is ``time.perf_counter()`` before it was seen."""
        return self._finish(sight, start)

    def score_in_frame(self, sight: InputView) -> tuple[float, Float32]:
        """Return the score and the map (h, w) in the part's own frame: what ``see`` showed."""
        with single_threaded_blas():
            return self._run(sight)

    def score_prepared(self, prepared: ByteImage) -> Score:
        """Score pixels that already are a network input (golden images)."""
        return self._finish(InputView(prepared), time.perf_counter())

    def _finish(self, sight: InputView, start: float) -> Score:
        with single_threaded_blas():  # and the same bits, however many cores there are
            value, smoothed = self._run(sight)
        if sight.home is not None:
            smoothed = sight.home.bring(smoothed)
        return Score(value, smoothed, (time.perf_counter() - start) * 1000)
