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


@contextmanager
def one_writer(path: Path, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock file ``path`` while the body runs; the operating system releases it on a crash.

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
        try:
            yield
        finally:
            _unlock(file.fileno())


class HeldLock:
    """A lock file held until ``close``; the system frees it if the program dies."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def close(self) -> None:
        """Let the next one in; may be called again."""
        if not self._file.closed:
            _unlock(self._file.fileno())
            self._file.close()


def try_hold(path: Path) -> HeldLock | None:
    """Take the lock file ``path`` for as long as the answer is kept open.

    ``None`` when somebody else holds it, in this program or another. A drive that knows no locks
    lets everybody in. Raises StorageError if the file cannot be made.
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    if _try_lock(file.fileno()):
        return HeldLock(file)
    file.close()
    return None


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock file ``path``, in this program or another.

    False where there is none or it cannot be read. Makes nothing.
    """
    try:
        with path.open("rb") as file:
            free = _try_lock(file.fileno())
            if free:
                _unlock(file.fileno())
            return not free
    except OSError:
        return False


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    class _Overlapped(ctypes.Structure):
        """Where the locked byte lies: the first of the file."""

        _fields_ = (
            ("internal", ctypes.c_size_t),
            ("internal_high", ctypes.c_size_t),
            ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD),
            ("event", wintypes.HANDLE),
        )

    _FAIL_IMMEDIATELY, _EXCLUSIVE = 1, 2
    _SHARING_VIOLATION, _LOCK_VIOLATION, _IO_PENDING = 32, 33, 997
    _HELD = frozenset({_SHARING_VIOLATION, _LOCK_VIOLATION, _IO_PENDING})
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _lock_file, _unlock_file = _kernel.LockFileEx, _kernel.UnlockFileEx
    _place = ctypes.POINTER(_Overlapped)
    _lock_file.argtypes = (wintypes.HANDLE, *[wintypes.DWORD] * 4, _place)
    _unlock_file.argtypes = (wintypes.HANDLE, *[wintypes.DWORD] * 3, _place)

    def _try_lock(handle: int) -> bool:
        # Not msvcrt.locking: its errno alone must tell "held" from "this drive knows no locks", and
        # not every Windows sets it (Wine leaves 0).
        there = _Overlapped()
        flags = _FAIL_IMMEDIATELY | _EXCLUSIVE
        if _lock_file(msvcrt.get_osfhandle(handle), flags, 0, 1, 0, ctypes.byref(there)):
            return True
        return ctypes.get_last_error() not in _HELD

    def _unlock(handle: int) -> None:
        # Closing frees it too, but then "the time it takes depends upon available system resources"
        # (Microsoft on LockFileEx), and the next program would find it held.
        _unlock_file(msvcrt.get_osfhandle(handle), 0, 1, 0, ctypes.byref(_Overlapped()))

else:
    import fcntl

    _BUSY = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _BUSY
        return True

    def _unlock(_handle: int) -> None:
        """Closing the file frees its lock at once."""
