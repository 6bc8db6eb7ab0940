"""How many parts went by over time, stacked by verdict: colour, pattern and a legend in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QMargins, QSize, Qt
from PySide6.QtGui import QBrush, QHelpEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.state.history_trend import Bars, time_ticks
from deeprx_gui.ui.charts.chart import Chart, Tick, Window
from deeprx_gui.ui.charts.legend import pattern_brush
from deeprx_gui.ui.kit import theme

STACK: Final = (Verdict.NG, Verdict.REVIEW, Verdict.ERROR, Verdict.OK)
"""From the bottom up: what matters stands on the axis, where its height can be compared."""
PATTERNS: Final = {
    Verdict.NG: Qt.BrushStyle.FDiagPattern,
    Verdict.REVIEW: Qt.BrushStyle.Dense4Pattern,
    Verdict.ERROR: Qt.BrushStyle.CrossPattern,
}
"""Over the colour, in the surface's colour; OK is plain."""
_LEFT_AXIS, _BOTTOM_AXIS = 40, 22
_PIXELS_PER_TICK: Final = 52


def bar_text(bars: Bars, place: int) -> str:
    """Return a bar's time and its parts by verdict, for a tool tip."""
    begin = datetime.fromtimestamp(float(bars.starts[place]), UTC).astimezone()
    lines = [f"{begin:%Y-%m-%d %H:%M}"]
    for verdict in VERDICTS:
        parts = int(bars.heights[verdict][place])
        if parts:
            lines.append(f"{render(VERDICT_WORDS[verdict])}: {parts:,}")
    return "\n".join(lines)


class HourPlot(Chart):
    """Bars of counts over local time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        margins = QMargins(_LEFT_AXIS, 6, theme.S, _BOTTOM_AXIS)
        super().__init__(margins, Window(0.0, 1.0, 0.0, 1.0), parent)
        self.shown: Bars | None = None
        self.setMinimumSize(160, 118)

    def sizeHint(self) -> QSize:
        return QSize(300, 150)

    def show_bars(self, bars: Bars) -> None:
        """Show other counts."""
        self.shown = bars
        if bars.starts.size:
            low, high = self._span(bars, bars.hours * 3600.0)
            self.show_window(Window(low, high, 0.0, max(bars.tallest, 4.0) * 1.06))
        self.spoil()

    def bottom_ticks(self) -> Sequence[Tick]:
        """Marks of local time."""
        if self.shown is None or not self.shown.starts.size:
            return ()
        low, high = self._span(self.shown, self.shown.hours * 3600.0)
        return time_ticks(low, high, max(2, int(self.area().width() // _PIXELS_PER_TICK)))

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

    def event(self, event: QEvent) -> bool:
        """Show the counts of the bar under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.bar_at(event.pos().x())
            text = "" if place is None or self.shown is None else bar_text(self.shown, place)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def draw(self, painter: QPainter) -> None:
        """Draw the bars, each in its verdict's colour and pattern."""
        bars = self.shown
        if bars is None or not bars.starts.size:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        width = bars.hours * 3600.0
        lefts: Float64 = np.add(bars.starts, 0.08 * width)
        rights: Float64 = np.add(bars.starts, 0.92 * width)
        base: Float64 = np.zeros_like(bars.starts)
        for verdict in STACK:
            heights = bars.heights[verdict]
            boxes = self.bars(lefts, rights, base, heights)
            brushes = [QBrush(theme.verdict_colour(verdict))]
            if verdict in PATTERNS:
                brushes.append(pattern_brush(PATTERNS[verdict]))
            for brush in brushes:
                painter.setBrush(brush)
                for box in boxes:
                    painter.drawRect(box)
            base = np.add(base, heights)
