"""Change points in a series whose distribution nobody knows: a Mann-Whitney chart.

After each value the series is split at every place, and the two sides are compared by ranks:

    z(k, n) = Σ_{i<=k<j<=n} sign(x_j - x_i) / sqrt(k (n-k) (n+1) / 3)

The chart signals when max_k |z(k, n)| exceeds h; the k of the maximum is where the change was.
Ranks make h the same for every continuous distribution, so nothing has to be learnt beforehand and
single odd values weigh no more than others (Hawkins & Deng, "A nonparametric change-point control
chart", Journal of Quality Technology 42, 2010). After a signal the chart begins anew at the change.

Σ sign is the cumulated sum of the antisymmetric matrix sign(x_j - x_i): all k and n come at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import Float64

LIMIT: Final = 4.1
"""h. Of a hundred series of 200 independent values without a change about one signals, which is one
false alarm in some 20,000 values (simulated: ``benchmarks/drift.py --run-length``)."""
LONGEST: Final = 200
"""Values that a chart looks at."""
_BEFORE, _AFTER = 8, 4
"""So many values must lie on either side of a change."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a series, ``start`` <= index < ``end``, without a change in it.

    ``z``: how clearly it differs from the stretch before, 0 for the first; ``seen``: the index at
    which the chart signalled.
    """

    start: int
    end: int
    z: float = 0.0
    seen: int = 0


def segments(values: Float64, limit: float = LIMIT) -> tuple[Segment, ...]:
    """Cut a series (n,) of finite values, at most ``LONGEST``, where it changes."""
    found: list[Segment] = []
    start, z, seen = 0, 0.0, 0
    while True:
        signal = first_signal(values[start:], limit)
        if signal is None:
            found.append(Segment(start, len(values), z, seen))
            return tuple(found)
        change, at, strength = signal
        found.append(Segment(start, start + change, z, seen))
        start, z, seen = start + change, strength, start + at


def first_signal(values: Float64, limit: float = LIMIT) -> tuple[int, int, float] | None:
    """Return where the first change was, at which index it was seen, and its z; ``None``: none.

    ``values``: (n,), at most ``LONGEST``, else ValueError.
    """
    n = len(values)
    if n < _BEFORE + _AFTER:
        return None
    if n > LONGEST:
        raise ValueError(f"a chart looks at {LONGEST} values at most, not {n}")
    signs = np.sign(values[None, :] - values[:, None])
    sums = signs.cumsum(axis=0).cumsum(axis=1)
    before = np.arange(1, n + 1)[:, None]
    seen = np.arange(1, n + 1)[None, :]
    possible = (before >= _BEFORE) & (seen - before >= _AFTER)
    z = np.zeros((n, n))
    np.divide(sums, np.sqrt(before * np.abs(seen - before) * (seen + 1) / 3), out=z, where=possible)
    highest = np.abs(z).max(axis=0)
    signals = np.flatnonzero(highest > limit)
    if not len(signals):
        return None
    at = int(signals[0])
    change = int(np.abs(z[:, at]).argmax())
    return change + 1, at, float(z[change, at])
