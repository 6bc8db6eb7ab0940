"""The buttons beside and above the picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.ui.actions import bind_action
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind_tip
from deeprx_gui.ui.kit.no_wheel import NoWheelSlider
from deeprx_gui.ui.picture.picture_keys import PICTURE_KEYS


def tool(icon: str, *, checkable: bool = False) -> QToolButton:
    """Return a square button with an icon."""
    button = QToolButton()
    theme.set_icon(button, icon)
    button.setFixedWidth(theme.TOUCH)
    button.setCheckable(checkable)
    return button


def set_quietly(button: QToolButton, checked: bool) -> None:
    """Press or release a button without telling anybody."""
    with QSignalBlocker(button):
        button.setChecked(checked)


def name(button: QToolButton, key: str) -> None:
    """Say what a button does and which key does the same, from the table of keys."""
    spec = next(spec for spec in PICTURE_KEYS if spec.key == key)
    bind_action(button, spec)


class ZoomTools(QWidget):
    """Fit, actual size, nearer, farther."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit, self.actual = tool("fit"), QToolButton()
        self.nearer, self.farther = tool("zoom-in"), tool("zoom-out")
        self.actual.setText("1:1")
        self.actual.setFixedWidth(theme.TOUCH)
        self.actual.setStyleSheet("padding: 0;")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.XS)
        self._column = column
        for button in (self.fit, self.actual, self.nearer, self.farther):
            column.addWidget(button)
        column.addStretch(1)
        name(self.fit, "fit")
        name(self.actual, "actual")
        name(self.nearer, "nearer")
        name(self.farther, "farther")

    def add(self, *buttons: QToolButton) -> None:
        """Put further buttons below the others."""
        for button in buttons:
            self._column.insertWidget(self._column.count() - 1, button)

    def connect_to(
        self,
        fit: Callable[[], None],
        actual: Callable[[], None],
        nearer: Callable[[], None],
        farther: Callable[[], None],
    ) -> None:
        """Connect the buttons to a view."""
        self.fit.clicked.connect(fit)
        self.actual.clicked.connect(actual)
        self.nearer.clicked.connect(nearer)
        self.farther.clicked.connect(farther)


class HeatTools(QWidget):
    """Heat on and off, below the limit too, its opacity, the closest normal image, large picture.

    ``opacity_changed`` carries 0..1.
    """

    opacity_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heat = tool("layers", checkable=True)
        self.heat.setChecked(True)
        self.below = tool("below", checkable=True)
        self.compare = tool("compare", checkable=True)
        self.large = tool("expand", checkable=True)
        self.opacity = NoWheelSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setValue(70)
        self.opacity.setMinimumWidth(48)
        self.opacity.setMaximumWidth(120)
        self.opacity.valueChanged.connect(self._faded)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        for widget in (self.heat, self.below, self.opacity, self.compare, self.large):
            row.addWidget(widget)
        name(self.heat, "heat")
        name(self.below, "below")
        name(self.compare, "compare")
        name(self.large, "large")
        bind_tip(self.opacity, say("Opacity of the heat map"))

    @Slot(int)
    def _faded(self, percent: int) -> None:
        self.opacity_changed.emit(percent / 100)
