"""Which of many values lie farther out than chance puts them, also when several lie there together.

One value out of the ordinary is easy to see; five that lie close to each other hide behind one
another when each is measured against all the rest (masking). So it is asked how far a block of the
``k`` largest lies from all others, for every ``k``. The mathematics: docs/doctor.md.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

from deeprx_gui.domain.parts import Parts

FEWEST = 8
"""Of fewer values nobody can say what is ordinary."""
MOST = 0.25
"""A larger share than this is never called out of the ordinary: it may be what is ordinary."""
_UPPER = 0.5
_LEAST_SCALE = 0.02
"""Values that differ by less than this share of their median do not differ."""


class Ordinary:
    """What is ordinary among ``values``, one for each part.

    With the values in falling order, the spacings ``T_i = i (x_i - x_(i+1))`` of an exponential
    tail are independent and exponential with one scale (Rényi 1953). A gap below the ``k`` largest
    is tested by ``P(T_k / sum T_j > r) = (1 + r)^-m`` over the ``m`` further spacings of the upper
    half (Kimber 1982), and counts times the number of ``k`` that are tried. ``floor``: a mean
    excess below this is noise.
    """

    def __init__(self, values: Sequence[float], *, floor: float = 0.0) -> None:
        self._ranked = ranked = sorted(values, reverse=True)
        self._rising = [-value for value in ranked]
        n = len(ranked)
        known = n >= FEWEST and all(map(math.isfinite, ranked))
        self._blocks = int(MOST * n) if known else 0
        self._spacings = [
            (i + 1) * (ranked[i] - ranked[i + 1]) for i in range(math.ceil(_UPPER * n) * known)
        ]
        self._least = max(floor, _LEAST_SCALE * abs(median(ranked)), 1e-12) if known else 1.0
        self._smallest = [1.0] * (self._blocks + 1)
        for k in range(self._blocks, 0, -1):  # a value belongs to every larger block, too
            self._smallest[k - 1] = min(self._smallest[k], self._gap(k, self._ranked[k - 1]))

    def chance(self, value: float) -> float:
        """Return in which share of ordinary sets any part lies as far out as ``value`` (0..1).

        ``value``: of one of the parts, or of a further picture of it that lies lower.
        """
        above = bisect_right(self._rising, -value)  # itself or its part among them
        if not 0 < above <= self._blocks:
            return 1.0
        return min(self._gap(above, value), self._smallest[above], 1.0)

    def _gap(self, k: int, value: float) -> float:
        rest = self._spacings[k:]
        scale = max(math.fsum(rest), self._least * len(rest))
        spacing = k * max(0.0, value - self._ranked[k])
        return float((1 + spacing / scale) ** -len(rest) * self._blocks)


def chances_of_pictures(
    values: Sequence[float], parts: Parts, *, floor: float = 0.0
) -> tuple[float, ...]:
    """Return how often chance puts a picture as far out (0..1), for each; 1: it is ordinary.

    ``parts``: which part each picture shows; a part has the value of its highest picture, and parts
    are what counts. ``floor``: see ``Ordinary``.
    """
    ordinary = Ordinary(parts.highest(values), floor=floor)
    return tuple(map(ordinary.chance, values))
