"""CycleTimeMonitor: how long parts take, and whether that is fast enough for the line."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from deeprx_gui.domain.live_items import CycleTime
from deeprx_gui.domain.message import Message, say

PARTS = 200
"""So many parts are looked back upon."""
_FEWEST = 20


class CycleTimeMonitor:
    """Collects what each part took; ``takt`` is the line's in seconds, 0 where none is given."""

    def __init__(self, takt: float = 0.0, parts: int = PARTS) -> None:
        self._takt = takt * 1000 if takt > 0 and math.isfinite(takt) else None
        self._busy: deque[float] = deque(maxlen=parts)
        self._latency: deque[float] = deque(maxlen=parts)

    def add_part(self, busy: float, latency: float) -> None:
        """Take one part: ms from taking its picture, and from its trigger, to its verdict."""
        self._busy.append(busy)
        self._latency.append(latency)

    def now(self, *, late: bool = False, waiting: int = 0) -> CycleTime | None:
        """Return the figures of the last parts, ``None`` before the first."""
        if not self._busy:
            return None
        p50, p95 = (float(v) for v in np.percentile(self._busy, (50, 95)))
        latency = float(np.percentile(self._latency, 95))
        slow = self._takt is not None and len(self._busy) >= _FEWEST and p95 > self._takt
        problem = _slow(p95, self._takt or 0.0) if slow else _LATE if late else None
        return CycleTime(p50, p95, latency, self._takt, late, waiting, problem)


def _slow(p95: float, takt: float) -> Message:
    return say(
        "This PC takes {p95} ms for a part, the line only {takt} ms. Choose a smaller "
        "picture size or a faster preset.",
        p95=f"{p95:.0f}",
        takt=f"{takt:.0f}",
    )


_LATE = say(
    "The line is faster than this PC: triggered pictures wait. None is lost, but "
    "the line must slow down, or the product needs a smaller picture size or a "
    "faster preset."
)
