"""Allowance: how much of something may still be taken; it comes back at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable


class Allowance:
    """An amount of up to ``most``, refilled by ``rate`` each second; may be overdrawn."""

    def __init__(
        self, rate: float, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left, self._then = most, clock()

    def wait(self) -> float:
        """Return the seconds until something may be taken again, 0 for now."""
        self._fill()
        return 0.0 if self._left > 0 else -self._left / self._rate

    def take(self, amount: float) -> None:
        """Take so much, whatever is left."""
        self._fill()
        self._left -= amount

    def takes(self, amount: float) -> bool:
        """Take so much if it is there; say whether it was."""
        self._fill()
        if self._left < amount:
            return False
        self._left -= amount
        return True

    def widen(self, most: float) -> None:
        """Let more be saved up from now on, and give the difference at once."""
        if most > self._most:
            self._left += most - self._most
            self._most = most

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._then) * self._rate)
        self._then = now
