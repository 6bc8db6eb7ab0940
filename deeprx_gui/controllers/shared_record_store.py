"""SharedRecordStore: the one store of verdicts of this window, opened by whoever needs it first."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deeprx_gui.results.records.store import RecordStore


class SharedRecordStore:
    """Inspect writes through it and History reads from it; every method is safe in any thread.

    Opening may take a while (a large file is checked), so it is asked for in a lane.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._store: RecordStore | None = None

    @property
    def opened(self) -> RecordStore | None:
        """The store, ``None`` before it is first used."""
        return self._store

    def store(self) -> RecordStore:
        """Return the store, opening it the first time. Raises StorageError."""
        with self._lock:
            if self._store is None:
                from deeprx_gui.results.records.store import RecordStore

                self._store = RecordStore(self.folder)
            return self._store

    def path_of(self, picture: str) -> Path:
        """Return where a kept picture lies."""
        return self.folder / picture

    def close(self) -> None:
        """Close the store; call after the lanes have ended."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
