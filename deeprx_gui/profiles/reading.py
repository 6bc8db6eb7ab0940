"""Opening revision files: a missing or unreadable file ends in a sentence, a known one is quick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.profiles.codec import RevisionHead, read_card, read_head

_MOST_REMEMBERED = 512
_SETTLED_NS = 3_000_000_000
"""Some file systems tell times apart by two seconds only; a younger file is read again."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading. Raises ProfileError when it is missing, StorageError otherwise."""
    try:
        with Path(openable(path)).open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise ProfileError(say("The file “{name}” is missing.", name=path.name)) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> StorageError:
    """The sentence for a file or folder that exists but cannot be read."""
    return StorageError(
        say(
            "“{path}” cannot be read ({reason}). Check the disk, the network drive and the rights"
            " of this account, then try again.",
            path=path,
            reason=error.strerror or type(error).__name__,
        )
    )


class HeadReader:
    """Heads of revision files, remembered while the file keeps its size and time of change.

    May be used from several threads. Errors are not remembered: a file put back is seen at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, Path], tuple[tuple[int, int, int], RevisionHead]] = {}

    def head(self, path: Path) -> RevisionHead:
        """The quick look: ``profile.json`` alone. Raises ProfileError or StorageError."""
        return self._remembered(path, read_head, ("card", "head"))

    def card(self, path: Path) -> RevisionHead:
        """The careful look: every byte checked, thumbnail included. Raises the same."""
        return self._remembered(path, read_card, ("card",))

    def _remembered(
        self, path: Path, read: Callable[[BinaryIO], RevisionHead], kinds: tuple[str, ...]
    ) -> RevisionHead:
        """What is known under one of the ``kinds``, or what ``read`` finds, kept as the last."""
        mark = _mark(path)
        with self._lock:
            for kind in kinds:
                known = self._known.get((kind, path))
                if known is not None and known[0] == mark:
                    return known[1]
        with opened(path) as file:
            head = read(file)
        if not _settled(mark):
            return head
        with self._lock:
            self._known.pop((kinds[-1], path), None)
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[kinds[-1], path] = (mark, head)
        return head


def _settled(mark: tuple[int, int, int]) -> bool:
    """Whether a change of the file from now on would show in its mark."""
    return mark[0] >= 0 and time.time_ns() - mark[1] > _SETTLED_NS


def _mark(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written: size, time, place. A size of -1 if there is none."""
    try:
        status = path.stat()
    except OSError:  # opening it says in words what is wrong
        return (-1, 0, 0)
    return (status.st_size, status.st_mtime_ns, status.st_ino)
