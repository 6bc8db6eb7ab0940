"""A slider that a turning wheel scrolls past instead of moving."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget


class NoWheelSlider(QSlider):
    """A slider that the mouse wheel does not move while one scrolls past it."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel so that the page scrolls."""
        event.ignore()
