"""Drift: which of brightness, focus, position and scores of good parts moved, and since when.

Parts are taken together in blocks, whose middles go through a change-point chart
(``change_point``), each measure for itself. A change is told when it is certain and large enough to
matter; what moved first is named first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.change_point import LONGEST, segments
from deeprx_gui.domain.drift_forecast import Forecast, forecast

SMALLEST_BLOCK: Final = 5
"""Parts in a block; more where there are more than ``LONGEST`` blocks of them."""
FEWEST: Final = 48 * SMALLEST_BLOCK
"""Parts before anything is said."""
MOST: Final = 20_000
"""The newest parts that are looked at."""
_KNOWN: Final = 0.5
"""So many of a block's parts must have a measure for it to count."""
_STRETCH: Final = 4 * SMALLEST_BLOCK
"""Of so many values at most all pairs are looked at."""
_RECENT: Final = 12
"""Blocks whose median says where a measure is now."""
_TOGETHER, _SHARE = 8, 0.4
"""Changes within so many blocks of each other, or this share of the blocks since the earlier one,
cannot be told apart in time: of what moves slowly nobody sees the beginning."""
_ON_THE_WAY: Final = 1 / 3
"""Of what matters: a stretch that has moved this far belongs to the drift."""


class Measure(StrEnum):
    """What may drift."""

    BRIGHTNESS = "brightness"
    FOCUS = "focus"
    POSITION = "position"
    SCORE = "score"


PICTURE: Final = (Measure.BRIGHTNESS, Measure.FOCUS, Measure.POSITION)
"""What belongs to the picture, not to the parts."""
_MATTERS: Final[Mapping[Measure, float]] = {
    Measure.BRIGHTNESS: 0.03,
    Measure.FOCUS: 0.15,
    Measure.POSITION: 0.002,
    Measure.SCORE: 0.1,
}
"""The least change that is told: of the logarithm of brightness, focus, score; of position
as a share of the longer side."""


@dataclass(frozen=True, eq=False)
class PartSeries:
    """Parts of one product in their order, arrays of shape (n,), NaN where a value is not known.

    ``when``: UTC seconds; ``score``: x suggested limit; ``brightness``, ``focus``: as multiples of
    the normal images'; ``across``, ``down``: how far the scene lies from where it lay in the normal
    images, as shares of the longer side.
    """

    when: Float64
    score: Float64
    brightness: Float64
    focus: Float64
    across: Float64
    down: Float64

    def newest(self, count: int) -> PartSeries:
        """Return the last parts."""
        cut = slice(max(0, len(self.when) - count), None)
        return PartSeries(
            self.when[cut],
            self.score[cut],
            self.brightness[cut],
            self.focus[cut],
            self.across[cut],
            self.down[cut],
        )


@dataclass(frozen=True)
class Move:
    """A measure that has moved and stays away.

    ``since``: when it began; ``before`` and ``now``: its levels (brightness and focus as multiples
    of the normal images', position as a distance, share of the longer side, score in x limit);
    ``block``: the number of the block at which it began; ``size``: its change in units of the least
    that matters; ``seen``: when the chart could tell.
    """

    measure: Measure
    since: datetime
    before: float
    now: float
    block: int
    size: float
    seen: datetime

    @property
    def relative(self) -> float:
        """The change as a share of the level before: -0.12 is 12 % less."""
        return self.now / self.before - 1 if self.before else math.nan


@dataclass(frozen=True, eq=False)
class BlockTrend:
    """What is drawn: one point per block. ``when``: UTC seconds; values as in ``PartSeries``."""

    when: Float64
    score: Float64
    brightness: Float64
    focus: Float64
    position: Float64


@dataclass(frozen=True, eq=False)
class Drift:
    """What moved, first things first; none: all is as it was, or too little is known.

    ``parts``: how many were looked at, in ``blocks``; ``known``: measures there was enough of;
    ``stopped_before`` and ``stopped_now``: the share of good parts, 0..1, that lies above the limit
    at the score's level at first and now; ``forecast``: when more will, if the rise goes on.
    """

    parts: int
    moves: tuple[Move, ...] = ()
    known: frozenset[Measure] = frozenset()
    trend: BlockTrend | None = None
    stopped_before: float | None = None
    stopped_now: float | None = None
    blocks: int = 0
    forecast: Forecast | None = None

    def together(self, first: Move, other: Move) -> bool:
        """Say whether two moves cannot be told apart in time."""
        return _together(first.block, other.block, self.blocks)

    @property
    def enough(self) -> bool:
        return self.parts >= FEWEST

    @property
    def first(self) -> Move | None:
        return self.moves[0] if self.moves else None

    def move(self, measure: Measure) -> Move | None:
        """Return what happened to a measure, ``None`` when it stayed."""
        return next((move for move in self.moves if move.measure is measure), None)


def drift_of(parts: PartSeries) -> Drift:
    """Look for changes in the newest parts of a product."""
    parts = parts.newest(MOST)
    count = len(parts.when)
    if count < FEWEST:
        return Drift(count)
    blocks = _Blocks(parts)
    trend = BlockTrend(
        blocks.when,
        np.exp(blocks.of(_log(parts.score))),
        np.exp(blocks.of(_log(parts.brightness))),
        np.exp(blocks.of(_log(parts.focus))),
        np.hypot(blocks.of(parts.across), blocks.of(parts.down)),
    )
    series = {
        Measure.BRIGHTNESS: (_log(parts.brightness),),
        Measure.FOCUS: (_log(parts.focus),),
        Measure.POSITION: (parts.across, parts.down),
        Measure.SCORE: (_log(parts.score),),
    }
    known, moves = set(), []
    for measure, values in series.items():
        found = [_away(blocks, one, _MATTERS[measure], measure) for one in values]
        if all(one is not None for one in found):
            known.add(measure)
        away = [one for one in found if one is not None and one.start is not None]
        if away:
            moves.append(_move(measure, away, blocks))
    score = next((m for m in moves if m.measure is Measure.SCORE), None)
    before, now = _stopped(parts, blocks, score)
    total = len(blocks.when)
    return Drift(
        count, _in_order(moves, total), frozenset(known), trend, before, now, total,
        None if score is None else _forecast(parts, blocks, score),
    )  # fmt: skip


class _Blocks:
    """Parts taken together, so many at a time that a chart can look at all of them."""

    def __init__(self, parts: PartSeries) -> None:
        count = len(parts.when)
        self.size = SMALLEST_BLOCK
        while count // self.size > LONGEST:
            self.size *= 2
        self._count = count // self.size
        self._skipped = count - self._count * self.size  # the oldest: the newest block is full
        self.when = self._cut(parts.when)[:, 0]

    def of(self, values: Float64) -> Float64:
        """Return the middle of each block, NaN where too few of its parts have a value."""
        cut = self._cut(values)
        known = np.isfinite(cut)
        middles = _middles(np.where(known, cut, np.nan))
        return np.where(known.sum(axis=1) >= _KNOWN * self.size, middles, np.nan)

    def first_parts(self, values: Float64, blocks: int) -> Float64:
        """Return the known values of the first blocks."""
        cut = self._cut(values)[:blocks].ravel()
        return np.asarray(cut[np.isfinite(cut)], np.float64)

    def _cut(self, values: Float64) -> Float64:
        return values[self._skipped :].reshape(self._count, self.size)


def _middles(rows: Float64) -> Float64:
    """Return the middle of each row (n, m) of values, NaN where one is not known: (n,).

    The median of the means of all pairs, each value with itself as well (Hodges & Lehmann, Annals
    of Mathematical Statistics 34, 1963): single odd values weigh nothing, and it tells nearly as
    much as the mean, whatever the law. Of long rows it is that of the middles of stretches.
    """
    count, size = rows.shape
    if size > _STRETCH:
        return _middles(_middles(rows.reshape(-1, _STRETCH)).reshape(count, -1))
    one, other = np.triu_indices(size)
    pairs = np.sort((rows[:, one] + rows[:, other]) / 2, axis=1)  # what is not known comes last
    known = np.isfinite(pairs).sum(axis=1)
    row = np.arange(count)
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, len(one) - 1)
    return np.asarray((pairs[row, low] + pairs[row, high]) / 2, np.float64)


@dataclass(frozen=True)
class _Away:
    """Where a series was at first and is now; ``start``: the block since which it is away."""

    before: float
    now: float
    start: int | None = None
    seen: int = 0
    size: float = 0.0


def _away(blocks: _Blocks, values: Float64, matters: float, measure: Measure) -> _Away | None:
    """Follow one series; ``None`` where too little is known of it."""
    middles = blocks.of(values)
    there = np.flatnonzero(np.isfinite(middles))
    if len(there) * SMALLEST_BLOCK < FEWEST:
        return None
    known = middles[there]
    cuts = segments(known)
    first = cuts[0]
    before = float(np.median(known[first.start : first.end]))
    now = float(np.median(known[max(cuts[-1].start, len(known) - _RECENT) :]))
    moved, level = now - before, float(np.median(known[cuts[-1].start :])) - before
    # Where a step is as large as what matters, chance makes the newest few blocks show less of it.
    size = max(abs(moved), abs(level)) if moved * level > 0 and 2 * abs(moved) > matters else 0.0
    if len(cuts) == 1 or size < matters or (measure is Measure.SCORE and moved < 0):
        return _Away(before, now)
    begin = len(cuts) - 1
    while begin > 1:
        earlier = cuts[begin - 1]
        level = float(np.median(known[earlier.start : earlier.end])) - before
        if level * moved <= 0 or abs(level) < _ON_THE_WAY * matters:
            break
        begin -= 1
    start, seen = int(there[cuts[begin].start]), int(there[cuts[begin].seen])
    return _Away(before, now, start, seen, size / matters)


def _move(measure: Measure, away: list[_Away], blocks: _Blocks) -> Move:
    earliest = min(away, key=lambda one: one.start or 0)
    start = earliest.start or 0
    if measure is Measure.POSITION:
        before, now = 0.0, math.hypot(*(one.now - one.before for one in away))
    else:
        before, now = math.exp(earliest.before), math.exp(earliest.now)
    return Move(
        measure,
        datetime.fromtimestamp(float(blocks.when[start]), UTC),
        before,
        now,
        start,
        max(one.size for one in away),
        datetime.fromtimestamp(float(blocks.when[earliest.seen]), UTC),
    )


def _together(earlier: int, later: int, blocks: int) -> bool:
    return later - earlier <= max(_TOGETHER, _SHARE * (blocks - earlier))


def _in_order(moves: list[Move], blocks: int) -> tuple[Move, ...]:
    """Sort by time; of what moved together the picture comes first, the clearest before others."""
    left, ordered = list(moves), []
    while left:
        earliest = min(move.block for move in left)
        together = [move for move in left if _together(earliest, move.block, blocks)]
        together.sort(key=lambda move: (move.measure is Measure.SCORE, -move.size))
        ordered.append(together[0])
        left.remove(together[0])
    return tuple(ordered)


def _stopped(
    parts: PartSeries, blocks: _Blocks, score: Move | None
) -> tuple[float | None, float | None]:
    """Return the share of good parts above the limit at the score's first level and now."""
    if score is None:
        return None, None
    first = blocks.first_parts(_log(parts.score), max(1, score.block))
    if not len(first):
        return None, None
    shift = math.log(score.now / score.before)
    return float((first > 0).mean()), float((first + shift > 0).mean())


def _forecast(parts: PartSeries, blocks: _Blocks, score: Move) -> Forecast | None:
    logs = _log(parts.score)
    since = slice(score.block, None)
    first = blocks.first_parts(logs, max(1, score.block))
    return forecast(blocks.when[since], blocks.of(logs)[since], first, math.log(score.before))


def _log(values: Float64) -> Float64:
    out = np.full(values.shape, np.nan)
    np.log(values, out=out, where=np.isfinite(values) & (values > 0))
    return out
