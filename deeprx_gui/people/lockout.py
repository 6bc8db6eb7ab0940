"""How long wrong tries of a PIN or password lock: a growing time on a clock that nobody can set."""

from __future__ import annotations

from typing import Final

FREE_TRIES: Final = 5
"""Wrong tries before the first lock-out."""
LOCKS: Final = (30.0, 60.0, 300.0)
"""Seconds of the first, second and every further lock-out."""


def lock_seconds(failures: int) -> float:
    """Return how long so many wrong tries lock, 0 when they do not."""
    return LOCKS[min(failures - FREE_TRIES, len(LOCKS) - 1)] if failures >= FREE_TRIES else 0.0


def passed_since(began: float, now: float) -> float:
    """Return the seconds that have surely passed between two readings of ``time.monotonic``.

    That clock runs since the PC was started: it cannot be set, and goes on while the program is
    closed. If it shows less than when it began, the PC was started anew since: then at least what
    it shows has passed.
    """
    return now - began if began <= now else now


def locked_for(failures: int, locked_at: float, now: float) -> float:
    """Return the seconds that a lock-out still lasts; both times are ``time.monotonic``."""
    return max(0.0, lock_seconds(failures) - passed_since(locked_at, now))
