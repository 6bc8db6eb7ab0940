"""Interleaved timing: calls are timed in turn, so that background load affects all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

WARM_UP = 5
"""Rounds that do not count: memory is fetched and caches are filled."""


class TimingRounds:
    """Time each call once per round, rotating the order.

    A ratio is the median over the rounds of each round's ratio: both of its numbers were taken
    within milliseconds of each other.
    """

    def __init__(
        self,
        calls: Sequence[Callable[[], object]],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._calls = tuple(calls)
        self._clock = clock
        self._number = 0
        self._taken: list[list[float]] = []

    def once(self) -> None:
        """Do one round."""
        row = [0.0] * len(self._calls)
        for step in range(len(self._calls)):
            which = (self._number + step) % len(self._calls)
            start = self._clock()
            self._calls[which]()
            row[which] = (self._clock() - start) * 1000
        self._number += 1
        if self._number > WARM_UP:
            self._taken.append(row)

    def median(self, which: int) -> float:
        """Return milliseconds of a call, the median over the rounds."""
        return statistics.median(row[which] for row in self._taken)

    def fastest(self, which: int) -> float:
        """Return milliseconds of a call in its best round: what the PC can do undisturbed."""
        return min(row[which] for row in self._taken)

    def p95(self, which: int) -> float:
        """Return the milliseconds that 95 % of the rounds stayed below."""
        return float(np.percentile([row[which] for row in self._taken], 95))

    def ratio(self, which: int, to: int) -> float:
        """Return how many times as long one call takes as another."""
        return statistics.median(row[which] / row[to] for row in self._taken)
