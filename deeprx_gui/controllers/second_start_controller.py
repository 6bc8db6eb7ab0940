"""What later starts of the program bring: the window comes forward, profiles are imported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, Slot

from deeprx_gui.controllers.import_controller import ImportController
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.incoming_profile import IncomingProfile
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.single_instance import take_requests
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.main_window import MainWindow

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IncomingFile:
    """A file somebody opened: what is in it, or why it cannot be imported."""

    file: Path
    arrival: IncomingProfile | None = None
    refused: Message | None = None


def preview_imports(store: ProfileStore, files: Sequence[Path]) -> tuple[IncomingFile, ...]:
    """Read the files as an import would, and import nothing."""
    return tuple(_brought(store, file) for file in files)


def _brought(store: ProfileStore, file: Path) -> IncomingFile:
    try:
        return IncomingFile(file, store.examine(file))
    except DeepRxError as error:
        _log.warning("%s: %s", file, error)
        return IncomingFile(file, refused=error.message)


class SecondStartController(QObject):
    """Watches ``place`` for requests. ``locked``: operator mode; ``imported`` opens what came."""

    def __init__(
        self,
        job_service: JobService,
        window: MainWindow,
        imports: ImportController,
        locked: Callable[[], bool],
        imported: Callable[[Profile], None],
    ) -> None:
        super().__init__(window)
        self._job_service, self._window = job_service, window
        self._imports, self._locked, self._imported = imports, locked, imported
        self._place: Path | None = None
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._look)

    def watch(self, place: Path) -> None:
        """Answer other starts from now on."""
        self._place = place
        self._watcher.addPath(str(place))
        self._look()

    @Slot()
    def _look(self) -> None:
        if self._place is None:
            return
        for files in take_requests(self._place):
            self.come_forward()
            self.offer(files)

    def come_forward(self) -> None:
        """Bring the window to the front, also out of the task bar."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def offer(self, files: Sequence[Path]) -> None:
        """Ask whether to import these profile files; operators are not asked.

        What cannot be imported is told at once, with the reason: nobody agrees to it first.
        """
        if not files:
            return
        if self._locked():
            message = say("Leave operator mode to import a product profile.")
            self._job_service.tell(message, NoticeKind.WARNING)
            return
        look = partial(preview_imports, self._job_service.services.store, tuple(files))
        self._job_service.ask(look, say("Opening…"), self._ask)

    def _ask(self, brought: tuple[IncomingFile, ...]) -> None:
        for one in brought:
            if one.refused is not None:
                self._job_service.tell(one.refused, NoticeKind.ERROR)
        found = [one.arrival for one in brought if one.arrival is not None]
        self._import([arrival.file for arrival in found if arrival.known is not None])
        new = [arrival for arrival in found if arrival.known is None]
        if new:
            names = [(arrival.profile.name, arrival.file.name) for arrival in new]
            run = partial(self._import, [arrival.file for arrival in new])
            self._window.ask_about_import(names, run)

    def _import(self, files: Sequence[Path]) -> None:
        self._imports.import_files(files, self._imported)
