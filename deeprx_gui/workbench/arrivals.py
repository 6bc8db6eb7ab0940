"""What later starts of the program bring: the window comes forward, profiles are imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, Slot

from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.one_window import take_requests
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.main_window import MainWindow
from deeprx_gui.workbench.bench import Bench


class Arrivals(QObject):
    """Watches ``place`` for requests. ``locked``: operator mode; ``imported`` opens what came."""

    def __init__(
        self,
        bench: Bench,
        window: MainWindow,
        locked: Callable[[], bool],
        imported: Callable[[Profile], None],
    ) -> None:
        super().__init__(window)
        self._bench, self._window = bench, window
        self._locked, self._imported = locked, imported
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
        """Ask whether to import these profile files; operators are not asked."""
        if not files:
            return
        if self._locked():
            message = say("Leave operator mode to import a product profile.")
            self._bench.tell(message, NoticeKind.WARNING)
            return
        self._window.ask_about_import(
            [file.name for file in files], partial(self._import, tuple(files))
        )

    def _import(self, files: tuple[Path, ...]) -> None:
        store, who = self._bench.services.store, self._bench.settings.who
        for file in files:
            call = partial(store.import_file, file, who=who)
            self._bench.ask(call, say("Importing…"), self._imported)
