"""A small picture on a card or in a row of a sheet; a double click asks for it in large."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.picture.qimage import fitted_pixmap


class SmallPicture(QLabel):
    """A picture fitted into a square of ``side`` pixels. ``opened``: it was double-clicked.

    ``empty``: what stands there, on a ground of its own, without a picture.
    """

    opened = Signal()

    def __init__(
        self,
        side: int,
        pixels: ByteImage | None = None,
        name: Message | None = None,
        *,
        empty: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side, self._empty = side, empty
        self.setFixedSize(side, side)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if name is not None:
            bind(self.setAccessibleName, name)
        self.show_pixels(pixels)

    def show_pixels(self, pixels: ByteImage | None) -> None:
        """Show RGB pixels (h, w, 3), or nothing."""
        if pixels is None:
            self.setText(self._empty)
        else:
            self.setPixmap(fitted_pixmap(pixels, self._side, self.devicePixelRatioF()))
        theme.level(self, "empty" if pixels is None else "")
        self.style().unpolish(self)
        self.style().polish(self)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Ask for it in large."""
        self.opened.emit()
