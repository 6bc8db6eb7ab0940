"""A clock that nearly stands still while the machine serves other programs."""

from __future__ import annotations

import threading
from typing import Self

_PAUSE = 0.005


class OwnTime:
    """``with OwnTime() as took: …``; then ``took.seconds`` is about how long it took undisturbed.

    A thread counts short pauses: when this process waits for the processor, so does the thread, and
    fewer are counted. Whatever the process itself waits for is counted in full.
    """

    def __init__(self) -> None:
        self._count = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="own time", daemon=True)

    @property
    def seconds(self) -> float:
        return self._count * _PAUSE

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _tick(self) -> None:
        while not self._over.wait(_PAUSE):
            self._count += 1
