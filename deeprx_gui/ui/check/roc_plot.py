"""The ROC curve with the points where the two limits stand."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.metrics import roc_curve
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui import theme
from deeprx_gui.ui.check.still_plot import StillPlot

_MOST_POINTS = 400
"""More than the plot has pixels; 100,000 would take seconds to draw."""


class RocPlot(StillPlot):
    """Share of bad parts found against share of good parts called, for every possible limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._curve = pg.PlotCurveItem([0.0, 1.0], [0.0, 1.0])
        self._even = pg.PlotCurveItem([0.0, 1.0], [0.0, 1.0])
        super().__init__(parent)
        self._points: dict[Verdict, tuple[float, float]] = {}
        self._name = ""
        self.plotItem.addItem(self._even)
        self.plotItem.addItem(self._curve)
        self.plotItem.vb.setRange(xRange=(-0.03, 1.03), yRange=(-0.03, 1.06), padding=0.0)
        bottom, left = self.plotItem.getAxis("bottom"), self.plotItem.getAxis("left")
        bottom.setHeight(18)
        left.setWidth(16)
        for axis in (bottom, left):
            axis.setTicks([[(0, "0"), (1, "1")]])
            axis.setStyle(hideOverlappingLabels=False, tickLength=0)
        self.setMinimumSize(110, 90)

    def sizeHint(self) -> QSize:
        """Nearly square."""
        return QSize(170, 150)

    def show_curve(self, good: Float64, bad: Float64) -> None:
        """Draw the curve of raw scores; both sides must have some."""
        false_positive, true_positive = roc_curve(good, bad)
        every = np.linspace(0, false_positive.size - 1, min(false_positive.size, _MOST_POINTS))
        shown = every.astype(np.intp)
        self._curve.setData(false_positive[shown], true_positive[shown])
        self.spoil()

    def show_points(self, points: dict[Verdict, tuple[float, float]]) -> None:
        """Show where limits stand: (share of good parts above it, share of bad parts above it)."""
        if points != self._points:
            self._points = points
            self.viewport().update()

    def name(self, text: str) -> None:
        """Write something into the empty corner."""
        self._name = text
        self.viewport().update()

    @property
    def points(self) -> dict[Verdict, tuple[float, float]]:
        """Where the limits stand."""
        return self._points

    def take_colours(self) -> None:
        """Take the theme's colours."""
        tokens = theme.current_tokens()
        self._curve.setPen(pg.mkPen(tokens.accent, width=self.pen_width(2)))
        self._even.setPen(pg.mkPen(tokens.line, width=self.pen_width(1)))
        super().take_colours()

    def paint_above(self, painter: QPainter) -> None:
        """Draw the name and the points."""
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(theme.current_tokens().text))
        corner = self.area().adjusted(0, 0, -6, -6)
        painter.drawText(
            corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self._name
        )
        painter.setPen(QPen(QColor(theme.current_tokens().surface), 1.5))
        for verdict, (x, y) in self._points.items():
            painter.setBrush(theme.verdict_colour(verdict))
            painter.drawEllipse(QPointF(self.place(x, y)), 5.5, 5.5)


def share_above(scores: Float64, limit: float) -> float:
    """Return the share of scores above a limit, 0 without any."""
    return float(np.mean(scores > limit)) if scores.size else 0.0
