"""The key to the histogram: which colour is which series, and how many it holds."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.ui import theme

_SWATCH = 11.0
_GAP = 16.0


@dataclass(frozen=True)
class Key:
    """One series: the name of its colour in the theme, its text, and whether it is an outline."""

    token: str
    text: str
    outline: bool = False


class SeriesLegend(QWidget):
    """Swatches and words in one line; the words say what colour alone must not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[Key, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: tuple[Key, ...]) -> None:
        """Show other series."""
        if keys != self._keys:
            self._keys = keys
            self.setAccessibleName(", ".join(key.text for key in keys))
            self.update()

    def sizeHint(self) -> QSize:
        """One line of small text."""
        return QSize(200, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw swatch, words, swatch, words."""
        tokens = theme.current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        x, middle = 0.0, self.height() / 2
        for key in self._keys:
            colour = QColor(getattr(tokens, key.token))
            box = QRectF(
                QPointF(x, middle - _SWATCH / 2), QPointF(x + _SWATCH, middle + _SWATCH / 2)
            )
            fill = QColor(colour)
            fill.setAlphaF(0.16 if key.outline else 1.0)
            painter.setPen(QPen(colour, 2.0 if key.outline else 1.0))
            painter.setBrush(fill)
            painter.drawRoundedRect(box, 2, 2)
            x += _SWATCH + 6
            painter.setPen(QColor(tokens.muted))
            width = metrics.horizontalAdvance(key.text)
            text = QRectF(x, 0, width + 2, self.height())
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, key.text)
            x += width + _GAP
        painter.end()
