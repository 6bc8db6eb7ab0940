"""One writer at a time, also across programs on the same PC."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from deeprx_gui.atomic import reporting
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say

PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.01
_BUSY = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})


@contextmanager
def one_writer(path: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock file ``path`` while the body runs; the system frees it if the program dies.

    A drive that knows no locks (some network drives) lets everybody in: no revision is ever
    overwritten even then (:func:`atomic.write_new`), only the order of two simultaneous saves is
    left to chance. Raises StorageError after ``patience`` seconds, or if the file cannot be made.
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        deadline = time.monotonic() + patience
        while not _try_lock(file.fileno()):
            if time.monotonic() >= deadline:
                raise StorageError(
                    say(
                        "Another program is busy saving profiles and does not finish. Close it,"
                        " then try again."
                    )
                )
            time.sleep(_PAUSE_SECONDS)
        yield  # closing the file frees the lock


class Held:
    """A lock file held until ``close``; the system frees it if the program dies."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def close(self) -> None:
        """Let the next one in; may be called again."""
        self._file.close()


def try_hold(path: Path) -> Held | None:
    """Take the lock file ``path`` for as long as the answer is kept open.

    ``None`` when somebody else holds it, in this program or another. A drive that knows no locks
    lets everybody in. Raises StorageError if the file cannot be made.
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    if _try_lock(file.fileno()):
        return Held(file)
    file.close()
    return None


if sys.platform == "win32":
    import msvcrt
    import os

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return error.errno not in _BUSY
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _BUSY
        return True
