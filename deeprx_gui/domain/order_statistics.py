"""How far a share may lie from its estimate when only so many parts were looked at: exact laws."""

from __future__ import annotations

import math
from functools import lru_cache

NINE_OF_TEN = (0.05, 0.95)
"""The ends of a band that holds nine of ten cases."""
_HALVINGS = 60


def beta_quantile(a: int, b: int, p: float) -> float:
    """Return the ``p`` quantile (0 < p < 1) of a Beta(a, b) variable, a and b whole and positive.

    By halving, from P(Beta(a, b) <= x) = P(Bin(a + b - 1, x) >= a).
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_least(a, a + b - 1, middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=512)
def rank_band(rank: int, parts: int) -> tuple[float, float]:
    """Return where nine of ten shares above the ``rank``-th largest of ``parts`` scores lie.

    The share of good parts above that score is a Beta(rank, parts + 1 - rank) variable, whatever
    the distribution of the scores, as long as they do not tie.
    """
    low, high = (beta_quantile(rank, parts + 1 - rank, end) for end in NINE_OF_TEN)
    return low, high


@lru_cache(maxsize=512)
def counted_band(found: int, of: int) -> tuple[float, float]:
    """Return the exact 90 % interval of a share of which ``found`` of ``of`` were counted.

    Clopper & Pearson 1934; 0 to 1 where nothing was counted.
    """
    low = 0.0 if found == 0 else beta_quantile(found, of - found + 1, NINE_OF_TEN[0])
    high = 1.0 if found == of else beta_quantile(found + 1, of - found, NINE_OF_TEN[1])
    return low, high


def _at_least(successes: int, trials: int, share: float) -> float:
    """Return P(Bin(trials, share) >= successes), by the shorter of both tails."""
    if successes <= trials / 2:
        return 1.0 - math.fsum(_mass(k, trials, share) for k in range(successes))
    return math.fsum(_mass(k, trials, share) for k in range(successes, trials + 1))


def _mass(successes: int, trials: int, share: float) -> float:
    if share <= 0.0 or share >= 1.0:
        return float(successes == (trials if share >= 1.0 else 0))
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1)
    ways -= math.lgamma(trials - successes + 1)
    rest = (trials - successes) * math.log1p(-share)
    return math.exp(ways + successes * math.log(share) + rest)
