"""Frames that give a page its order: cards, lines, scrolling columns, an expander."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind


class CardFrame(QFrame):
    """A white sheet with a thin border; add widgets to ``body``."""

    def __init__(self, parent: QWidget | None = None, *, margin: int = theme.L) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(theme.M)


def line() -> QFrame:
    """Return a thin horizontal line."""
    made = QFrame()
    made.setProperty("line", "true")
    return made


def wrapped(level: str = "") -> QLabel:
    """Return a label that breaks its text into lines and grows downwards."""
    label = QLabel()
    label.setWordWrap(True)
    label.setMinimumWidth(40)
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return theme.level(label, level) if level else label


class ScrollColumn(QScrollArea):
    """A column that scrolls downwards and never sideways; add widgets to ``body``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.L)
        self.setWidget(inside)


class Expander(QWidget):
    """A button that shows or hides what is below it; add widgets to ``body``."""

    toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setCheckable(True)
        self.button.setProperty("kind", "expander")
        self.button.toggled.connect(self._toggle)
        self._inside = QWidget()
        self._inside.hide()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(0, theme.S, 0, 0)
        self.body.setSpacing(theme.L)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.button)
        column.addWidget(self._inside)
        self._toggle(False)

    @property
    def open(self) -> bool:
        return self.button.isChecked()

    def set_open(self, shown: bool) -> None:
        """Show or hide the inside."""
        self.button.setChecked(shown)

    def set_title(self, text: Text) -> None:
        """Set the word on the button."""
        bind(self.button.setText, text)

    @Slot(bool)
    def _toggle(self, shown: bool) -> None:
        theme.set_icon(self.button, "chevron-down" if shown else "chevron-right", "muted")
        self._inside.setVisible(shown)
        self.toggled.emit(shown)


class ChoiceCard(QPushButton):
    """One of a few choices: a title, a sentence below it, a short remark at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setProperty("kind", "choice")
        self.title = QLabel()
        self.title.setProperty("level", "strong")
        self.hint = wrapped("small")
        self.remark = theme.level(QLabel(), "small")
        self.remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._inside = inside = QVBoxLayout(self)
        inside.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        inside.setSpacing(2)
        top = QWidget()
        row = QHBoxLayout(top)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.title, 1)
        row.addWidget(self.remark)
        inside.addWidget(top)
        inside.addWidget(self.hint)
        for part in (top, self.title, self.hint, self.remark):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def bind_texts(self, title: Text, hint: Text, remark: Text = "") -> None:
        """Say what is chosen with it."""
        bind(self.title.setText, title)
        bind(self.hint.setText, hint)
        self.hint.setVisible(bool(self.hint.text()))
        bind(self.remark.setText, remark)
        bind(self.setAccessibleName, title)
        bind(self.setAccessibleDescription, hint)

    def sizeHint(self) -> QSize:
        """Return what the texts need; the button itself has none."""
        return self._inside.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._inside.totalMinimumSize()

    def heightForWidth(self, width: int) -> int:
        """Return the height the wrapped sentence needs."""
        return self._inside.totalHeightForWidth(width)
