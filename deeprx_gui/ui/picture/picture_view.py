"""PictureView: a picture with its heat, zoomed at the mouse, panned by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QMargins, QMarginsF, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGestureEvent,
    QGraphicsScene,
    QGraphicsView,
    QPinchGesture,
    QWidget,
)

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.view import WHOLE, View
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.picture.picture_items import HeatItem, PictureItem, SpotItem
from deeprx_gui.ui.picture.region_overlay import RegionOverlay
from deeprx_gui.ui.picture.spot_texts import text_plates

_STEP: Final = 1.25
_FARTHEST: Final = 1 / 64
_NEAREST: Final = 40.0
_MARGIN: Final = 12
"""Pixels around a picture that fits: room for the ring around a hot spot on the border."""
LEAST_RESULT: Final = 300 + 2 * _MARGIN
"""A view of this side shows the picture of a result at least 300 pixels wide or high."""
_FRAME: Final = QMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)


@dataclass(frozen=True)
class Spot:
    """A hot spot in the scene and the text beside it."""

    x: float
    y: float
    text: str


class PictureView(QGraphicsView):
    """Shows one picture; it stays at its zoom and place when another picture comes.

    ``viewed`` tells that zoom or place changed, so that a second view can follow.
    """

    viewed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fits = True
        self._size = QSizeF(0, 0)
        self._picture, self._heat = PictureItem(), HeatItem()
        self._spots: list[SpotItem] = []
        self._marked: tuple[Spot, ...] = ()
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        scene.addItem(self._picture)
        scene.addItem(self._heat)
        self._veil = RegionOverlay(scene)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.setMinimumSize(160, 120)
        follow(self._take_ground, Change.THEME)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def heat(self) -> QImage | None:
        """The heat on screen, ``None`` when nothing lies above the limit or it is off."""
        return self._heat.image if self._heat.isVisible() else None

    @property
    def spots(self) -> tuple[str, ...]:
        """The texts of the hot spots on screen."""
        return tuple(s.text for s in self._spots if s.isVisible() and s.opacity() > 0)

    def show_picture(self, pixels: ByteImage | None, size: QSizeF | None = None) -> None:
        """Show a picture, stretched to ``size`` scene units (its own pixels when left out)."""
        own = QSizeF(0, 0) if pixels is None else QSizeF(pixels.shape[1], pixels.shape[0])
        new = size or own
        moved = new != self._size
        self._size = new
        self._picture.display(pixels, new)
        self._heat.display(None, new)
        self.show_view(WHOLE)
        self.setSceneRect(QRectF(QPointF(0, 0), new))
        if moved and self._fits:
            self.fit()

    def show_heat(self, image: QImage | None) -> None:
        """Show the heat of this picture, or none."""
        self._heat.display(image, self._size)

    @property
    def region_overlay(self) -> RegionOverlay:
        """What greys the parts of the picture that do not count."""
        return self._veil

    def show_view(self, view: View, score_map: Float32 | None = None) -> None:
        """Grey what is excluded from inspection; ``score_map`` (h, w) is 0 where nothing counts."""
        self._veil.show(view, self._size, score_map)

    def show_spots(self, spots: Sequence[Spot]) -> None:
        """Show hot spots instead of those before."""
        while len(self._spots) < len(spots):
            item = SpotItem()
            item.setOpacity(1.0 if self._heat.isVisible() else 0.0)
            self._spots.append(item)
            self.scene().addItem(item)
        for item in self._spots[len(spots) :]:
            item.setVisible(False)
        self._marked = tuple(spots)
        for item, spot in zip(self._spots, spots, strict=False):
            item.show_at(spot.x, spot.y, spot.text)
        self._place_texts()

    def _place_texts(self) -> None:
        """Move the texts of the spots clear of each other, which every zoom changes."""
        marked = list(zip(self._spots, self._marked, strict=False))
        if not marked:
            return
        zoom = self.zoom
        picture = QRectF(QPointF(0, 0), self._size * zoom)
        places = [(QPointF(s.x, s.y) * zoom, item.text_size) for item, s in marked]
        plates = text_plates(places, picture.marginsAdded(QMarginsF(_FRAME)), SpotItem.RADIUS)
        for (item, _), plate in zip(marked, plates, strict=True):
            item.put_text(plate)

    def set_heat_visible(self, visible: bool) -> None:
        """Show or hide heat and hot spots together."""
        self._heat.setVisible(visible)
        for item in self._spots:
            item.setOpacity(1.0 if visible else 0.0)

    def _take_ground(self) -> None:
        self.setBackgroundBrush(QColor(theme.current_tokens().sunken))

    # -- zoom and place ---------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return float(self.transform().m11())

    @property
    def fits(self) -> bool:
        """Whether the whole picture is kept in view."""
        return self._fits

    def fit(self) -> None:
        """Show the whole picture, now and after every resize."""
        self._fits = True
        if not self._size.isEmpty():
            room = self.viewport().size().shrunkBy(_FRAME)
            scale = min(
                room.width() / self._size.width(), room.height() / self._size.height(), _NEAREST
            )
            if scale > 0:
                self.setTransform(QTransform.fromScale(scale, scale))
                self.centerOn(self._picture)
                self._place_texts()
        self.viewed.emit()

    def actual_size(self) -> None:
        """Show one picture pixel on one screen pixel."""
        self._zoom_by(1.0 / self.zoom)

    def zoom_in(self) -> None:
        """Zoom in by one step around the centre."""
        self._zoom_centred(_STEP)

    def zoom_out(self) -> None:
        """Zoom out by one step around the centre."""
        self._zoom_centred(1 / _STEP)

    def follow(self, other: PictureView) -> None:
        """Show the same place at the same zoom as another view."""
        self._fits = other.fits
        self.setTransform(other.transform())
        self._place_texts()
        self.centerOn(other.mapToScene(other.viewport().rect().center()))

    def _zoom_centred(self, factor: float) -> None:
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self._zoom_by(factor)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)

    def _zoom_by(self, factor: float) -> None:
        if self._size.isEmpty():
            return
        self._fits = False
        wanted = min(max(self.zoom * factor, _FARTHEST), _NEAREST)
        self.scale(wanted / self.zoom, wanted / self.zoom)
        self._place_texts()
        self.viewed.emit()

    # -- events -----------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.pixelDelta().y()
        if turned:
            self._zoom_by(_STEP ** (turned / 120))
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._zoom_by(pinch.scaleFactor())
                event.accept(pinch)
                return True
        return super().viewportEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.viewed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the whole picture in view if it was."""
        super().resizeEvent(event)
        if self._fits:
            self.fit()
