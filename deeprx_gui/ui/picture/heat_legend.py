"""The key to the heat: one fixed scale tied to the limit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.heat import SATURATION, colours
from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind_tip

_BAR = 14.0
_CLEAR_SHARE = 0.2


class HeatLegend(QWidget):
    """A bar from clear (at or below the limit) over 1, 2, 3 × limit; it never changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(80)
        bind_tip(
            self,
            say("Heat map: clear up to the limit, colour only above it. The scale never changes."),
        )

    def sizeHint(self) -> QSize:
        return QSize(42, 160)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        bar = QRectF(2, 8, _BAR, self.height() - 16)
        limit_y = bar.bottom() - _CLEAR_SHARE * bar.height()
        hot = QRectF(bar.topLeft(), QPointF(bar.right(), limit_y))
        gradient = QLinearGradient(hot.bottomLeft(), hot.topLeft())
        steps = np.linspace(1.0, SATURATION, 17, dtype=np.float64)
        for step, (red, green, blue, _alpha) in zip(steps, colours(steps), strict=True):
            share = (float(step) - 1.0) / (SATURATION - 1.0)
            gradient.setColorAt(share, QColor(int(red), int(green), int(blue)))
        painter.fillRect(hot, gradient)
        painter.setPen(QPen(QColor(tokens.line_strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.setPen(QColor(tokens.muted))
        for times in (1, 2, int(SATURATION)):
            y = limit_y - (times - 1) / (SATURATION - 1.0) * hot.height()
            text = QRectF(bar.right() + 5, y - 8, self.width() - bar.right() - 5, 16)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, f"{times}×")
        painter.end()
