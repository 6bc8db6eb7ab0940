"""What every output has in common: one thread, a bounded queue, retries, states.

A kind of output supplies a ``Receiver``: how to reach the other side and how to hand one verdict
over. ``OutputWorker`` owns the thread in which all of that happens, so that whoever tells a verdict
never waits.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.inspection import Record, RunCounts
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputConnection, OutputSpec, OutputState

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between attempts to reach a receiver; the last one repeats."""
QUEUE = 1000
"""Verdicts that wait for a receiver; the oldest is given up when one more comes."""
LAST_CHANCE = 0.6
"""Seconds that closing leaves for what still waits, as long as the receiver answers."""
CLOSE_WITHIN = 0.9
"""Seconds after which closing goes on without a thread that hangs."""
HEAT_CELLS = 128
"""A map that waits for a receiver takes 64 KiB at most."""
SLOW = 10.0
"""Seconds after which a receiver that does not answer is shown as hanging."""

_log = logging.getLogger(__name__)


class ReceiverUnreachable(DeepRxError):  # noqa: N818 - what it says about the receiver
    """The receiver cannot be reached, or did not take the verdict: to be tried again."""


class VerdictRefused(DeepRxError):  # noqa: N818 - what it says about the verdict
    """The receiver will not take this verdict, however often it is sent."""


@dataclass(frozen=True)
class NumberedRecord:
    """One verdict on its way: ``sequence`` counts from 1, ``counts`` includes this one.

    ``trigger``: the number of the trigger it answers, 0 where none came from outside. ``heat``: the
    raw scores over the picture, at most ``HEAT_CELLS`` a side, where an output tells places.
    """

    record: Record
    sequence: int
    counts: RunCounts
    trigger: int = 0
    heat: Float32 | None = field(default=None, compare=False, repr=False)


def reduced(score_map: Float32) -> Float32:
    """Return a map (h, w) of at most ``HEAT_CELLS`` a side; of several cells the highest stays."""
    rows, columns = (-(-side // HEAT_CELLS) for side in score_map.shape)
    if rows <= 1 and columns <= 1:
        return score_map
    over = tuple(
        (0, -side % step) for side, step in zip(score_map.shape, (rows, columns), strict=True)
    )
    padded = np.pad(score_map, over, mode="edge")
    height, width = (padded.shape[0] // rows, padded.shape[1] // columns)
    blocks = padded.reshape(height, rows, width, columns)
    return np.asarray(blocks.max(axis=(1, 3)), np.float32)


class Output(Protocol):
    """One output; every method returns at once but ``close``, which takes a second at most."""

    @property
    def spec(self) -> OutputSpec:
        """What was chosen."""

    def start(self) -> None:
        """Begin to reach the receiver."""

    def tell(self, told: NumberedRecord) -> None:
        """Hand one verdict over. Never waits, never raises."""

    def set_running(self, running: bool) -> None:
        """Say whether the inspection runs."""

    def state(self) -> OutputState:
        """Return the current state."""

    def stop(self) -> None:
        """Ask the output to end, without waiting."""

    def close(self) -> None:
        """End: what waits has a last chance while the receiver answers. May be called again."""


class Receiver(Protocol):
    """The other side of one kind of output. Every method but ``abort`` runs in the one thread.

    ``every``: seconds between calls of ``idle``; ``None``: none are wanted. ``present_only``: the
    receiver acts on what it is told, so that after an absence only the newest verdict is told.
    """

    @property
    def every(self) -> float | None:
        """Seconds between two calls of ``idle``."""

    @property
    def present_only(self) -> bool:
        """Whether old verdicts are worse than none."""

    def open(self) -> None:
        """Connect to the receiver. Raises Unreachable (or another DeepRxError)."""

    def deliver(self, told: NumberedRecord) -> None:
        """Hand one verdict over; on return it has arrived. Raises Unreachable or Refused."""

    def idle(self, *, running: bool) -> None:
        """Whatever is to be done regularly. Raises Unreachable when the other side is gone."""

    def notice(self) -> Message | None:
        """Say what is out of the ordinary although the receiver is there."""

    def close(self) -> None:
        """Let go of the other side; never raises. Also called after an ``open`` that failed."""

    def abort(self) -> None:
        """From another thread: make a call that waits for the other side end soon."""


class OutputWorker:
    """An output: one daemon thread that serves one receiver."""

    def __init__(
        self,
        spec: OutputSpec,
        receiver: Receiver,
        *,
        pauses: tuple[float, ...] = PAUSES,
        most: int = QUEUE,
    ) -> None:
        """Build without starting; ``pauses`` in seconds, ``most`` verdicts wait at a time."""
        self.spec = spec
        self._receiver = receiver
        self._pauses = pauses
        self._most = most
        self._news = threading.Condition()
        self._waiting: deque[NumberedRecord] = deque()
        self._current: NumberedRecord | None = None
        self._dropped = 0
        self._link = OutputConnection.STARTING
        self._problem: Message | None = None
        self._running = False
        self._asked_to_stop = False
        self._deadline = float("inf")
        self._attempt = 0
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"output-{spec.kind}", daemon=True)

    def start(self) -> None:
        """Begin to reach the receiver; a second call does nothing."""
        if self._thread.ident is None and not self._asked_to_stop:
            self._thread.start()

    def tell(self, told: NumberedRecord) -> None:
        """Queue one verdict; the oldest that waits is given up when there is no room."""
        with self._news:
            if self._asked_to_stop:
                return
            if len(self._waiting) >= self._most:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(told)
            self._news.notify_all()

    def set_running(self, running: bool) -> None:
        """Say whether the inspection runs; told at the receiver's next turn."""
        with self._news:
            self._running = running

    def state(self) -> OutputState:
        """Say how things stand; a receiver that has not answered for long is shown as such."""
        with self._news:
            link, problem, busy = self._link, self._problem, self._busy_since
            waiting = len(self._waiting) + (self._current is not None)
            dropped = self._dropped
        silent = time.monotonic() - busy if busy is not None else 0.0
        if silent > SLOW and link is not OutputConnection.STOPPED:
            link = OutputConnection.RETRYING
            problem = say(
                "The receiver has not answered for {seconds} seconds. Check that it runs; the"
                " inspection goes on.",
                seconds=int(silent),
            )
        return OutputState(self.spec, link, problem, waiting, dropped)

    def stop(self) -> None:
        """Ask the thread to end; what waits has a last chance while the receiver answers."""
        with self._news:
            if not self._asked_to_stop:
                self._asked_to_stop = True
                self._deadline = time.monotonic() + LAST_CHANCE
            self._news.notify_all()

    def close(self) -> None:
        """End within a second; a thread that hangs is left to its own time limit."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join(max(0.0, self._deadline - time.monotonic()))
            if self._thread.is_alive():
                self._receiver.abort()
                # Several that hang share one second; each gets a moment to hear the abort.
                end = self._deadline - LAST_CHANCE + CLOSE_WITHIN
                self._thread.join(max(0.05, end - time.monotonic()))
        with self._news:
            if self._link is OutputConnection.STOPPED:
                return
            lost = len(self._waiting) + (self._current is not None)
            self._dropped += lost
            self._waiting.clear()
            self._current = None
            self._link = OutputConnection.STOPPED
        if lost:
            _log.warning("%s %s: %d verdicts not told", self.spec.kind, self.spec.address, lost)
        if self._thread.is_alive():
            _log.warning("%s %s hangs and is left alone", self.spec.kind, self.spec.address)

    def _run(self) -> None:
        """The thread: reach the receiver, serve it, pause, begin again."""
        while self._goes_on():
            try:
                self._timed(self._receiver.open)
                self._opened()
                self._serve()
            except DeepRxError as error:
                self._failed(error.message)
            except Exception as error:  # noqa: BLE001 - its bug must not end the output for good
                _log.exception("output %s %s failed", self.spec.kind, self.spec.address)
                self._failed(_unexpected(error))
            finally:
                self._receiver.close()
            self._pause()

    def _goes_on(self) -> bool:
        """Say whether there is still something to do and time to do it in."""
        with self._news:
            if not self._asked_to_stop:
                return True
            left = bool(self._waiting) or self._current is not None
            tried = self._link is not OutputConnection.RETRYING
            return left and tried and time.monotonic() < self._deadline

    def _serve(self) -> None:
        every = self._receiver.every
        due = time.monotonic()
        while self._goes_on():
            if every is not None and time.monotonic() >= due:
                self._timed(lambda: self._receiver.idle(running=self._running))
                if self._current is None:  # what failed last time must get through first
                    self._worked()
                due = time.monotonic() + every
            told = self._next(None if every is None else max(0.0, due - time.monotonic()))
            if told is not None:
                self._hand_over(told)

    def _next(self, patience: float | None) -> NumberedRecord | None:
        with self._news:
            if self._current is None and not self._waiting and not self._asked_to_stop:
                self._news.wait(patience)
            if self._current is None and self._waiting:
                self._current = self._waiting.popleft()
            return self._current

    def _hand_over(self, told: NumberedRecord) -> None:
        try:
            self._timed(lambda: self._receiver.deliver(told))
        except VerdictRefused as error:
            with self._news:
                self._current = None
                self._dropped += 1
                self._attempt = 0
                self._now(OutputConnection.READY, error.message)
            _log.warning("%s %s: %s", self.spec.kind, self.spec.address, error)
        else:
            with self._news:
                self._current = None
            self._worked()

    def _timed(self, call: Callable[[], None]) -> None:
        self._busy_since = time.monotonic()
        try:
            call()
        finally:
            self._busy_since = None

    def _opened(self) -> None:
        """After an absence only success proves that the receiver is there again."""
        with self._news:
            if self._receiver.present_only and self._link is OutputConnection.RETRYING:
                self._keep_only_the_newest()
            if self._current is None and self._receiver.every is None:
                self._now(OutputConnection.READY, self._receiver.notice())

    def _keep_only_the_newest(self) -> None:
        everything = [*([self._current] if self._current is not None else []), *self._waiting]
        self._current = None
        self._waiting = deque(everything[-1:])
        self._dropped += max(0, len(everything) - 1)

    def _worked(self) -> None:
        notice = self._receiver.notice()
        with self._news:
            if self._link is OutputConnection.RETRYING:
                _log.info("%s %s is back", self.spec.kind, self.spec.address)
            self._attempt = 0
            self._now(OutputConnection.READY, notice)

    def _failed(self, problem: Message) -> None:
        with self._news:
            if self._problem != problem:
                _log.warning("%s %s: %s", self.spec.kind, self.spec.address, problem)
            self._now(OutputConnection.RETRYING, problem)

    def _now(self, link: OutputConnection, problem: Message | None) -> None:
        """Say how things stand; an output that was closed stays closed."""
        if self._link is not OutputConnection.STOPPED:
            self._link, self._problem = link, problem

    def _pause(self) -> None:
        with self._news:
            if self._link is not OutputConnection.RETRYING:
                return
            seconds = self._pauses[min(self._attempt, len(self._pauses) - 1)]
            self._attempt += 1
            self._news.wait_for(lambda: self._asked_to_stop, seconds)


def _unexpected(error: Exception) -> Message:
    return say(
        "Telling the receiver failed: {reason}. It is tried again; the log file says more.",
        reason=str(error) or type(error).__name__,
    )
