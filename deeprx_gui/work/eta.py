"""ETA: estimate of the time a running job still needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.progress import Progress

_FEWEST_STEPS = 3
_WEIGHT = 0.1


class EtaEstimator:
    """Counts steps and estimates the seconds left from a moving average of the step time."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.done = 0
        self.total = total
        self._clock = clock
        self._start = self._last = clock()
        self._step: float | None = None

    @property
    def seconds(self) -> float:
        return self._clock() - self._start

    def step(self, note: Message, item: object | None = None) -> Progress:
        """Count one step and report it."""
        now = self._clock()
        took, self._last = now - self._last, now
        self._step = took if self._step is None else self._step + _WEIGHT * (took - self._step)
        self.done += 1
        return self.report(note, item)

    def report(self, note: Message, item: object | None = None) -> Progress:
        """Report without counting."""
        left = None
        if self._step is not None and self.done >= _FEWEST_STEPS:
            # The plain mean keeps one slow file from throwing the estimate about.
            mean = self.seconds / self.done
            left = (self.total - self.done) * (self._step + mean) / 2
        return Progress(self.done, self.total, note, left, item)
