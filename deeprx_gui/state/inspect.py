"""What the Inspect page shows of a live run: the newest part, counts, the last NGs, troubles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import InspectedPart, Record, RunCounts
from deeprx_gui.domain.live_items import (
    AwaitingDecision,
    CycleTime,
    DecisionTaken,
    HealthWarning,
    StorageTrouble,
    TrendWarning,
    TriggerTrouble,
)
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.output import OutputState
from deeprx_gui.domain.shadow import ShadowNews
from deeprx_gui.domain.source import SourceState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state import troubles
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.troubles import Topic, Trouble

BAD_KEPT: Final = 20
"""So many NG parts can be looked at again at once."""
BAD_SIDE: Final = 480
"""Longest side, in pixels, of what is kept of their pictures."""


class Phase(StrEnum):
    """The state of the run."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    HOLDING = "holding"
    STOPPING = "stopping"


@dataclass(frozen=True)
class RunState:
    """The run: ``waiting`` is the verdict a person has to decide about while it holds."""

    phase: Phase = Phase.IDLE
    waiting: Record | None = None

    @property
    def active(self) -> bool:
        """Whether there is a run at all."""
        return self.phase is not Phase.IDLE


class InspectModel(QObject):
    """Filled by the controllers, followed by the page; every signal carries one frozen object.

    ``run_changed``: ``Run``; ``judged``: the newest ``InspectedPart`` of a batch;
    ``counts_changed``:
    ``Counts``; ``bad_changed``: a tuple of ``InspectedPart``, newest first, their pictures made
    small;
    ``cycle_changed``: ``CycleTime`` or
    ``None``; ``troubles_changed``: a tuple of ``Trouble``;
    ``outputs_changed``: a tuple of ``OutputState``; ``serial_changed``: what the next part is
    called; ``product_changed``: nothing of the product before is shown any more;
    ``shadow_changed``: ``ShadowNews``, or ``None`` when no run has a candidate beside it.
    """

    run_changed = Signal(object)
    judged = Signal(object)
    counts_changed = Signal(object)
    bad_changed = Signal(object)
    cycle_changed = Signal(object)
    troubles_changed = Signal(object)
    outputs_changed = Signal(object)
    serial_changed = Signal(object)
    product_changed = Signal()
    shadow_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = RunState()
        self._current: InspectedPart | None = None
        self._counts = RunCounts(datetime.now(UTC))
        self._bad: tuple[InspectedPart, ...] = ()
        self._cycle: CycleTime | None = None
        self._health = HealthWarning()
        self._source: SourceState | None = None
        self._outputs: tuple[OutputState, ...] = ()
        self._records: Trouble | None = None
        self._storage: Message | None = None
        self._trend: Message | None = None
        self._drift: Message | None = None
        self._refused: Message | None = None
        self._failure: Message | None = None
        self._troubles: tuple[Trouble, ...] = ()
        self._serial = ""
        self._product = ""

    # -- what there is ----------------------------------------------------------------------

    @property
    def run(self) -> RunState:
        return self._run

    @property
    def current(self) -> InspectedPart | None:
        """The newest part of this run."""
        return self._current

    @property
    def counts(self) -> RunCounts:
        """Parts by verdict since they were set to zero."""
        return self._counts

    @property
    def bad(self) -> tuple[InspectedPart, ...]:
        """The last NG parts, newest first."""
        return self._bad

    @property
    def cycle(self) -> CycleTime | None:
        """How long a part takes; ``None`` before the first."""
        return self._cycle

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is not as it should be, the gravest first."""
        return self._troubles

    @property
    def outputs(self) -> tuple[OutputState, ...]:
        return self._outputs

    @property
    def source(self) -> SourceState | None:
        """How the source stands, ``None`` while nothing runs."""
        return self._source

    @property
    def serial(self) -> str:
        """What the next part is called; empty when nothing was scanned."""
        return self._serial

    # -- what the controllers say ------------------------------------------------------------

    def show_product(self, profile_id: str) -> None:
        """Say which product is open: counts, the last NG parts and the verdict are only its own."""
        if profile_id == self._product:
            return
        self._product = profile_id
        self._bad = ()
        self._begin()
        self.set_counts(RunCounts(self._counts.since, reason=self._counts.reason))
        self.bad_changed.emit(self._bad)
        self.product_changed.emit()

    def set_run(self, phase: Phase, waiting: Record | None = None) -> None:
        """Say how the line stands; a new run starts without a verdict on screen."""
        run = RunState(phase, waiting)
        if run == self._run:
            return
        if phase is Phase.STARTING:
            self._begin()
        self._run = run
        if phase is Phase.IDLE:
            self._source, self._storage, self._trend = None, None, None
            self._refused = None
            self._health = HealthWarning()
            self._tell_troubles()
            self.shadow_changed.emit(None)
        self.run_changed.emit(run)

    def take(self, items: Sequence[object]) -> None:
        """Take what a run told since the last time, in its order."""
        self._add(
            [item for item in items if isinstance(item, InspectedPart) and self._is_shown(item)]
        )
        for item in items:
            self._take(item)
        if any(isinstance(item, CycleTime) for item in items):
            self.cycle_changed.emit(self._cycle)
        self._tell_troubles()

    def _take(self, item: object) -> None:
        match item:
            case SourceState():
                self._source = item
            case HealthWarning():
                self._health = item
            case TrendWarning():
                self._trend = item.problem
            case StorageTrouble():
                self._storage = item.problem
            case TriggerTrouble():
                self._refused = item.problem
            case CycleTime():
                self._cycle = item
            case ShadowNews():
                self.shadow_changed.emit(item)
            case DecisionTaken():
                self._note_decision(item.record)
            case AwaitingDecision():
                self._wait_for(item.record)

    def set_drift(self, warning: Message | None) -> None:
        """Say what has drifted of the product over the days; ``None``: nothing."""
        self._drift = warning
        self._tell_troubles()

    def set_counts(self, counts: RunCounts) -> None:
        """Say what went by before, from the store, or that counting starts anew."""
        self._counts = counts
        self.counts_changed.emit(counts)

    def set_bad(self, remembered: Sequence[InspectedPart]) -> None:
        """Say which NG parts there were before, newest first; those of this run stay in front."""
        here = {inspected.record.uid for inspected in self._bad}
        older = tuple(inspected for inspected in remembered if inspected.record.uid not in here)
        if older:
            self._bad = (*self._bad, *older)[:BAD_KEPT]
            self.bad_changed.emit(self._bad)

    def set_outputs(self, states: Sequence[OutputState]) -> None:
        """Set the states of the outputs."""
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

    def set_failure(self, message: Message | None) -> None:
        """Say why the last run ended of itself; ``None``: another one begins."""
        if message != self._failure:
            self._failure = message
            self._tell_troubles()

    def set_serial(self, serial: str) -> None:
        """Set the serial number of the next part."""
        if serial != self._serial:
            self._serial = serial
            self.serial_changed.emit(serial)

    # -- inside -----------------------------------------------------------------------------

    def _begin(self) -> None:
        self._current, self._cycle = None, None
        self.cycle_changed.emit(None)

    def _is_shown(self, inspected: InspectedPart) -> bool:
        """Whether a part is of the open product; a run that is ending still judges its own."""
        return not self._product or inspected.record.profile_id == self._product

    def _add(self, batch: Sequence[InspectedPart]) -> None:
        if not batch:
            return
        counts = self._counts
        for inspected in batch:
            counts = counts.plus(inspected.record.verdict)
        self._counts = counts
        self._current = batch[-1]
        self.judged.emit(batch[-1])
        self.counts_changed.emit(counts)
        self._add_bad(i for i in batch if i.record.verdict is Verdict.NG)
        if self._serial and any(i.record.serial == self._serial for i in batch):
            self.set_serial("")

    def _wait_for(self, record: Record | None) -> None:
        """Hold, or go on; a run that is ending stays so."""
        if self._run.phase is not Phase.STOPPING:
            self.set_run(Phase.RUNNING if record is None else Phase.HOLDING, record)

    def _note_decision(self, record: Record) -> None:
        current = self._current
        if current is not None and current.record.uid == record.uid:
            counted = self._counts.by_verdict[record.verdict]  # none: set to zero meanwhile
            if record.decision is not None and counted:
                self.set_counts(self._counts.decided(record.verdict, record.decision))
            self._current = replace(current, record=record)
            self.judged.emit(self._current)

    def _add_bad(self, batch: Iterable[InspectedPart]) -> None:
        fresh = [kept_of(inspected) for inspected in batch]
        if fresh:
            self._bad = (*reversed(fresh), *self._bad)[:BAD_KEPT]
            self.bad_changed.emit(self._bad)

    def _tell_troubles(self) -> None:
        cycle, active = self._cycle, self._run.active
        slow = None if cycle is None or not active else cycle.problem
        found = (
            *_told(Topic.RUN, self._failure, NoticeKind.ERROR),
            troubles.of_source(self._source),
            *_told(Topic.RECORDS, self._storage, NoticeKind.ERROR),
            self._records,
            *_told(Topic.TRIGGER, self._refused),
            *_told(Topic.PACE, slow),
            *troubles.of_picture(self._health),
            *_told(Topic.TREND, self._trend),
            *_told(Topic.TREND, self._drift, NoticeKind.INFO),
            *troubles.of_outputs(self._outputs),
        )
        told = tuple(trouble for trouble in found if trouble is not None)
        if told != self._troubles:
            self._troubles = told
            self.troubles_changed.emit(told)


def _told(
    topic: Topic, message: Message | None, kind: NoticeKind = NoticeKind.WARNING
) -> Iterator[Trouble]:
    if message is not None:
        yield Trouble(topic, message, kind)


def kept_of(inspected: InspectedPart) -> InspectedPart:
    """Return a part with a small copy of its picture, so that 20 of them cost little memory."""
    frame = inspected.frame
    if frame is None:
        return inspected
    return replace(inspected, frame=Frame(shrunk(frame.pixels, BAD_SIDE), frame.source))


def shrunk(pixels: ByteImage, longest: int) -> ByteImage:
    """Return a copy with every n-th pixel, so that no side is longer than ``longest``."""
    step = max(1, math.ceil(max(pixels.shape[:2]) / longest))
    return np.array(pixels[::step, ::step], order="C")
