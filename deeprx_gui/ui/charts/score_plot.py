"""Where the good parts lie over time: medians, their moving average, and where OK ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QMargins, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.history_trend import time_ticks
from deeprx_gui.ui.charts.chart import Chart, Tick, Window
from deeprx_gui.ui.kit import theme

_LEFT_AXIS, _BOTTOM_AXIS = 40, 22
_PIXELS_PER_TICK: Final = 52
_PIXELS_PER_POINT: Final = 8


class ScorePlot(Chart):
    """Medians of the OK parts as points, their moving average as a line, and where OK ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        margins = QMargins(_LEFT_AXIS, 6, theme.S, _BOTTOM_AXIS)
        super().__init__(margins, Window(0.0, 1.0, 0.0, 1.0), parent)
        self._at: tuple[Float64, Float64] = (np.empty(0), np.empty(0))
        self._average: Float64 = np.empty(0)
        self._period = (0.0, 1.0)
        self._limit_word = ""
        self.setMinimumSize(160, 118)

    def sizeHint(self) -> QSize:
        """Same size as the chart beside it."""
        return QSize(300, 150)

    def name_limit(self, text: str) -> None:
        """Name the line where OK ends."""
        self._limit_word = text
        self.update()

    def show_trend(self, when: Float64, median: Float64, average: Float64) -> None:
        """Show other medians: UTC seconds and x limit, shapes (n,)."""
        self._at = (when, median)
        self._average = average
        if when.size:
            low, high = float(when[0]), float(when[-1])
            room = max((high - low) * 0.03, 1800.0)
            bottom = min(float(median.min()) * 0.9, 0.5)
            top = max(float(median.max()) * 1.1, 1.12)
            self._period = (low - room, high + room)
            self.show_window(Window(low - room, high + room, bottom, top))
        self.spoil()

    def bottom_ticks(self) -> Sequence[Tick]:
        """Marks of local time."""
        if not self._average.size:
            return ()
        most = max(2, int(self.area().width() // _PIXELS_PER_TICK))
        return time_ticks(*self._period, most)

    def draw(self, painter: QPainter) -> None:
        """Draw the medians and their average."""
        t = theme.current_tokens()
        when, median = self._at
        painter.setPen(QPen(QColor(t.line_strong), 1.0))
        painter.drawPolyline(QPolygonF(self.points(when, median)))
        painter.setPen(QPen(QColor(t.accent), 2.5))
        painter.drawPolyline(QPolygonF(self.points(when, self._average)))

    def paint_below(self, painter: QPainter) -> None:
        """Shade the area above the review limit."""
        if self._at[0].size:
            area = self.area()
            zone = QRectF(
                area.left(), area.top(), area.width(), self.place(0, 1.0).y() - area.top()
            )
            painter.fillRect(zone, theme.verdict_background(Verdict.REVIEW))

    def paint_above(self, painter: QPainter) -> None:
        """Draw the limit, its name and a few points."""
        when, median = self._at
        if not when.size:
            return
        tokens, area = theme.current_tokens(), self.area()
        y = self.place(0, 1.0).y()
        painter.setPen(QColor(tokens.review))
        painter.drawLine(QLineF(area.left(), y, area.right(), y))
        painter.setFont(self.font_of_marks())
        words = QRectF(area.left() + 4, y - 21, area.width() - 8, 20)
        how = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(words, how, self._limit_word)
        if when.size <= area.width() / _PIXELS_PER_POINT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.line_strong))
            for x, value in zip(when, median, strict=True):
                painter.drawEllipse(self.place(float(x), float(value)), 2.5, 2.5)
