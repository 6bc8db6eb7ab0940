"""How long one part takes, against the line's takt."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from deeprx_gui.domain.inspection import Record

_REMEMBERED: Final = 200
_ENOUGH: Final = 10


@dataclass(frozen=True)
class Cycle:
    """Milliseconds for one part: the median, what 95 of 100 parts stay within, the line's takt.

    ``p50`` and ``p95`` are ``None`` before the first part, ``takt`` 0 when none is given. ``slow``:
    more than 5 of the last 100 parts took longer than the takt.
    """

    p50: float | None = None
    p95: float | None = None
    takt: float = 0.0
    slow: bool = False


class CycleTimes:
    """The last 200 parts. A part that waited for the one before is not to blame for that wait."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_REMEMBERED)
        self._before: datetime | None = None

    def add(self, record: Record) -> None:
        """Count a part in: from its trigger, or from the part before if that came later."""
        done = record.when + timedelta(milliseconds=record.latency)
        took = record.latency
        if self._before is not None:
            since = (done - self._before).total_seconds() * 1000
            if 0 < since < took:  # the clock may have been put back
                took = since
        self._before = done
        if math.isfinite(took):
            self._times.append(took)

    def clear(self) -> None:
        """Forget all of them: another run begins."""
        self._times.clear()
        self._before = None

    def cycle(self, takt: float) -> Cycle:
        """Sum up against a takt in seconds (0: none given)."""
        limit = takt * 1000
        p50, p95 = percentile(self._times, 0.5), percentile(self._times, 0.95)
        slow = p95 is not None and len(self._times) >= _ENOUGH and 0 < limit < p95
        return Cycle(p50, p95, limit, slow)


def percentile(values: Sequence[float] | deque[float], share: float) -> float | None:
    """Return the smallest value that ``share`` (0..1) of all values stay within, ``None`` of none.

    One that was seen, never one in between: with few parts p95 is the slowest of them.
    """
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
