"""RegionCanvas: draw, choose, move and reshape the shapes of a region in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGestureEvent, QGraphicsView, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.view import Point, Region, Shape
from deeprx_gui.ui.picture import region_geometry as geometry
from deeprx_gui.ui.picture.picture_view import PictureView
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef
from deeprx_gui.ui.picture.region_layer import RegionLayer

REACH: Final = 22.0
"""Screen pixels around a handle that still take hold of it: a target of 44 pixels."""
_CLICK: Final = 6.0
_LEFT, _NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Tool(StrEnum):
    """What a press in the picture does."""

    SELECT = "select"
    RECTANGLE = "rectangle"
    POLYGON = "polygon"
    IGNORE_RECTANGLE = "ignore-rectangle"
    IGNORE_POLYGON = "ignore-polygon"

    @property
    def role(self) -> Role:
        """What the shape it draws does."""
        return Role.IGNORE if self.value.startswith("ignore") else Role.INSIDE

    @property
    def draws_polygon(self) -> bool:
        return self in (Tool.POLYGON, Tool.IGNORE_POLYGON)


@dataclass
class _Drag:
    """A drag under way: of a handle, a whole shape, a new rectangle, or the picture itself."""

    start: Point
    at: QPointF
    ref: ShapeRef | None = None
    shape: Shape | None = None
    handle: int | None = None
    pans: bool = False


class RegionCanvas(PictureView):
    """Draws and asks; the region itself belongs to whoever listens.

    ``drawn(role, shape)``: a new shape is finished. ``reshaped(ref, shape, merge)``: one is to be
    another. ``picked``: a ``ShapeRef`` or ``None`` was chosen. ``drawing_changed``: a polygon
    under way got or lost a corner. ``remove_requested``: the chosen shape is to go.
    """

    drawn = Signal(object, object)
    reshaped = Signal(object, object, str)
    picked = Signal(object)
    drawing_changed = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._region = Region()
        self._selected: ShapeRef | None = None
        self._tool = Tool.SELECT
        self._drag: _Drag | None = None
        self._points: tuple[Point, ...] = ()
        self._mouse: Point = (0.0, 0.0)
        self._layer = RegionLayer(editing=True)
        self.scene().addItem(self._layer)
        self.setDragMode(QGraphicsView.DragMode.NoDrag)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def drawing(self) -> int:
        """Number of corners of the unfinished polygon."""
        return len(self._points)

    @property
    def selected(self) -> ShapeRef | None:
        return self._selected

    def show_picture(self, pixels: ByteImage | None, size: QSizeF | None = None) -> None:
        """Show a picture under the region."""
        super().show_picture(pixels, size)
        self._refresh()

    def show_region(self, region: Region, selected: ShapeRef | None) -> None:
        """Show a region, one shape of it with handles."""
        self._region = region
        self._selected = selected if geometry.find(region, selected) is not None else None
        self._refresh()

    def set_tool(self, tool: Tool) -> None:
        """Do something else on the next press; a polygon under way is dropped."""
        self._tool = tool
        self.drop_drawing()
        draws = tool is not Tool.SELECT
        self.viewport().setCursor(
            Qt.CursorShape.CrossCursor if draws else Qt.CursorShape.ArrowCursor
        )

    def drop_drawing(self) -> None:
        """Discard the unfinished polygon."""
        self._set_points(())

    def close_drawing(self) -> None:
        """Finish the polygon under way, if it has three corners."""
        points = tuple(dict.fromkeys(self._points))
        if len(points) >= 3:
            self._set_points(())
            self.drawn.emit(self._tool.role, geometry.polygon(points))

    def place_one(self) -> None:
        """Put a rectangle into the middle, for those who draw with the keyboard."""
        if not self._tool.draws_polygon and self._tool is not Tool.SELECT:
            self.drawn.emit(self._tool.role, geometry.rectangle((0.25, 0.25), (0.75, 0.75)))

    # -- mouse and touch --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of what lies there, or begin to draw."""
        event.accept()
        if self._size.isEmpty():
            return
        at = event.position()
        place = self._place(at)
        if event.button() is Qt.MouseButton.MiddleButton:
            self._drag = _Drag(place, at, pans=True)
        elif event.button() is not _LEFT:
            return
        elif self._tool is Tool.SELECT:
            self._grasp(place, at)
        elif self._tool.draws_polygon:
            self._add_corner(place)
        else:
            self._drag = _Drag(geometry.inside_picture(place), at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a release here would give."""
        event.accept()
        self._mouse = self._place(event.position())
        drag = self._drag
        if drag is None:
            if self._points:
                self._refresh()
        elif drag.pans:
            self._pan(event.position() - drag.at)
            drag.at = event.position()
        else:
            self._refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for what the drag gave; a mere click in a drawing tool chooses a shape."""
        event.accept()
        drag, self._drag = self._drag, None
        self._mouse = self._place(event.position())
        if drag is None or drag.pans:
            return
        gap = event.position() - drag.at
        moved = max(abs(gap.x()), abs(gap.y())) >= _CLICK
        if drag.shape is not None and drag.ref is not None:
            shape = self._dragged(drag)
            if moved and shape is not None:
                self.reshaped.emit(drag.ref, shape, "")
        elif moved:
            self._finish_rectangle(drag)
        else:
            self.picked.emit(geometry.shape_at(self._region, drag.start))
        self._refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Close the polygon under way; otherwise fit the picture again."""
        if self._tool.draws_polygon:
            self.close_drawing()
            event.accept()
        elif self._tool is Tool.SELECT:
            super().mouseDoubleClickEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom where two fingers pinch; the first of them did not mean to draw."""
        if isinstance(event, QGestureEvent):
            self._drag = None
            self._refresh()
        return super().viewportEvent(event)

    # -- keys -------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Have Escape for itself while a polygon is under way."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and self._points
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Finish, drop, remove, move by arrows, stretch by Ctrl and arrows."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._points:
                self.close_drawing()
            else:
                self.place_one()
        elif key == Qt.Key.Key_Escape and self._points:
            self.drop_drawing()
        elif key == Qt.Key.Key_Backspace and self._points:
            self._set_points(self._points[:-1])
        elif key == Qt.Key.Key_Backspace:
            self.remove_requested.emit()
        elif key in _ARROWS:
            self._nudge(_ARROWS[Qt.Key(key)], event.modifiers())
        else:
            super().keyPressEvent(event)

    # -- inside -----------------------------------------------------------------------------

    def _grasp(self, place: Point, at: QPointF) -> None:
        shape = geometry.find(self._region, self._selected)
        if shape is not None:
            handle = geometry.handle_at(shape, place, self._scale(), REACH)
            if handle is not None:
                ready, number = geometry.grasped(shape, handle)
                self._drag = _Drag(place, at, self._selected, ready, number)
                return
        found = geometry.shape_at(self._region, place)
        if found != self._selected:
            self.picked.emit(found)
        if found is None:
            self._drag = _Drag(place, at, pans=True)
        else:
            self._drag = _Drag(place, at, found, geometry.find(self._region, found))

    def _add_corner(self, place: Point) -> None:
        place = geometry.inside_picture(place)
        if len(self._points) >= 3:
            wide, high = self._scale()
            x, y = self._points[0]
            if max(abs(x - place[0]) * wide, abs(y - place[1]) * high) <= REACH:
                self.close_drawing()
                return
        self._set_points((*self._points, place))

    def _finish_rectangle(self, drag: _Drag) -> None:
        shape = geometry.rectangle(drag.start, self._mouse)
        left, top, right, bottom = geometry.bounds(shape)
        if right > left and bottom > top:
            self.drawn.emit(self._tool.role, shape)

    def _dragged(self, drag: _Drag) -> Shape | None:
        if drag.shape is None:
            return None
        dx, dy = self._mouse[0] - drag.start[0], self._mouse[1] - drag.start[1]
        if drag.handle is None:
            return geometry.moved(drag.shape, dx, dy)
        x, y = geometry.handles(drag.shape)[drag.handle]
        return geometry.with_handle(drag.shape, drag.handle, (x + dx, y + dy))

    def _nudge(self, way: tuple[int, int], keys: Qt.KeyboardModifier) -> None:
        ref = self._selected
        shape = geometry.find(self._region, ref)
        if shape is None or ref is None:
            return
        steps = 10 if keys & Qt.KeyboardModifier.ShiftModifier else 1
        dx, dy = steps * way[0] / self._size.width(), steps * way[1] / self._size.height()
        stretches = bool(keys & Qt.KeyboardModifier.ControlModifier)
        change = geometry.stretched if stretches else geometry.moved
        merge = f"{'stretch' if stretches else 'move'} {ref.role} {ref.index}"
        self.reshaped.emit(ref, change(shape, dx, dy), merge)

    def _set_points(self, points: tuple[Point, ...]) -> None:
        changed = points != self._points
        self._points = points
        self._refresh()
        if changed:
            self.drawing_changed.emit()

    def _refresh(self) -> None:
        region, drag = self._region, self._drag
        drawn: tuple[Point, ...] = ()
        closed = False
        if drag is not None and drag.ref is not None:
            shape = self._dragged(drag)
            if shape is not None:
                region = geometry.replaced(region, drag.ref, shape)
        elif drag is not None and not drag.pans:
            drawn, closed = geometry.corners(geometry.rectangle(drag.start, self._mouse)), True
        elif self._points:
            drawn = (*self._points, geometry.inside_picture(self._mouse))
        self._layer.display(region, self._size, self._selected)
        self._layer.display_drawing(drawn, self._tool.role, closed=closed)

    def _pan(self, by: QPointF) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - round(by.x()))
        down.setValue(down.value() - round(by.y()))
        self.viewed.emit()

    def _place(self, at: QPointF) -> Point:
        inverse, _ = self.viewportTransform().inverted()
        scene = inverse.map(at)
        width, height = max(self._size.width(), 1.0), max(self._size.height(), 1.0)
        return scene.x() / width, scene.y() / height

    def _scale(self) -> tuple[float, float]:
        return self._size.width() * self.zoom, self._size.height() * self.zoom


_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
