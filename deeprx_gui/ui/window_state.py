"""Window geometry and current page, saved with QSettings in a separate file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

_GEOMETRY = "geometry"
_PAGE = "page"
_SPLITTERS = "splitters/"


class WindowState:
    """Remembers in ``file``, an ini file; a damaged one is the same as none."""

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def restore(self, window: QMainWindow) -> int:
        """Put the window where it was; return the page that was shown, 0 if unknown."""
        geometry = self._settings.value(_GEOMETRY)
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
            _leave_full_screen(window)
        page = str(self._settings.value(_PAGE, "0"))
        return int(page) if page.isdecimal() else 0

    def restore_splitters(self, part: QWidget) -> None:
        """Put the splitters of a page where they were."""
        for splitter in _splitters(part):
            state = self._settings.value(_SPLITTERS + splitter.objectName())
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def keep(self, window: QMainWindow, page: int) -> None:
        """Save geometry, page and splitters."""
        _leave_full_screen(window)
        self._settings.setValue(_GEOMETRY, window.saveGeometry())
        self._settings.setValue(_PAGE, page)
        for splitter in _splitters(window):
            self._settings.setValue(_SPLITTERS + splitter.objectName(), splitter.saveState())
        self._settings.sync()


def _splitters(window: QWidget) -> list[QSplitter]:
    return [s for s in window.findChildren(QSplitter) if s.objectName()]


def _leave_full_screen(window: QMainWindow) -> None:
    """Full screen belongs to operator mode, which is not what the next start begins with."""
    if window.isFullScreen():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
