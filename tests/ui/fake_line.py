"""A line that needs no camera and no engine: the test hands it parts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime

from deeprx_gui.domain.inspection import InspectedPart, RunCounts
from deeprx_gui.domain.line_status import LineStatus, TriggerAnswer
from deeprx_gui.domain.live_items import AwaitingDecision, DecisionTaken
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveOutcome, LiveRequest
from deeprx_gui.work.live_run import Told


class FakeLine:
    """Stands in for ``work.live.live`` and for the feed that its controls reach."""

    def __init__(self) -> None:
        self.requests: list[LiveRequest] = []
        self.shadows: list[object] = []
        self.fired: list[str] = []
        self.emptied = 0
        self.serial = ""
        self.failure: Exception | None = None
        self.ends = threading.Event()
        self.seen: CapturedImage | None = None
        self._items: deque[object] = deque()

    def put(self, *items: object) -> None:
        """Let parts come by, or let the run say something else; a call is made in its turn."""
        self._items.extend(items)

    # what controls reach

    def fire(self, serial: str = "", origin: str = "") -> TriggerAnswer:
        self.fired.append(serial or self.serial)
        return TriggerAnswer()

    def status(self) -> LineStatus:
        return LineStatus(running=True, most=8)

    def set_serial(self, serial: str) -> None:
        self.serial = serial

    def newest(self) -> CapturedImage | None:
        return self.seen

    def rearm(self) -> None:
        self.emptied += 1

    # the run

    def live(
        self,
        request: LiveRequest,
        *,
        recorder: Recorder,
        outputs: OutputHub,
        controls: LiveControls,
        shadow: object = None,
        **_services: object,
    ) -> Told[LiveOutcome]:
        self.requests.append(request)
        self.shadows.append(shadow)
        if self.failure is not None:
            raise self.failure
        controls.attach(self)
        outputs.set_running(True)
        counts = RunCounts(datetime.now(UTC))
        try:
            yield self._step(SourceState(SourceConnection.LIVE))
            while not controls.stopping and not self.ends.is_set():
                if not self._items:
                    controls.nap(0.005)
                    yield self._step()
                    continue
                item = self._items.popleft()
                if callable(item):
                    item = item()
                if not isinstance(item, InspectedPart):
                    yield self._step(item)
                    continue
                serial, self.serial = self.serial, ""
                record = replace(item.record, serial=serial, when=datetime.now(UTC), number=0)
                stored = recorder.record(replace(item, record=record))
                outputs.tell(stored.record)
                counts = counts.plus(stored.record.verdict)
                yield self._step(stored)
                yield from self._hold(request, stored, recorder, controls)
            return LiveOutcome(counts, 1.0, "openvino-cpu", 0.0)
        finally:
            controls.detach()
            outputs.set_running(False)

    def _hold(
        self,
        request: LiveRequest,
        stored: InspectedPart,
        recorder: Recorder,
        controls: LiveControls,
    ) -> Generator[Progress, None, None]:
        station, verdict = request.station, stored.record.verdict
        asks = (station.confirm_review and verdict is Verdict.REVIEW) or (
            station.confirm_ng and verdict is Verdict.NG
        )
        if not asks:
            return
        controls.ask()
        yield self._step(AwaitingDecision(stored.record))
        said = controls.answer()
        while said is None and not controls.stopping:
            controls.nap(0.005)
            yield self._step()
            said = controls.answer()
        if said is not None:
            decided = recorder.store.decide(stored.record.number, said.decision, who=said.who)
            yield self._step(DecisionTaken(decided))
        yield self._step(AwaitingDecision())

    def _step(self, item: object | None = None) -> Progress:
        return Progress(0, 0, say("Scoring"), item=item)
