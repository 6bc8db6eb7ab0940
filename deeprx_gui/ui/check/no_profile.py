"""What the Check page says while no profile is open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind


class NoProfile(QWidget):
    """Two sentences in the middle: why the page is empty, and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._why = theme.level(QLabel(), "heading")
        self._what = theme.level(QLabel(), "hint")
        column = QVBoxLayout(self)
        column.setSpacing(theme.S)
        column.addStretch(1)
        for label in (self._icon, self._why, self._what):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addStretch(1)
        theme.set_pixmap(self._icon, "profiles", "muted", 48)
        bind(self._why.setText, say("No product profile is open"))
        bind(
            self._what.setText,
            say("Open one on the Profiles page, or teach a new one. Then score pictures here."),
        )
