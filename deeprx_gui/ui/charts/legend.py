"""The key to a chart: which colour and pattern is which series, and how many it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.ui.kit import theme

_SWATCH = 11.0
_GAP = 16.0
_LINE = 20


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
    """Swatches and words, in two lines where one is too short; colour never stands alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[LegendEntry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: Sequence[LegendEntry]) -> None:
        """Show other series."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.setAccessibleName(", ".join(key.text for key in keys))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 2 * _LINE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        widths = [QFontMetricsF(font).horizontalAdvance(key.text) for key in self._keys]
        places = _places(widths, self.width())
        lines = 1 + max((line for _, line in places), default=0)
        top = (self.height() - lines * _LINE) / 2
        for key, width, (x, line) in zip(self._keys, widths, places, strict=True):
            self._draw(painter, key, QRectF(x, top + line * _LINE, width, _LINE))
        painter.end()

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
        whole = _SWATCH + 8 + width
        if x and x + whole > room:
            x, line = 0.0, line + 1
        places.append((x, line))
        x += whole + _GAP
    return places
