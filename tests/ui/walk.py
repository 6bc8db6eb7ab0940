"""Walk all visible widgets and read what a person can read."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTableView,
    QWidget,
)

from deeprx_gui.i18n import set_language
from deeprx_gui.ui.kit.binding import Change, refresh

_LAYERS = 3
"""A place given to one part may ask for another place of the part inside."""


def visible(root: QWidget) -> Iterator[QWidget]:
    """Yield every widget under ``root`` that is shown."""
    for widget in root.findChildren(QWidget):
        if widget.isVisibleTo(root):
            yield widget


def words(root: QWidget) -> Iterator[tuple[QWidget, str]]:
    """Yield every text on screen, in tips and for screen readers."""
    for widget in visible(root):
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget, widget.text()
        if isinstance(widget, QLineEdit):
            yield widget, widget.placeholderText()
        if isinstance(widget, QComboBox):
            for index in range(widget.count()):
                yield widget, widget.itemText(index)
        if isinstance(widget, QTableView) and (model := widget.model()) is not None:
            for column in range(model.columnCount()):
                yield widget, str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        yield widget, widget.toolTip()
        yield widget, widget.accessibleName()


def lay_out(window: QWidget) -> None:
    """Give every part its place, as the next turns of the loop would."""
    for _ in range(_LAYERS):
        QApplication.sendPostedEvents()
        window.grab()


def clipped(root: QWidget) -> Iterator[str]:
    """Yield texts that have less room than they need."""
    for widget in visible(root):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.text():
            continue
        needed = _needed(widget)
        # Buttons ask for a little more than their text, icon and padding fill.
        spare = 5 if isinstance(widget, QAbstractButton) else 1
        if needed.width() > widget.width() + spare or needed.height() > widget.height() + spare:
            yield f"{type(widget).__name__} {widget.text()!r}: {needed} in {widget.size()}"


def _needed(widget: QLabel | QAbstractButton) -> QSize:
    if isinstance(widget, QLabel) and widget.wordWrap():
        return QSize(0, widget.heightForWidth(widget.width()))
    return widget.sizeHint()


def speak(code: str) -> None:
    """Change the language as the program does, in every window there is."""
    set_language(code)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    refresh(app, Change.LANGUAGE)
