"""What the Inspect page asks for: a run on a lane of its own, triggers, decisions, counts.

The run has engines of its own, so that teaching and checking go on beside it: engines belong to one
thread. That costs the memory of one more network (about 30 MB for EfficientNet-Lite0).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from deeprx_gui.capture.decode import decode
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.live_pictures import THINNER
from deeprx_gui.controllers.part_counts import counted, nothing_yet
from deeprx_gui.controllers.recent_bad_parts import last_bad
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.controllers.station_controller import StationController
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Decision, InspectedPart, Keep, RunCounts
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceState
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job, Lane, ProgressBatch, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import FILE_NAME
from deeprx_gui.state.inspect import InspectModel, Phase
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.station_identity import identity
from deeprx_gui.ui.inspect.page import InspectPage
from deeprx_gui.ui.inspect.scan_field import MOST as MOST_SERIAL
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveOutcome, LiveRequest, live
from deeprx_gui.work.shadow import Shadow

_LOOK_MS = 1000


class InspectController(QObject):
    """Runs the line. ``ended``: a run is over, whatever the reason.

    ``admit`` is asked before a run begins and calls on when it may; ``make_shadow`` is asked in the
    run's own thread for the candidate that judges beside it.
    """

    ended = Signal()

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        model: InspectModel,
        page: InspectPage,
        controller: StationController,
    ) -> None:
        super().__init__(controller)
        self._job_service, self._records, self._model = job_service, records, model
        self._page, self._controller, self._line = page, controller, controller.line
        self._lane = Lane("live", self, thinner=THINNER)
        self._engines: EnginePool | None = None
        self._job: Job | None = None
        self._profile: Profile | None = None
        self._again = False
        self._why: Message | None = None
        self._keeper: PictureKeeper | None = None
        self._last: CapturedImage | None = None
        self.make_shadow: Callable[[LiveRequest], Shadow | None] = lambda _request: None
        self.admit: Callable[[Callable[[], None]], None] = lambda then: then()
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self._look)
        session = job_service.session
        session.profile_changed.connect(self._profile_changed)
        session.profile_saved.connect(self._profile_saved)
        for signal, slot in (
            (page.start_requested, self.start),
            (page.stop_requested, self.halt),
            (page.trigger_requested, self._trigger),
            (page.body.run.empty.clicked, self._rearm_trigger),
            (page.decided, self._decide),
            (page.poll.timeout, self._poll),
            (page.picture_requested, self._open_kept),
            (page.body.run.field.refused, self._refuse_scan),
        ):
            signal.connect(slot)

    # -- the run ----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._job is not None

    @property
    def model(self) -> InspectModel:
        return self._model

    def on_line(self, work: Callable[[EnginePool], Generator[Progress, None, object]]) -> Job:
        """Do something else with the line's camera and engines; only while nothing is inspected."""
        return self._lane.start(lambda: work(self._own_engines()))

    def run_again(self) -> None:
        """End a run and begin it anew, with what was changed meanwhile."""
        if self._job is not None:
            self._again = True
            self.halt()

    @Slot()
    def start(self) -> None:
        """Start an inspection, once the limit samples are as agreed where they are asked for."""
        if self._job is None:
            self.admit(self._start)

    def _start(self) -> None:
        """Start an inspection with the open profile and the station's source."""
        profile, station = self._job_service.session.profile, self._controller.station
        if self._job is not None or profile is None or station.source is None:
            return
        self._again, self._why = False, None
        self._profile, self._last = profile, None
        controls = self._line.begin(profile.id)
        if self._model.serial:
            controls.set_serial(self._model.serial)
        self._model.set_failure(None)
        self._model.set_run(Phase.STARTING)
        request = LiveRequest(profile, station, lambda: self._job_service.settings.who)
        job = self._lane.start(lambda: self._live(request, controls))
        self._job = job
        job.progress.connect(self._progress)
        job.done.connect(self._done)
        job.failed.connect(self._failed)
        job.finished.connect(self._finished)
        self._clock.start()
        if station.last_profile != profile.id:
            self._controller.change(replace(station, last_profile=profile.id))

    @Slot()
    def halt(self) -> None:
        """End the run: what was triggered is still judged."""
        if self._job is not None:
            self._model.set_run(Phase.STOPPING)
            self._line.run.stop()

    def stop(self) -> bool:
        """End the run and the lane: the window closes."""
        self._clock.stop()
        self._again = False
        self._line.run.stop()
        return self._lane.stop()

    def name_next(self, serial: str) -> None:
        """Set the serial number of the next part; say so when one before it had no part."""
        before = self._model.serial
        if before and before != serial:
            self._job_service.tell(
                say(
                    "“{before}” was replaced by “{serial}”: no part was inspected in between.",
                    before=before,
                    serial=serial,
                ),
                NoticeKind.WARNING,
            )
        self._model.set_serial(serial)
        self._line.run.set_serial(serial)

    # -- counts -----------------------------------------------------------------------------

    def count(self) -> None:
        """Show what went by of the open product before, as the store remembers it."""
        station, product = self._controller.station, self._product
        self._model.show_product(product)
        if not product or not (self._records.folder / FILE_NAME).is_file():
            self._model.set_counts(nothing_yet(station))
            return
        since = nothing_yet(station).since

        def show_counts(counts: RunCounts) -> None:
            if product == self._product:
                self._model.set_counts(counts)

        def show_bad(bad: tuple[InspectedPart, ...]) -> None:
            if product == self._product:
                self._model.set_bad(bad)

        self._job_service.ask(
            lambda: counted(self._records.store(), station, product), say("Counting"), show_counts
        )
        self._job_service.ask(
            lambda: last_bad(self._records.store(), self._records.path_of, since, product),
            say("Looking for the last NG parts"),
            show_bad,
        )

    @property
    def _product(self) -> str:
        """The product whose parts are counted: the open one, else the last on this line."""
        profile = self._job_service.session.profile
        return self._controller.station.last_profile if profile is None else profile.id

    @Slot(str)
    def reset(self, reason: str) -> None:
        """Count from now on."""
        now = datetime.now(UTC)
        self._model.set_counts(RunCounts(now, reason=reason))
        station = self._controller.station
        self._controller.change(replace(station, counted_since=now, counted_reason=reason))

    # -- what the page asks for ---------------------------------------------------------------

    @Slot()
    def _trigger(self) -> None:
        self._line.run.fire(origin="key")

    @Slot()
    def _rearm_trigger(self) -> None:
        self._line.run.rearm()

    @Slot(str)
    def _refuse_scan(self, text: str) -> None:
        self._job_service.tell(
            say(
                "A serial number has at most {most} characters; this text has {count} and was not "
                "taken. Scan again.",
                most=MOST_SERIAL,
                count=len(text),
            ),
            NoticeKind.WARNING,
        )

    @Slot(object)
    def _decide(self, decision: Decision) -> None:
        self._line.run.decide(decision, self._job_service.settings.who)

    def newest(self) -> CapturedImage | None:
        """Return what the source saw last."""
        return self._line.run.newest()

    @Slot()
    def _poll(self) -> None:
        captured = self.newest()
        if captured is not None and captured is not self._last:
            self._last = captured
            if captured.frame is not None:
                self._page.show_live(captured.frame)

    @Slot(object)
    def _open_kept(self, inspected: InspectedPart) -> None:
        """Open the picture as it was kept: what is shown at once is a small copy."""
        name = inspected.record.picture
        if not name:
            return
        file = self._records.path_of(name)

        def done(frame: Frame) -> None:
            self._page.picture.show_whole(inspected, frame)

        job = self._job_service.pictures.start(
            once(partial(decode, file), say("Opening the picture"))
        )
        job.done.connect(done)  # a picture that was thinned since leaves the small copy

    # -- what the run tells -------------------------------------------------------------------

    def _live(
        self, request: LiveRequest, controls: LiveControls
    ) -> Generator[Progress, None, LiveOutcome]:
        """Open what a run needs, in its own thread, and run."""
        yield Progress(0, 0, say("Opening the records"))
        store = self._records.store()
        keeper = None
        if request.station.keep.keep is not Keep.NONE:
            keeper = PictureKeeper(self._records.folder, request.station.keep)
        self._keeper = keeper
        recorder = Recorder(store, keeper)
        services = self._job_service.services
        who = identity(services.paths.station_id_file, request.station.name)
        request = replace(request, identity=who)
        engines = self._own_engines()
        try:
            yield Progress(
                0, 0, say("Counting"), item=counted(store, request.station, request.profile.id)
            )
            return (
                yield from live(
                    request,
                    engines=engines,
                    recorder=recorder,
                    outputs=self._controller.audience,
                    controls=controls,
                    shadow=self.make_shadow(request),
                )
            )
        finally:
            recorder.close()

    def _own_engines(self) -> EnginePool:
        """Return the engines of the line's thread."""
        if self._engines is None:
            self._engines = self._job_service.services.another_pool()
        return self._engines

    @Slot(object)
    def _progress(self, batch: ProgressBatch) -> None:
        for item in batch.items:
            if (
                isinstance(item, RunCounts)
                and self._profile is not None
                and self._profile.id == self._product
                and item.since == nothing_yet(self._controller.station).since
            ):
                self._model.set_counts(item)  # else they were set to zero meanwhile
        phase = self._model.run.phase
        if phase is Phase.STARTING and any(map(_is_under_way, batch.items)):
            self._model.set_run(Phase.RUNNING)
            self._tell_runtime()
        self._model.take(batch.items)

    def _tell_runtime(self) -> None:
        info = None if self._engines is None else self._engines.describe()
        if info is not None and self._profile is not None:
            self._job_service.show_runtime(info.name, self._profile)

    @Slot(object)
    def _done(self, outcome: LiveOutcome) -> None:
        why, self._why = self._why, None
        if outcome.problem is not None:
            self._model.set_failure(outcome.problem)
        elif why is not None:
            self._job_service.tell(why, NoticeKind.WARNING)
        if outcome.problem is not None or why is not None:
            return
        self._job_service.tell(
            say_n("{n} part was inspected.", "{n} parts were inspected.", n=outcome.counts.total),
            NoticeKind.INFO,
        )

    @Slot(object)
    def _failed(self, failure: JobFailed) -> None:
        self._model.set_failure(failure.message)

    @Slot()
    def _finished(self) -> None:
        self._job = None
        self._clock.stop()
        self._look()
        self._keeper = None
        self._model.set_run(Phase.IDLE)
        again, self._again = self._again, False
        self.ended.emit()
        if again:
            self.start()

    @Slot()
    def _look(self) -> None:
        """Check the state of the store and of the saved images."""
        keeper, store = self._keeper, self._records.opened
        problem = None if keeper is None else keeper.state().problem
        self._model.set_records(problem or (None if store is None else store.notice))

    # -- the profile --------------------------------------------------------------------------

    def restart_with(self, change: Callable[[], None]) -> None:
        """Run ``change`` while the line is stopped, then restart it if it was running."""
        if self._job is None:
            change()
            return

        def once_ended() -> None:
            self.ended.disconnect(once_ended)
            change()

        self.ended.connect(once_ended)
        self.halt()

    @Slot()
    def _profile_changed(self) -> None:
        profile = self._job_service.session.profile
        self.count()
        if self._job is None or (profile is not None and profile is self._profile):
            return
        self._why = say("The inspection was stopped: another profile was opened.")
        self.halt()

    @Slot()
    def _profile_saved(self) -> None:
        self.run_again()  # with the newly saved limits


def _is_under_way(item: object) -> bool:
    if isinstance(item, SourceState):
        return item.link is not SourceConnection.OPENING
    return isinstance(item, InspectedPart)
