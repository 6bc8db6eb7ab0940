"""What the History page says where there is nothing to list, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.ui import theme
from deeprx_gui.ui.widgets.frames import wrapped


class Empty(QWidget):
    """An icon, why it is empty, what to do, and perhaps a button that does it."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = icon
        self._icon = QLabel()
        self._why = theme.level(wrapped(), "heading")
        self._what = wrapped("hint")
        self.button = QPushButton()
        self.button.hide()
        column = QVBoxLayout(self)
        column.setSpacing(theme.S)
        column.addStretch(1)
        for label in (self._icon, self._why, self._what):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def set_words(self, why: str, what: str, button: str = "") -> None:
        """Set every text in the current language."""
        colour = theme.current_tokens().muted
        self._icon.setPixmap(theme.pixmap(self._name, colour, 40, self.devicePixelRatioF()))
        self._why.setText(why)
        self._what.setText(what)
        self.button.setText(button)
        self.button.setVisible(bool(button))
