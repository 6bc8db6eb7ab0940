"""How many parts went by over time, stacked by verdict: colour, pattern and a legend in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.state.history_trend import Bars, time_ticks
from deeprx_gui.ui import theme
from deeprx_gui.ui.check.still_plot import StillPlot

STACK: Final = (Verdict.NG, Verdict.REVIEW, Verdict.ERROR, Verdict.OK)
"""From the bottom up: what matters stands on the axis, where its height can be compared."""
_PATTERNS: Final = {
    Verdict.NG: Qt.BrushStyle.FDiagPattern,
    Verdict.REVIEW: Qt.BrushStyle.Dense4Pattern,
    Verdict.ERROR: Qt.BrushStyle.CrossPattern,
}
"""Over the colour, in the surface's colour; OK is plain."""
_LEFT_AXIS, _BOTTOM_AXIS = 40, 22
_PIXELS_PER_TICK: Final = 52


def pattern_brush(verdict: Verdict) -> QBrush | None:
    """Return the pattern that lies over a verdict's colour, ``None`` for OK."""
    pattern = _PATTERNS.get(verdict)
    if pattern is None:
        return None
    ink = QColor(theme.current_tokens().surface)
    ink.setAlphaF(0.6)
    return QBrush(ink, pattern)


def bar_text(bars: Bars, place: int) -> str:
    """Return a bar's time and its parts by verdict, for a tool tip."""
    begin = datetime.fromtimestamp(float(bars.starts[place]), UTC).astimezone()
    lines = [f"{begin:%Y-%m-%d %H:%M}"]
    for verdict in VERDICTS:
        parts = int(bars.heights[verdict][place])
        if parts:
            lines.append(f"{render(VERDICT_WORDS[verdict])}: {parts:,}")
    return "\n".join(lines)


class HourPlot(StillPlot):
    """Bars of counts over local time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bars = {v: pg.BarGraphItem(x=[0.0], height=[0.0], width=1.0) for v in STACK}
        super().__init__(parent)
        self.shown: Bars | None = None
        for verdict in STACK:
            self.plotItem.addItem(self._bars[verdict])
        left, bottom = self.plotItem.getAxis("left"), self.plotItem.getAxis("bottom")
        left.setWidth(_LEFT_AXIS)
        left.setStyle(maxTickLevel=0)
        bottom.setHeight(_BOTTOM_AXIS)
        bottom.setStyle(tickLength=0)
        self.plotItem.layout.setContentsMargins(0, 6, theme.S, 0)
        self.setMinimumSize(160, 118)

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(300, 150)

    def show_bars(self, bars: Bars) -> None:
        """Show other counts."""
        self.shown = bars
        width = bars.hours * 3600.0
        base: Float64 = np.zeros_like(bars.starts)
        for verdict in STACK:
            heights = bars.heights[verdict]
            self._bars[verdict].setOpts(
                x0=bars.starts + 0.08 * width,
                x1=bars.starts + 0.92 * width,
                y0=base,
                height=heights,
                x=None,
                width=None,
            )
            base = np.add(base, heights)
        if bars.starts.size:
            low, high = self._span(bars, width)
            top = max(bars.tallest, 4.0) * 1.06
            self.plotItem.vb.setRange(xRange=(low, high), yRange=(0.0, top), padding=0.0)
            self._mark(low, high)
        self.spoil()

    def _span(self, bars: Bars, width: float) -> tuple[float, float]:
        """Leave room for a few bars, so that a single hour is not as wide as the plot."""
        low, high = float(bars.starts[0]), float(bars.starts[-1]) + width
        lacking = 6 * width - (high - low)
        return (low - lacking / 2, high + lacking / 2) if lacking > 0 else (low, high)

    def bar_at(self, x: float) -> int | None:
        """Return which bar lies at a pixel of the viewport, ``None`` where there is none."""
        bars = self.shown
        if bars is None or not bars.starts.size:
            return None
        place = int((self.value_at(x) - bars.starts[0]) // (bars.hours * 3600.0))
        return place if 0 <= place < bars.starts.size else None

    def viewportEvent(self, event: QEvent) -> bool:
        """Say how many parts a bar stands for."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.bar_at(event.pos().x())
            text = "" if place is None or self.shown is None else bar_text(self.shown, place)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().viewportEvent(event))

    def _mark(self, low: float, high: float) -> None:
        most = max(2, int((self.width() - _LEFT_AXIS) // _PIXELS_PER_TICK))
        self.plotItem.getAxis("bottom").setTicks([time_ticks(low, high, most)])

    def take_colours(self) -> None:
        """Take the theme's colours."""
        for verdict, bars in self._bars.items():
            colour = theme.verdict_colour(verdict)
            bars.setOpts(brush=pg.mkBrush(colour), pen=pg.mkPen(None))
        super().take_colours()

    def paint_above(self, painter: QPainter) -> None:
        """Draw the patterns over the bars."""
        bars = self.shown
        if bars is None or not bars.starts.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        width = bars.hours * 3600.0
        base: Float64 = np.zeros_like(bars.starts)
        for verdict in STACK:
            heights = bars.heights[verdict]
            brush = pattern_brush(verdict)
            if brush is not None:
                painter.setBrush(brush)
                for place in np.flatnonzero(heights):
                    painter.drawRect(self._box(bars, int(place), width, base, heights))
            base = np.add(base, heights)

    def _box(self, bars: Bars, place: int, width: float, base: Float64, heights: Float64) -> QRectF:
        left, bottom = float(bars.starts[place]), float(base[place])
        low = self.place(left + 0.08 * width, bottom)
        high = self.place(left + 0.92 * width, bottom + float(heights[place]))
        return QRectF(QPointF(low.x(), high.y()), QPointF(high.x(), low.y())).normalized()
