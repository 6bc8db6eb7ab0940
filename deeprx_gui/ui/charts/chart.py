"""What every chart has: axes, ticks, the mapping between values and pixels, a cached picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QMargins, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.next_turn import in_next_turn

_TICK_LENGTH = 4
_PIXELS_PER_LEFT_TICK = 34
_FONT_PIXELS = 12
_MANTISSAS = (1.0, 2.0, 5.0, 10.0)

Tick = tuple[float, str]
"""A value on an axis and the text beside it."""


@dataclass(frozen=True)
class Window:
    """The values a chart shows: ``left`` to ``right`` along x, ``bottom`` to ``top`` along y."""

    left: float
    right: float
    bottom: float
    top: float


def round_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return multiples of 1, 2 or 5 × 10ⁿ between two values, at most ``most`` of them."""
    if not high > low:
        return []
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(m for m in _MANTISSAS if m * power >= raw * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(k * step, f"{k * step:.{decimals}f}") for k in range(first, last + 1)]


class Chart(QWidget):
    """Axes and data are drawn once into a picture; what moves is painted over and under it.

    Drawing everything takes several milliseconds, most of a frame; painting the moving marks
    around the picture takes well under one. Subclasses override ``draw`` (data, into the picture),
    ``paint_below`` and ``paint_above`` (moving marks), call ``spoil`` when the data changed and
    ``update`` when only the marks moved.
    """

    def __init__(self, margins: QMargins, window: Window, parent: QWidget | None = None) -> None:
        """``margins``: room for the axes around the data, in pixels."""
        super().__init__(parent)
        self._margins = margins
        self._window = window
        self._still: QPixmap | None = None
        self._arriving = False
        # It paints every pixel: nothing below it has to be painted first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- values and pixels ------------------------------------------------------------------

    def show_window(self, window: Window) -> None:
        """Show other values."""
        self._window = window
        self.spoil()

    def area(self) -> QRectF:
        """The rectangle of the data, in pixels of the widget."""
        return QRectF(self.rect().marginsRemoved(self._margins))

    def place(self, x: float, y: float) -> QPointF:
        """Return where a pair of values lies, in pixels of the widget."""
        area, w = self.area(), self._window
        across = (x - w.left) / (w.right - w.left)
        up = (y - w.bottom) / (w.top - w.bottom)
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def value_at(self, x: float) -> float:
        """Return the value along x at a pixel of the widget."""
        area, w = self.area(), self._window
        return w.left + (x - area.left()) / max(area.width(), 1.0) * (w.right - w.left)

    def points(self, x: Float64, y: Float64) -> list[QPointF]:
        """Return pairs of values, both of shape (n,), as pixels of the widget."""
        return [self.place(float(a), float(b)) for a, b in zip(x, y, strict=True)]

    def bars(
        self, lefts: Float64, rights: Float64, base: Float64, heights: Float64
    ) -> list[QRectF]:
        """Return the boxes, in pixels of the widget, of bars that have a height.

        ``lefts``, ``rights``: where bars begin and end along x; ``base``: where they stand along y;
        ``heights``: along y; all of shape (n,).
        """
        tall = np.flatnonzero(heights)
        columns = (lefts[tall], rights[tall], base[tall], heights[tall])
        return [
            QRectF(self.place(left, low + height), self.place(right, low))
            for left, right, low, height in np.stack(columns, axis=1)
        ]

    def font_of_marks(self, *, bold: bool = False) -> QFont:
        """The font of ticks, flags and names."""
        font = QFont(self.font())
        font.setPixelSize(_FONT_PIXELS)
        font.setBold(bold)
        return font

    # -- for subclasses ---------------------------------------------------------------------

    def left_ticks(self) -> Sequence[Tick]:
        """Ticks of the axis at the left."""
        low, high = self._window.bottom, self._window.top
        most = max(int(self.area().height() // _PIXELS_PER_LEFT_TICK), 2)
        found = round_ticks(low, high, most)
        return found if len(found) > 1 else round_ticks(low, high, 2 * most)  # one is no scale

    def bottom_ticks(self) -> Sequence[Tick]:
        """Ticks of the axis at the bottom; none unless a chart names some."""
        return ()

    def draw(self, painter: QPainter) -> None:
        """Draw the data; the painter is clipped to ``area()`` and smooths edges."""

    def paint_below(self, painter: QPainter) -> None:
        """Draw what lies below data and axes."""

    def paint_above(self, painter: QPainter) -> None:
        """Draw what lies above them."""

    def spoil(self) -> None:
        """Draw data and axes anew at the next paint."""
        self._still = None
        self.update()

    # -- painting ---------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._still is not None and self._still.devicePixelRatio() != ratio:
            self._still = None  # on another screen
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current_tokens().surface))
        if self._still is None and self._arriving:
            painter.end()
            return
        if self._still is None:
            self._still = self._drawn()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        self.paint_below(painter)
        painter.restore()
        painter.drawPixmap(0, 0, self._still)
        self.paint_above(painter)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Leave the drawing to the turn after the page has appeared, which has enough to do."""
        super().showEvent(event)
        if self._still is None:
            self._arriving = True
            in_next_turn(self, self._arrived)

    @Slot()
    def _arrived(self) -> None:
        self._arriving = False
        self.update()

    def event(self, event: QEvent) -> bool:
        """Draw anew in another size and in other colours."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self._still = None
            self.update()
        return super().event(event)

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        still = QPixmap(self.size() * ratio)
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setClipRect(self.area())
        self.draw(painter)
        painter.restore()
        self._draw_axes(painter)
        painter.end()
        return still

    def _draw_axes(self, painter: QPainter) -> None:
        tokens, area = theme.current_tokens(), self.area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(tokens.line_strong))
        corners = (area.topLeft(), area.bottomLeft(), area.bottomRight())
        for begin, end in pairwise(corners):
            painter.drawLine(begin, end)
        left, bottom = self.left_ticks(), self.bottom_ticks()
        heights = [self.place(self._window.left, value).y() for value, _text in left]
        for y in heights:
            painter.drawLine(QLineF(area.left() - _TICK_LENGTH, y, area.left(), y))
        painter.setFont(self.font_of_marks())
        painter.setPen(QColor(tokens.muted))
        room = area.left() - _TICK_LENGTH - 3
        for y, (_value, text) in zip(heights, left, strict=True):
            top = min(max(y - 8, 0.0), self.height() - 16.0)
            painter.drawText(
                QRectF(0, top, room, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                text,
            )
        for value, text in bottom:
            wide = painter.fontMetrics().horizontalAdvance(text) + 2.0
            middle = self.place(value, self._window.bottom).x()
            start = max(0.0, min(middle - wide / 2, self.width() - wide))
            box = QRectF(start, area.bottom() + 3, wide, 16)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def step_outline(edges: Float64, heights: Float64) -> tuple[Float64, Float64]:
    """Return the corners of a stepped line: ``edges`` of shape (n + 1,), ``heights`` of (n,)."""
    return np.repeat(edges, 2)[1:-1], np.repeat(heights, 2)
