"""Where the good parts lie over time: medians, their moving average, and where OK ends."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.history_trend import time_ticks
from deeprx_gui.ui import theme
from deeprx_gui.ui.check.still_plot import StillPlot

_LEFT_AXIS, _BOTTOM_AXIS = 40, 22
_PIXELS_PER_TICK: Final = 52
_PIXELS_PER_POINT: Final = 8


class ScorePlot(StillPlot):
    """Medians of the OK parts as points, their moving average as a line, and where OK ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._points = pg.PlotCurveItem([0.0, 1.0], [0.0, 0.0])
        self._average = pg.PlotCurveItem([0.0, 1.0], [0.0, 0.0])
        super().__init__(parent)
        self._at: tuple[Float64, Float64] = (np.empty(0), np.empty(0))
        self._limit_word = ""
        self.plotItem.addItem(self._points)
        self.plotItem.addItem(self._average)
        left, bottom = self.plotItem.getAxis("left"), self.plotItem.getAxis("bottom")
        left.setWidth(_LEFT_AXIS)
        bottom.setHeight(_BOTTOM_AXIS)
        bottom.setStyle(tickLength=0)
        self.plotItem.layout.setContentsMargins(0, 6, theme.S, 0)
        self.setMinimumSize(160, 118)

    def sizeHint(self) -> QSize:
        """As the counts beside it."""
        return QSize(300, 150)

    def name_limit(self, text: str) -> None:
        """Name the line where OK ends."""
        self._limit_word = text
        self.viewport().update()

    def show_trend(self, when: Float64, median: Float64, average: Float64) -> None:
        """Show other medians: UTC seconds and x limit, shapes (n,)."""
        self._at = (when, median)
        self._points.setData(when, median)
        self._average.setData(when, average)
        if when.size:
            low, high = float(when[0]), float(when[-1])
            room = max((high - low) * 0.03, 1800.0)
            bottom = min(float(median.min()) * 0.9, 0.5)
            top = max(float(median.max()) * 1.1, 1.12)
            self.plotItem.vb.setRange(
                xRange=(low - room, high + room), yRange=(bottom, top), padding=0.0
            )
            most = max(2, int((self.width() - _LEFT_AXIS) // _PIXELS_PER_TICK))
            self.plotItem.getAxis("bottom").setTicks([time_ticks(low - room, high + room, most)])
        self.spoil()

    def take_colours(self) -> None:
        """Take the theme's colours."""
        t = theme.current_tokens()
        self._points.setPen(pg.mkPen(t.line_strong, width=self.pen_width(1)))
        self._average.setPen(pg.mkPen(t.accent, width=self.pen_width(2.5)))
        super().take_colours()

    def paint_below(self, painter: QPainter) -> None:
        """Colour softly what is no longer OK."""
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
        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        words = QRectF(area.left() + 4, y - 17, area.width() - 8, 16)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight, self._limit_word)
        if when.size <= area.width() / _PIXELS_PER_POINT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.line_strong))
            for x, value in zip(when, median, strict=True):
                painter.drawEllipse(self.place(float(x), float(value)), 2.5, 2.5)
