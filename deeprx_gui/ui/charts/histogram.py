"""The histogram of scores with both limits as lines to drag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from PySide6.QtCore import QMargins, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.colours import LABEL_COLOURS
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui.charts.bins import BINS, ScoreSpan, counts_in, span_of, ticks
from deeprx_gui.ui.charts.chart import Chart, Window, step_outline
from deeprx_gui.ui.charts.limit_handles import LimitFlag, LimitKind, grabbed
from deeprx_gui.ui.kit import theme

STACK: Final = (Label.GOOD, Label.UNKNOWN, Label.BAD)
"""Bars from the bottom up."""
_FLAG_HEIGHT: Final = 24.0
_HEADROOM: Final = 32.0
_HEADROOM_SHARE: Final = 1.24
"""Flags stand above the tallest bar."""
_LEFT_AXIS: Final = 34
_BOTTOM_AXIS: Final = 24
_PIXELS_PER_TICK: Final = 56
_NO_LIMITS: Final = Limits(1.0, 1.0)
_VERDICTS: Final = {LimitKind.REVIEW: Verdict.REVIEW, LimitKind.NG: Verdict.NG}
_ZONES: Final = (Verdict.OK, Verdict.REVIEW, Verdict.NG)


@dataclass(frozen=True)
class LimitMove:
    """A limit pulled to a raw score."""

    which: LimitKind
    score: float


class Histogram(Chart):
    """Scores per label as stacked bars, held-out normal images as an outline, both limits on top.

    ``moved`` carries a ``LimitMove`` for every step of a drag. Bars and axis stay where they are
    while a limit moves: 1.00 is the suggested review limit.
    """

    drag_started = Signal()
    moved = Signal(object)
    drag_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        margins = QMargins(_LEFT_AXIS, 0, theme.S, _BOTTOM_AXIS)
        super().__init__(margins, Window(0.0, 1.0, 0.0, 1.0), parent)
        self._limits: Limits | None = None
        self._suggested: Limits | None = None
        self._held: LimitKind | None = None
        self._words = {LimitKind.REVIEW: "", LimitKind.NG: ""}
        self._span = ScoreSpan(0.0, 1.0)
        self._series: Mapping[Label, Float64] = {}
        self._held_out: Float64 = np.empty(0)
        self._stacked: dict[Label, tuple[Float64, Float64]] = {}
        self._outline: Float64 = np.zeros(BINS, np.float64)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 130)

    def sizeHint(self) -> QSize:
        return QSize(420, 200)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def span_shown(self) -> ScoreSpan:
        """The raw scores on the axis."""
        return self._span

    @property
    def words(self) -> tuple[str, str]:
        """What stands on the flags of the review limit and of the NG limit."""
        return self._words[LimitKind.REVIEW], self._words[LimitKind.NG]

    @property
    def tick_words(self) -> tuple[str, ...]:
        """What stands below the axis."""
        return tuple(text for _, text in self._ticks())

    def _ticks(self) -> list[tuple[float, str]]:
        unit = (self._limits or _NO_LIMITS).unit
        return ticks(self._span, unit, max(2, int(self.area().width() // _PIXELS_PER_TICK)))

    def name_limits(self, review: str, ng: str) -> None:
        """Name the limits on their flags."""
        self._words = {LimitKind.REVIEW: review, LimitKind.NG: ng}
        self.update()

    def show_scores(
        self, series: Mapping[Label, Float64], held_out: Float64, suggested: Limits, limits: Limits
    ) -> None:
        """Show other raw scores, each (n,): per label, and those of held-out normal images."""
        self._series, self._held_out, self._suggested = series, held_out, suggested
        self._limits = limits
        self._fill()

    def show_limits(self, limits: Limits) -> None:
        """Move both lines."""
        self._limits = limits
        if self._held is None and not self._span.covers(limits):
            self._fill()
            return
        self.update()

    def _fill(self) -> None:
        if self._suggested is None or self._limits is None:
            return
        scores = [*self._series.values(), self._held_out]
        self._span = span_of(scores, self._suggested, self._limits)
        base: Float64 = np.zeros(BINS, np.float64)
        self._stacked = {}
        for label in STACK:
            heights = counts_in(self._series.get(label, np.empty(0)), self._span)
            self._stacked[label] = (base, heights)
            base = np.add(base, heights)
        self._outline = counts_in(self._held_out, self._span)
        top = max(float(base.max()), float(self._outline.max()), 1.0)
        self.show_window(Window(self._span.low, self._span.high, 0.0, top * _HEADROOM_SHARE))

    def draw(self, painter: QPainter) -> None:
        """Draw the bars and the outline."""
        t = theme.current_tokens()
        edges = self._span.edges
        painter.setPen(QPen(QColor(t.surface), 0.6))
        for label, (base, heights) in self._stacked.items():
            painter.setBrush(QColor(getattr(t, LABEL_COLOURS[label])))
            for box in self.bars(edges[:-1], edges[1:], base, heights):
                painter.drawRect(box)
        if not self._outline.any():
            return
        # An empty bin's line lies below the axis, where it is clipped.
        below = -self._outline.max()
        line = self.points(*step_outline(edges, np.where(self._outline > 0, self._outline, below)))
        fill = QColor(t.accent)
        fill.setAlphaF(0.16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = [self.place(self._span.high, 0.0), self.place(self._span.low, 0.0)]
        painter.drawPolygon(QPolygonF([*line, *ends]))
        painter.setPen(QPen(QColor(t.accent), 2.0))
        painter.drawPolyline(QPolygonF(line))

    # -- lines, flags, zones ----------------------------------------------------------------

    def flag_of(self, which: LimitKind) -> LimitFlag:
        """Return where a limit's flag lies: left of its line for review, right of it for NG."""
        limits, area = self._limits or _NO_LIMITS, self.area()
        width = (
            QFontMetricsF(self.font_of_marks(bold=True)).horizontalAdvance(self._words[which]) + 18
        )
        if which is LimitKind.REVIEW:
            right = max(self.x_of(limits.review), area.left() + width)
            return LimitFlag(right - width, right, area.top() + _HEADROOM)
        left = min(self.x_of(limits.ng), area.right() - width)
        return LimitFlag(left, left + width, area.top() + _HEADROOM)

    def x_of(self, score: float) -> float:
        """Return where a raw score lies, in pixels of the viewport."""
        return self.place(score, 0.0).x()

    def paint_below(self, painter: QPainter) -> None:
        """Paint the OK, REVIEW and NG zones behind the bars."""
        if self._limits is None:
            return
        area = self.area()
        review, ng = self._limits.review, self._limits.ng
        marks = [area.left(), self.x_of(review), self.x_of(ng), area.right()]
        for verdict, (left, right) in zip(_ZONES, pairwise(marks), strict=True):
            zone = QRectF(left, area.top(), right - left, area.height()).intersected(area)
            painter.fillRect(zone, theme.verdict_background(verdict))

    def paint_above(self, painter: QPainter) -> None:
        """Draw both lines, their flags and the axis in × suggested limit."""
        if self._limits is None:
            return
        area = self.area()
        painter.setFont(self.font_of_marks())
        painter.setPen(QColor(theme.current_tokens().muted))
        for score, text in self._ticks():
            box = QRectF(self.x_of(score) - 30, area.bottom() + 4, 60, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(self.font_of_marks(bold=True))
        for which, score in (
            (LimitKind.NG, self._limits.ng),
            (LimitKind.REVIEW, self._limits.review),
        ):
            x, colour = self.x_of(score), theme.verdict_colour(_VERDICTS[which])
            if area.left() - 1 <= x <= area.right() + 1:
                painter.setPen(QPen(colour, 3.0 if which is self._held else 2.0))
                painter.drawLine(QPointF(x, area.top() + 4), QPointF(x, area.bottom()))
                self._draw_flag(painter, which, colour)

    def _draw_flag(self, painter: QPainter, which: LimitKind, colour: QColor) -> None:
        flag = self.flag_of(which)
        plate = QRectF(flag.left, self.area().top() + 3, flag.right - flag.left, _FLAG_HEIGHT)
        shape = QPainterPath()
        shape.addRoundedRect(plate, 5, 5)
        painter.fillPath(shape, colour)
        painter.setPen(QColor(theme.current_tokens().surface))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._words[which])

    # -- dragging ---------------------------------------------------------------------------

    def _at(self, place: QPointF) -> LimitKind | None:
        if self._limits is None:
            return None
        return grabbed(
            place.x(),
            place.y(),
            review_x=self.x_of(self._limits.review),
            ng_x=self.x_of(self._limits.ng),
            review_flag=self.flag_of(LimitKind.REVIEW),
            ng_flag=self.flag_of(LimitKind.NG),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = self._at(event.position())
            if self._held is not None:
                self.drag_started.emit()
                self.update()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the dragged limit, clamped to the axis."""
        if self._held is None:
            near = self._at(event.position()) is not None
            shape = Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        width = self._span.high - self._span.low
        lowest = max(self._span.low, 0.0) + 0.002 * width
        score = min(max(self.value_at(event.position().x()), lowest), self._span.high)
        self.moved.emit(LimitMove(self._held, score))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._held = None
            self.drag_ended.emit()
            if self._limits is not None:
                self.show_limits(self._limits)
        event.accept()
