"""Finds out behind the Teach page which of the normal images show the same part."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.parts import PartRule, Parts
from deeprx_gui.engine.near_copies import Look
from deeprx_gui.jobs.lane import Job
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.work.find_parts import parts_of


class PartFinder(QObject):
    """Looks at new images in a lane of its own, so that nobody waits for it."""

    def __init__(
        self, job_service: JobService, tray: TrayModel, page: TeachPage, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._lane, self._tray = job_service.parts, tray
        self._seen: dict[Path, Look | None] = {}
        self._job: Job | None = None
        page.parts_wanted.connect(self.find)

    @Slot(object)
    def find(self, paths: tuple[Path, ...]) -> None:
        """Find the parts of these images; a search for others is given up."""
        if self._job is not None:
            self._job.cancel()
        self._seen = {path: look for path, look in self._seen.items() if path in set(paths)}
        seen = self._seen
        job = self._lane.start(lambda: parts_of(paths, PartRule(), seen))
        self._job = job
        job.done.connect(lambda parts: self._found(job, paths, parts))

    def _found(self, job: Job, paths: tuple[Path, ...], parts: Parts) -> None:
        if self._job is job:
            self._tray.show_parts(paths, parts)
