"""Counts per hour and the score's trend, brought to what a small plot can show. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.history import HourCounts, TrendPoint
from deeprx_gui.domain.verdict import VERDICTS, Verdict

STEPS: Final = (1, 2, 3, 6, 12, 24, 48, 168, 336, 672, 2016, 8064)
"""Hours that one bar may stand for."""
WEIGHT: Final = 0.2
"""Of the newest point in the moving average; the others fade by 0.8 with each point."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Parts by verdict over time.

    ``starts``: UTC seconds, shape (n,); ``heights[verdict]``: parts, shape (n,); ``hours``: what
    one bar stands for.
    """

    starts: Float64
    heights: dict[Verdict, Float64]
    hours: int

    @property
    def tallest(self) -> float:
        """Parts in the tallest bar, 0 without any."""
        return float(np.sum(list(self.heights.values()), axis=0).max(initial=0.0))


def bars_of(per_hour: Sequence[HourCounts], most: int = 72) -> Bars:
    """Bring counts per hour to at most ``most`` bars; longer ones begin at local midnight."""
    if not per_hour:
        none: Float64 = np.empty(0, np.float64)
        return Bars(none, dict.fromkeys(VERDICTS, none), 1)
    first, last = per_hour[0].hour, per_hour[-1].hour
    span = (last - first) // timedelta(hours=1) + 1
    hours = next((step for step in STEPS if span / step <= most), STEPS[-1])
    origin = first.astimezone().replace(minute=0, second=0, microsecond=0)
    if hours > 1:
        origin = origin.replace(hour=0)
    step = timedelta(hours=hours)
    places = [(entry.hour - origin) // step for entry in per_hour]
    count = places[-1] + 1
    heights: dict[Verdict, Float64] = {v: np.zeros(count) for v in VERDICTS}
    for place, entry in zip(places, per_hour, strict=True):
        for verdict, parts in _parts(entry):
            heights[verdict][place] += parts
    starts = np.arange(count, dtype=np.float64) * step.total_seconds() + origin.timestamp()
    return Bars(starts.astype(np.float64), heights, hours)


def _parts(entry: HourCounts) -> tuple[tuple[Verdict, int], ...]:
    return (
        (Verdict.OK, entry.ok),
        (Verdict.REVIEW, entry.review),
        (Verdict.NG, entry.ng),
        (Verdict.ERROR, entry.error),
    )


def smoothed(points: Sequence[TrendPoint]) -> Float64:
    """Return the exponentially weighted moving average of the medians, shape (n,)."""
    out = np.empty(len(points))
    level = points[0].median if points else 0.0
    for number, point in enumerate(points):
        level += WEIGHT * (point.median - level)
        out[number] = level
    return out


def time_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return at most ``most`` marks of local time between two UTC seconds: (seconds, text).

    Hours within two days, dates beyond.
    """
    span = (high - low) / 3600
    steps = (1, 2, 3, 6, 12) if span <= 48 else (24, 48, 96, 168, 336, 720, 1440, 4320, 8760)
    step = next((s for s in steps if span / s <= most), max(round(span / most), 1))
    at = datetime.fromtimestamp(low, UTC).astimezone()
    at = at.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    pattern = "%H:%M" if step < 24 else "%m-%d"
    while at.timestamp() <= high:
        if at.timestamp() >= low:
            found.append((at.timestamp(), at.strftime(pattern)))
        at += timedelta(hours=step)
    return found
