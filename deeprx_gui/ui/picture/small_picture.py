"""A small picture on a card; a double click asks for it in large."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.ui.picture.qimage import fitted_pixmap


class SmallPicture(QLabel):
    """A square of ``side`` pixels. ``opened``: it was double-clicked."""

    opened = Signal()

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side = side
        self.setFixedSize(side, side)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_pixels(self, pixels: ByteImage | None) -> None:
        """Show a picture, or a dash where there is none."""
        if pixels is None:
            self.setText("–")
            return
        self.setPixmap(fitted_pixmap(pixels, self._side, self.devicePixelRatioF()))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Ask for it in large."""
        self.opened.emit()
