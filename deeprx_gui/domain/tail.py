"""Upper tail: what share of good parts lies above a score, from a fit to a few held-out scores.

The k-th largest of n scores is where it is by the chance of one picture. A fitted tail looks at the
whole upper part instead, at the price of assuming its shape: here that the excesses over a high
score are exponential, which is what excesses of maxima over many places tend to (Pickands 1975 with
shape 0). Which shape and share were tried on real parts: docs/accuracy.md.

So few scores know neither the scale nor the share above that high score. A promise is about the
next part, so both are averaged over (a predictive distribution): with the estimates put in as if
they were exact, 20 scores would realise a third more than was promised on the very shape assumed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

FAMILY = "exponential"
"""The shape, as a promise names it."""
UPPER_SHARE = 0.4
"""The tail is fitted to this share of the scores."""
FEWEST = 5
"""Fewer scores than this say nothing about a shape."""
_FEWEST_EXCESSES = 3
_DRAWS = 4000
_SEED = 2025


@dataclass(frozen=True)
class UpperTail:
    """P(new > s) = reach (1 + (s - start) / (excesses scale))^-excesses for s above ``start``.

    ``excesses`` of ``scores`` held-out scores lie above ``start``, which is the next lower one;
    ``scale`` is their mean excess. With exponential excesses this is the exact probability for one
    new part, over the scatter of all held-out scores: the share above ``start`` is a Beta(excesses
    + 1, scores - excesses) variable, ``scale`` over the true one Gamma(excesses) / excesses.
    """

    start: float
    scale: float
    excesses: int
    scores: int

    @property
    def reach(self) -> float:
        """Expected share of normals above ``start``, 0..1."""
        return (self.excesses + 1) / (self.scores + 1)

    @property
    def tightest(self) -> float:
        """The least share that is promised: beyond its scores a tail is not extrapolated.

        It is what to expect above the score that the fit leaves one in ``scores`` + 1 above.
        """
        steps = math.log(self.excesses / self.scores * (self.scores + 1))
        return self.above(self.start + self.scale * steps)

    def limit(self, rate: float) -> float:
        """Return the score that a new normal lies above with probability 0 < rate < ``reach``."""
        return self.start + self.scale * self._steps(rate)

    def above(self, score: float) -> float:
        """Return the expected share of normals above a score that is not below ``start``."""
        steps = (score - self.start) / self.scale
        return self.reach * (1 + steps / self.excesses) ** -self.excesses

    def band(self, rate: float) -> tuple[float, float]:
        """Return where 90 % of the realised shares at ``limit(rate)`` lie if the shape is right.

        Both laws (Beta and Gamma) are exact, and independent. The draws are the same every time.
        """
        return _band(self.excesses, self.scores, self._steps(rate))

    def _steps(self, rate: float) -> float:
        """Return how many scales above ``start`` the limit of a rate lies."""
        return self.excesses * math.expm1(math.log(self.reach / rate) / self.excesses)


@lru_cache(maxsize=4096)
def _band(excesses: int, scores: int, steps: float) -> tuple[float, float]:
    rng = np.random.default_rng(_SEED)
    share = rng.beta(excesses + 1, scores - excesses, _DRAWS)
    scale = rng.gamma(excesses, 1 / excesses, _DRAWS)
    low, high = np.quantile(share * np.exp(-scale * steps), (0.05, 0.95))
    return float(low), float(high)


def excesses_of(scores: int) -> int:
    """Return how many of so many scores, ``FEWEST`` or more, a tail is fitted to."""
    return min(max(_FEWEST_EXCESSES, math.ceil(UPPER_SHARE * scores - 1e-9)), scores - 1)


def fit_tail(scores: Sequence[float]) -> UpperTail | None:
    """Fit the upper tail of held-out scores by maximum likelihood.

    ``None`` where there is no shape to fit: too few scores, or the upper ones all alike.
    """
    ranked = sorted(scores, reverse=True)
    n = len(ranked)
    if n < FEWEST or not all(map(math.isfinite, ranked)):
        return None
    excesses = excesses_of(n)
    start = ranked[excesses]
    scale = math.fsum(score - start for score in ranked[:excesses]) / excesses
    if scale <= 1e-9 * abs(start):
        return None
    return UpperTail(start, scale, excesses, n)
