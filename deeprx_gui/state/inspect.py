"""What the Inspect page shows of a live run: the newest part, counts, the last NGs, troubles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Counts, Decision, Inspected, Record
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.output import OutputState
from deeprx_gui.domain.source import SourceState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state import troubles
from deeprx_gui.state.cycle import Cycle, CycleTimes
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.troubles import Topic, Trouble

BAD_KEPT: Final = 20
"""So many NG parts can be looked at again at once."""
BAD_SIDE: Final = 480
"""Longest side, in pixels, of what is kept of their pictures."""


class Phase(StrEnum):
    """How the line stands."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    HOLDING = "holding"
    STOPPING = "stopping"


@dataclass(frozen=True)
class Run:
    """The run: ``waiting`` is the verdict a person has to decide about while it holds."""

    phase: Phase = Phase.IDLE
    waiting: Record | None = None

    @property
    def active(self) -> bool:
        """Whether there is a run at all."""
        return self.phase is not Phase.IDLE


class InspectModel(QObject):
    """Filled by the workbench, followed by the page; every signal carries one frozen object.

    ``run_changed``: ``Run``; ``judged``: the newest ``Inspected`` of a batch; ``counts_changed``:
    ``Counts``; ``bad_changed``: a tuple of ``Inspected``, newest first, their pictures made small;
    ``cycle_changed``: ``Cycle``; ``troubles_changed``: a tuple of ``Trouble``;
    ``outputs_changed``: a tuple of ``OutputState``; ``serial_changed``: what the next part is
    called.
    """

    run_changed = Signal(object)
    judged = Signal(object)
    counts_changed = Signal(object)
    bad_changed = Signal(object)
    cycle_changed = Signal(object)
    troubles_changed = Signal(object)
    outputs_changed = Signal(object)
    serial_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = Run()
        self._current: Inspected | None = None
        self._counts = Counts(datetime.now(UTC))
        self._bad: tuple[Inspected, ...] = ()
        self._times = CycleTimes()
        self._cycle = Cycle()
        self._takt = 0.0
        self._source: SourceState | None = None
        self._outputs: tuple[OutputState, ...] = ()
        self._records: Trouble | None = None
        self._trend: Message | None = None
        self._late = False
        self._troubles: tuple[Trouble, ...] = ()
        self._serial = ""

    # -- what there is ----------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """How the line stands."""
        return self._run

    @property
    def current(self) -> Inspected | None:
        """The newest part of this run."""
        return self._current

    @property
    def counts(self) -> Counts:
        """Parts by verdict since they were set to zero."""
        return self._counts

    @property
    def bad(self) -> tuple[Inspected, ...]:
        """The last NG parts, newest first."""
        return self._bad

    @property
    def cycle(self) -> Cycle:
        """How long a part takes."""
        return self._cycle

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is not as it should be, the gravest first."""
        return self._troubles

    @property
    def outputs(self) -> tuple[OutputState, ...]:
        """How the receivers stand."""
        return self._outputs

    @property
    def source(self) -> SourceState | None:
        """How the source stands, ``None`` while nothing runs."""
        return self._source

    @property
    def serial(self) -> str:
        """What the next part is called; empty when nothing was scanned."""
        return self._serial

    # -- what the workbench says ------------------------------------------------------------

    def set_run(self, phase: Phase, waiting: Record | None = None) -> None:
        """Say how the line stands; a new run starts without a verdict on screen."""
        run = Run(phase, waiting)
        if run == self._run:
            return
        if phase is Phase.STARTING:
            self._begin()
        self._run = run
        if phase is Phase.IDLE:
            self._source, self._trend, self._late = None, None, False
            self._tell_troubles()
        self.run_changed.emit(run)

    def add(self, batch: Sequence[Inspected]) -> None:
        """Take in judged parts, oldest first."""
        if not batch:
            return
        counts = self._counts
        for inspected in batch:
            counts = counts.plus(inspected.record.verdict)
            self._times.add(inspected.record)
        self._counts = counts
        self._current = batch[-1]
        self.judged.emit(batch[-1])
        self.counts_changed.emit(counts)
        self._add_bad(i for i in batch if i.record.verdict is Verdict.NG)
        self._sum_up()

    def set_counts(self, counts: Counts) -> None:
        """Say what went by before, from the store, or that counting starts anew."""
        self._counts = counts
        self.counts_changed.emit(counts)

    def note_decision(self, number: int, decision: Decision, who: str) -> None:
        """Write down what a person said about a part that is still on screen."""
        current = self._current
        if current is not None and current.record.number == number:
            record = replace(current.record, decision=decision, decided_by=who)
            self._current = replace(current, record=record)
            self.judged.emit(self._current)

    def set_takt(self, seconds: float) -> None:
        """Say how much time the line gives for one part; 0: not said."""
        self._takt = seconds
        self._sum_up()

    def set_source(self, state: SourceState | None) -> None:
        """Say how the source stands."""
        if state != self._source:
            self._source = state
            self._tell_troubles()

    def set_outputs(self, states: Sequence[OutputState]) -> None:
        """Say how the receivers stand."""
        if tuple(states) != self._outputs:
            self._outputs = tuple(states)
            self.outputs_changed.emit(self._outputs)
            self._tell_troubles()

    def set_records(self, message: Message | None, kind: NoticeKind = NoticeKind.WARNING) -> None:
        """Say what is wrong with the store of verdicts or with the kept pictures."""
        trouble = None if message is None else Trouble(Topic.RECORDS, message, kind)
        if trouble != self._records:
            self._records = trouble
            self._tell_troubles()

    def set_trend(self, message: Message | None) -> None:
        """Say that the scores of OK parts drift, or no longer do."""
        if message != self._trend:
            self._trend = message
            self._tell_troubles()

    def set_late(self, late: bool) -> None:
        """Say whether pictures come faster than they are judged."""
        if late != self._late:
            self._late = late
            self._tell_troubles()

    def set_serial(self, serial: str) -> None:
        """Say what the next part is called."""
        if serial != self._serial:
            self._serial = serial
            self.serial_changed.emit(serial)

    # -- inside -----------------------------------------------------------------------------

    def _begin(self) -> None:
        self._current, self._trend, self._late = None, None, False
        self._times.clear()
        self._sum_up()

    def _add_bad(self, batch: Iterable[Inspected]) -> None:
        fresh = [kept_of(inspected) for inspected in batch]
        if fresh:
            self._bad = (*reversed(fresh), *self._bad)[:BAD_KEPT]
            self.bad_changed.emit(self._bad)

    def _sum_up(self) -> None:
        cycle = self._times.cycle(self._takt)
        if cycle != self._cycle:
            self._cycle = cycle
            self.cycle_changed.emit(cycle)
        self._tell_troubles()

    def _tell_troubles(self) -> None:
        current = self._current
        causes = () if current is None or not self._run.active else current.record.causes
        found = (
            troubles.of_source(self._source),
            self._records,
            troubles.of_lateness(self._late),
            troubles.of_cycle(self._cycle),
            *troubles.of_picture(causes),
            None if self._trend is None else Trouble(Topic.TREND, self._trend),
            *troubles.of_outputs(self._outputs),
        )
        told = tuple(trouble for trouble in found if trouble is not None)
        if told != self._troubles:
            self._troubles = told
            self.troubles_changed.emit(told)


def kept_of(inspected: Inspected) -> Inspected:
    """Return a part with a small copy of its picture, so that 20 of them cost little memory."""
    frame = inspected.frame
    if frame is None:
        return inspected
    return replace(inspected, frame=Frame(shrunk(frame.pixels, BAD_SIDE), frame.source))


def shrunk(pixels: ByteImage, longest: int) -> ByteImage:
    """Return a copy with every n-th pixel, so that no side is longer than ``longest``."""
    step = max(1, math.ceil(max(pixels.shape[:2]) / longest))
    return np.array(pixels[::step, ::step], order="C")
