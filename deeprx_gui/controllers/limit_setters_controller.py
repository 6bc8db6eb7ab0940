"""Who sets the limit: shows the images that do, and does with each what a person says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.learnt_settings import learnt_with
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.limit_setters import (
    bad_known,
    limit_question,
    one_step_more,
    record_of,
    with_record,
)
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label
from deeprx_gui.i18n import tr
from deeprx_gui.jobs.lane import Job
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.limit_sheet import LimitSheet
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.ui.teach.words import why_not
from deeprx_gui.work.limit_pictures import LimitPicture, limit_pictures


class LimitSettersController(QObject):
    """``learn_wanted`` carries the ``FitRequest`` without what was left out."""

    learn_wanted = Signal(object)

    def __init__(
        self,
        job_service: JobService,
        results: ResultsModel,
        tray: TrayModel,
        page: TeachPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._results = job_service, results
        self._tray, self._page = tray, page
        self._profile: Profile | None = None
        self._pictures: Job | None = None
        self.sheet: LimitSheet | None = None
        page.lesson.setters.clicked.connect(self.open)
        tray.changed.connect(self._follow_tray)

    @Slot()
    def open(self) -> None:
        """Ask about the images that set the open profile's limit."""
        profile = self._job_service.session.profile
        if profile is None:
            return
        self._profile = profile
        labelled = [float(score) for score in self._results.rows.scores_of(Label.BAD)]
        bad = bad_known(profile, labelled, self._job_service.session.planted)
        question = limit_question(profile, bad)
        if self.sheet is None:
            self.sheet = LimitSheet(self._page.window())
            self.sheet.left_out.connect(self._leave_out)
            self.sheet.finished.connect(self._finished)
        self.sheet.ask(question, one_step_more(profile, bad))
        self._follow_tray()
        if question is not None:
            self._load(profile, [setter.source for setter in question.setters])

    def _load(self, profile: Profile, sources: Sequence[str]) -> None:
        if self._pictures is not None:
            self._pictures.cancel()
        jobs = self._job_service
        lane = jobs.pictures if profile.view.plain else jobs.engine  # where the part lies
        engines = jobs.services.engines
        job = lane.start(lambda: limit_pictures(profile, sources, engines=engines))
        self._pictures = job
        job.progress.connect(lambda batch: self._show_pictures(job, batch.items))
        job.failed.connect(jobs.tell_failure)
        job.finished.connect(lambda: self._loaded(job))

    def _show_pictures(self, job: Job, items: Sequence[object]) -> None:
        if job is not self._pictures or self.sheet is None:
            return
        for item in items:
            if isinstance(item, LimitPicture):
                placed = item.place is not None
                self.sheet.show_picture(item.source, item.pixels, item.error, placed=placed)

    def _loaded(self, job: Job) -> None:
        if self._pictures is job:
            self._pictures = None

    @Slot(str, bool)
    def _leave_out(self, source: str, out: bool) -> None:
        path = Path(source)
        of_part = self._tray.same_part(path) if path in self._tray.paths else (path,)
        self._tray.leave_out(of_part, out=out)  # another picture of the part would vouch for it
        self._follow_tray()

    @Slot()
    def _follow_tray(self) -> None:
        if self.sheet is not None and self.sheet.cards:
            self.sheet.show_tray(
                frozenset(map(str, self._tray.paths)), frozenset(map(str, self._tray.left_out))
            )
        elif self.sheet is not None:
            self.sheet.show_tray((), ())

    @Slot(object, bool)
    def _finished(self, kept: tuple[str, ...], learn: bool) -> None:
        profile = self._profile
        self._profile = None
        if profile is None or profile is not self._job_service.session.profile:
            return
        if learn and not self._page.busy:
            self._learn(profile, kept)
            return
        if learn:
            self._job_service.tell(
                say("Another job runs. Press Learn on Teach when it has ended."), NoticeKind.WARNING
            )
        if kept:
            self.remember(profile, kept)

    def _learn(self, profile: Profile, kept: tuple[str, ...]) -> None:
        """Learn with the settings of this revision from what is left: no search, no estimate."""
        record, plan = record_of(profile), self._page.plan
        settings = replace(
            learnt_with(profile, plan.settings),
            view=profile.view,
            false_call_rate=record.rate,
            limit=record.kind,
        )
        names = ", ".join(path.name for path in plan.left_out)
        request = FitRequest(
            profile.name,
            plan.images,
            settings,
            why=tr("Left out: {names}", names=names),
            profile_id=profile.id,
            kept=tuple(dict.fromkeys((*plan.kept, *map(Path, kept)))),
            left_out=plan.left_out,
        )
        problem = why_not(request)
        if problem is not None:
            self._job_service.tell(problem, NoticeKind.WARNING)
            return
        self.learn_wanted.emit(request)

    def remember(self, profile: Profile, kept: tuple[str, ...]) -> None:
        """Remember who is a good part in a revision of its own: nothing else changes."""
        session = self._job_service.session
        record = record_of(profile).answered(
            kept=kept, normals=[normal.source for normal in profile.normals]
        )
        names = ", ".join(Path(source).name for source in kept)
        origin = replace(
            profile.origin,
            who=self._job_service.settings.who,
            when=datetime.now(UTC).astimezone(),
            why=tr("Confirmed as good parts: {names}", names=names),
        )
        changed = replace(profile, extra=with_record(profile.extra, record), origin=origin)

        def done(saved: Profile) -> None:
            if session.profile is profile:
                session.mark_saved(saved)
            self._job_service.tell(
                say_n(
                    "{n} picture is remembered as a good part.",
                    "{n} pictures are remembered as good parts.",
                    n=len(kept),
                )
            )

        store = self._job_service.services.store
        self._job_service.ask(lambda: store.save(changed, onto_current=True), say("Saving…"), done)
