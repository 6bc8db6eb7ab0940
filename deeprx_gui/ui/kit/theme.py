"""The look of the window: palette, style sheet, fonts; light, dark, or as the system says.

Pages take their distances, colours and icons from here.
"""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy

from deeprx_gui.domain.colours import DARK, LIGHT, Tokens
from deeprx_gui.ui.kit.binding import Change, refresh
from deeprx_gui.ui.kit.icons import app_icon, icon, pixmap, set_icon, set_pixmap
from deeprx_gui.ui.kit.style import style_sheet
from deeprx_gui.ui.kit.tokens import (
    RADIUS,
    TOUCH,
    TOUCH_LARGE,
    VERDICT_ICONS,
    XL,
    XS,
    XXL,
    L,
    M,
    S,
    current_tokens,
    verdict_background,
    verdict_colour,
)

__all__ = [
    "DARK",
    "LIGHT",
    "RADIUS",
    "THEMES",
    "TOUCH",
    "TOUCH_LARGE",
    "VERDICT_ICONS",
    "XL",
    "XS",
    "XXL",
    "L",
    "M",
    "S",
    "Theme",
    "Tokens",
    "app_icon",
    "current_tokens",
    "icon",
    "level",
    "pixmap",
    "set_icon",
    "set_pixmap",
    "verdict_background",
    "verdict_colour",
]

THEMES: Final = ("system", "light", "dark")

_FAMILIES: Final = {
    ("win32", "ja"): ["Yu Gothic UI", "Meiryo UI", "Segoe UI"],
    ("win32", "en"): ["Segoe UI", "Yu Gothic UI", "Meiryo UI"],
    ("linux", "ja"): ["Noto Sans CJK JP", "Noto Sans", "DejaVu Sans"],
    ("linux", "en"): ["Noto Sans", "Noto Sans CJK JP", "DejaVu Sans"],
}
_BASE_PIXELS: Final = 14
_SCHEMES: Final = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_PILLS: Final = frozenset({"chip", "unsaved"})


def level(label: QLabel, name: str) -> QLabel:
    """Give a label its place in the hierarchy and return it.

    ``name``: ``title``, ``heading``, ``strong``, ``hint`` (muted), ``small``, ``bad``, ``figure``
    (large number), ``chip`` and ``unsaved`` (on a pill), ``empty`` (where a picture is missing).
    """
    label.setProperty("level", name)
    if name in _PILLS:
        label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return label


class Theme(QObject):
    """Keeps the application in the chosen theme; ``changed`` after colours were exchanged."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        if not app.styleSheet():  # ours lies upon Fusion; setting it polishes every widget again
            app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._apply()

    @property
    def choice(self) -> str:
        return self._choice

    def choose(self, choice: str) -> None:
        """Show another theme. Raises ValueError for an unknown one."""
        if choice not in THEMES:
            raise ValueError(choice)
        self._choice = choice
        self._apply()

    def use_language(self, language: str) -> None:
        """Choose fonts that have the characters of ``language`` in its own shapes."""
        platform = "win32" if sys.platform == "win32" else "linux"
        font = QFont()
        font.setFamilies(_FAMILIES[(platform, "ja" if language == "ja" else "en")])
        font.setPixelSize(_BASE_PIXELS)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        self._app.setFont(font)

    @Slot()
    def _follow_system(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        # Title bars and the system's own file dialogs follow this, not our palette.
        self._app.styleHints().setColorScheme(_SCHEMES[self._choice])
        tokens = DARK if self._dark() else LIGHT
        self._app.setPalette(_palette(tokens))
        sheet = style_sheet(tokens)
        # The system tells of one change more than once, and every widget is polished again.
        if sheet != self._app.styleSheet():
            self._app.setStyleSheet(sheet)
        refresh(self._app, Change.THEME)
        for window in self._app.topLevelWidgets():
            window.update()
        self.changed.emit()

    def _dark(self) -> bool:
        if self._choice == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._choice == "dark"


def _palette(t: Tokens) -> QPalette:
    role = QPalette.ColorRole
    made = QPalette()
    for which, colour in (
        (role.Window, t.window),
        (role.WindowText, t.text),
        (role.Base, t.surface),
        (role.AlternateBase, t.window),
        (role.Text, t.text),
        (role.Button, t.surface),
        (role.ButtonText, t.text),
        (role.BrightText, t.ng),
        (role.PlaceholderText, t.muted),
        (role.Highlight, t.accent),
        (role.HighlightedText, t.on_accent),
        (role.Accent, t.accent),
        (role.Link, t.accent_text),
        (role.LinkVisited, t.accent_text),
        (role.ToolTipBase, t.surface),
        (role.ToolTipText, t.text),
        (role.Light, t.surface),
        (role.Midlight, t.hover),
        (role.Mid, t.line),
        (role.Dark, t.line_strong),
        (role.Shadow, t.sunken),
    ):
        made.setColor(which, QColor(colour))
    faded = QColor(t.muted)
    faded.setAlphaF(0.6)
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, faded)
    return made
