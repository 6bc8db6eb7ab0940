"""A small picture in a row of a sheet."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.picture.qimage import fitted_pixmap


class Thumb(QLabel):
    """A picture fitted into a square of ``side`` pixels; without one the square stays empty."""

    def __init__(
        self, pixels: ByteImage | None, side: int, name: Message, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._side = side
        self.setFixedSize(QSize(side, side))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bind(self.setAccessibleName, name)
        self.show_pixels(pixels)

    def show_pixels(self, pixels: ByteImage | None) -> None:
        """Show RGB pixels (h, w, 3), or nothing."""
        if pixels is None:
            self.clear()
            return
        self.setPixmap(fitted_pixmap(pixels, self._side, self.devicePixelRatioF()))
