"""What lies in the picture: the picture itself, the heat over it, and the hot spots."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.ui.picture.qimage import scaled_qimage

_LARGE: Final = 4_000_000
"""Pixels, or bytes, above which a millisecond counts."""
_PIXELS_FROM: Final = 4.0
"""From this zoom on the pixels themselves are shown, not a smooth picture of them."""


class PictureItem(QGraphicsItem):
    """A picture drawn from the reduction that fits the zoom: fast and not jagged when small.

    Reductions are made when first drawn, so a picture of 50 million pixels that is shown whole
    costs no more than one of 2 million.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pixels: ByteImage | None = None
        self._reductions: dict[int, QImage] = {}
        self._size = QSizeF(0, 0)

    def display(self, pixels: ByteImage | None, size: QSizeF) -> None:
        """Show a picture stretched to ``size`` scene units, or nothing."""
        self.prepareGeometryChange()
        self._size = size
        self._pixels = pixels
        self._reductions = {}
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(QPointF(0, 0), self._size)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Draw the reduction nearest above the zoom."""
        if self._pixels is None:
            return
        scale = painter.worldTransform().m11() * self._size.width() / self._pixels.shape[1]
        smooth = scale < _PIXELS_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        halvings = max(0, math.floor(-math.log2(max(scale, 1e-6))))
        if halvings not in self._reductions:
            self._reductions[halvings] = reduced(self._pixels, halvings)
        painter.drawImage(self.boundingRect(), self._reductions[halvings])


def reduced(pixels: ByteImage, halvings: int) -> QImage:
    """Return a picture halved so many times, in the format Qt draws fastest.

    The last halving is smooth; of a large picture the ones before only take every second pixel.
    """
    smooth = min(halvings, 1)
    while smooth < halvings and pixels.size >> (2 * (halvings - smooth - 1)) < _LARGE:
        smooth += 1  # a small picture can be averaged from the start
    high, wide = pixels.shape[:2]
    rough = halvings - smooth
    small = (max(1, wide >> halvings), max(1, high >> halvings))
    if rough and smooth:
        image = scaled_qimage(pixels, max(1, wide >> rough), max(1, high >> rough), smooth=False)
        soft = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(*small, Qt.AspectRatioMode.IgnoreAspectRatio, soft)
    else:
        image = scaled_qimage(pixels, *small, smooth=True)
    if image.width() * image.height() > _LARGE:
        return image  # converting it would take longer than drawing a part of it
    return image.convertToFormat(QImage.Format.Format_RGB32)


class HeatItem(QGraphicsItem):
    """The coloured heat, stretched smoothly over the picture; nothing where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._size = QSizeF(0, 0)
        self.setZValue(1)

    @property
    def image(self) -> QImage | None:
        """The heat that is shown, ``None`` when nothing lies above the limit."""
        return self._image

    def display(self, image: QImage | None, size: QSizeF) -> None:
        """Show other heat, or none."""
        if size != self._size:
            self.prepareGeometryChange()
            self._size = size
        if image is not None or self._image is not None:
            self._image = image
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(QPointF(0, 0), self._size)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Blend the heat over what lies below."""
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
            painter.drawImage(self.boundingRect(), self._image)


_RING_EDGE = 3.0
_AROUND_TEXT, _TEXT_HEIGHT = 12.0, 20.0


@lru_cache(maxsize=8)
def _ring(ratio: float) -> QPixmap:
    """Draw the ring once: the heat below it is painted anew with every move of a limit."""
    reach = SpotItem.RADIUS + _RING_EDGE
    ring = QPixmap((QSizeF(2 * reach, 2 * reach) * ratio).toSize())
    ring.setDevicePixelRatio(ratio)
    ring.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ring)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((QColor(0, 0, 0, 190), 4.0), (QColor(255, 255, 255), 1.8)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(QPointF(reach, reach), SpotItem.RADIUS, SpotItem.RADIUS)
    painter.end()
    return ring


class SpotItem(QGraphicsItem):
    """A ring around a hot spot with its own × limit, or none; the same size at every zoom."""

    RADIUS = 13.0

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._font = QFont()
        self._font.setPixelSize(12)
        self._font.setBold(True)
        self._plate = QRectF()
        reach = self.RADIUS + _RING_EDGE
        self._bounds = self._around = QRectF(-reach, -reach, 2 * reach, 2 * reach)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setZValue(2)

    @property
    def text(self) -> str:
        return self._text

    def show_at(self, x: float, y: float, text: str) -> None:
        """Stand at a place of the scene; ``put_text`` says where around the ring the text does."""
        self._text = text
        self.setPos(x, y)
        self.setVisible(True)
        self.update()

    @property
    def text_size(self) -> QSizeF:
        """Screen pixels that the text and its plate take; empty without a text."""
        if not self._text:
            return QSizeF()
        width = QFontMetricsF(self._font).horizontalAdvance(self._text)
        return QSizeF(width + _AROUND_TEXT, _TEXT_HEIGHT)

    @property
    def plate(self) -> QRectF:
        """Where the text stands, in screen pixels around the spot."""
        return self._plate

    def put_text(self, plate: QRectF) -> None:
        """Write the text there."""
        if plate != self._plate:
            self.prepareGeometryChange()
            self._plate = plate
            self._bounds = self._around.united(plate)

    def boundingRect(self) -> QRectF:
        """Ring and text, in screen pixels around the spot."""
        return self._bounds

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Draw white on black, which can be seen on any picture."""
        ring = _ring(painter.device().devicePixelRatioF())
        painter.drawPixmap(self._around.topLeft(), ring)
        if not self._text:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(self._plate, 5, 5)
        painter.fillPath(shape, QColor(0, 0, 0, 190))
        painter.setPen(QColor(255, 255, 255))
        painter.setFont(self._font)
        painter.drawText(self._plate, Qt.AlignmentFlag.AlignCenter, self._text)
