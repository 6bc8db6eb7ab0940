"""One question of a form: a title, what is filled in, a hint."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind
from deeprx_gui.ui.kit.frames import wrapped


class TitledRow(QWidget):
    """``chosen`` carries a person's answer; ``around`` stands left and right of the editor."""

    chosen = Signal(object)

    def __init__(
        self,
        editor: QWidget,
        parent: QWidget | None = None,
        *,
        around: tuple[QWidget, QWidget] | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._title = theme.level(QLabel(), "strong")
        self._title.setBuddy(editor)
        self._hint = wrapped("small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        if around is None:
            column.addWidget(editor)
        else:
            row = QHBoxLayout()
            row.setSpacing(theme.S)
            row.addWidget(around[0])
            row.addWidget(editor, 1)
            row.addWidget(around[1])
            column.addLayout(row)
        column.addWidget(self._hint)

    def bind_head(self, title: Text, hint: Text) -> None:
        """Say what is asked; an empty hint takes no room."""
        bind(self._title.setText, title)
        bind(self._editor.setAccessibleName, title)
        bind(self._hint.setText, hint)
        self._hint.setVisible(bool(self._hint.text()))


def beside(
    first: QWidget, second: QWidget, *, shares: tuple[int, int] = (1, 1), low: bool = False
) -> QWidget:
    """Return a row of two; ``low``: the second is a button that stands with the first's line."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.S)
    top = Qt.AlignmentFlag.AlignTop
    row.addWidget(first, 1 if low else shares[0], top)
    if not low:
        row.addWidget(second, shares[1], top)
        return holder
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addSpacing(theme.XL)
    column.addWidget(second)
    column.addStretch(1)
    row.addLayout(column)
    return holder
