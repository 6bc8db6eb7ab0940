"""The numbers behind the histogram of scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.limits import Limits

BINS = 48
_FAR = 4.0
"""Scores beyond this multiple of the suggested limit share the last bin: one wild part must not
push all the others into a corner."""
_MARGIN = 0.04
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class ScoreSpan:
    """The raw scores a histogram shows, from ``low`` to ``high``."""

    low: float
    high: float

    def covers(self, limits: Limits) -> bool:
        """Whether both limits can be seen."""
        return self.low < limits.review and limits.ng < self.high

    @property
    def edges(self) -> Float64:
        """Raw scores between the bins, shape (``BINS`` + 1,)."""
        return np.linspace(self.low, self.high, BINS + 1, dtype=np.float64)


def span_of(scores: Sequence[Float64], suggested: Limits, limits: Limits) -> ScoreSpan:
    """Return the span that shows all raw scores, each (n,), but no wild ones, and all limits."""
    every = np.concatenate([np.asarray(s, np.float64) for s in scores] or [np.empty(0)])
    every = every[np.isfinite(every)]
    ends = [suggested.review, suggested.ng, limits.review, limits.ng]
    lowest = min([*ends, float(every.min()) if every.size else np.inf])
    farthest = min(float(every.max()), _FAR * suggested.ng) if every.size else 0.0
    highest = max([1.15 * end for end in ends] + [farthest])
    room = _MARGIN * (highest - lowest)
    return ScoreSpan(max(0.0, lowest - room), highest + room)


def counts_in(scores: Float64, span: ScoreSpan) -> Float64:
    """Count raw scores (n,) per bin of a span; what lies outside counts at the ends.

    Returns shape (``BINS``,). Scores that are not finite are not counted.
    """
    finite = scores[np.isfinite(scores)]
    inside = np.clip(finite, span.low, np.nextafter(span.high, span.low))
    counts, _ = np.histogram(inside, span.edges)
    return counts.astype(np.float64)


def ticks(span: ScoreSpan, unit: float, most: int) -> list[tuple[float, str]]:
    """Return round multiples of ``unit`` inside a span: (raw score, text), at most about ``most``.

    ``unit`` is the suggested review limit: the axis stays where it is when a limit moves.
    """
    low, high = span.low / unit, span.high / unit
    step = next((s for s in _STEPS if (high - low) / s <= most), (high - low) / max(most, 1))
    decimals = 1 if math.isclose(step * 10, round(step * 10)) else 2
    first, last = math.ceil(low / step), math.floor(high / step)
    return [(k * step * unit, f"{k * step:.{decimals}f}×") for k in range(first, last + 1)]
