"""The ROC curve with the points where the two limits stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QMargins, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.metrics import roc_curve
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui.charts.chart import Chart, Tick, Window
from deeprx_gui.ui.kit import theme

_NONE_AND_ALL: Final[Sequence[Tick]] = ((0.0, "0"), (1.0, "1"))
_MOST_POINTS = 400
"""More than the plot has pixels; 100,000 would take seconds to draw."""


class RocPlot(Chart):
    """Share of bad parts found against share of good parts called, for every possible limit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QMargins(16, 0, 1, 18), Window(-0.03, 1.03, -0.03, 1.06), parent)
        self._curve: tuple[Float64, Float64] = (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        self._points: dict[Verdict, tuple[float, float]] = {}
        self._name = ""
        self.setMinimumSize(110, 90)

    def sizeHint(self) -> QSize:
        return QSize(170, 150)

    def show_curve(self, good: Float64, bad: Float64) -> None:
        """Draw the curve of raw scores, (n,) and (m,); both sides must have some."""
        false_positive, true_positive = roc_curve(good, bad)
        every = np.linspace(0, false_positive.size - 1, min(false_positive.size, _MOST_POINTS))
        shown = every.astype(np.intp)
        self._curve = (false_positive[shown], true_positive[shown])
        self.spoil()

    def show_points(self, points: dict[Verdict, tuple[float, float]]) -> None:
        """Show where limits stand: (share of good parts above it, share of bad parts above it)."""
        if points != self._points:
            self._points = points
            self.update()

    def name(self, text: str) -> None:
        """Write something into the empty corner."""
        self._name = text
        self.update()

    @property
    def limit_points(self) -> dict[Verdict, tuple[float, float]]:
        return self._points

    def left_ticks(self) -> Sequence[Tick]:
        """None found and all found."""
        return _NONE_AND_ALL

    def bottom_ticks(self) -> Sequence[Tick]:
        """None called and all called."""
        return _NONE_AND_ALL

    def draw(self, painter: QPainter) -> None:
        """Draw the curve, and the diagonal of a detector that guesses."""
        tokens = theme.current_tokens()
        painter.setPen(QColor(tokens.line))
        painter.drawLine(self.place(0.0, 0.0), self.place(1.0, 1.0))
        painter.setPen(QPen(QColor(tokens.accent), 2.0))
        painter.drawPolyline(QPolygonF(self.points(*self._curve)))

    def paint_above(self, painter: QPainter) -> None:
        """Draw the name and the points."""
        painter.setFont(self.font_of_marks())
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
    """Return the share of raw scores (n,) above a limit, 0 without any."""
    return float(np.mean(scores > limit)) if scores.size else 0.0
