"""What the History page says where there is nothing to list, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped


class HistoryEmptyState(QWidget):
    """An icon, why it is empty, what to do, and perhaps a button that does it."""

    def __init__(
        self,
        icon: str,
        why: Message,
        what: Message,
        button: Message | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._why = theme.level(wrapped(), "heading")
        self._what = wrapped("hint")
        self.button = QPushButton()
        self.button.setVisible(button is not None)
        theme.set_pixmap(self._icon, icon, "muted", 40)
        bind(self._why.setText, why)
        bind(self._what.setText, what)
        bind(self.button.setText, button or "")
        column = QVBoxLayout(self)
        column.setSpacing(theme.S)
        column.addStretch(1)
        for label in (self._icon, self._why, self._what):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
