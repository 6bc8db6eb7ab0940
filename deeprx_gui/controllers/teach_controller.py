"""What the Teach page asks for: pictures for the tray, learning, backbones, forecasts."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from deeprx_gui.controllers.backbone_controller import BackboneController
from deeprx_gui.controllers.check_controller import labelled
from deeprx_gui.controllers.collected_words import collected_words
from deeprx_gui.controllers.doctor_controller import DoctorController
from deeprx_gui.controllers.job_service import JobService, SharedServices, runtime_title
from deeprx_gui.controllers.learnt_settings import learnt_with
from deeprx_gui.controllers.limit_setters_controller import LimitSettersController
from deeprx_gui.controllers.limits_to_keep import limits_to_keep
from deeprx_gui.controllers.part_finder import PartFinder
from deeprx_gui.controllers.placement_controller import PlacementController
from deeprx_gui.controllers.positioning_reference import with_reference
from deeprx_gui.controllers.sees_controller import SeesController
from deeprx_gui.domain.fit import FitForecast, FitOutcome, FitRequest, SkippedImage
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.parts import PartRule, learnt_parts_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.suspects import suspects
from deeprx_gui.domain.view import Shape
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.jobs.lane import Job, once
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.picture.large_sheet import LargePictureSheet
from deeprx_gui.ui.picture.region_editor import RegionEditor
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.work.collect_normals import CollectedNormals, collect_normals
from deeprx_gui.work.fit import fit
from deeprx_gui.work.predict import Speed, forecast_of
from deeprx_gui.work.thumbnails import Thumbnail, load_picture, thumbnails

if TYPE_CHECKING:
    from deeprx_gui.controllers.gate_controller import GateController
    from deeprx_gui.results.records.store import RecordStore


class TeachController(QObject):
    """``learned``: a new revision was saved and is open."""

    learned = Signal()

    def __init__(
        self,
        job_service: JobService,
        tray: TrayModel,
        cache: ThumbnailCache,
        page: TeachPage,
        parent: QObject | None = None,
        *,
        results: ResultsModel,
        gate: GateController,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._gate = job_service, gate
        self._results = results
        self._tray = tray
        self._cache = cache
        self._page = page
        self._speed = Speed(job_service.services.paths.cache / "speed.json")
        self._keep_tray = False
        self._picture: Job | None = None
        self.large: LargePictureSheet | None = None
        self.setters = LimitSettersController(job_service, results, tray, page, self)
        self.setters.learn_wanted.connect(self.learn)
        self.placements = PlacementController(job_service, page, self)
        self.placements.accepted.connect(self._learned)
        self.sees = SeesController(job_service, results, page, self)
        self.doctor = DoctorController(job_service, tray, page, self, show_large=self.show_large)
        self.doctor.remember_wanted.connect(self.setters.remember)
        page.lesson.sees.clicked.connect(self.sees.open)
        page.panel.paths_chosen.connect(self.add)
        page.panel.removed.connect(self._removed)
        page.learn_requested.connect(self.learn)
        page.forecast_wanted.connect(self.forecast)
        self.part_finder = PartFinder(job_service, tray, page, self)
        page.strip.cancel_requested.connect(job_service.cancel)
        self.backbones = BackboneController(job_service, page, self)
        page.editor.picture_requested.connect(self.show_picture)
        page.panel.view.opened.connect(self.show_large)
        cache.wanted.connect(self.make_thumbnails)
        job_service.session.profile_changed.connect(self._profile_changed)

    def populate(self) -> None:
        """Show what this PC has, and how the open profile was learnt."""
        self._page.form.show_detectors(tuple(DETECTORS.values()))
        self._page.set_settings(PRESETS[self._job_service.settings.preset].settings)
        self.backbones.refresh()
        self._profile_changed()

    def start_new(self) -> None:
        """Begin a new product, with the preset that new ones begin with."""
        self._page.start_new()
        self._page.set_settings(PRESETS[self._job_service.settings.preset].settings)

    # -- the tray ------------------------------------------------------------------------------

    @Slot(object)
    def add(self, paths: tuple[Path, ...]) -> None:
        """Look through files and folders and put new pictures into the tray."""
        known = self._tray.paths
        self._page.job_started(say("Looking for pictures"))
        self._job_service.run(
            self._job_service.folders,
            lambda: collect_normals(paths, known),
            progress=self._page.job_progress,
            done=self._add,
            ended=self._page.job_ended,
            cancelled=say("Stopped. No picture was added."),
        )

    def _add(self, found: CollectedNormals) -> None:
        self._tray.add(found.new)
        message = collected_words(found)
        left_out = found.copies or found.left_out or not found.new
        kind = NoticeKind.WARNING if left_out else NoticeKind.SUCCESS
        if found.unsure:
            folders = tuple(sorted({path.parent for path in found.unsure}))
            self._job_service.tell(
                message, kind, say("They are good: add"), lambda: self.add(folders)
            )
            return
        self._tell_undo(message, kind, possible=bool(found.new))

    @Slot(int)
    def _removed(self, images: int) -> None:
        message = say_n("{n} image was removed.", "{n} images were removed.", n=images)
        self._tell_undo(message, NoticeKind.INFO, possible=True)

    def ignore_area(self, shape: Shape) -> None:
        """Let an area of the open product count no more from its next revision on."""
        draft = self._page.draft
        before = draft.undo_stack.index()
        draft.set_region(replace(draft.region, ignore=(*draft.region.ignore, shape)))
        self._tell_undo(
            say("The area is left out of the next revision. Press “Learn” to make it."),
            NoticeKind.SUCCESS,
            possible=draft.undo_stack.index() > before,
            stack=draft.undo_stack,
        )

    def _tell_undo(
        self,
        message: Message,
        kind: NoticeKind,
        *,
        possible: bool,
        stack: QUndoStack | None = None,
    ) -> None:
        stack = self._tray.undo_stack if stack is None else stack
        step = stack.index()

        def undo() -> None:
            if stack.index() == step:  # the button means this step, not a later one
                stack.undo()

        self._job_service.tell(message, kind, say("Undo") if possible else None, undo)

    @Slot(object)
    def make_thumbnails(self, paths: tuple[Path, ...]) -> None:
        """Make thumbnails of what is in view."""
        job = self._job_service.thumbnails.start(lambda: thumbnails(paths))
        job.progress.connect(lambda batch: self._keep_thumbnails(batch.items))
        job.finished.connect(self._cache.chunk_done)

    def _keep_thumbnails(self, items: Sequence[object]) -> None:
        for item in items:
            if isinstance(item, Thumbnail):
                self._cache.put(item.path, item.pixels)

    @Slot(object)
    def show_picture(self, path: Path) -> None:
        """Open the picture that the region is drawn in."""
        self._load(path, self._page.editor)

    @Slot(object)
    def show_large(self, path: Path) -> None:
        """Show a normal image as large as the window allows."""
        if self.large is None:
            self.large = LargePictureSheet(self._page.window())
        self.large.expect(path)
        self._load(path, self.large)

    def _load(self, path: Path, target: RegionEditor | LargePictureSheet) -> None:
        """Read a picture for ``target``; one asked for before is not waited for."""
        if self._picture is not None:
            self._picture.cancel()
        job = self._job_service.pictures.start(lambda: load_picture(path))
        self._picture = job
        job.done.connect(lambda frame: target.show_frame(path, frame))
        job.failed.connect(lambda failure: target.show_failure(path, failure.message))
        job.finished.connect(lambda: self._picture_finished(job))

    def _picture_finished(self, job: Job) -> None:
        if self._picture is job:
            self._picture = None

    # -- learning --------------------------------------------------------------------------------

    @Slot(object)
    def learn(self, plan: FitRequest) -> None:
        """Learn a new revision, after asking about unsaved limits."""
        self._job_service.guard(lambda: self._learn(plan))

    def relearn(self, *, request: FitRequest) -> None:
        """Learn what another page asks for, with this page in sight."""
        self.setters.learn_wanted.emit(request)

    def _learn(self, plan: FitRequest) -> None:
        services = self._job_service.services
        who, bad = self._job_service.settings.who, self._bad_parts(plan)
        request = replace(plan, who=who, bad=bad, hold_misplaced=True)
        waits = self._job_service.engine.busy
        self._page.job_started(
            say("Waiting for the other job to end") if waits else say("Starting to learn")
        )
        self._job_service.run(
            self._job_service.engine,
            lambda: _fit_in_place(request, services, self._gate.history),
            progress=self._page.job_progress,
            done=lambda outcome: self._learned(plan, outcome),
            ended=self._page.job_ended,
            cancelled=say("Learning was stopped. Nothing was changed."),
        )

    def _bad_parts(self, plan: FitRequest) -> tuple[Path, ...]:
        """Return pictures labelled bad on Check: a search for settings may look at them."""
        if not plan.settings.automatic:
            return ()
        normal = frozenset(plan.images)
        bad = (item.path for item in labelled(self._results) if item.label is Label.BAD)
        return tuple(path for path in dict.fromkeys(bad) if path not in normal)

    @Slot(object, object)
    def _learned(self, plan: FitRequest, outcome: FitOutcome) -> None:
        if outcome.held:
            self._mark(outcome.profile, outcome.skipped)
            self.placements.hold(plan, outcome)
            return
        if outcome.gate is not None and outcome.refused:
            self._mark(outcome.profile, outcome.skipped)
            self._gate.ask(outcome.gate, partial(self._overruled, plan, outcome))
            return
        before = self._job_service.session.profile
        self._keep_tray = True
        try:
            self._job_service.session.open_profile(outcome.profile)
        finally:
            self._keep_tray = False
        self._job_service.show_runtime(outcome.runtime, outcome.profile)
        self._mark(outcome.profile, outcome.skipped)
        self._page.show_lesson(replace(outcome, runtime=runtime_title(outcome.runtime)))
        if before is not None and before.id == outcome.profile.id:
            self._offer_limits(before, outcome.profile)
        if outcome.chosen is None:  # a search takes its own time
            self._job_service.files.start(
                once(
                    lambda: self._speed.learn(plan.settings, len(plan.images), outcome.seconds),
                    say("Saving…"),
                )
            )
        self.learned.emit()

    def _overruled(self, plan: FitRequest, outcome: FitOutcome, report: GateReport | None) -> None:
        """Save what the gate was against."""
        store = self._job_service.services.store

        def done(saved: Profile) -> None:
            self._learned(plan, replace(outcome, profile=saved, gate=report))

        self._job_service.ask(lambda: store.save(outcome.profile, report), say("Saving…"), done)

    def _offer_limits(self, before: Profile, now: Profile) -> None:
        """Say that limits set by hand gave way to suggested ones, and offer to move these alike."""
        offer = limits_to_keep(before, now)
        if offer is None:
            return
        session = self._job_service.session

        def move() -> None:
            if session.profile is now:
                session.set_limits(offer.limits)

        self._page.banner.show_message(offer.sentence, NoticeKind.WARNING, offer.action, move)

    def _mark(self, profile: Profile, skipped: Sequence[SkippedImage] = ()) -> None:
        limit = profile.limits.review
        scores = [n.held_out for n in profile.normals]
        paths = [Path(n.source) for n in profile.normals]
        times = {
            path: profile.limits.times(score)
            for path, score in zip(paths, scores, strict=True)
            if score is not None
        }
        doubtful = [paths[i] for i in suspects(scores, limit)]
        misplaced = frozenset(image.path for image in skipped if image.misplaced)
        self._tray.mark(times, doubtful, {s.path: s.reason for s in skipped}, misplaced)

    @Slot()
    def _profile_changed(self) -> None:
        """Show how an opened profile was learnt, and from what, as far as it is still there."""
        profile = self._job_service.session.profile
        if not self._keep_tray and not self._page.busy:
            self._page.banner.clear()  # what it says is about the product before
        if profile is None or self._keep_tray:
            return
        sources = [Path(n.source) for n in profile.normals]
        record = record_of(profile)
        left_out = [Path(source) for source in record.left_out]
        self._page.set_settings(learnt_with(profile, self._page.plan.settings))
        kept = learnt_parts_in(profile.extra)
        rule = PartRule() if kept is None else kept.rule

        def done(found: tuple[tuple[Path, ...], ...]) -> None:
            if self._job_service.session.profile is profile:
                there, gone = found
                why = {Path(source): reason for source, reason in record.why_left_out.items()}
                self._tray.fill(there, gone, rule, map(Path, record.kept), why)
                self._mark(profile)
                self._tell_missing(len(sources) - len(there), len(sources))

        def call() -> tuple[tuple[Path, ...], ...]:
            both = (sources, left_out)
            return tuple(tuple(p for p in ps if p.is_absolute() and p.is_file()) for ps in both)

        self._job_service.ask(call, say("Looking for the normal images"), done)

    def _tell_missing(self, missing: int, images: int) -> None:
        if missing and not self._page.busy:
            sentence = say(
                "{n} of the {all} images this product was learnt from are not where they were. "
                "A new revision learns only from what lies here: add them again, or others.",
                n=missing,
                all=images,
            )
            self._page.banner.show_message(sentence, NoticeKind.INFO)

    # -- what learning will take -------------------------------------------------------------

    @Slot(object)
    def forecast(self, plan: FitRequest) -> None:
        """Show what each preset and the chosen settings will take with these images."""
        if not plan.images:
            self._page.show_forecasts({}, None)
            return
        images = len(plan.images)

        def call() -> tuple[dict[str, FitForecast], FitForecast | None]:
            presets = {key: self._predict(p.settings, images) for key, p in PRESETS.items()}
            known = {key: value for key, value in presets.items() if value is not None}
            return known, self._predict(plan.settings, images)

        def done(found: tuple[dict[str, FitForecast], FitForecast | None]) -> None:
            self._page.show_forecasts(*found)

        self._job_service.ask(call, say("Estimating"), done)

    def _predict(self, settings: FitSettings, images: int) -> FitForecast | None:
        return forecast_of(settings, images, self._speed)


def _fit_in_place(
    request: FitRequest, services: SharedServices, records: Callable[[], RecordStore | None]
) -> Generator[Progress, None, FitOutcome]:
    """Find what parts are brought in line with, if they are, then learn."""
    settings = yield from with_reference(request.settings, request.images)
    return (
        yield from fit(
            replace(request, settings=settings),
            engines=services.engines,
            store=services.store,
            scratch=services.paths.scratch,
            records=records,
        )
    )
