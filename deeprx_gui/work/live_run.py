"""One live run: part after part judged, recorded, told; holding where a person must decide."""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from deeprx_gui.domain.cycle_time import CycleTimeMonitor
from deeprx_gui.domain.errors import DeepRxError, StorageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import CauseMonitor
from deeprx_gui.domain.inspection import InspectedPart, Record, RunCounts
from deeprx_gui.domain.live_items import (
    AwaitingDecision,
    DecisionTaken,
    RevisionChange,
    StorageTrouble,
    TriggerTrouble,
)
from deeprx_gui.domain.marked_places import places_above, places_text
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.score_trend import ScoreTrend
from deeprx_gui.domain.source import SourceState
from deeprx_gui.domain.station import Station, StationIdentity
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.controls import NOT_RUNNING, DecisionAnswer, LiveControls
from deeprx_gui.work.feed import SourceFeed, TriggeredPicture
from deeprx_gui.work.judging import Judge, Judgement, why_it_cannot_judge
from deeprx_gui.work.run_ports import RecordSink, VerdictSink
from deeprx_gui.work.shadow import NoShadow, Shadow, settled

IDLE_SECONDS = 0.05
"""The longest pause between two yields while nothing happens."""
_PAUSES = (0.5, 1.0, 2.0, 5.0)
_CYCLE_SECONDS = 0.5
_LOOK_SECONDS = 60.0
"""Between two looks at the store's file while nothing is recorded."""
_REFUSED_SECONDS, _CALM_SECONDS = 1.0, 10.0
"""Between two sentences about refused triggers, and until the matter counts as over."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
Told = Generator[Progress, None, T]


def new_uid() -> str:
    """Return a name that is unique for ever, in order of time but for a clock that jumps.

    Ordered, so that the store's index of names grows at its end instead of everywhere.
    """
    return f"{time.time_ns():016x}{uuid.uuid4().hex[:16]}"


@dataclass(frozen=True)
class LiveRequest:
    """What to inspect and how; ``most``: end after so many parts, 0: never by itself.

    ``who`` operates the line (asked for each part where that may change during the run),
    ``identity`` is the station: both stand in every verdict. ``successor`` gives a revision of the
    product to go on with from the next part, once; it is asked between two parts and never waits.
    """

    profile: Profile
    station: Station
    who: str | Callable[[], str] = ""
    most: int = 0
    identity: StationIdentity = field(default_factory=StationIdentity)
    successor: Callable[[], Profile | None] = lambda: None

    @property
    def operator(self) -> str:
        """Who operates the line now; from any thread."""
        return self.who if isinstance(self.who, str) else self.who()


@dataclass(frozen=True, eq=False)
class PreparedRevision:
    """A revision that is ready to judge: what its golden images showed was in order.

    ``golden_difference`` in x limit. ``shadow``: the candidate that judges behind the line, begun.
    """

    profile: Profile
    judge: Judge
    runtime: str
    golden_difference: float
    shadow: Shadow = field(default_factory=NoShadow)


@dataclass(frozen=True, eq=False)
class RunEnvironment:
    """What a run works with; ``states`` is where the source's states arrive.

    ``prepare`` makes another revision ready to judge; it raises DeepRxError, or whatever the
    runtime raises.
    """

    first: PreparedRevision
    feed: SourceFeed
    recorder: RecordSink
    outputs: VerdictSink
    controls: LiveControls
    states: deque[SourceState]
    prepare: Callable[[Profile], PreparedRevision]


class LiveRun:
    """One run; every method that takes time is a generator that yields at least every 0.1 s."""

    def __init__(self, request: LiveRequest, line: RunEnvironment) -> None:
        self._request, self._feed, self._prepare = request, line.feed, line.prepare
        self._recorder, self._outputs = line.recorder, line.outputs
        self._controls, self._states = line.controls, line.states
        self.revisions: list[int] = []
        self._use(line.first)
        self._causes = CauseMonitor()
        self._cycle = CycleTimeMonitor(request.station.takt)
        self._cycle_told = 0.0
        self._look_next, self._store_gone = time.perf_counter() + _LOOK_SECONDS, False
        self._refused = line.controls.counts.refused
        self._refused_told: float | None = None
        self.begun = time.perf_counter()
        self.counts = RunCounts(datetime.now(UTC))
        self.unrecorded = 0

    def _use(self, prepared: PreparedRevision) -> None:
        """Judge with this revision from now on."""
        profile = self._profile = prepared.profile
        self._judge, self._runtime = prepared.judge, prepared.runtime
        self._shadow = prepared.shadow
        self._trend = ScoreTrend(
            [profile.limits.times(s) for s in profile.held_out_scores], profile.limits.review_times
        )
        self.revisions.append(profile.revision)

    def close(self) -> None:
        """End the candidate that judges behind the line."""
        self._shadow.close()

    def _change_over(self) -> Told[None]:
        """Go on with another revision where one is given; with the old one if it cannot judge."""
        profile = self._request.successor()
        if profile is None:
            return
        yield self._progress(
            note=say("Changing over to {revision}", revision=f"r{profile.revision:04d}")
        )
        try:
            prepared = self._prepare(profile)
        except Exception as error:  # noqa: BLE001 - a runtime's own errors must not end the line
            _log.warning("the line keeps its revision", exc_info=error)
            yield self._progress(RevisionChange(profile, why_it_cannot_judge(error)))
            return
        self._shadow.close()
        self._use(prepared)
        yield self._progress(RevisionChange(profile))

    def parts(self) -> Told[None]:
        """Judge part after part."""
        closing = False
        while not (self._request.most and self.counts.total >= self._request.most):
            yield from self._tell_states()
            yield from self._tell_refusals()
            yield from self._look_at_the_store()
            yield from self._change_over()
            if (told := self._shadow.news()) is not None:
                yield self._progress(told)
            if self._controls.stopping and not closing:
                self._feed.close_triggers()
                closing = True
            chosen = self._feed.take(IDLE_SECONDS)
            if chosen is not None:
                with self._shadow.line_busy():
                    yield from self._part(chosen)
            elif closing or self._feed.ended:
                break
            else:
                yield self._progress()
        yield from self._tell_states()
        yield from self._tell_refusals(at_once=True)
        yield from self._tell_cycle(at_once=True)
        for told in settled(self._shadow, lambda: self._controls.nap(IDLE_SECONDS)):
            yield self._progress(told)

    def _part(self, chosen: TriggeredPicture) -> Told[None]:
        """Judge, record, and only then tell and show one part."""
        begun = time.perf_counter()
        judged = self._judged(chosen)
        stored = yield from self._recorded(judged)
        if stored is None:
            return
        now = time.perf_counter()
        self._feed.done(chosen.captured)
        if stored.record.uid != judged.record.uid:
            _log.info("%s was judged before", stored.record.item)
            return
        record = stored.record
        self._outputs.tell(record, trigger=chosen.trigger, score_map=stored.map)
        self._feed.answered(chosen)
        self.counts = self.counts.plus(record.verdict)
        asks = self._asks(record.verdict)
        if asks:
            self._controls.ask()
        yield self._progress(stored)
        self._shadow.offer(stored)
        self._cycle.add_part((now - begun) * 1000, (now - chosen.moment) * 1000)
        yield from self._news(stored)
        if asks:
            yield from self._hold(record)

    def _judged(self, chosen: TriggeredPicture) -> InspectedPart:
        captured, profile = chosen.captured, self._profile
        judged = self._judge.judge(captured)
        record = Record(
            uid=new_uid(),
            when=captured.when,
            profile_id=profile.id,
            profile=profile.name,
            revision=profile.revision,
            verdict=judged.verdict,
            score=judged.score,
            limits=profile.limits,
            runtime=self._runtime,
            milliseconds=judged.milliseconds,
            latency=(time.perf_counter() - chosen.moment) * 1000,
            source=captured.source,
            serial=chosen.serial,
            item=captured.item,
            error=judged.error,
            causes=judged.causes,
            station=self._request.identity.name,
            station_id=self._request.identity.id,
            operator=self._request.operator,
            method=profile.method,
            places=self._places(judged, captured.frame),
        )
        return InspectedPart(record, captured.frame, judged.map, judged.health, captured.path)

    def _places(self, judged: Judgement, frame: Frame | None) -> str:
        """Return where a part that is not OK lies above the limit; only those take the time."""
        if judged.map is None or judged.verdict is Verdict.OK:
            return ""
        profile = self._profile
        width, height = (0, 0) if frame is None else (frame.width, frame.height)
        return places_text(places_above(judged.map, profile.limits, width, height, profile))

    def _recorded(self, judged: InspectedPart) -> Told[InspectedPart | None]:
        """Record a part, however often the disk refuses; ``None`` when somebody stopped first."""
        tries = 0
        while True:
            try:
                stored = self._recorder.record(judged)
            except StorageError as error:
                _log.warning("a verdict cannot be recorded: %s", error)
                self._feed.block(error.message)
                yield self._progress(StorageTrouble(error.message))
                if self._controls.stopping:
                    self.unrecorded += 1
                    return None
                yield from self._wait(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                continue
            if tries:
                self._feed.block(None)
                yield self._progress(StorageTrouble())
            return stored

    def _look_at_the_store(self) -> Told[None]:
        """Look whether its file is still there, and refuse triggers while it is not."""
        now = time.perf_counter()
        if now < self._look_next:
            return
        self._look_next = now + _LOOK_SECONDS
        try:
            self._recorder.store.check_file()
        except StorageError as error:
            _log.warning("%s", error)
            self._store_gone = True
            self._look_next = now + _PAUSES[-1]
            self._feed.block(error.message)
            yield self._progress(StorageTrouble(error.message))
        else:
            if self._store_gone:
                self._store_gone = False
                self._feed.block(None)
                yield self._progress(StorageTrouble())

    def _news(self, stored: InspectedPart) -> Told[None]:
        """Tell what changed with this part: the picture's condition, the trend, the cycle."""
        if stored.frame is not None:
            warning = self._causes.update(stored.record.causes)
            if warning is not None:
                yield self._progress(warning)
        if stored.record.verdict is Verdict.OK:
            trend = self._trend.add_score(stored.record.times)
            if trend is not None:
                yield self._progress(trend)
        yield from self._tell_cycle()

    def _tell_cycle(self, *, at_once: bool = False) -> Told[None]:
        """Tell the cycle now and then, and when it becomes too slow or fast enough again."""
        now = time.perf_counter()
        if not at_once and now - self._cycle_told < _CYCLE_SECONDS:
            return
        cycle = self._cycle.now(late=self._feed.late, waiting=self._feed.waiting)
        if cycle is not None:
            self._cycle_told = now
            yield self._progress(cycle)

    def _tell_refusals(self, *, at_once: bool = False) -> Told[None]:
        """Tell that triggers were refused: the first at once, then every second, then the end."""
        counts = self._controls.counts
        now, before = time.perf_counter(), self._refused_told
        if counts.refused == self._refused:
            if before is not None and now - before > _CALM_SECONDS:
                self._refused_told = None
                yield self._progress(TriggerTrouble(counts))
        elif at_once or before is None or now - before > _REFUSED_SECONDS:
            new, self._refused, self._refused_told = (
                counts.refused - self._refused, counts.refused, now
            )  # fmt: skip
            why = self._feed.refusal or NOT_RUNNING
            problem = say_n(
                "{n} trigger was refused ({why}). Its part got no verdict.",
                "{n} triggers were refused ({why}). Their parts got no verdict.",
                n=new,
                why=why,
            )
            yield self._progress(TriggerTrouble(counts, problem))

    def _asks(self, verdict: Verdict) -> bool:
        station = self._request.station
        return (verdict is Verdict.NG and station.confirm_ng) or (
            verdict is Verdict.REVIEW and station.confirm_review
        )

    def _hold(self, record: Record) -> Told[None]:
        """Go no further until a person has decided about a part, or the run is stopped."""
        yield self._progress(AwaitingDecision(record))
        while (said := self._controls.answer()) is None and not self._controls.stopping:
            yield from self._wait(IDLE_SECONDS, say("Waiting for a decision"))
        self._controls.give_up_asking()
        if said is not None:
            yield from self._decided(record, said)
        yield self._progress(AwaitingDecision())

    def _decided(self, record: Record, said: DecisionAnswer) -> Told[None]:
        tries = 0
        while True:
            try:
                decided = self._recorder.store.decide(
                    record.number, said.decision, who=said.who, note=said.note
                )
            except StorageError as error:
                yield self._progress(StorageTrouble(error.message))
                if self._controls.stopping:
                    return
                yield from self._wait(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
            except DeepRxError as error:
                _log.warning("a decision could not be logged: %s", error)
                return
            else:
                if tries:
                    yield self._progress(StorageTrouble())
                yield self._progress(DecisionTaken(decided))
                return

    def _wait(self, seconds: float, note: Message | None = None) -> Told[None]:
        """Wait while yielding; returns early when the run is stopped."""
        end = time.perf_counter() + seconds
        while True:
            left = end - time.perf_counter()
            if left <= 0:
                return
            self._controls.nap(min(left, IDLE_SECONDS))
            yield from self._tell_states()
            yield from self._tell_refusals()
            yield self._progress(note=note)
            if self._controls.stopping:
                return

    def _tell_states(self) -> Told[None]:
        while self._states:
            yield self._progress(self._states.popleft())

    def _progress(self, item: object | None = None, note: Message | None = None) -> Progress:
        return Progress(self.counts.total, 0, note or say("Inspecting"), None, item)
