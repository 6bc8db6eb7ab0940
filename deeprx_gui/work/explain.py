"""Explaining an NG: its places beside the same places on the closest normal parts."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.blobs import Blob, places
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.why import (
    COLOUR_ONLY,
    MOST_PLACES,
    NOT_KNOWN,
    ONE_SCALE,
    ExplainedPlace,
    Explanation,
    NormalAtPlace,
    TapShare,
)
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.input_view import InputView
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.tap_shares import Cell, TapSplitter, tap_splitter

MOST_NORMALS: Final = 24
"""So many normal pictures at their sources are looked at, evenly over the list."""
CLOSEST: Final = 3
_LEAST_SIDE, _AROUND = 0.16, 1.8
"""A crop shows at least this share of the frame, and so many times the place itself."""
CROP: Final = 224
"""The longer side of a crop in pixels, at most."""
_MOST_MEGABYTES: Final = 300.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class _Normal:
    """A normal part that was looked at: ``taps`` its feature maps, ``path`` ``None``: golden."""

    name: str
    sight: InputView
    taps: TapMaps
    path: Path | None = None

    def cut(self) -> ByteImage:
        """Return the part in its own frame, as fine as there is. Raises DeepRxError."""
        if self.path is None:
            return self.sight.pixels
        pixels = decode(self.path).pixels
        return pixels if self.sight.home is None else self.sight.home.cut(pixels)


@dataclass(frozen=True, eq=False)
class _Part:
    """The part that is explained; ``own``: its pixels in its own frame."""

    sight: InputView
    taps: TapMaps
    own: ByteImage


class Explainer:
    """Explains verdicts of one revision; its normal pictures are looked at once and kept.

    ``scorer`` must be that revision's. Used in one worker thread, as the scorer is.
    """

    def __init__(self, profile: Profile, scorer: Scorer) -> None:
        self._profile, self._scorer = profile, scorer
        self._normals: tuple[_Normal, ...] | None = None
        self._absent = 0
        self._scale: Float32 | None = None
        self._splitter: TapSplitter | None = None
        self._note = _why_no_taps(profile)
        if self._note is None:
            self._splitter = tap_splitter(
                profile.detector.name, profile.statistics, profile.detector.settings
            )

    def explain(
        self, frame: Frame, score_map: Float32, limits: Limits, *, most: int = MOST_PLACES
    ) -> Generator[Progress, None, Explanation]:
        """Explain the places of a picture whose map (h, w) lies above the review limit.

        Raises PlacementError when the part is not where it should be.
        """
        normals = yield from self._looked_at()
        sight = self._scorer.see(frame)
        own = frame.pixels if sight.home is None else sight.home.cut(frame.pixels)
        seen = _Part(sight, self._scorer.taps(sight), own)
        found = places(
            score_map,
            limits.review,
            width=frame.width,
            height=frame.height,
            mm_per_pixel=self._profile.view.mm_per_pixel,
            min_cells=self._profile.scoring.min_area,
            most=most,
        )
        explained = []
        for number, blob in enumerate(found.hottest, 1):
            yield Progress(number, len(found.hottest), say("Comparing with normal parts"))
            explained.append(self._place(blob, limits.times(blob.score), seen, normals))
        note = self._note if found.hottest else None
        return Explanation(tuple(explained), found.total, note, self._normals_note())

    def _place(
        self,
        blob: Blob,
        times: float,
        part: _Part,
        normals: Sequence[_Normal],
    ) -> ExplainedPlace:
        sight, taps, own = part.sight, part.taps, part.own
        x, y = _in_frame(sight, blob.peak_x, blob.peak_y)
        where = _box_in_frame(sight, blob.box)
        box = _crop_of(own, where)
        ranked = sorted(
            ((self._unlikeness(taps, normal.taps, x, y), normal) for normal in normals),
            key=lambda pair: pair[0],
        )
        closest: list[NormalAtPlace] = []
        for distance, normal in ranked:
            try:
                pixels = normal.cut()
            except DeepRxError:
                continue  # deleted since it was looked at
            crop = cropped(pixels, _crop_of(pixels, where))
            closest.append(NormalAtPlace(normal.name, crop, distance, normal.path is None))
            if len(closest) == CLOSEST:
                break
        squared, shares = self._shares(taps, x, y)
        left, top, right, bottom = box
        peak = ((x - left) / (right - left), (y - top) / (bottom - top))
        part_crop = cropped(own, box)
        return ExplainedPlace(blob, times, box, part_crop, tuple(closest), peak, squared, shares)

    def _shares(
        self, taps: TapMaps, x: float, y: float
    ) -> tuple[float | None, tuple[TapShare, ...]]:
        """Return d² at the hottest cell next to a place, and what each tap has of it."""
        if self._splitter is None:
            return None, ()
        cells = _around(self._splitter.grid(taps), x, y)
        split = self._splitter.split(taps, cells)
        hottest = split[int(split.sum(axis=1).argmax())]
        total = float(hottest.sum())
        strides = sorted(self._profile.backbone.taps, reverse=True)
        return total, tuple(
            TapShare(stride, float(part), float(part) / total if total > 0 else 0.0)
            for stride, part in zip(strides, hottest, strict=True)
        )

    def _unlikeness(self, part: TapMaps, normal: TapMaps, x: float, y: float) -> float:
        """Return how unlike two parts are at a place: root mean square over all channels."""
        difference = features_at(part, x, y) - features_at(normal, x, y)
        if self._scale is not None:
            difference = difference / self._scale
        return float(np.sqrt(np.mean(np.square(difference))))

    def _looked_at(self) -> Generator[Progress, None, tuple[_Normal, ...]]:
        """Look at the golden images and at normal pictures that still lie at their sources."""
        if self._normals is not None:
            return self._normals
        profile = self._profile
        files = [Path(n.source) for n in profile.normals]
        there = [f for f in files if f.is_absolute() and f.is_file()]
        self._absent = len(files) - len(there)
        step = max(1.0, len(there) / MOST_NORMALS)
        chosen = [there[int(i * step)] for i in range(min(len(there), MOST_NORMALS))]
        known = {str(f) for f in chosen} | {f.name for f in chosen}
        looked: list[_Normal] = []
        held = 0.0
        total = len(profile.golden) + len(chosen)
        for golden in profile.golden:
            yield Progress(len(looked), total, say("Looking at normal parts"))
            if golden.name not in known:  # its source still lies there, and shows more
                sight = InputView(golden.pixels)
                looked.append(_Normal(golden.name, sight, self._scorer.taps(sight)))
        for file in chosen:
            yield Progress(len(looked), total, say("Looking at normal parts"))
            try:
                sight = self._scorer.see(decode(file))
                taps = self._scorer.taps(sight)
            except DeepRxError:
                self._absent += 1
                continue
            held += sum(m.nbytes for m in taps.maps) / 1e6
            looked.append(_Normal(str(file), sight, taps, file))
            if held > _MOST_MEGABYTES:
                break
        self._normals = tuple(looked)
        if looked:
            self._scale = _spread([normal.taps for normal in looked])
        return self._normals

    def _normals_note(self) -> Message | None:
        if not self._normals:
            return say(
                "No normal picture is left to compare with: the profile keeps none, and those it "
                "was learnt from are no longer where they were."
            )
        if self._absent and all(normal.path is None for normal in self._normals):
            return say(
                "The pictures the profile was learnt from are no longer where they were; compared "
                "with the {n} reference pictures kept in the profile.",
                n=len(self._normals),
            )
        return None


class ExplainerShelf:
    """Keeps the explainer used last: its normal pictures need not be looked at again."""

    def __init__(self) -> None:
        self._last: tuple[Profile, Scorer, Explainer] | None = None

    def explainer(self, profile: Profile, scorer: Scorer) -> Explainer:
        """Return the explainer of a profile. Raises ProfileError."""
        last = self._last
        if last is None or last[0] is not profile or last[1] is not scorer:
            last = self._last = profile, scorer, Explainer(profile, scorer)
        return last[2]


def _why_no_taps(profile: Profile) -> Message | None:
    spec = DETECTORS.get(profile.detector.name)
    if spec is not None and spec.pixels:
        return COLOUR_ONLY
    if len(profile.backbone.taps) < 2:
        return ONE_SCALE
    return None if spec is not None else NOT_KNOWN


def features_at(taps: TapMaps, x: float, y: float) -> Float32:
    """Return the features at a place (shares of the frame), each tap's nearest cell's, (c,)."""
    found = []
    for m in taps.maps:
        row, column = _cell((m.shape[1], m.shape[2]), x, y)
        found.append(m[:, row, column])
    return np.concatenate(found)


def _spread(normals: Sequence[TapMaps]) -> Float32:
    """Return the standard deviation of each channel over all cells of normal parts, (c,)."""
    out = []
    for tap in range(len(normals[0].maps)):
        flat = np.concatenate([n.maps[tap].reshape(len(n.maps[tap]), -1) for n in normals], axis=1)
        out.append(flat.std(axis=1))
    spread = np.concatenate(out)
    return np.asarray(np.maximum(spread, 1e-6 * max(float(spread.max()), 1e-6)), np.float32)


def _cell(grid: Cell, x: float, y: float) -> Cell:
    rows, columns = grid
    row, column = int(y * rows), int(x * columns)
    return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)


def _around(grid: Cell, x: float, y: float) -> list[Cell]:
    """Return the cell at a place and those next to it: smoothing moves a peak by one."""
    row, column = _cell(grid, x, y)
    return [
        (r, c)
        for r in range(max(0, row - 1), min(grid[0], row + 2))
        for c in range(max(0, column - 1), min(grid[1], column + 2))
    ]


def _in_frame(sight: InputView, x: float, y: float) -> tuple[float, float]:
    return (x, y) if sight.home is None else sight.home.share_of(x, y)


def _box_in_frame(sight: InputView, box: Box) -> Box:
    left, top, right, bottom = box
    corners = [_in_frame(sight, x, y) for x in (left, right) for y in (top, bottom)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _crop_of(pixels: ByteImage, where: Box) -> Box:
    return crop_box(where, pixels.shape[0] / pixels.shape[1])


def crop_box(box: Box, aspect: float) -> Box:
    """Return a square around a place, in shares of the frame; ``aspect``: its height : width."""
    left, top, right, bottom = box
    across = max(right - left, (bottom - top) * aspect) * _AROUND
    across = min(max(across, _LEAST_SIDE * max(1.0, aspect)), 1.0, aspect)
    down = across / aspect
    x, y = (left + right) / 2 - across / 2, (top + bottom) / 2 - down / 2
    x, y = min(max(x, 0.0), 1 - across), min(max(y, 0.0), 1 - down)
    return x, y, x + across, y + down


def cropped(pixels: ByteImage, box: Box) -> ByteImage:
    """Return what a box (shares) shows of a picture, at most ``CROP`` pixels wide or high."""
    height, width = pixels.shape[:2]
    left, top = min(int(box[0] * width), width - 1), min(int(box[1] * height), height - 1)
    right = min(max(left + 1, round(box[2] * width)), width)
    bottom = min(max(top + 1, round(box[3] * height)), height)
    cut = np.ascontiguousarray(pixels[top:bottom, left:right])
    factor = CROP / max(cut.shape[:2])
    if factor >= 1:
        return cut
    rows, columns = (max(1, round(side * factor)) for side in cut.shape[:2])
    return resize_area(cut, rows, columns)
