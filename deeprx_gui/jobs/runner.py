"""Runner: drives one generator at a time in the thread of its lane."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.domain.errors import Cancelled, DeepRxError, means_memory
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.buffer import ProgressBuffer

_log = logging.getLogger(__name__)

Work = Callable[[], Generator[Progress, None, object]]
"""What a job is: a call without arguments that returns a generator of progress."""


@dataclass(frozen=True)
class JobRequest:
    """One job as it travels to the lane's thread.

    ``buffer`` fills there and is emptied by the lane. ``stop`` is set by
    whoever wants the job to end at its next yield.
    """

    number: int
    work: Work
    buffer: ProgressBuffer = field(default_factory=ProgressBuffer)
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class JobDone:
    """The job returned ``value``."""

    value: object


@dataclass(frozen=True)
class JobFailed:
    """The job failed; ``expected`` is False for a fault of the program, which is in the log."""

    message: Message
    expected: bool


@dataclass(frozen=True)
class JobStopped:
    """The job was cancelled; its generator is closed."""


Ending = JobDone | JobFailed | JobStopped


@dataclass(frozen=True)
class JobEnded:
    """How the job ``number`` ended."""

    number: int
    how: Ending


class Runner(QObject):
    """Lives in a lane's thread and runs what it is sent, one after the other."""

    ended = Signal(object)

    @Slot(object)
    def run(self, order: JobRequest) -> None:
        """Drive one job to its end, whatever that is, and tell ``ended``."""
        self.ended.emit(JobEnded(order.number, _drive(order)))

    @Slot()
    def quit(self) -> None:
        """End the thread, after everything that was sent before."""
        self.thread().quit()


def _drive(order: JobRequest) -> Ending:
    if order.stop.is_set():
        return JobStopped()
    try:
        return _steps(order)
    except Cancelled:
        return JobStopped()
    except DeepRxError as error:
        _log.warning("%s", str(error))  # the error itself would keep the job's frames alive
        return JobFailed(error.message, expected=True)
    except Exception as error:  # noqa: BLE001 - the last door: becomes a sentence and a log entry
        if means_memory(error):
            _log.exception("a job ran out of memory")
            return JobFailed(
                say(
                    "This PC ran out of memory. Close other programs or choose a smaller picture "
                    "size, then try again."
                ),
                expected=True,
            )
        _log.exception("a job failed")
        return JobFailed(
            say(
                "Something went wrong that should not have ({problem}). Nothing that was saved is "
                "lost. Please try again; if it comes back, send us the log file.",
                problem=f"{type(error).__name__}: {error}",
            ),
            expected=False,
        )


def _steps(order: JobRequest) -> Ending:
    steps = order.work()
    try:
        while True:
            try:
                progress = next(steps)
            except StopIteration as end:
                return JobDone(end.value)
            order.buffer.put(progress, order.stop)
            if order.stop.is_set():
                return JobStopped()
    finally:
        steps.close()
