"""The navigation rail: icon and word for each page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind, text_of


class Rail(QFrame):
    """``chosen`` carries the number of a page."""

    chosen = Signal(int)

    def __init__(self, icons: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("rail", "true")
        self._icons = tuple(icons)
        self._group = QButtonGroup(self)
        self.buttons: list[QToolButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.S, theme.M, theme.S, theme.M)
        column.setSpacing(theme.S)
        for number, icon in enumerate(self._icons):
            button = QToolButton()
            button.setProperty("kind", "rail")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(24, 24))
            theme.set_icon(button, icon, "muted")
            button.toggled.connect(partial(self._tint, number))
            button.clicked.connect(partial(self._chosen, number))
            self._group.addButton(button)
            self.buttons.append(button)
            column.addWidget(button)
        column.addStretch(1)

    def show_page(self, number: int) -> None:
        """Mark a page as the one that is shown."""
        self.buttons[number].setChecked(True)

    def bind_titles(self, titles: Sequence[Text], keys: Sequence[str]) -> None:
        """Write the pages' titles below the icons, and the keys in the tips."""
        for button, title, key in zip(self.buttons, titles, keys, strict=True):
            bind(button.setText, title)
            bind(button.setToolTip, partial(_with_key, title, key))

    def _tint(self, number: int, checked: bool) -> None:
        role = "accent_text" if checked else "muted"
        theme.set_icon(self.buttons[number], self._icons[number], role)

    def _chosen(self, number: int, *_checked: bool) -> None:
        self.chosen.emit(number)


def _with_key(title: Text, key: str) -> str:
    return f"{text_of(title)} ({key})"
