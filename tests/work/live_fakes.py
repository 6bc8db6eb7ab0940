"""A line for tests: a source that does as it is told, a recorder that can refuse, receivers."""

from __future__ import annotations

import itertools
import queue
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from deeprx_gui.capture.sources.base import SourceEnded
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import SourceError, StorageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Decision, InspectedPart, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import CapturedImage, SourceSpec

_numbers = itertools.count(1)


def captured(
    pixels: ByteImage | None = None,
    *,
    moment: float | None = None,
    item: str = "",
    error: Message | None = None,
) -> CapturedImage:
    """A picture that has just arrived."""
    if pixels is None and error is None:
        pixels = np.full((16, 16, 3), 90, np.uint8)
    return CapturedImage(
        number=next(_numbers),
        frame=None if pixels is None else Frame(pixels.copy(), "fake"),
        when=datetime.now(UTC),
        moment=time.perf_counter() if moment is None else moment,
        source="fake",
        error=error,
        item=item,
    )


class FakeSource:
    """Delivers what ``give`` was handed, in order; an exception among it is raised."""

    def __init__(
        self, given: Iterable[CapturedImage | Exception] = (), *, lossy: bool = True
    ) -> None:
        self.spec = SourceSpec("replay" if lossy else "folder", "fake")
        self.lossy = lossy
        self.opened = self.closed = 0
        self.finished: list[CapturedImage] = []
        self._queue: queue.Queue[CapturedImage | Exception] = queue.Queue()
        for one in given:
            self.give(one)

    def give(self, one: CapturedImage | Exception) -> None:
        self._queue.put(one)

    def end(self) -> None:
        self.give(SourceEnded())

    def open(self) -> None:
        self.opened += 1

    def read(self, timeout: float) -> CapturedImage | None:
        try:
            one = self._queue.get(timeout=min(timeout, 0.02))
        except queue.Empty:
            return None
        if isinstance(one, Exception):
            raise one
        return one

    def done(self, captured: CapturedImage) -> None:
        self.finished.append(captured)

    def close(self) -> None:
        self.closed += 1


def files(pictures: Iterable[ByteImage | None]) -> FakeSource:
    """A folder: every picture one part, then the end."""
    source = FakeSource(lossy=False)
    for number, pixels in enumerate(pictures):
        error = None if pixels is not None else say("not a picture")
        source.give(captured(pixels, item=f"file {number}", error=error))
    source.end()
    return source


def unplugged() -> SourceError:
    return SourceError(say("The camera is gone."))


class FakeStore:
    """Remembers in memory; ``broken`` times it refuses first."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.writable = True
        self.notice: Message | None = None
        self.refuses = 0
        self.gone = False

    def known(self, item: str) -> bool:
        return any(r.item == item for r in self.records if item)

    def decide(self, number: int, decision: Decision | None, *, who: str, note: str = "") -> Record:
        self.refuse()
        old = self.records[number - 1]
        self.records[number - 1] = replace(old, decision=decision, decided_by=who, note=note)
        return self.records[number - 1]

    def check_file(self) -> None:
        if self.gone:
            raise StorageError(say("The file was deleted."))

    def refuse(self) -> None:
        if self.refuses:
            self.refuses -= 1
            raise StorageError(say("The disk is full."))


class FakeRecorder:
    """Records into a ``FakeStore``."""

    def __init__(self) -> None:
        self.store = FakeStore()

    def record(self, inspected: InspectedPart) -> InspectedPart:
        self.store.refuse()
        record = inspected.record
        for old in self.store.records:
            if record.item and old.item == record.item:
                return replace(inspected, record=old)
        stored = replace(record, number=len(self.store.records) + 1)
        self.store.records.append(stored)
        return replace(inspected, record=stored)


class FakeReceivers:
    """Notes what was told, and that it was recorded by then."""

    def __init__(self, store: FakeStore) -> None:
        self.told: list[Record] = []
        self.triggers: list[int] = []
        self.running: list[bool] = []
        self._store = store

    def tell(self, record: Record, *, trigger: int = 0, **more: object) -> None:
        assert record in self._store.records, "told before it was recorded"
        self.told.append(record)
        self.triggers.append(trigger)

    def set_running(self, running: bool) -> None:
        self.running.append(running)


def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something has happened in another thread."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)
