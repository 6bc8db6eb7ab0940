"""Decoding ahead: while one picture is looked at, the next ones are read by a few threads.

The decoders let go of the interpreter lock, so this costs the window nothing. However many pictures
there are and however large, what waits decoded stays within a fixed room.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from deeprx_gui.capture.decode import decode, read_size
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame

AHEAD = 3
"""So many pictures are decoded, or being decoded, beyond the one in use."""
MOST_BYTES = 192 << 20
"""Pixels decoded and not let go of; a picture larger than that is decoded when no other waits."""
THREADS = min(AHEAD, os.cpu_count() or 1)


def read_frames_ahead(
    paths: Sequence[Path],
) -> Generator[tuple[Path, Frame | ImageError], None, None]:
    """Yield each path with its frame, or with the reason why it cannot be read, in order.

    A frame counts as let go of when the next one is asked for: drop it before that. Closing the
    generator ends its threads, after at most the pictures that are being decoded.
    """
    room = PixelBudget(MOST_BYTES)
    waiting: deque[tuple[Path, Future[_Read]]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="decode") as pool:
        try:
            for number, path in enumerate(paths):
                waiting.append((path, pool.submit(_read, path, number, room)))
                if len(waiting) > AHEAD:
                    yield from _hand_out(waiting, room)
            while waiting:
                yield from _hand_out(waiting, room)
        finally:
            room.close()
            for _, future in waiting:
                future.cancel()


class PixelBudget:
    """Room for pixels. Pictures enter in their order, and one that is too large enters alone."""

    def __init__(self, most: int) -> None:
        self._most, self._used = most, 0
        self._next = 0
        self._closed = False
        self._changed = threading.Condition()

    def enter(self, number: int, size: int) -> bool:
        """Wait until picture ``number`` fits in; False when the room was closed meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._fits(number, size))
            if self._closed:
                return False
            self._next += 1
            self._used += size
            self._changed.notify_all()
            return True

    def leave(self, size: int) -> None:
        """Release the bytes of an image."""
        with self._changed:
            self._used -= size
            self._changed.notify_all()

    def close(self) -> None:
        """Wake all waiting threads and refuse further entries."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _fits(self, number: int, size: int) -> bool:
        return number == self._next and (self._used == 0 or self._used + size <= self._most)


_Read = tuple[Frame | ImageError | None, int]
"""A frame or why there is none, and the room it takes; ``None`` when it was no longer wanted."""


def _read(path: Path, number: int, room: PixelBudget) -> _Read:
    """Decode a picture as soon as there is room for it."""
    try:
        width, height = read_size(path)
    except ImageError:
        width = height = 0  # decoding will say what is wrong with it
    size = 3 * width * height
    if not room.enter(number, size):
        return None, 0
    try:
        return decode(path), size
    except ImageError as error:
        return error, size


def _hand_out(
    waiting: deque[tuple[Path, Future[_Read]]], room: PixelBudget
) -> Generator[tuple[Path, Frame | ImageError], None, None]:
    """Yield the picture that is due, and keep no reference to it: it would outlive its use."""
    path, future = waiting.popleft()
    found, size = future.result()
    assert found is not None  # only a closed room turns pictures away
    handed = [found]
    del future, found
    yield path, handed.pop()
    room.leave(size)
