"""Limit samples before the line inspects: asked for, judged, signed; the line waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.inspect_controller import InspectController
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.station_controller import StationController
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.audit import AuditEvent
from deeprx_gui.domain.limit_samples import (
    LimitSample,
    SampleDuty,
    SampleRecord,
    SampleResult,
    SampleRule,
    SampleWay,
    duty,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.jobs.lane import ProgressBatch
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.sample_records import SampleRecords, signed
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.station_identity import identity
from deeprx_gui.ui.inspect.page import InspectPage
from deeprx_gui.ui.inspect.samples_sheet import SamplesSheet
from deeprx_gui.ui.kit.touch import TOUCH
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.limit_samples import (
    SampleAsked,
    SamplesOutcome,
    can_show,
    replay_samples,
    show_samples,
)
from deeprx_gui.work.small_sample import small_pixels

Shown = tuple[str, Verdict, str, ByteImage | None]


@dataclass(frozen=True, eq=False)
class _Due:
    duty: SampleDuty
    shown: tuple[Shown, ...]


class SamplesController(QObject):
    """Stands before every start of the line (``InspectController.admit``).

    ``ask_pin`` asks for the engineer's PIN, where there is one, and calls on.
    """

    def __init__(
        self,
        job_service: JobService,
        page: InspectPage,
        station: StationController,
        inspect: InspectController,
        ask_pin: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__(inspect)
        self._job_service, self._page = job_service, page
        self._station, self._inspect, self._ask_pin = station, inspect, ask_pin
        self._begun = datetime.now(UTC)
        self.records = SampleRecords(job_service.services.paths.sample_records)
        self.sheet: SamplesSheet | None = None
        self._controls = LiveControls()
        self._then: Callable[[], None] | None = None
        self._profile: Profile | None = None
        self._place = 0
        inspect.admit = self.admit
        job_service.session.profile_changed.connect(self._profile_changed)

    # -- before a run -----------------------------------------------------------------------------

    def admit(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the limit samples are as agreed; at once where nobody asks."""
        profile, station = self._job_service.session.profile, self._station.station
        if profile is None or station.source is None or station.samples is SampleRule.OFF:
            then()
            return
        self._then, self._profile = then, profile

        def show(found: _Due) -> None:
            if self._profile is not profile:
                return
            if not found.duty.due:
                self._go_on()
                return
            self._show(found)

        self._job_service.ask(
            lambda: self._due(profile), say("Looking for the limit samples"), show
        )

    def _due(self, profile: Profile) -> _Due:
        found = duty(
            self._station.station.demand,
            profile_id=profile.id,
            revision=profile.revision,
            station_id=self._here(profile).station_id,
            samples=len(profile.limit_samples),
            records=self.records.read(),
            begun=self._begun,
            now=datetime.now(UTC),
        )
        shown = tuple(map(shown_sample, profile.limit_samples)) if found.due else ()
        return _Due(found, shown)

    def _show(self, found: _Due) -> None:
        sheet = self._sheet()
        sheet.setStyleSheet(TOUCH if self._page.operator else "")
        sheet.show_due(found.duty.why or say("The limit samples are due."), found.shown)
        if not sheet.isVisible():
            sheet.open()
        if found.shown and not self._by_showing:
            self.check()

    def _sheet(self) -> SamplesSheet:
        if self.sheet is None:
            sheet = self.sheet = SamplesSheet(self._page.window())
            sheet.check.clicked.connect(self.check)
            sheet.picture.clicked.connect(self._take)
            sheet.release_requested.connect(self._ask_release)
            sheet.broken_off.connect(self._break_off)
        return self.sheet

    @property
    def _by_showing(self) -> bool:
        station = self._station.station
        return station.sample_way is SampleWay.SHOWN and can_show(station)

    # -- the check --------------------------------------------------------------------------------

    @Slot()
    def check(self) -> None:
        """Judge the samples: their stored pictures, or as they are shown to the camera."""
        profile, station = self._profile, self._station.station
        if profile is None or self.sheet is None or self._inspect.running:
            return
        self.sheet.show_checking()
        self._place = 0
        way = SampleWay.SHOWN if self._by_showing else SampleWay.REPLAYED
        controls = self._controls = LiveControls()
        if way is SampleWay.SHOWN:
            job = self._inspect.on_line(
                lambda engines: show_samples(profile, station, engines=engines, controls=controls)
            )
        else:
            job = self._inspect.on_line(lambda engines: replay_samples(profile, engines=engines))

        def done(outcome: SamplesOutcome) -> None:
            if outcome.complete:
                self._judged(profile, way, outcome)

        job.progress.connect(self._progress)
        job.done.connect(done)
        job.failed.connect(self._failed)

    @Slot(object)
    def _progress(self, batch: ProgressBatch) -> None:
        if self.sheet is None:
            return
        for item in batch.items:
            if isinstance(item, SampleAsked):
                self.sheet.ask_for(item.place)
            elif isinstance(item, SampleResult):
                self.sheet.show_result(self._place, item)
                self._place += 1

    @Slot()
    def _take(self) -> None:
        answer = self._controls.fire(origin="key")
        if answer.problem is not None and self.sheet is not None:
            self._job_service.tell(answer.problem, NoticeKind.WARNING)

    @Slot()
    def _break_off(self) -> None:
        self._controls.stop()

    @Slot(object)
    def _failed(self, failure: JobFailed) -> None:
        if self.sheet is not None:
            self.sheet.show_problem(failure.message)

    def _judged(self, profile: Profile, way: SampleWay, outcome: SamplesOutcome) -> None:
        record = replace(
            self._here(profile), way=way, results=outcome.results, runtime=outcome.runtime
        )
        self._keep(record)

    # -- the record -------------------------------------------------------------------------------

    def _here(self, profile: Profile) -> SampleRecord:
        """Return a record signed by who operates the line, on this station, now."""
        paths = self._job_service.services.paths
        here = identity(paths.station_id_file, self._station.station.name)
        return signed(profile, here, self._job_service.settings.who)

    def _keep(self, record: SampleRecord) -> None:
        """Append a record, then let the line begin or say why it stays locked."""

        def done(_nothing: None) -> None:
            self._job_service.services.people.note(
                AuditEvent.SAMPLES, record.operator, record.profile, record.revision,
                released=record.released, opens=str(record.opens),
            )  # fmt: skip
            if record.opens:
                if self.sheet is not None:
                    self.sheet.close_sheet()
                self._job_service.tell(record.sentence, NoticeKind.SUCCESS)
                self._go_on()
            elif self.sheet is not None:
                self.sheet.show_problem(_stays_locked(record))

        def failed() -> None:
            if self.sheet is not None:
                self.sheet.show_problem(
                    say("The check could not be written down, so it does not count. Check the disk "
                        "and your rights, then check again.")
                )  # fmt: skip

        self._job_service.ask(lambda: self.records.add(record), say("Saving…"), done, failed)

    @Slot(str)
    def _ask_release(self, reason: str) -> None:
        profile = self._profile
        if profile is None:
            return

        def release() -> None:
            if self._page.operator:  # the PIN was given for this alone
                self._job_service.services.access.leave(who=self._job_service.settings.who)
            self._keep(replace(self._here(profile), released=reason))

        self._ask_pin(release)

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    @Slot()
    def _profile_changed(self) -> None:
        self._then, self._profile = None, None
        self._controls.stop()
        if self.sheet is not None and self.sheet.isVisible():
            self.sheet.close_sheet()


def shown_sample(sample: LimitSample) -> Shown:
    """Return what a row shows of a sample: name, expectation, note, a small picture."""
    return sample.name, sample.expected, sample.note, small_pixels(sample)


def _stays_locked(record: SampleRecord) -> Message:
    return say(
        "{problem} The line stays locked: check lamp, camera and position, then check again.",
        problem=record.sentence,
    )
