"""``Recorder``: what a live run hands every judged part to."""

from __future__ import annotations

from dataclasses import replace

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.store import RecordStore


class Recorder:
    """Remembers verdicts in ``store`` and has their pictures kept by ``keeper``, if any."""

    def __init__(self, store: RecordStore, keeper: PictureKeeper | None = None) -> None:
        self.store = store
        self.keeper = keeper
        if keeper is not None:
            keeper.attach(store)

    def record(self, inspected: InspectedPart) -> InspectedPart:
        """Remember a part; its verdict is on the disk when this returns, its picture soon after.

        Returns the part with its number and the name of its picture, or as it was stored before
        when it is there already. Raises StorageError: then nothing was remembered.
        """
        record, frame, keeper = inspected.record, inspected.frame, self.keeper
        if keeper is None or frame is None:
            return replace(inspected, record=self.store.add(replace(record, picture="")))
        named = replace(record, picture=keeper.name_for(record))
        stored = self.store.add(named)
        if stored.picture and (stored.uid, stored.picture) == (named.uid, named.picture):
            keeper.keep(stored.picture, frame)
        return replace(inspected, record=stored)

    def close(self) -> None:
        """Let the pictures that wait be written. The store belongs to whoever opened it."""
        if self.keeper is not None:
            self.keeper.close()
