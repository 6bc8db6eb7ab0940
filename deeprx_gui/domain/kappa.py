"""Agreement beyond chance: Cohen's and Fleiss' kappa, Wilson's interval of a share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from deeprx_gui.domain.arrays import Ints


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return the agreement of two raters, (n,) categories each, beyond what chance gives.

    ``(p_o − p_e) / (1 − p_e)`` with the share ``p_o`` of equal ratings and the share ``p_e`` that
    raters with these marginal shares have by chance (Cohen 1960). 1: always equal, 0: like chance.
    ``None`` for nothing rated, and where both used one and the same category only: nothing could
    have disagreed. Raises ValueError for different lengths.
    """
    observed = [a == b for a, b in zip(first, second, strict=True)]
    if not observed:
        return None
    n = len(observed)
    used, other = Counter(first), Counter(second)
    chance = sum(used[category] * other[category] for category in used) / n**2
    return None if chance == 1.0 else (sum(observed) / n - chance) / (1.0 - chance)


def fleiss_kappa(counts: Ints) -> float | None:
    """Return the agreement of many ratings of each part beyond what chance gives.

    ``counts`` (parts, categories): how many of a part's ratings fell in each category; every part
    has the same number of ratings, two or more (Fleiss 1971). ``None`` for no part, and where only
    one category was ever used. Raises ValueError for unequal numbers of ratings or fewer than two.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.shape[0] == 0:
        return None
    each = table.sum(axis=1)
    ratings = float(each[0])
    if ratings < 2 or np.any(each != ratings):
        raise ValueError("every part needs the same number of ratings, two or more")
    alike = ((table**2).sum(axis=1) - ratings) / (ratings * (ratings - 1.0))
    shares = table.sum(axis=0) / table.sum()
    chance = float((shares**2).sum())
    return None if chance == 1.0 else (float(alike.mean()) - chance) / (1.0 - chance)


_Z_95 = 1.959963984540054
"""Standard normal quantile of 97.5 %."""


def wilson_interval(count: int, of: int) -> tuple[float, float] | None:
    """Return the two-sided 95 % interval of a share ``count / of`` (Wilson 1927); None for none."""
    if of == 0:
        return None
    share, square = count / of, _Z_95**2
    middle = share + square / (2 * of)
    half = _Z_95 * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    scale = 1 + square / of
    low, high = (middle - half) / scale, (middle + half) / scale
    return (0.0 if count == 0 else low, 1.0 if count == of else high)
