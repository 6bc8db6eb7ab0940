"""Measure: from a raw score map to one number; the one place where this is done."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from deeprx_gui.domain.arrays import Bools, Float32
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.grid_masks import fitted
from deeprx_gui.engine.resample import largest_region, smooth

REDUCTIONS: dict[str, Callable[[Float32], float]] = {
    "max": lambda m: float(m.max()),
    "top1": lambda m: float(np.sort(m, axis=None)[-max(1, math.ceil(m.size / 100)) :].mean()),
}
"""How a score map becomes one number: its maximum, or the mean of its top 1 %."""


def smooth_and_reduce(
    raw: Float32, scoring: Scoring, counted: Bools | None = None
) -> tuple[float, Float32]:
    """Smooth a raw score map (h, w) and reduce it to one number.

    ``counted``: the cells that count, all of them when ``None``; the map is 0 elsewhere. With a
    smallest area nothing in the map is hotter than the hottest place that is large enough: what is
    coloured and the verdict tell the same.
    """
    if counted is None:
        smoothed = smooth(raw, scoring.sigma)
        value = REDUCTIONS[scoring.reduce](smoothed)
    else:
        counted = fitted(counted, *raw.shape)
        smoothed = smooth_inside(raw, counted, scoring.sigma)
        value = REDUCTIONS[scoring.reduce](smoothed[counted])
    if scoring.min_area > 1:
        level = opening(smoothed, scoring.min_area, counted)
        value = min(value, level)
        smoothed = np.minimum(smoothed, np.float32(level))
    return value, smoothed


def smooth_inside(raw: Float32, counted: Bools, sigma: float) -> Float32:
    """Smooth a map (h, w): what counts with what counts only; 0 elsewhere.

    Normalised convolution (Knutsson & Westin 1993): smooth(m raw) / smooth(m). Nothing leaks in
    from outside, and the border of a region is no colder than its middle.
    """
    inside = np.where(counted, raw, np.float32(0))
    if sigma <= 0:
        return inside
    weight = smooth(counted.astype(np.float32), sigma)
    out = np.zeros_like(raw)
    np.divide(smooth(inside, sigma), weight, out=out, where=counted)
    return out


def opening(score_map: Float32, area: int, counted: Bools | None = None) -> float:
    """Return the highest level of a map (h, w) that ``area`` connected cells (8) reach together.

    The maximum of the area opening (Vincent 1992). Where no part of what counts is as large, the
    lowest value of what counts. NaN when the map is not finite where it counts.
    """
    values = score_map.ravel() if counted is None else score_map[counted]
    if not np.isfinite(values).all():
        return math.nan
    levels = np.unique(values)
    low, high = 0, len(levels) - 1  # the lowest level stands whatever the area
    while low < high:
        middle = (low + high + 1) // 2
        above = score_map >= levels[middle]
        if counted is not None:
            above &= counted
        if largest_region(above) >= area:
            low = middle
        else:
            high = middle - 1
    return float(levels[low])
