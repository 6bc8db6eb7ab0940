"""Connections for reading: as many as threads read at once, each used by one at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_MOST_IDLE = 4


class NothingYet(sqlite3.Connection):
    """An empty store in memory: there is no file, or another program is just making it."""


class ReaderPool:
    """Lends connections, and can call all of them in before the file is moved."""

    def __init__(self, opened: Callable[[], sqlite3.Connection]) -> None:
        self._opened = opened
        self._idle: list[sqlite3.Connection] = []
        self._lent = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection. Raises sqlite3.Error."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give(connection)

    def call_in(self, patience: float) -> None:
        """Close every connection; waits up to ``patience`` seconds for those that are lent."""
        with self._changed:
            self._changed.wait_for(lambda: self._lent == 0, patience)
            while self._idle:
                self._idle.pop().close()

    def close(self) -> None:
        """Close what is idle now, and the rest as it comes back."""
        with self._changed:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        with self._changed:
            if self._closed:
                raise sqlite3.ProgrammingError("the store is closed")
            self._lent += 1
            if self._idle:
                return self._idle.pop()
        try:
            return self._opened()
        except BaseException:
            self._give(None)
            raise

    def _give(self, connection: sqlite3.Connection | None) -> None:
        with self._changed:
            self._lent -= 1
            if connection is not None:
                full = len(self._idle) >= _MOST_IDLE
                if self._closed or full or isinstance(connection, NothingYet):
                    connection.close()
                else:
                    self._idle.append(connection)
            self._changed.notify_all()
