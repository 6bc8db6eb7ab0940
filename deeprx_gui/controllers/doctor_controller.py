"""The training-set doctor of the window: looks through the tray, shows what it found, asks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.positioning_reference import with_reference
from deeprx_gui.domain.doctor import Diagnosis
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import Job
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.teach.doctor_sheet import DoctorSheet
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.work.doctor import diagnose
from deeprx_gui.work.doctor_pictures import doctor_pictures
from deeprx_gui.work.limit_pictures import LimitPicture


class DoctorController(QObject):
    """Answers go into the tray, and with the next fit into the profile.

    ``remember_wanted`` carries a profile and the sources among its normal images that were newly
    called good parts. ``show_large`` opens a picture as large as the window allows.
    """

    remember_wanted = Signal(object, object)

    def __init__(
        self,
        job_service: JobService,
        tray: TrayModel,
        page: TeachPage,
        parent: QObject,
        *,
        show_large: Callable[[Path], None],
    ) -> None:
        super().__init__(parent)
        self._show_large = show_large
        self._job_service, self._tray, self._page = job_service, tray, page
        self._pictures: Job | None = None
        self._diagnosis: Diagnosis | None = None
        self.sheet: DoctorSheet | None = None
        page.panel.doctor.clicked.connect(self.start)
        tray.changed.connect(self._follow_tray)

    @Slot()
    def start(self) -> None:
        """Look through the pictures that are to be learnt from."""
        images, services = self._tray.normals, self._job_service.services
        if self._page.busy or not images:
            return
        profile = self._learnt_from(images)
        plan, accepted = self._page.plan, self._tray.accepted
        settings = FitSettings(view=plan.settings.view, parts=plan.settings.parts)

        def work() -> Generator[Progress, None, Diagnosis]:
            placed = yield from with_reference(settings, images)
            return (
                yield from diagnose(
                    images,
                    placed,
                    engines=services.engines,
                    scratch=services.paths.scratch,
                    profile=profile,
                    accepted=accepted,
                )
            )

        waits = self._job_service.engine.busy
        self._page.job_started(
            say("Waiting for the other job to end")
            if waits
            else say("Looking through the pictures")
        )
        self._job_service.run(
            self._job_service.engine,
            work,
            progress=self._page.job_progress,
            done=self.show,
            ended=self._page.job_ended,
            cancelled=say("Stopped. Nothing was changed."),
        )

    def _learnt_from(self, images: Sequence[Path]) -> Profile | None:
        """Return the open profile where it was learnt from some of these images."""
        profile = self._job_service.session.profile
        if profile is None:
            return None
        sources = {normal.source for normal in profile.normals}
        return profile if any(str(path) in sources for path in images) else None

    def show(self, diagnosis: Diagnosis) -> None:
        """Show what was found, and ask about each picture."""
        if self.sheet is None:
            self.sheet = DoctorSheet(self._page.window())
            self.sheet.accepted.connect(self._accept)
            self.sheet.left_out.connect(self._leave_out)
            self.sheet.opened.connect(self._show_large)
            self.sheet.wanted.connect(self._load)
            self.sheet.finished.connect(self._finished)
        if self._pictures is not None:
            self._pictures.cancel()
        self._diagnosis = diagnosis
        self._follow_tray()
        self.sheet.show_diagnosis(diagnosis)

    @Slot(object)
    def _load(self, named: tuple[object, ...]) -> None:
        job = self._job_service.pictures.start(lambda: doctor_pictures(named))  # type: ignore[arg-type] # a signal carries any tuple
        self._pictures = job
        job.progress.connect(lambda batch: self._show_pictures(batch.items))
        job.failed.connect(self._job_service.tell_failure)

    def _show_pictures(self, items: Sequence[object]) -> None:
        for item in items:
            if isinstance(item, LimitPicture) and self.sheet is not None:
                self.sheet.show_picture(item.source, item.pixels, item.error)

    @Slot(object, bool)
    def _accept(self, paths: tuple[Path, ...], good: bool) -> None:
        self._tray.accept(paths, good=good)
        self._follow_tray()

    @Slot(object, bool)
    def _leave_out(self, paths: tuple[Path, ...], out: bool) -> None:
        named = () if self._diagnosis is None else self._diagnosis.named
        why = {one.path: one.findings[0].reason for one in named if one.findings}
        self._tray.leave_out(paths, out=out, why={p: why[p] for p in paths if p in why})
        self._follow_tray()

    @Slot()
    def _follow_tray(self) -> None:
        if self.sheet is not None:
            sets = (self._tray.paths, self._tray.left_out, self._tray.accepted)
            self.sheet.show_tray(*map(frozenset, sets))

    @Slot()
    def _finished(self) -> None:
        """Remember in the profile that was learnt from them which pictures are good parts."""
        profile = self._job_service.session.profile
        if profile is None:
            return
        sources = {normal.source for normal in profile.normals}
        known = set(record_of(profile).kept)
        new = [s for s in map(str, self._tray.accepted) if s in sources and s not in known]
        if new:
            self.remember_wanted.emit(profile, tuple(new))
