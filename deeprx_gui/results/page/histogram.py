"""The scores as a histogram: inline SVG, no script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Float64, Ints
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import LABEL_WORDS, VERDICT_WORDS, limit_texts
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.page.markup import Html, join, tag
from deeprx_gui.results.words import JudgedResult

_WIDTH, _HEIGHT = 1000.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 984.0, 46.0, 258.0
_BINS = 56
_FAR = 4.0
"""Scores beyond this many × limit (or NG limits) share the last bar."""
_STACK: Final = (Label.GOOD, Label.UNKNOWN, Label.BAD)


def histogram(rows: Sequence[JudgedResult], limits: Limits) -> Html | None:
    """Return the histogram section, ``None`` when nothing has a score."""
    scored = [row for row in rows if math.isfinite(row.times)]
    if not scored:
        return None
    times = np.array([row.times for row in scored])
    low, high = _span(times, limits)
    edges = np.linspace(low, high, _BINS + 1)
    counts = {
        label: np.histogram(
            np.clip([r.times for r in scored if r.result.label is label], low, high), edges
        )[0]
        for label in _STACK
    }
    labels = [label for label in _STACK if counts[label].any()]
    tallest = int(sum(counts.values(), np.zeros(_BINS, np.intp)).max())
    drawing = join(
        _scale(tallest),
        _bars(counts, tallest),
        _axis(low, high, beyond=bool(times.max() > high)),
        _limit_lines(limits, low, high),
    )
    title = tr("Number of pictures per score in × suggested limit")
    return tag(
        "section",
        tag("h2", tr("Scores")),
        tag(
            "svg", drawing, viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}", role="img", aria_label=title
        ),
        _legend(labels),
    )


def _span(times: Float64, limits: Limits) -> tuple[float, float]:
    """Return the lowest and highest multiple to draw: all scores but wild ones, both limits."""
    ng = limits.ng_times
    lowest = max(0.0, min(float(times.min()), 0.9 * limits.review_times) - 0.05)
    farthest = min(float(times.max()), _FAR * ng)
    return lowest, max(farthest, 1.15 * ng) * 1.02


def _x(times: float, low: float, high: float) -> float:
    return _LEFT + (times - low) / (high - low) * (_RIGHT - _LEFT)


def _y(count: float, tallest: int) -> float:
    return _BOTTOM - count / tallest * (_BOTTOM - _TOP)


def _bars(counts: Mapping[Label, Ints], tallest: int) -> Html:
    """One rectangle per bin and label, stacked, two units of room between bins."""
    step = (_RIGHT - _LEFT) / _BINS
    parts: list[Html] = []
    below = np.zeros(_BINS)
    for label in _STACK:
        for i, count in enumerate(counts[label]):
            if count:
                top, bottom = _y(below[i] + count, tallest), _y(below[i], tallest)
                x = _LEFT + i * step + 1
                parts.append(
                    tag("rect", x=x, y=top, width=step - 2, height=bottom - top, class_=label.value)
                )
        below += counts[label]
    return join(parts)


def _scale(tallest: int) -> Html:
    """Counts on the left, at most four, with faint lines across."""
    step = next(s * 10**e for e in range(9) for s in (1, 2, 5) if tallest / (s * 10**e) <= 4)
    parts: list[Html] = []
    for count in range(0, tallest + 1, step):
        y = _y(count, tallest)
        style = "grid" if count else "axis"
        parts.append(tag("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, class_=style))
        parts.append(tag("text", str(count), x=_LEFT - 8, y=y + 4, text_anchor="end"))
    return join(parts)


def _axis(low: float, high: float, *, beyond: bool) -> Html:
    """Multiples of the suggested limit below, and whether the last bar holds what lies beyond."""
    step = next((s for s in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0) if (high - low) / s <= 10), 10.0)
    decimals = 2 if step == 0.25 else 1
    parts = [
        tag("text", f"{k * step:.{decimals}f}", x=_x(k * step, low, high), y=_BOTTOM + 18,
            text_anchor="middle")
        for k in range(math.ceil(low / step), math.floor(high / step) + 1)
    ]  # fmt: skip
    name = (
        tr("× suggested limit (the last bar holds everything above)")
        if beyond
        else tr("× suggested limit")
    )
    parts.append(tag("text", name, x=_RIGHT, y=_BOTTOM + 38, text_anchor="end"))
    return join(parts)


def _limit_lines(limits: Limits, low: float, high: float) -> Html:
    """A line where each verdict begins, its name beside it.

    The names stand on two levels, the one whose line the other name would cross on the upper one.
    """
    review, ng = _x(limits.review_times, low, high), _x(limits.ng_times, low, high)
    texts = limit_texts(limits)
    to_the_right = review < (_LEFT + _RIGHT) / 2
    upper, lower = _TOP - 34, _TOP - 16
    if not limits.has_review_band:
        return _limit_line(Verdict.NG, texts[1], ng, lower, to_the_right)
    levels = (upper, lower) if to_the_right else (lower, upper)
    first = _limit_line(Verdict.REVIEW, texts[0], review, levels[0], to_the_right)
    second = _limit_line(Verdict.NG, texts[1], ng, levels[1], to_the_right)
    return join(first, second)


def _limit_line(verdict: Verdict, times: str, x: float, level: float, right: bool) -> Html:
    return join(
        tag("line", x1=x, x2=x, y1=level - 11, y2=_BOTTOM, class_=f"limit {verdict.value}"),
        tag(
            "text",
            f"{render(VERDICT_WORDS[verdict])} > {times}",
            x=x + 7 if right else x - 7,
            y=level,
            text_anchor="start" if right else "end",
            class_=verdict.value,
        ),
    )


def _legend(labels: Sequence[Label]) -> Html:
    return tag(
        "p",
        [tag("span", tag("i", class_=x.value), render(LABEL_WORDS[x])) for x in labels],
        class_="legend",
    )
