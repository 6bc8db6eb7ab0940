"""A question with its answers in a drop-down list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from deeprx_gui.ui.kit.binding import Text, bind_items
from deeprx_gui.ui.kit.titled_row import TitledRow


class NoWheelComboBox(QComboBox):
    """A drop-down list that the mouse wheel does not change while one scrolls past it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel so that the page scrolls."""
        event.ignore()


class ChoiceRow(TitledRow):
    """Title, drop-down list, hint. ``chosen`` carries the value a person picked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        box = NoWheelComboBox()
        super().__init__(box, parent)
        self.box = box
        self.values: tuple[object, ...] = ()
        self.box.activated.connect(self._activated)

    def bind_texts(self, title: Text, hint: Text, options: Sequence[tuple[object, Text]]) -> None:
        """Say what is asked and what may be answered; the chosen value stays."""
        current = self.value
        self.bind_head(title, hint)
        self.values = tuple(value for value, _ in options)
        self.box.clear()
        bind_items(self.box, [text for _, text in options])
        if current is not None:
            self.set_value(current)

    @property
    def value(self) -> object | None:
        """The chosen value, ``None`` when nothing is chosen."""
        index = self.box.currentIndex()
        return self.values[index] if 0 <= index < len(self.values) else None

    def set_value(self, value: object) -> None:
        """Choose a value; one that is not among the answers leaves the list empty."""
        self.box.setCurrentIndex(self.values.index(value) if value in self.values else -1)

    @Slot(int)
    def _activated(self, _index: int) -> None:
        self.chosen.emit(self.value)
