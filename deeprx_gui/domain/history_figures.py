"""Figures of a history from counters: parts by hour and verdict, OK parts by slot and score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from deeprx_gui.domain.history import HistorySummary, HourCounts, RecordQuery, TrendPoint
from deeprx_gui.domain.inspection import Record, RunCounts
from deeprx_gui.domain.recorded_values import micros, moment
from deeprx_gui.domain.verdict import VERDICTS

HOUR: Final = 3_600_000_000
"""Microseconds."""
BINS: Final = 200
"""Score bins per 1.00 x limit."""
TOP: Final = 12
"""So many of the worst parts."""
_MOST_POINTS: Final = 240
_BUCKETS: Final = (1, 2, 4, 8, 12, 24, 48, 7 * 24, 14 * 24, 28 * 24, 91 * 24, 365 * 24)
"""Hours per point of the trend."""
_UTC_BUCKETS: Final = (1, 2, 4, 24, 48, *(days * 24 for days in (7, 14, 28, 91, 364)))
"""The same where more than a month is added up from counters of days, and more of weeks."""

Parts = Mapping[tuple[int, int], int]
"""Parts by (hour, verdict), or OK parts by (slot, bin)."""


@dataclass(frozen=True)
class Slots:
    """Hours taken together: ``size`` of them, counted from ``shift`` hours before 1970 (UTC)."""

    size: int = 1
    shift: int = 0

    def of(self, hour: str) -> str:
        """Return the slot of an hour, as SQL."""
        return f"({hour} + {self.shift}) / {self.size}"

    def begin(self, slot: int) -> int:
        """Return the hour in which a slot begins."""
        return max(0, slot * self.size - self.shift)


def hours_within(query: RecordQuery) -> tuple[int, int]:
    """Return the first whole hour of the query's time and the one behind the last."""
    since = 0 if query.since is None else micros(query.since)
    until = None if query.until is None else micros(query.until)
    return -(-since // HOUR), (1 << 50) if until is None else until // HOUR


def fringes(query: RecordQuery) -> tuple[tuple[int, int], ...]:
    """Return the times of the query outside its whole hours, in microseconds, at most two."""
    first, last = hours_within(query)
    since = 0 if query.since is None else micros(query.since)
    until = last * HOUR if query.until is None else micros(query.until)
    if first > last:  # all within one hour
        return ((since, until),) if since < until else ()
    edges = ((since, first * HOUR), (last * HOUR, until))
    return tuple(edge for edge in edges if edge[0] < edge[1])


def summary_of(
    query: RecordQuery,
    parts: Parts,
    scores: Parts,
    slots: Slots,
    *,
    top_ng: tuple[Record, ...],
    mistakes: tuple[int, int],
) -> HistorySummary:
    """Put a summary together; ``mistakes``: false calls and misses."""
    hours = per_hour(parts)
    return HistorySummary(
        query=query,
        counts=RunCounts(
            since=hours[0].hour if hours else query.since or moment(0),
            ok=sum(hour.ok for hour in hours),
            review=sum(hour.review for hour in hours),
            ng=sum(hour.ng for hour in hours),
            error=sum(hour.error for hour in hours),
        ),
        per_hour=hours,
        trend=trend_of(scores, slots),
        bucket=timedelta(hours=slots.size),
        top_ng=top_ng,
        false_calls=mistakes[0],
        misses=mistakes[1],
    )


def per_hour(parts: Parts) -> tuple[HourCounts, ...]:
    """Return the counts of each hour that has any, in order."""
    hours: dict[int, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
    for (hour, verdict), n in parts.items():
        hours[hour][verdict] += n
    return tuple(HourCounts(moment(hour * HOUR), *hours[hour]) for hour in sorted(hours))


def slots_for(parts: Parts) -> Slots:
    """Choose how many hours a point of the trend stands for, days beginning at midnight here.

    Not by the span: one part of a clock that stood in 1970 must not make a point of a year.
    """
    hours = {hour for hour, verdict in parts if verdict == 0}
    if not hours:
        return Slots()
    east = _hours_east(max(hours))
    size = _size_for(hours, _BUCKETS, east)
    return Slots(size, east if size >= 24 else 0)


def utc_slots_for(parts: Parts) -> Slots:
    """Choose as ``slots_for`` does, but days of UTC, of which the centre keeps counters."""
    return Slots(_size_for({hour for hour, verdict in parts if verdict == 0}, _UTC_BUCKETS, 0))


def _size_for(hours: set[int], sizes: Sequence[int], east: int) -> int:
    return next(
        (s for s in sizes if len({(h + east) // s for h in hours}) <= _MOST_POINTS), sizes[-1]
    )


def trend_of(scores: Parts, slots: Slots) -> tuple[TrendPoint, ...]:
    """Return the median of each slot."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for (slot, at_bin), n in scores.items():
        found[slot][at_bin] += n
    return tuple(
        TrendPoint(moment(slots.begin(slot) * HOUR), median_of(counts), sum(counts.values()))
        for slot, counts in sorted(found.items())
    )


def _hours_east(hour: int) -> int:
    """Return by how many whole hours this PC's clock is ahead of UTC."""
    offset = moment(hour * HOUR).astimezone().utcoffset() or timedelta()
    return round(offset / timedelta(hours=1))


def median_of(counts: Counter[int]) -> float:
    """Return the middle of the scores, evenly spread within their bins."""
    half, below = sum(counts.values()) / 2, 0
    for at_bin, n in sorted(counts.items()):
        if below + n >= half:
            return (at_bin + (half - below) / n) / BINS
        below += n
    raise AssertionError("a median of nothing")
