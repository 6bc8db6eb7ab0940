"""A revision whose positioning failed in many normal images waits until somebody has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.fit import FitOutcome, FitRequest
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.jobs.lane import Job, once
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.ui.teach.placement_sheet import PlacementSheet
from deeprx_gui.work.placements import PlacedPicture, placements


class PlacementController(QObject):
    """``accepted`` carries the ``FitRequest`` and the ``FitOutcome``, which is saved by then."""

    accepted = Signal(object, object)

    def __init__(
        self, job_service: JobService, page: TeachPage, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._job_service, self._page = job_service, page
        self._held: tuple[FitRequest, FitOutcome] | None = None
        self._pictures: Job | None = None
        self.sheet: PlacementSheet | None = None
        job_service.session.profile_changed.connect(self.forget)

    @Slot()
    def forget(self) -> None:
        """Let go of what waits: another product is open now."""
        self._held = None

    def hold(self, plan: FitRequest, outcome: FitOutcome) -> None:
        """Ask about an outcome that nothing was saved of."""
        self._held = (plan, outcome)
        self.look()

    @Slot()
    def look(self) -> None:
        """Show the pictures with the outlines."""
        if self._held is None:
            return
        plan, outcome = self._held
        if self.sheet is None:
            self.sheet = PlacementSheet(self._page.window())
            self.sheet.used.connect(self._use)
            self.sheet.refused.connect(self._refuse)
        self.sheet.ask(len(outcome.misplaced), len(plan.images))
        positioning = outcome.profile.view.positioning
        if positioning is None:
            return
        first = [image.path for image in outcome.misplaced]
        rest = [path for path in plan.images if path not in set(first)]
        if self._pictures is not None:
            self._pictures.cancel()
        jobs = self._job_service
        job = jobs.pictures.start(lambda: placements((*first, *rest), positioning))
        self._pictures = job
        job.progress.connect(lambda batch: self._show(job, batch.items))
        job.failed.connect(jobs.tell_failure)

    def _show(self, job: Job, items: Sequence[object]) -> None:
        if job is not self._pictures or self.sheet is None:
            return
        for item in items:
            if isinstance(item, PlacedPicture):
                self.sheet.add_picture(
                    item.path, item.pixels, item.outline, item.match, found=item.found
                )

    def _stop_pictures(self) -> None:
        if self._pictures is not None:
            self._pictures.cancel()
        self._pictures = None

    @Slot()
    def _use(self) -> None:
        self._stop_pictures()
        if self._held is None:
            return
        plan, outcome = self._held
        self._held = None
        store, note = self._job_service.services.store, say("Saving…")
        self._page.job_started(note)

        def done(saved: Profile) -> None:
            self.accepted.emit(plan, replace(outcome, profile=saved, held=False))

        self._job_service.run(
            self._job_service.engine,
            once(lambda: store.save(outcome.profile, outcome.gate), note),
            progress=self._page.job_progress,
            done=done,
            ended=self._page.job_ended,
        )

    @Slot(bool)
    def _refuse(self, to_settings: bool) -> None:
        self._stop_pictures()
        if self._held is None:
            return
        self._page.banner.show_message(
            say(
                "The new revision is not in use: in {n} of {all} normal images the part was not "
                "found. What was in use before still is.",
                n=len(self._held[1].misplaced),
                all=len(self._held[0].images),
            ),
            NoticeKind.WARNING,
            say("Look at the outlines"),
            self.look,
        )
        if to_settings:
            self._page.show_positioning()
