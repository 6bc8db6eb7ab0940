"""Sequence numbers of verdicts: they go on over restarts, and none is given twice."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.domain.errors import StorageError

RESERVED = 1000
"""So many numbers are set aside on disk at a time: after a kill they go on behind these."""

_log = logging.getLogger(__name__)


class SequenceNumbers:
    """Counts verdicts from 1, for all outputs of one data folder; from any thread.

    Without a file they begin at 1 with every start. Nothing is written before the first number is
    given, so whoever only looks on changes nothing.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._last = self._reserved = 0 if file is None else _read(file)

    @property
    def last(self) -> int:
        """The number given last."""
        return self._last

    def next(self) -> int:
        """Return the next number."""
        with self._lock:
            self._last += 1
            if self._last > self._reserved:
                self._reserved = self._last + RESERVED
                self._write(self._reserved)
            return self._last

    def close(self) -> None:
        """Note the number given last: the next start goes on right behind it."""
        with self._lock:
            if self._reserved != self._last:
                self._reserved = self._last
                self._write(self._last)

    def _write(self, number: int) -> None:
        if self._file is None:
            return
        try:
            atomic.write_over(self._file, f"{number}\n".encode("ascii"))
        except StorageError as error:  # the verdict counts for more than its number
            _log.warning("the sequence number cannot be kept: %s", error)


def _read(file: Path) -> int:
    try:
        return max(0, int(file.read_text("ascii")))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        _log.warning("%s does not hold a sequence number, beginning at 1: %s", file, error)
        return 0
