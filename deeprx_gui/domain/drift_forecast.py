"""When good parts will be stopped too often, where their scores go on rising as they do now.

The slope of the rise is Theil's and Sen's: the median of the slopes between all pairs of blocks,
with Sen's interval from the variance of Kendall's statistic (Sen, Journal of the American
Statistical Association 63, 1968). Neither asks for a distribution. After a single step there is no
slope, so nothing is forecast.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Float64

SHARES: Final = (0.05, 0.1, 0.2, 0.5)
"""It is said when the next of these shares of good parts will be stopped."""
FEWEST_BLOCKS: Final = 12
_CLEAR: Final = 3.5
"""Kendall's statistic in standard deviations: chance makes one series in 4,000 rise so clearly."""
_SURE: Final = 1.645
"""Of the slope's interval: 90 %."""
_FARTHEST: Final = 2.0
"""Nothing is said about a longer time than so many times the one that was seen."""
_DAY: Final = 86_400.0


@dataclass(frozen=True)
class Forecast:
    """After about ``days`` more than ``share`` (0..1) of the good parts are stopped.

    ``low``, ``high``: by the 90 % interval of the slope, in days.
    """

    share: float
    days: float
    low: float
    high: float


def forecast(when: Float64, level: Float64, good: Float64, before: float) -> Forecast | None:
    """Extend a rise of the scores; ``None`` where it is not clear or too far away.

    ``when``: UTC seconds (n,), ``level``: log score x limit (n,), both of the blocks since the rise
    began; ``good``: log scores of good parts before it, whose level was ``before``.
    """
    known = np.isfinite(level)
    when, level = when[known], level[known]
    slopes = _slopes(when, level)
    if slopes is None or not len(good):
        return None
    slope, slow, fast = slopes
    # Half a block's noise would shift the crossing: the line through all blocks says where it is.
    now = float(np.median(level - slope * (when - when[-1])))
    risen = now - before
    share = next((s for s in SHARES if (good + risen > 0).mean() < s), None)
    if share is None:
        return None
    left = -float(np.quantile(good, 1 - share)) - risen
    if not 0 < left <= slope * _FARTHEST * (when[-1] - when[0]):
        return None
    return Forecast(share, *(left / rate / _DAY for rate in (slope, fast, slow)))


def _slopes(when: Float64, level: Float64) -> tuple[float, float, float] | None:
    """Return the slope per second and its interval; ``None`` where none is clear."""
    n = len(when)
    if n < FEWEST_BLOCKS:
        return None
    early, late = np.triu_indices(n, 1)
    apart = when[late] - when[early]
    pairs = apart > 0
    slopes = np.sort((level[late] - level[early])[pairs] / apart[pairs])
    deviation = math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    if float(np.sign(slopes).sum()) < _CLEAR * deviation:
        return None
    middle, half = len(slopes) / 2, _SURE * deviation / 2
    slow = float(slopes[max(0, math.floor(middle - half))])
    fast = float(slopes[min(len(slopes) - 1, math.ceil(middle + half))])
    return (float(np.median(slopes)), slow, fast) if slow > 0 else None
