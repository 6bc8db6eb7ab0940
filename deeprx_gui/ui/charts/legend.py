"""The key to a chart: which colour and pattern is which series, and how many it holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.ui.kit import theme

_SWATCH = 11.0
_SWATCH_ROOM = _SWATCH + 8
_GAP = 16.0
_LINE = 20
_LEAST_LINES = 2


@dataclass(frozen=True)
class LegendEntry:
    """One series: the name of its colour in the theme, its text, and how it is filled."""

    token: str
    text: str
    outline: bool = False
    pattern: Qt.BrushStyle | None = None
    """Drawn over the colour."""


def pattern_brush(pattern: Qt.BrushStyle) -> QBrush:
    """Return what lies over a colour as a pattern, in legends and in bars alike."""
    ink = QColor(theme.current_tokens().surface)
    ink.setAlphaF(0.6)
    return QBrush(ink, pattern)


class Legend(QWidget):
    """Swatches and words, in as many lines as they need; colour never stands alone.

    It keeps room for two lines, so that what is below rests while counts change.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[LegendEntry, ...] = ()
        self._lines = _LEAST_LINES
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: Sequence[LegendEntry]) -> None:
        """Show other series."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.setAccessibleName(", ".join(key.text for key in keys))
            self.update()
            self._follow_lines()

    def sizeHint(self) -> QSize:
        return QSize(200, self._lines * _LINE)

    def minimumSizeHint(self) -> QSize:
        """As wide as the longest entry: none is cut."""
        widest = max((_SWATCH_ROOM + width for width in self._widths()), default=0.0)
        return QSize(math.ceil(widest) + 1, self._lines * _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the width asks for."""
        super().resizeEvent(event)
        self._follow_lines()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        widths = self._widths()
        places = _places(widths, self.width())
        lines = 1 + max((line for _, line in places), default=0)
        top = (self.height() - lines * _LINE) / 2
        for key, width, (x, line) in zip(self._keys, widths, places, strict=True):
            self._draw(painter, key, QRectF(x, top + line * _LINE, width, _LINE))
        painter.end()

    def _follow_lines(self) -> None:
        places = _places(self._widths(), self.width())
        lines = max(_LEAST_LINES, 1 + max((line for _, line in places), default=0))
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()

    def _widths(self) -> list[float]:
        metrics = QFontMetricsF(self._font())
        return [metrics.horizontalAdvance(key.text) for key in self._keys]

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(12)
        return font

    def _draw(self, painter: QPainter, key: LegendEntry, place: QRectF) -> None:
        tokens = theme.current_tokens()
        colour = QColor(getattr(tokens, key.token))
        fill = QColor(colour)
        fill.setAlphaF(0.16 if key.outline else 1.0)
        painter.setPen(QPen(colour, 2.0 if key.outline else 1.0))
        painter.setBrush(fill)
        box = QRectF(place.left() + 1, place.center().y() - _SWATCH / 2, _SWATCH, _SWATCH)
        painter.drawRoundedRect(box, 2, 2)
        if key.pattern is not None:
            painter.fillRect(box, pattern_brush(key.pattern))
        painter.setPen(QColor(tokens.muted))
        words = place.adjusted(_SWATCH + 7, 0, _SWATCH + 9, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, key.text)


def _places(widths: list[float], room: float) -> list[tuple[float, int]]:
    """Return (x, line) for each series, breaking into a new line where there is no room left."""
    places: list[tuple[float, int]] = []
    x, line = 0.0, 0
    for width in widths:
        whole = _SWATCH_ROOM + width
        if x and x + whole > room:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += whole + _GAP
    return places
