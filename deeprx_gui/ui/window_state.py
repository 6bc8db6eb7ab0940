"""Window geometry and current page, saved with QSettings in a separate file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from deeprx_gui.ui.kit.folder_key import FOLDER_KEY

_GEOMETRY = "geometry"
_PAGE = "page"
_SPLITTERS = "splitters/"
_FOLDERS = "folders/"


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
        self.restore_splitters(window)
        page = str(self._settings.value(_PAGE, "0"))
        return int(page) if page.isdecimal() else 0

    def restore_splitters(self, part: QWidget) -> None:
        """Put the splitters of a page where they were, and its dialogs into their folders."""
        for key, widget in _with_folders(part):
            folder = Path(str(self._settings.value(_FOLDERS + key, "")))
            if folder.is_absolute() and folder.is_dir():
                widget.start_folder = folder  # type: ignore[attr-defined] # see FOLDER_KEY
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
        for key, widget in _with_folders(window):
            self._settings.setValue(_FOLDERS + key, str(widget.start_folder))  # type: ignore[attr-defined]
        self._settings.sync()


def _splitters(window: QWidget) -> list[QSplitter]:
    return [s for s in window.findChildren(QSplitter) if s.objectName()]


def _with_folders(part: QWidget) -> list[tuple[str, QWidget]]:
    """Return what opens dialogs with a folder of their own: it says for what by ``FOLDER_KEY``."""
    widgets = [part, *part.findChildren(QWidget)]
    keyed = ((str(widget.property(FOLDER_KEY) or ""), widget) for widget in widgets)
    return [(key, widget) for key, widget in keyed if key]


def _leave_full_screen(window: QMainWindow) -> None:
    """Full screen belongs to operator mode, which is not what the next start begins with."""
    if window.isFullScreen():
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
