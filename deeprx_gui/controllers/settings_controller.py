"""The preferences in use: put into effect when they change, kept in their file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal, Slot
from PySide6.QtWidgets import QApplication

from deeprx_gui import settings as preferences
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.i18n import set_language
from deeprx_gui.settings import Settings
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.ui.kit.binding import Change, refresh
from deeprx_gui.ui.kit.theme import Theme


class SettingsController(QObject):
    """Owns theme and language of the whole program; make it before any widget.

    ``told`` carries a ``Notice`` when ``file`` cannot be written.
    """

    told = Signal(object)

    def __init__(
        self, app: QApplication, settings: Settings, file: Path, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app = app
        self._file = file
        self._translator: QTranslator | None = None
        self.current = settings
        self.theme = Theme(app, settings.theme)
        self._use_language(settings.language_code)

    @property
    def image_folder(self) -> Path | None:
        """Where pictures were looked for last."""
        return Path(self.current.image_folder) if self.current.image_folder else None

    @property
    def export_folder(self) -> Path | None:
        """Where something was exported last."""
        return Path(self.current.export_folder) if self.current.export_folder else None

    def change(self, settings: Settings) -> None:
        """Put what a person chose into effect and keep it; what is only remembered stays."""
        before = self.current
        self.current = replace(
            settings, overlay_opacity=before.overlay_opacity, heat_below=before.heat_below
        )
        if settings.theme != before.theme:
            self.theme.choose(settings.theme)
        if settings.language_code != before.language_code:
            self._use_language(settings.language_code)
            refresh(self._app, Change.LANGUAGE)
        self._save()

    @Slot(float)
    def remember_opacity(self, opacity: float) -> None:
        """Remember the opacity of heat maps, 0..1; kept with the folders."""
        self.current = replace(self.current, overlay_opacity=opacity)

    @Slot(bool)
    def remember_below(self, below: bool) -> None:
        """Remember whether heat maps show what lies below the limit; kept with the folders."""
        self.current = replace(self.current, heat_below=below)

    def keep_folders(self, *, images: Path, exports: Path) -> None:
        """Remember where pictures were looked for and where exports went."""
        self.current = replace(self.current, image_folder=str(images), export_folder=str(exports))
        self._save()

    def _save(self) -> None:
        try:
            preferences.save(self.current, self._file)
        except StorageError as error:
            self.told.emit(Notice(error.message, NoticeKind.WARNING))

    def _use_language(self, language: str) -> None:
        set_language(language)
        self.theme.use_language(language)
        QLocale.setDefault(QLocale(language))
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
        self._translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self._translator.load(f"qtbase_{language}", folder):
            self._app.installTranslator(self._translator)
