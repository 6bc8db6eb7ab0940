"""Fading notice: something out of the ordinary that is told for a while after it last happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from deeprx_gui.domain.message import Message


class FadingNotice:
    """One sentence that goes after ``seconds`` without news; from any thread."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._said: tuple[Message, float] | None = None

    def note(self, message: Message) -> bool:
        """Tell this from now on; returns whether it is another sentence than before."""
        with self._lock:
            is_new = self._said is None or self._said[0] != message
            self._said = (message, self._clock())
            return is_new

    def clear(self) -> None:
        """Tell nothing any more."""
        with self._lock:
            self._said = None

    @property
    def now(self) -> Message | None:
        """What is told now."""
        with self._lock:
            if self._said is not None and self._clock() - self._said[1] > self._seconds:
                self._said = None
            return None if self._said is None else self._said[0]
