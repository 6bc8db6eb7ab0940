"""ProgressBuffer: what a job told and the window has not taken yet, bounded.

Without a ``ImageShrinker`` a full buffer makes the job wait. With one the job never waits:
pictures of
older items are let go, the items themselves stay.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Final

from deeprx_gui.domain.progress import Progress

MOST_ITEMS: Final = 4096
"""So many items wait at most before the job does."""
MOST_BYTES: Final = 16 << 20
"""So many bytes of pictures wait at most before the job does, beside one item more."""
_WAKE_SECONDS: Final = 0.02


@dataclass(frozen=True)
class ImageShrinker:
    """``small`` makes an item's picture small, ``bare`` lets it go; ``kept`` stay small.

    Items that are not ``thins`` have no picture.
    """

    thins: Callable[[object], bool]
    small: Callable[[object], object | None]
    bare: Callable[[object], object]
    kept: int


class ProgressBuffer:
    """Filled in the lane's thread, emptied in the window's."""

    def __init__(self, thinner: ImageShrinker | None = None) -> None:
        self._thinner = thinner
        self._changed = threading.Condition()
        self._told: list[Progress] = []
        self._items = self._bytes = 0
        self._newest: int | None = None
        self._small: deque[int] = deque()
        self._open = False

    def put(self, progress: Progress, stop: threading.Event) -> None:
        """Add; waits while full, until there is room, ``stop`` is set or nobody takes any more."""
        with self._changed:
            if progress.item is None:
                if self._told and self._told[-1].item is None:
                    self._told[-1] = progress
                else:
                    self._told.append(progress)
                return
            while self._thinner is None and self._full:
                if stop.is_set() or self._open:
                    break
                self._changed.wait(_WAKE_SECONDS)
            self._told.append(progress)
            self._items += 1
            self._bytes += array_bytes(progress.item)
            if self._thinner is not None and self._thinner.thins(progress.item):
                self._thin(self._thinner)
                self._newest = len(self._told) - 1

    def take(self) -> list[Progress]:
        """Return everything, in order, and make room."""
        with self._changed:
            told, self._told = self._told, []
            self._items, self._bytes, self._newest = 0, 0, None
            self._small.clear()
            self._changed.notify_all()
            return told

    def release(self) -> None:
        """Let the job go on however full: nobody takes any more."""
        with self._changed:
            self._open = True
            self._changed.notify_all()

    @property
    def _full(self) -> bool:
        return self._items >= MOST_ITEMS or self._bytes >= MOST_BYTES

    def _thin(self, thinner: ImageShrinker) -> None:
        place = self._newest
        if place is None:
            return
        item = self._told[place].item
        small = thinner.small(item)
        if small is None:
            self._set(place, thinner.bare(item))
            return
        self._set(place, small)
        self._small.append(place)
        if len(self._small) > thinner.kept:
            oldest = self._small.popleft()
            self._set(oldest, thinner.bare(self._told[oldest].item))

    def _set(self, place: int, item: object) -> None:
        self._told[place] = replace(self._told[place], item=item)


def array_bytes(item: object) -> int:
    """Return how many bytes the arrays in an item hold."""
    size = getattr(item, "nbytes", None)
    if isinstance(size, int):
        return size
    if is_dataclass(item):
        return sum(array_bytes(getattr(item, field.name)) for field in fields(item))
    return 0
