"""The window stands still: jobs wait within their bounds, nothing is lost, everything can be ended.

The thread of the test is the window's: while it waits for an event, its own event loop rests.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.buffer import MOST_BYTES
from deeprx_gui.jobs.lane import Job, Lane, ProgressBatch
from tests.own_time import OwnTime

MEGABYTE = 1 << 20
ITEMS = 300
FITS = MOST_BYTES // MEGABYTE
"""So many items of 1 MB fill the buffer."""


@dataclass(frozen=True, eq=False)
class Item:
    number: int
    pixels: ByteImage


class Work:
    """A job of items of 1 MB that knows how many of them are still held, by whomever."""

    def __init__(self) -> None:
        self.made = self.held = self.most_held = 0
        self.full, self.overrun, self.closed = (threading.Event() for _ in range(3))

    def __call__(self) -> Generator[Progress, None, int]:
        try:
            for number in range(ITEMS):
                yield Progress(number + 1, ITEMS, say("Working"), item=self._item(number))
            return ITEMS
        finally:
            self.closed.set()

    def _item(self, number: int) -> Item:
        pixels = np.zeros(MEGABYTE, np.uint8)
        weakref.finalize(pixels, self._let_go)
        self.made += 1
        self.held += 1
        self.most_held = max(self.most_held, self.held)
        if self.made == FITS + 1:
            self.full.set()
        if self.made > FITS + 1:
            self.overrun.set()
        return Item(number, pixels)

    def _let_go(self) -> None:
        self.held -= 1

    def fills_the_buffer(self) -> None:
        """Stall the window until the job stands before a full buffer, and for a while more."""
        assert self.full.wait(60)
        assert not self.overrun.wait(0.3)


class Heard(QObject):
    """Which items came, and how it ended; holds on to no picture."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.ends: list[object] = []
        self.heaviest = 0
        job.progress.connect(self.on_progress)
        job.done.connect(self.ends.append)
        job.cancelled.connect(self.on_cancelled)

    @Slot(object)
    def on_progress(self, batch: ProgressBatch) -> None:
        items = [item for item in batch.items if isinstance(item, Item)]
        self.numbers += [item.number for item in items]
        self.heaviest = max(self.heaviest, sum(item.pixels.nbytes for item in items))

    @Slot()
    def on_cancelled(self) -> None:
        self.ends.append("cancelled")


@pytest.fixture
def lane(qtbot: QtBot) -> Iterator[Lane]:
    made = Lane("stalled")
    yield made
    assert made.stop(5_000)


def test_a_job_waits_for_a_stalled_window_and_every_item_arrives(lane: Lane, qtbot: QtBot) -> None:
    work = Work()
    job = lane.start(work)
    heard = Heard(job)
    work.fills_the_buffer()
    assert work.made == FITS + 1
    assert work.most_held * MEGABYTE == MOST_BYTES + MEGABYTE  # one more: what it wants to tell
    assert heard.numbers == []
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.numbers == list(range(ITEMS))
    assert heard.ends == [ITEMS]
    assert heard.heaviest <= MOST_BYTES + MEGABYTE
    # While the window looks at one batch the next one fills.
    assert work.most_held * MEGABYTE <= 2 * (MOST_BYTES + MEGABYTE)
    assert work.held == 0


def test_stalling_again_and_again_holds_no_more(lane: Lane, qtbot: QtBot) -> None:
    work = Work()
    job = lane.start(work)
    heard = Heard(job)
    job.progress.connect(lambda _batch: work.closed.wait(0.03))  # the window is slow each time
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.numbers == list(range(ITEMS))
    assert heard.heaviest <= MOST_BYTES + MEGABYTE
    assert work.most_held * MEGABYTE <= 2 * (MOST_BYTES + MEGABYTE)


def test_a_job_that_waits_for_the_window_can_be_cancelled(lane: Lane, qtbot: QtBot) -> None:
    work = Work()
    job = lane.start(work)
    heard = Heard(job)
    work.fills_the_buffer()
    with OwnTime() as took:
        job.cancel()
        assert work.closed.wait(60)  # while the window still takes nothing
    assert took.seconds < 0.5
    with qtbot.waitSignal(job.finished):
        pass
    assert heard.numbers == list(range(FITS + 1))  # what was told before is not lost
    assert heard.ends == ["cancelled"]
    assert work.made == FITS + 1


def test_a_lane_stops_while_its_job_waits_for_the_window(qtbot: QtBot) -> None:
    lane, work = Lane("closing"), Work()
    lane.start(work)
    work.fills_the_buffer()
    with OwnTime() as took:
        assert lane.stop()
    assert took.seconds < 0.5
    assert work.closed.is_set()
    assert work.made == FITS + 1


def test_a_lane_that_is_to_finish_does_although_nobody_takes_any_more(qtbot: QtBot) -> None:
    lane, work = Lane("saving"), Work()
    lane.start(work)
    work.fills_the_buffer()
    assert lane.stop(finish=True)
    assert work.closed.is_set()
    assert work.made == ITEMS
