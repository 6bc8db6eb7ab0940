"""The key to the counts: which colour and pattern is which verdict, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui import theme
from deeprx_gui.ui.charts.hour_plot import pattern_brush

_SWATCH = 13.0
_GAP = 14.0
_LINE = 18


@dataclass(frozen=True)
class PatternKey:
    """One series: its verdict and its words."""

    verdict: Verdict
    text: str


class PatternLegend(QWidget):
    """Swatches and words, in two lines where one is too short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[PatternKey, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: tuple[PatternKey, ...]) -> None:
        """Show other series."""
        if keys != self._keys:
            self._keys = keys
            self.setAccessibleName(", ".join(key.text for key in keys))
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of small text."""
        return QSize(200, 2 * _LINE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw swatch, words, swatch, words."""
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        x = y = 0.0
        for key in self._keys:
            width = _SWATCH + 6 + metrics.horizontalAdvance(key.text)
            if x and x + width > self.width():
                x, y = 0.0, y + _LINE
            box = QRectF(x, y + (_LINE - _SWATCH) / 2, _SWATCH, _SWATCH)
            painter.fillRect(box, theme.verdict_colour(key.verdict))
            brush: QBrush | None = pattern_brush(key.verdict)
            if brush is not None:
                painter.fillRect(box, brush)
            painter.setPen(QColor(theme.current_tokens().muted))
            words = QRectF(x + _SWATCH + 6, y, width, _LINE)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, key.text)
            x += width + _GAP
        painter.end()
