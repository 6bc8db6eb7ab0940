"""Decoding ahead: while one picture is scored, the next ones are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame

_AHEAD = 2


def frames(paths: Sequence[Path]) -> Iterator[tuple[Path, Frame | ImageError]]:
    """Yield each path with its frame, or with the reason why it cannot be read, in order.

    At most ``_AHEAD`` decoded pictures wait, whatever their number.
    """
    waiting: deque[tuple[Path, Future[Frame]]] = deque()
    upcoming = iter(paths)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="decode") as pool:
        try:
            for path in upcoming:
                waiting.append((path, pool.submit(decode, path)))
                if len(waiting) > _AHEAD:
                    yield _take(waiting)
            while waiting:
                yield _take(waiting)
        finally:
            for _, future in waiting:
                future.cancel()


def _take(waiting: deque[tuple[Path, Future[Frame]]]) -> tuple[Path, Frame | ImageError]:
    path, future = waiting.popleft()
    try:
        return path, future.result()
    except ImageError as error:
        return path, error
