"""Draws the cells of the results table."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from deeprx_gui.state.result_columns import COLUMNS, VERDICT
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.verdict_paint import paint_verdict

_PAD: Final = 8
_WIDEST: Final = 16
"""Pixels of the widest character, a Japanese one."""
_SELECTED: Final = QStyle.StateFlag.State_Selected
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = _MIDDLE | Qt.AlignmentFlag.AlignRight
_LEFT: Final = _MIDDLE | Qt.AlignmentFlag.AlignLeft


class RowDelegate(QStyledItemDelegate):
    """Asks the model for a cell's text only.

    Qt's own delegate asks for eight roles per cell, which for a table that changes with every step
    of a drag is half of a frame.
    """

    def __init__(self, view: QTableView, results: ResultsModel) -> None:
        super().__init__(view)
        self._view, self._results = view, results

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the selection, then the verdict's plate or the text."""
        given: Any = option  # its fields are missing from the type information
        tokens = theme.current_tokens()
        rect, number = given.rect, self._results.number(index.row())
        if given.state & _SELECTED:
            painter.fillRect(rect, QColor(tokens.accent_soft))
        column = index.column()
        if column == VERDICT:
            font = QFont(self._view.font())
            font.setBold(True)
            painter.setFont(font)
            box = QRectF(rect).adjusted(_PAD, 0, -2, 0)
            verdict = self._results.rows.verdict_of(number)
            paint_verdict(painter, box, verdict, self._view.devicePixelRatioF())
            return
        text = self._results.text(number, column)
        if text:
            room = rect.adjusted(_PAD, 0, -_PAD, 0)
            painter.setFont(self._view.font())
            painter.setPen(QColor(tokens.text))
            if room.width() < _WIDEST * len(text):  # only then can it be too long
                middle = Qt.TextElideMode.ElideMiddle
                text = QFontMetrics(painter.font()).elidedText(text, middle, room.width())
            painter.drawText(room, _RIGHT if COLUMNS[column].number else _LEFT, text)
