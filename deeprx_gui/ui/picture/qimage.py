"""numpy <-> QImage: the only place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from deeprx_gui.domain.arrays import ByteImage


def to_qimage(pixels: ByteImage) -> QImage:
    """Return RGB ``uint8`` (h, w, 3) as a QImage of its own.

    A copy: a QImage over foreign memory would show later writes and let painting change a read-only
    array. The stride is given because Qt otherwise assumes rows padded to 4 bytes.
    """
    rgb = np.ascontiguousarray(pixels)
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def from_qimage(image: QImage) -> ByteImage:
    """Return a QImage as RGB ``uint8`` (h, w, 3), an array of its own."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    pixels = rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3)
    return np.ascontiguousarray(pixels)


def scaled_qimage(pixels: ByteImage, width: int, height: int, *, smooth: bool) -> QImage:
    """Return RGB ``uint8`` (h, w, 3) stretched to another size, as a QImage of its own.

    Qt reads the array where it lies and writes the new picture elsewhere: a tenth of what copying
    every second pixel in numpy takes. ``smooth`` averages, else the nearest pixel is taken.
    """
    rgb = np.ascontiguousarray(pixels)
    high, wide = rgb.shape[:2]
    if (width, height) == (wide, high):
        return to_qimage(rgb)
    how = Qt.TransformationMode.SmoothTransformation
    if not smooth:
        how = Qt.TransformationMode.FastTransformation
    lent = QImage(rgb.data, wide, high, 3 * wide, QImage.Format.Format_RGB888)
    return lent.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, how)


def argb_to_qimage(argb: NDArray[np.uint32]) -> QImage:
    """Return ``0xAARRGGBB`` (h, w), not premultiplied, as a QImage of its own."""
    flat = np.ascontiguousarray(argb)
    height, width = flat.shape
    return QImage(flat.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


def fitted_pixmap(pixels: ByteImage, side: int, ratio: float) -> QPixmap:
    """Return RGB ``uint8`` (h, w, 3) scaled into a square of ``side`` logical pixels.

    ``ratio``: pixels of the screen per logical pixel.
    """
    edge = round(side * ratio)
    fitted = QPixmap.fromImage(to_qimage(pixels)).scaled(
        edge,
        edge,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    fitted.setDevicePixelRatio(ratio)
    return fitted
