"""Lane: one thread that does jobs in order and reports at the pace of the display."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.buffer import ImageShrinker, ProgressBuffer
from deeprx_gui.jobs.runner import JobDone, JobEnded, JobFailed, JobRequest, Runner, Work

T = TypeVar("T")

_log = logging.getLogger(__name__)

DISPLAY_MS = 33
"""How often progress is handed on: about 30 times a second."""
STOP_MS = 10_000
"""How long ``Lane.stop`` waits for a job to reach its next yield."""


@dataclass(frozen=True)
class ProgressBatch:
    """What a job told since the last batch: the newest progress, and every item in order."""

    progress: Progress
    items: tuple[object, ...]


class Job(QObject):
    """One run of a generator, as seen from the thread that started it.

    ``progress`` carries a ``ProgressBatch``, ``done`` the generator's result, ``failed`` a
    ``JobFailed``.
    Exactly one of ``done``, ``failed``, ``cancelled`` comes, after the last ``progress``; then
    ``finished``.
    """

    progress = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(self, order: JobRequest, parent: QObject) -> None:
        super().__init__(parent)
        self._order = order

    @property
    def number(self) -> int:
        """Which job of its lane this is."""
        return self._order.number

    @Slot()
    def cancel(self) -> None:
        """Ask the job to end at its next yield; a job that has not begun will not begin."""
        self._order.stop.set()

    def release(self) -> None:
        """Let the job end by itself though nobody takes what it tells any more."""
        self._order.buffer.release()

    def hand_on(self) -> None:
        """Tell what the job reported since the last call, as one ``ProgressBatch``."""
        told = self._order.buffer.take()
        if told:
            items = tuple(p.item for p in told if p.item is not None)
            self.progress.emit(ProgressBatch(told[-1], items))

    def end(self, ended: JobEnded) -> None:
        """Emit how the job ended."""
        self.hand_on()
        match ended.how:
            case JobDone(value):
                self.done.emit(value)
            case JobFailed() as failure:
                self.failed.emit(failure)
            case _:
                self.cancelled.emit()
        self.finished.emit()


class Lane(QObject):
    """A thread of its own for jobs that must not overtake each other.

    ``busy_changed`` tells when the first job begins to wait or run and when the last one ended.
    The owner must call ``stop`` before letting go: Qt aborts the program when a running thread is
    destroyed.
    """

    busy_changed = Signal(bool)
    _sent = Signal(object)
    _last = Signal()

    def __init__(
        self, name: str, parent: QObject | None = None, *, thinner: ImageShrinker | None = None
    ) -> None:
        super().__init__(parent)
        self._thinner = thinner
        self._jobs: dict[int, Job] = {}
        self._count = 0
        self._stopped = False
        self._runner = Runner()
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._runner.moveToThread(self._thread)
        self._sent.connect(self._runner.run)
        self._last.connect(self._runner.quit)
        self._runner.ended.connect(self._ended)
        self._clock = QTimer(self)
        self._clock.setInterval(DISPLAY_MS)
        self._clock.timeout.connect(self._tick)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        return bool(self._jobs)

    def start(self, work: Work) -> Job:
        """Queue a job; connect to its signals before returning to the event loop.

        On a lane that was stopped the job never begins, and tells nothing: the window is closing.
        """
        self._count += 1
        order = JobRequest(self._count, work, ProgressBuffer(self._thinner))
        job = Job(order, self)
        if self._stopped:
            _log.info("a job came to the lane %s after it was stopped", self._thread.objectName())
            return job
        self._jobs[order.number] = job
        if len(self._jobs) == 1:
            self._clock.start()
            self.busy_changed.emit(True)
        self._sent.emit(order)
        return job

    @Slot()
    def cancel(self) -> None:
        """Ask the running job and all that wait to end."""
        for job in self._jobs.values():
            job.cancel()

    def stop(self, wait_ms: int = STOP_MS, *, finish: bool = False) -> bool:
        """Cancel everything, or with ``finish`` let all of it end, and end the thread.

        Never kills it: returns False when the running job did not reach a yield in time; the thread
        then still runs, and only ending the process ends it. May be called again; with ``wait_ms``
        0 it does not wait, and says whether the thread has ended.
        """
        if not self._stopped:
            self._stopped = True
            self._clock.stop()
            if not finish:
                self.cancel()
            for job in self._jobs.values():
                job.release()
            self._last.emit()
        ended = self._thread.wait(wait_ms)
        if not ended and wait_ms > 0:
            _log.error("lane %s did not stop within %d ms", self._thread.objectName(), wait_ms)
        return ended

    @Slot()
    def _tick(self) -> None:
        for job in tuple(self._jobs.values()):
            job.hand_on()

    @Slot(object)
    def _ended(self, ended: JobEnded) -> None:
        job = self._jobs.pop(ended.number)
        idle = not self._jobs
        if idle:
            self._clock.stop()
        job.end(ended)
        job.deleteLater()
        if idle and not self._jobs:
            self.busy_changed.emit(False)


def once(call: Callable[[], T], note: Message) -> Callable[[], Generator[Progress, None, T]]:
    """Make a job of one plain call; it can be cancelled before it begins, not while it runs."""

    def steps() -> Generator[Progress, None, T]:
        yield Progress(0, 0, note)
        return call()

    return steps


class LeavingLanes:
    """Lanes that were told to end and that nobody waits for: kept until their threads have."""

    def __init__(self) -> None:
        self._lanes: list[Lane] = []

    def add(self, lane: Lane) -> None:
        """Keep a lane that was told to end; those that have ended meanwhile go."""
        self._lanes = [other for other in self._lanes if not other.stop(0)] + [lane]

    def stop(self) -> bool:
        """Wait for all of them; False when a thread did not end in time."""
        ended = [lane.stop() for lane in self._lanes]  # each of them, whatever the first says
        return all(ended)
