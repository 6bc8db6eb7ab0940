"""Four small trends beside each other: score, brightness, focus, position, one point per block."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64, Ints
from deeprx_gui.domain.drift import BlockTrend, Drift, Measure
from deeprx_gui.domain.drift_words import MEASURE_WORDS
from deeprx_gui.domain.words import UNKNOWN
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import EITHER, follow

_ORDER: Final = (Measure.SCORE, Measure.BRIGHTNESS, Measure.FOCUS, Measure.POSITION)
_HEIGHT: Final = 74
_LINE: Final = 16
_TITLE: Final = 2 * _LINE
_LEAST: Final[Mapping[Measure, float]] = {
    Measure.SCORE: 0.1,
    Measure.BRIGHTNESS: 0.1,
    Measure.FOCUS: 0.3,
    Measure.POSITION: 0.01,
}
"""The height of a plot stands for at least this much, so that noise does not fill it."""
_TEXT: Final[Mapping[Measure, Callable[[float], str]]] = {
    Measure.SCORE: lambda value: f"{value:.2f} ×",
    Measure.BRIGHTNESS: lambda value: f"{100 * value:.0f} %",
    Measure.FOCUS: lambda value: f"{100 * value:.0f} %",
    Measure.POSITION: lambda value: f"{100 * value:.1f} %",
}


class MeasureTrends(QWidget):
    """A measure that moved is drawn in the warning's colour, with a line where it began."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drift: Drift | None = None
        self.setFixedHeight(_HEIGHT)
        follow(self._tell, EITHER)

    def sizeHint(self) -> QSize:
        return QSize(360, _HEIGHT)

    def show_drift(self, drift: Drift | None) -> None:
        """Show the trends of a product, or nothing."""
        self.drift = drift
        self._tell()

    def _tell(self) -> None:
        """Say the figures to those who do not see the lines."""
        trend = None if self.drift is None else self.drift.trend
        words = [] if trend is None else [self._words(trend, measure) for measure in _ORDER]
        self.setAccessibleName(", ".join(words))
        self.setToolTip("\n".join(words))
        self.update()

    def _words(self, trend: BlockTrend, measure: Measure) -> str:
        return f"{render(MEASURE_WORDS[measure])} {_last(trend, measure)}"

    def paintEvent(self, _event: QPaintEvent) -> None:
        drift = self.drift
        if drift is None or drift.trend is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = (self.width() - 3 * theme.M) / len(_ORDER)
        for number, measure in enumerate(_ORDER):
            room = QRectF(number * (width + theme.M), 0, width, self.height())
            self._draw(painter, room, measure, drift, drift.trend)
        painter.end()

    def _draw(
        self, painter: QPainter, room: QRectF, measure: Measure, drift: Drift, trend: BlockTrend
    ) -> None:
        tokens = theme.current_tokens()
        moved = drift.move(measure)
        colour = QColor(tokens.review if moved is not None else tokens.accent)
        values = _values(trend, measure)
        font = self.font()
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if moved is not None else tokens.muted))
        for line, words in enumerate((render(MEASURE_WORDS[measure]), _last(trend, measure))):
            title = QRectF(room.left(), room.top() + line * _LINE, room.width(), _LINE)
            how = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip)  # tails hang out
            painter.drawText(title, how, words)
        plot = QRectF(room.left(), _TITLE + 2, room.width(), room.height() - _TITLE - 4)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        known = np.flatnonzero(np.isfinite(values))
        if len(known) < 2:
            return
        if moved is not None and len(trend.when) > 1:
            x = plot.left() + plot.width() * moved.block / (len(trend.when) - 1)
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(QPen(colour, 1.5))
        painter.drawPolyline(QPolygonF(_points(plot, values, known, _LEAST[measure])))


def _last(trend: BlockTrend, measure: Measure) -> str:
    """Return where a measure is now, as text."""
    values = _values(trend, measure)
    known = values[np.isfinite(values)]
    return _TEXT[measure](float(known[-1])) if len(known) else UNKNOWN


def _values(trend: BlockTrend, measure: Measure) -> Float64:
    values: Float64 = getattr(trend, measure.value)
    return values


def _points(plot: QRectF, values: Float64, known: Ints, least: float) -> list[QPointF]:
    shown = values[known]
    low, high = (float(value) for value in np.percentile(shown, (2, 98)))  # single ones are cut
    shown = np.clip(shown, low, high)
    middle, span = (low + high) / 2, max(high - low, least)
    right = max(1, len(values) - 1)
    return [
        QPointF(
            plot.left() + plot.width() * int(place) / right,
            plot.bottom() - plot.height() * (0.5 + 0.9 * (float(value) - middle) / span),
        )
        for place, value in zip(known, shown, strict=True)
        if math.isfinite(value)
    ]
