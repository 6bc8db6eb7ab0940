"""The key to the heat: one scale for each profile, and from where on its colours show."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.heat import QUIET_FROM, SATURATION, colours, quiet_colours
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_tip
from deeprx_gui.ui.picture.qimage import argb_to_qimage

_BAR: Final = 14.0
_EDGE: Final = 8
_LABEL_HEIGHT: Final = 16
_TICKS: Final = (1.0, 1.25, 1.5, 0.5, 0.75, 2.0, 3.0, 4.0, 6.0, 8.0)
"""What is labelled where there is room, the most important first."""
_CLEAR: Final = say(
    "Heat map: clear up to the review limit, colour above it. A colour always stands for the same "
    "score, wherever the limits are."
)
_QUIET: Final = say(
    "Heat map: blue up to the review limit, the other colours above it. A colour always stands for "
    "the same score, wherever the limits are."
)


class HeatLegend(QWidget):
    """A bar in × suggested limit: where colour begins is where the review limit is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limit = 1.0
        self._below = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(80)
        bind_tip(self, _CLEAR)

    def sizeHint(self) -> QSize:
        return QSize(56, 160)

    def show_scale(self, limits: Limits | None, *, below: bool) -> None:
        """Show from where on colours show, and whether the quiet scale is on."""
        limit = 1.0 if limits is None else limits.review_times
        if (limit, below) == (self._limit, self._below):
            return
        if below != self._below:
            tip = _QUIET if below else _CLEAR
            bind(self.setToolTip, tip)
            bind(self.setAccessibleName, tip)
        self._limit, self._below = limit, below
        self.update()

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and highest multiple on the bar; a limit outside the usual range is on it."""
        return min(QUIET_FROM, self._limit * 0.9), max(SATURATION, self._limit * 1.1)

    def colours_at(self, times: Float64) -> Float64:
        """Return red, green, blue, alpha (0..255, shape (n, 4)) of the bar at multiples (n,)."""
        found = colours(times)
        found[:, 3] = 255.0
        under = times <= self._limit
        found[under] = quiet_colours(times[under])
        if not self._below:
            found[under, 3] = 0.0
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current_tokens()
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        bar = QRectF(2, _EDGE, _BAR, self.height() - 2 * _EDGE)
        low, high = self.ends
        rows = max(1, int(bar.height()))
        half = (high - low) / rows / 2
        times: Float64 = np.linspace(high - half, low + half, rows, dtype=np.float64)
        red, green, blue, alpha = self.colours_at(times).astype(np.uint32).T
        column = ((alpha << 24) | (red << 16) | (green << 8) | blue)[:, None]
        painter.drawImage(bar.topLeft(), argb_to_qimage(column.repeat(int(_BAR), axis=1)))
        painter.setPen(QPen(QColor(tokens.line_strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)

        def y_of(multiple: float) -> float:
            return float(bar.bottom() - (multiple - low) / (high - low) * bar.height())

        painter.setPen(QPen(QColor(tokens.review), 2))
        y = y_of(self._limit)
        painter.drawLine(QLineF(bar.left() - 2, y, bar.right() + 3, y))
        painter.setPen(QColor(tokens.muted))
        for multiple in self._labelled(bar.height()):
            at = min(max(y_of(multiple), _LABEL_HEIGHT / 2), self.height() - _LABEL_HEIGHT / 2)
            box = QRectF(
                bar.right() + 5, at - _LABEL_HEIGHT / 2, self.width() - bar.right() - 5,
                _LABEL_HEIGHT,
            )  # fmt: skip
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{multiple:g}×")
        painter.end()

    def _labelled(self, height: float) -> list[float]:
        """Return the multiples that have a label: as many as stand clear of each other."""
        low, high = self.ends
        lowest = low if self._below else min(1.0, self._limit)
        apart = (_LABEL_HEIGHT + 2) / height * (high - low)
        shown: list[float] = []
        for multiple in _TICKS:
            if lowest <= multiple <= high and all(abs(multiple - t) >= apart for t in shown):
                shown.append(multiple)
        return shown
