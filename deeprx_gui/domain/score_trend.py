"""ScoreTrend: whether good parts come nearer to the limit, told before over-detection starts.

An exponentially weighted mean (EWMA; Roberts 1959) of the logarithm of the OK parts' scores, in x
limit, against where the held-out normal images lay when the profile was learnt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from deeprx_gui.domain.live_items import TrendWarning
from deeprx_gui.domain.message import say

_WEIGHT = 0.03
"""Of each new part: about the last 60 count."""
_FEWEST = 30
"""Parts before anything is said; also those that stand in for missing held-out scores."""
_WARN, _CALM = 0.25, 0.15
"""Share of the way from where good parts lay to the limit, at which a warning begins and ends."""
_SIGMAS = 3.0
_OUTLIER = 3.0


class ScoreTrend:
    """Takes the score of each OK part, in x suggested limit; tells when a warning begins and ends.

    ``held_out``: scores of the normal images, in the same unit; where there are none, the first
    parts of the run say what is usual. ``limit``: where OK ends, in the same unit.
    """

    def __init__(self, held_out: Sequence[float], limit: float = 1.0) -> None:
        logs = [math.log(t) for t in held_out if t > 0 and math.isfinite(t)]
        self._first: list[float] = []
        self._limit = math.log(limit)
        self._learnt: float | None = None
        self._spread = self._doubt = 0.0
        if len(logs) >= 3:
            self._base(logs)
        self._mean: float | None = None
        self._parts = 0
        self._warns = False

    @property
    def now(self) -> float | None:
        """Where the good parts lie now, in x limit; ``None`` before the first."""
        return None if self._mean is None else math.exp(self._mean)

    @property
    def learnt(self) -> float | None:
        """Where they lay when the profile was learnt, in x limit; ``None`` while unknown."""
        return None if self._learnt is None else math.exp(self._learnt)

    def add_score(self, times: float) -> TrendWarning | None:
        """Take one OK part; return a warning when it begins, an empty one when it is over."""
        if not (times > 0 and math.isfinite(times)):
            return None
        value = math.log(times)
        if self._learnt is None:
            self._first.append(value)
            if len(self._first) >= _FEWEST:
                self._base(self._first)
        self._parts += 1
        self._follow(value)
        if self._parts < _FEWEST or self._learnt is None or self._mean is None:
            return None
        return self._changed(self._mean - self._learnt)

    def _base(self, logs: Sequence[float]) -> None:
        low, middle, high = np.percentile(logs, (25, 50, 75))
        self._learnt = float(middle)
        self._spread = float(high - low) / 1.349
        self._doubt = 1.25 * self._spread / math.sqrt(len(logs))  # of a median

    def _follow(self, value: float) -> None:
        if self._mean is None:
            self._mean = value
            return
        step = value - self._mean
        if self._spread:  # a single odd part is not a trend
            reach = _OUTLIER * self._spread
            step = min(max(step, -reach), reach)
        weight = max(_WEIGHT, 1 / (self._parts + 1))
        self._mean += weight * step

    def _changed(self, drift: float) -> TrendWarning | None:
        assert self._learnt is not None
        way = max(self._limit - self._learnt, 1e-9)  # from where good parts lay to the limit
        ripple = math.hypot(self._spread * math.sqrt(_WEIGHT / (2 - _WEIGHT)), self._doubt)
        warns = drift > (_CALM if self._warns else _WARN) * way
        if warns == self._warns or (warns and drift < _SIGMAS * ripple):
            return None
        self._warns = warns
        now, learnt = math.exp(self._learnt + drift), math.exp(self._learnt)
        if not warns:
            return TrendWarning(now, learnt)
        problem = say(
            "Good parts come nearer to the limit: {now} × limit now, {learnt} × limit when the "
            "profile was learnt. Soon good parts will be called NG. Check lamp, lens and fixture; "
            "if all is well, learn again with parts of today.",
            now=f"{now:.2f}",
            learnt=f"{learnt:.2f}",
        )
        return TrendWarning(now, learnt, problem)
