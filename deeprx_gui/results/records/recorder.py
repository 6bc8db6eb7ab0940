"""``Recorder``: what a live run hands every judged part to."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.results.records.conditions import ConditionLog
from deeprx_gui.results.records.picture_mark import PictureMark, named_pictures
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.store import RecordStore

MARK_SECONDS: Final = 60.0
"""A picture deleted by hand so soon after its verdict may pass for one that was not written."""


class Recorder:
    """Remembers verdicts in ``store`` and has their pictures kept by ``keeper``, if any.

    What an earlier program was killed too early to write is noted as not there first.
    """

    def __init__(self, store: RecordStore, keeper: PictureKeeper | None = None) -> None:
        self.store = store
        self.keeper = keeper
        self._mark = PictureMark(store.folder)
        self._conditions = ConditionLog(store.folder)
        self._newest = 0
        self._next_mark = time.monotonic() + MARK_SECONDS
        if keeper is not None:
            keeper.attach(store)
            if store.writable:
                self._settle()

    def _settle(self) -> None:
        """Note the pictures that a killed program did not write. Raises StorageError."""
        self._newest = self.store.newest()
        mark = self._mark.read()
        if mark is not None and mark < self._newest:
            with self.store.reading() as connection:
                named = named_pictures(connection, mark)
            folder = self.store.folder
            self.store.pictures_gone([name for _, name in named if not (folder / name).is_file()])
        if mark != self._newest:
            self._mark.write(self._newest)

    def _move_mark(self, keeper: PictureKeeper) -> None:
        """Now and then, when nothing waits: the pictures of all parts before this are settled."""
        now = time.monotonic()
        if now >= self._next_mark and keeper.settled:
            self._mark.write(self._newest)
            self._next_mark = now + MARK_SECONDS

    def record(self, inspected: InspectedPart) -> InspectedPart:
        """Remember a part; its verdict is on the disk when this returns, its picture soon after.

        Returns the part with its number and the name of its picture, or as it was stored before
        when it is there already. Raises StorageError: then nothing was remembered.
        """
        record, frame, keeper = inspected.record, inspected.frame, self.keeper
        if keeper is None or frame is None:
            stored = self.store.add(replace(record, picture=""))
            return self._noted(replace(inspected, record=stored))
        self._move_mark(keeper)
        named = replace(record, picture=keeper.name_for(record))
        stored = self.store.add(named)
        if stored.picture and (stored.uid, stored.picture) == (named.uid, named.picture):
            keeper.keep(stored.picture, frame)
        self._newest = max(self._newest, stored.number)
        return self._noted(replace(inspected, record=stored))

    def _noted(self, stored: InspectedPart) -> InspectedPart:
        """Note the picture's condition beside the verdict, for the drift."""
        if stored.health is not None:
            self._conditions.note(stored.record, stored.health)
        return stored

    def close(self) -> None:
        """Let the pictures that wait be written. The store belongs to whoever opened it."""
        if self.keeper is not None:
            self.keeper.close()
            if self._newest and self.keeper.settled:
                self._mark.write(self._newest)
