"""Normalise: each cell of a raw score map measured by what is usual at that cell in good parts.

The second of four steps from feature maps to a verdict: score map, normalise, smooth and reduce,
limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from deeprx_gui.domain.arrays import Bools, Float32, Float64
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.stored_statistics import arrays_of, misfit
from deeprx_gui.engine.grid_masks import GridMasks, fitted
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.reference_grids import resample_maps
from deeprx_gui.engine.resample import smooth
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps

NONE, POSITION, AUTO = "none", "position", "auto"
NORMALISATIONS: Mapping[str, Message] = {
    NONE: say("as measured"),
    POSITION: say("by what is usual at each place"),
}
"""What a profile may hold; ``auto`` is decided at the fit and never stored."""
PRIOR = 20.0
"""So many images' worth of evidence draws a cell's variance toward that of all cells."""
MEAN_PRIOR = 1.0
"""The same for a cell's mean, which a few images know much better than a variance."""
SIGMA = 1.0
"""Smoothing of both moments in cells, so that one odd image marks no single cell."""
_GAIN, _OFFSET = "normalise.gain", "normalise.offset"
_MOST_GAIN = 1e6
_MOST_OFFSET = 1e20


LEAST_GAIN = 0.15
"""``auto`` normalises where a defect needs at least this much less extra distance to be found.

As a natural logarithm: 14 %. See docs/accuracy.md for what smaller and larger values do.
"""


@dataclass(frozen=True, eq=False)
class PositionNormaliser:
    """r' = max(0, gain r + offset) at each cell, both maps float32 (h, w) on the reference grid.

    ``gain`` is the pooled deviation over the cell's, ``offset`` moves the cell's mean to that of
    all cells: where every place behaves alike the map stays as it is, and scores keep their scale.
    """

    gain: Float32
    offset: Float32

    def __call__(self, raw: Float32) -> Float32:
        """Normalise a raw score map of any grid."""
        gain, offset = self.gain, self.offset
        if raw.shape != gain.shape:
            both = resample_maps(np.stack([gain, offset]), raw.shape[0], raw.shape[1])
            gain, offset = both[0], both[1]
        return np.maximum(gain * raw + offset, np.float32(0))

    def within(self, statistics: Statistics) -> Statistics:
        """Return a detector's statistics with these maps beside them."""
        named = {_GAIN: self.gain, _OFFSET: self.offset}
        return Statistics({**statistics.arrays, **named}, statistics.counts)


def normaliser_of(statistics: Statistics, scoring: Scoring) -> PositionNormaliser | None:
    """Return what normalises the maps of a profile, ``None`` when nothing does.

    Raises ProfileError when the maps are missing, no maps, or no fit can have made them.
    """
    if scoring.normalise == NONE:
        return None
    if scoring.normalise != POSITION:
        raise misfit()
    gain, offset = arrays_of(statistics, {_GAIN: 2, _OFFSET: 2})
    if gain.shape != offset.shape or gain.dtype.kind != "f" or offset.dtype.kind != "f":
        raise misfit()
    if not (float(gain.min()) > 0 and float(gain.max()) <= _MOST_GAIN):
        raise misfit()
    if float(np.abs(offset).max()) > _MOST_OFFSET:
        raise misfit()
    return PositionNormaliser(gain.astype(np.float32), offset.astype(np.float32))


class PositionMoments:
    """Number, sum and sum of squares at each cell of the maps seen; float64, memory of three maps.

    ``grid``: where everything is kept; maps of other pictures' grids are brought to it.
    """

    def __init__(self, grid: tuple[int, int]) -> None:
        self.grid = grid
        self._sums: Float64 = np.zeros((3, *grid))

    def add(self, raw: Float32, counted: Bools | None = None) -> None:
        """Take in one raw map (h, w); of its cells those that are true in ``counted`` (h, w)."""
        values = resample_maps(raw[None], *self.grid)[0].astype(np.float64)
        known = np.ones(self.grid, bool) if counted is None else fitted(counted, *self.grid)
        values = np.where(known, values, 0.0)
        self._sums += np.stack([known.astype(np.float64), values, values * values])

    def without(self, other: PositionMoments) -> PositionMoments:
        """Return the moments of all maps but those that ``other`` has seen."""
        rest = PositionMoments(self.grid)
        rest._sums = np.asarray(self._sums - other._sums, np.float64)
        return rest

    def means(self) -> tuple[Float64, float]:
        """Return the mean at each cell, shrunk and smoothed, and that of all cells."""
        count, total, _ = self._sums
        level = float(total.sum() / max(count.sum(), 1.0))
        away = total - count * level
        mean = level + _smooth(away) / (_smooth(count) + MEAN_PRIOR)
        return np.asarray(mean, np.float64), level

    def hotter_half(self) -> Bools:
        """Return the cells seen whose mean is not below the median of them."""
        seen: Bools = np.asarray(self._sums[0] > 0, bool)
        if not seen.any():
            return np.asarray(seen, bool)
        mean = self.means()[0]
        return np.asarray(seen & (mean >= np.median(mean[seen])), bool)

    def normaliser(self) -> PositionNormaliser:
        """Return what normalises another picture's map.

        With fewer than two maps, or maps that never differ, nothing is known about deviations: the
        map is left as it is.
        """
        count, total, squares = self._sums
        spread = np.maximum(squares - total * total / np.maximum(count, 1.0), 0.0)
        free = np.maximum(count - 1.0, 0.0)
        pooled = float(spread.sum() / max(free.sum(), 1.0))
        mean, level = self.means()
        if pooled <= 1e-12 * max(level * level, 1e-300):
            ones = np.ones(self.grid, np.float32)
            return PositionNormaliser(ones, np.zeros_like(ones))
        variance = (_smooth(spread) + PRIOR * pooled) / (_smooth(free) + PRIOR)
        gain = np.sqrt(pooled / variance)
        return PositionNormaliser(gain.astype(np.float32), (level - gain * mean).astype(np.float32))


@dataclass(frozen=True, eq=False)
class NormalisedHeldOut:
    """What normalising makes of the held-out maps: scores by image, and the final normaliser."""

    normaliser: PositionNormaliser
    scores: Mapping[int, float]
    moments: PositionMoments


class KeptMaps:
    """The raw held-out maps of a fit on disk, so that memory does not grow with their number."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._places: dict[int, int] = {}

    def keep(self, index: int, raw: Float32, cells: GridMasks | None) -> None:
        """Write the map (h, w) of one image; raises StorageError when the disk is full."""
        self._places[index] = len(self._spool)
        self._spool.append(TapMaps((raw[None],), cells))

    def read(self, index: int) -> tuple[Float32, Bools | None]:
        """Return an image's raw map, and which of its cells count (``None``: all)."""
        place = self._places[index]
        return self._spool.read(place).maps[0][0], self._spool.counted(place)

    def normalised(self, groups: Sequence[Sequence[int]], scoring: Scoring) -> NormalisedHeldOut:
        """Score every map, normalised by those of the other groups.

        An image takes no part in the moments that normalise its own map, nor do its neighbours that
        were held out with it. Moments of a group are taken out of those of all exactly.
        """
        grid = self.read(groups[0][0])[0].shape
        total = self._moments((i for group in groups for i in group), (grid[0], grid[1]))
        scores: dict[int, float] = {}
        for group in groups:
            normalise = total.without(self._moments(group, total.grid)).normaliser()
            for index in group:
                raw, counted = self.read(index)
                scores[index] = smooth_and_reduce(normalise(raw), scoring, counted)[0]
        return NormalisedHeldOut(total.normaliser(), scores, total)

    def held_out_map(
        self, index: int, groups: Sequence[Sequence[int]], scoring: Scoring, *, normalise: bool
    ) -> Float32:
        """Return an image's smoothed map as it was judged: the others' moments normalise it."""
        raw, counted = self.read(index)
        if normalise:
            grid = self.read(groups[0][0])[0].shape
            total = self._moments((i for group in groups for i in group), (grid[0], grid[1]))
            mine = next(group for group in groups if index in group)
            raw = total.without(self._moments(mine, total.grid)).normaliser()(raw)
        return smooth_and_reduce(raw, scoring, counted)[1]

    def gain(
        self, found: NormalisedHeldOut, scoring: Scoring, plain_limit: float, limit: float
    ) -> float:
        """Return ``gain_of`` for the maps kept."""
        maps = (self.read(index) for index in self._places)
        return gain_of(maps, found.moments, scoring, (plain_limit, limit))

    def _moments(self, indices: Iterable[int], grid: tuple[int, int]) -> PositionMoments:
        moments = PositionMoments(grid)
        for index in indices:
            moments.add(*self.read(index))
        return moments


def gain_of(
    maps: Iterable[tuple[Float32, Bools | None]],
    moments: PositionMoments,
    scoring: Scoring,
    limits: tuple[float, float],
) -> float:
    """Return how much less a defect must stand out to be found when maps are normalised.

    ``maps``: raw held-out maps (h, w) and their cells that count; ``moments``: of all of them;
    ``limits``: without normalising and with it. At each cell of each map a defect has to add what
    is missing to the limit; a normalised map multiplies what it adds by the cell's gain. The
    result is the logarithm of mean extra distance without normalising over that with it, above 0
    where normalising helps, over the half of the cells where good parts score highest: where the
    part is.
    """
    smoothing = replace(scoring, min_area=1)
    normalise, where = moments.normaliser(), moments.hotter_half()
    plain = normalised = 0.0
    for raw, counted in maps:
        for_plain = smooth_and_reduce(raw, smoothing, counted)[1]
        for_normalised = smooth_and_reduce(normalise(raw), smoothing, counted)[1]
        both = resample_maps(np.stack([for_plain, for_normalised]), *moments.grid)
        known = where if counted is None else where & fitted(counted, *moments.grid)
        plain += float(np.maximum(limits[0] - both[0], 0)[known].sum())
        normalised += float((np.maximum(limits[1] - both[1], 0) / normalise.gain)[known].sum())
    if plain <= 0 or normalised <= 0:
        return 0.0
    return math.log(plain / normalised)


def _smooth(values: Float64) -> Float64:
    return smooth(values.astype(np.float32), SIGMA).astype(np.float64)
