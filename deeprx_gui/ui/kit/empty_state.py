"""What a page or a list says while it has nothing to show: why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped

_ICON = 48


@dataclass(frozen=True)
class EmptyReason:
    """Why there is nothing, what to do, and the word on the button that does it, if there is one.

    ``primary``: the button is the one thing to do here.
    """

    icon: str
    why: Message
    what: Message
    action: Message | None = None
    primary: bool = False


class EmptyState(QWidget):
    """An icon, two sentences and perhaps a button in the middle."""

    def __init__(self, reason: EmptyReason, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reason = reason
        self._icon = QLabel()
        self.why = theme.level(wrapped(), "heading")
        self.what = wrapped("hint")
        self.button = QPushButton()
        column = QVBoxLayout(self)
        column.setSpacing(theme.M)
        column.addStretch(1)
        for label in (self._icon, self.why, self.what):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self.show_reason(reason)

    @property
    def reason(self) -> EmptyReason:
        return self._reason

    def show_reason(self, reason: EmptyReason) -> None:
        """Say something else."""
        self._reason = reason
        theme.set_pixmap(self._icon, reason.icon, "muted", _ICON)
        bind(self.why.setText, reason.why)
        bind(self.what.setText, reason.what)
        bind(self.button.setText, reason.action or "")
        self.button.setProperty("kind", "primary" if reason.primary else "")
        self.button.setVisible(reason.action is not None)
