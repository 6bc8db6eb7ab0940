"""Upper tail: what share of good parts lies above a score, from a fit to a few held-out scores.

The k-th largest of n scores can promise no less than 1 in n + 1, and one odd picture moves it. A
fitted tail looks at all scores instead, at the price of assuming their shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float64

FEWEST = 5
"""Fewer scores than this say nothing about a shape."""
_DRAWS = 400
_SEED = 20_25


@dataclass(frozen=True)
class Family:
    """A shape of scores: ``limit(scores, rate)``, and ``draw(rng, shape)`` of its standard form."""

    limit: Callable[[Float64, float], Float64]
    draw: Callable[[np.random.Generator, tuple[int, int]], Float64]
    above: Callable[[Float64], Float64]


@dataclass(frozen=True)
class TailLimit:
    """A limit, and the band in which 90 % of the realised rates lie if the shape is right."""

    limit: float
    low: float
    high: float


def student_quantile(rate: float, freedom: int) -> float:
    """Return t with P(T > t) = rate for ``freedom`` degrees of freedom, 0 < rate < 1."""
    if rate > 0.5:
        return -student_quantile(1 - rate, freedom)
    low, high = 0.0, 1.0
    while student_above(high, freedom) > rate:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if student_above(middle, freedom) > rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def student_above(t: float, freedom: int) -> float:
    """Return P(T > t), t >= 0: the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4."""
    angle = math.atan2(t, math.sqrt(freedom))
    cosine2 = freedom / (freedom + t * t)
    term = total = 1.0
    if freedom % 2:
        for k in range(2, freedom - 1, 2):
            term *= cosine2 * k / (k + 1)
            total += term
        inner = math.sin(angle) * math.cos(angle) * total if freedom > 1 else 0.0
        within = 2 / math.pi * (angle + inner)
    else:
        for k in range(1, freedom - 2, 2):
            term *= cosine2 * k / (k + 1)
            total += term
        within = math.sin(angle) * total
    return max(0.0, (1 - within) / 2)


def _student_limit(scores: Float64, rate: float) -> Float64:
    n = scores.shape[-1]
    factor = student_quantile(rate, n - 1) * math.sqrt(1 + 1 / n)
    return np.asarray(scores.mean(-1) + factor * scores.std(-1, ddof=1))


def _normal_above(x: Float64) -> Float64:
    return np.vectorize(lambda v: 0.5 * math.erfc(v / math.sqrt(2)), otypes=[float])(x)


FAMILIES: Mapping[str, Family] = {
    "student-t": Family(
        _student_limit, lambda rng, shape: rng.standard_normal(shape), _normal_above
    ),
}
"""Shapes that were tried on real parts and kept, see docs/accuracy.md."""
CHOSEN = "student-t"


def fit_tail(scores: Sequence[float], rate: float, family: str = CHOSEN) -> TailLimit | None:
    """Return the limit that ``rate`` of good parts are expected above; 0 < rate < 0.5.

    ``None`` where the scores have no shape to fit: too few, or all alike. The band comes from
    refits to scores drawn from the family, the same draws every time.
    """
    values = np.asarray(scores, float)
    if len(values) < FEWEST or not np.isfinite(values).all() or np.ptp(values) <= 0:
        return None
    shape = FAMILIES[family]
    limit = float(shape.limit(values, rate))
    drawn = shape.draw(np.random.default_rng(_SEED), (_DRAWS, len(values)))
    realised = shape.above(shape.limit(drawn, rate))
    low, high = np.quantile(realised, (0.05, 0.95))
    return TailLimit(limit, float(low), float(high))
