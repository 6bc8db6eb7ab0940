"""RegionLayer: the region drawn over a picture, greyed where nothing counts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from deeprx_gui.domain.view import Point, Region, Shape
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef, corners, find, handles, listed

_CASING: Final = QColor(0, 0, 0, 170)
_INKS: Final = {Role.INSIDE: QColor("#4fd1ff"), Role.IGNORE: QColor("#ffb74d")}
"""Bright on a dark casing: seen on any picture, apart for the colour-blind, and hatched or not."""
_VEIL: Final = QColor(16, 22, 30, 140)
_FAINT_VEIL: Final = QColor(16, 22, 30, 90)
_HANDLE: Final = 8.0
_SMALL_HANDLE: Final = 5.5


class RegionLayer(QGraphicsItem):
    """A region over a picture; ``editing`` also shows outlines, handles and what is being drawn."""

    def __init__(self, *, editing: bool = False) -> None:
        super().__init__()
        self._editing = editing
        self._region = Region()
        self._size = QSizeF(0, 0)
        self._selected: ShapeRef | None = None
        self._drawn: tuple[Point, ...] = ()
        self._closed = False
        self._drawn_role = Role.INSIDE
        self.setZValue(1.5)

    @property
    def region(self) -> Region:
        return self._region

    def display(self, region: Region, size: QSizeF, selected: ShapeRef | None = None) -> None:
        """Show a region over a picture of ``size`` scene units."""
        if size != self._size:
            self.prepareGeometryChange()
        self._region, self._size, self._selected = region, size, selected
        self.update()

    def display_drawing(self, points: tuple[Point, ...], role: Role, *, closed: bool) -> None:
        """Show a shape that is being drawn, or none."""
        self._drawn, self._drawn_role, self._closed = points, role, closed
        self.update()

    def boundingRect(self) -> QRectF:
        """The picture and room for handles on its border."""
        room = max(self._size.width(), self._size.height()) * 0.2
        return QRectF(QPointF(0, 0), self._size).adjusted(-room, -room, room, room)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Veil what does not count; draw outlines and handles while editing."""
        if self._size.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = painter.worldTransform().m11()
        self._veil(painter, scale)
        for ref, shape in listed(self._region):
            self._outline(painter, ref, self._path(shape), chosen=ref == self._selected)
        chosen = find(self._region, self._selected)
        if self._editing and chosen is not None and self._selected is not None:
            self._draw_handles(painter, chosen, _INKS[self._selected.role], scale)
        if self._drawn:
            self._draw_drawing(painter, scale)

    def _veil(self, painter: QPainter, scale: float) -> None:
        veil = _VEIL if self._editing else _FAINT_VEIL
        ignored = QPainterPath()
        for shape in self._region.ignore:
            ignored = ignored.united(self._path(shape))
        if self._region.inside:
            outside = QPainterPath()
            outside.addRect(QRectF(QPointF(0, 0), self._size))
            for shape in self._region.inside:
                outside = outside.subtracted(self._path(shape))
            painter.fillPath(outside, veil)
        if not ignored.isEmpty():
            painter.fillPath(ignored, veil)
            hatch = QBrush(_INKS[Role.IGNORE], Qt.BrushStyle.BDiagPattern)
            hatch.setTransform(QTransform.fromScale(1.6 / scale, 1.6 / scale))
            painter.fillPath(ignored, hatch)

    def _outline(
        self, painter: QPainter, ref: ShapeRef, path: QPainterPath, *, chosen: bool
    ) -> None:
        width = 3.0 if chosen else 1.8
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, extra in ((_CASING, 2.4), (_INKS[ref.role], 0.0)):
            pen = QPen(colour, width + extra)
            pen.setCosmetic(True)
            if not self._editing and extra == 0:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawPath(path)

    def _draw_handles(self, painter: QPainter, shape: Shape, ink: QColor, scale: float) -> None:
        count = len(corners(shape))
        for number, place in enumerate(handles(shape)):
            radius = (_HANDLE if number < count else _SMALL_HANDLE) / scale
            pen = QPen(_CASING, 2.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(QColor("white") if number < count else ink)
            painter.drawEllipse(self._point(place), radius, radius)

    def _draw_drawing(self, painter: QPainter, scale: float) -> None:
        line = QPolygonF([self._point(p) for p in self._drawn])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        ink = _INKS[self._drawn_role]
        for colour, width in ((_CASING, 4.4), (ink, 2.2)):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            if self._closed:
                painter.drawPolygon(line)
            else:
                painter.drawPolyline(line)
        if not self._closed:
            painter.setBrush(QColor("white"))
            radius = _HANDLE / scale
            painter.drawEllipse(line.at(0), radius, radius)

    def _path(self, shape: Shape) -> QPainterPath:
        path = QPainterPath()
        path.addPolygon(QPolygonF([self._point(p) for p in corners(shape)]))
        path.closeSubpath()
        return path

    def _point(self, place: Point) -> QPointF:
        return QPointF(place[0] * self._size.width(), place[1] * self._size.height())
