"""The live picture: whatever the camera sees now, drawn cheaply, 30 times a second."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.picture.qimage import scaled_qimage, to_qimage

_CORNER: Final = 6


def preview_image(frame: Frame, size: QSizeF) -> QImage:
    """Return a picture no larger than ``size`` device pixels; a small one stays as it is.

    The nearest pixels are taken: 1080p costs the window less than a millisecond.
    """
    whole = QSizeF(frame.width, frame.height)
    fitted = whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    if fitted.width() >= frame.width:
        return to_qimage(frame.pixels)
    width, height = max(1, round(fitted.width())), max(1, round(fitted.height()))
    return scaled_qimage(frame.pixels, width, height, smooth=False)


class Preview(QWidget):
    """Shows one picture whole; ``pressed`` when it is touched."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._shape = QSizeF(4, 3)
        self._word, self._hint = "", ""
        self.setMinimumSize(80, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage | None:
        """What is drawn, ``None`` before the first picture."""
        return self._image

    def show_frame(self, frame: Frame | None) -> None:
        """Show a picture, or nothing."""
        if frame is None:
            self._image = None
        else:
            self._shape = QSizeF(frame.width, frame.height)
            self._image = preview_image(frame, self.place.size() * self.devicePixelRatioF())
        self.update()

    def set_word(self, word: str) -> None:
        """Write a word on a corner of the picture."""
        self._word = word
        self.setAccessibleName(word)
        self.update()

    def set_hint(self, hint: str) -> None:
        """Set the placeholder shown while there is no image."""
        self._hint = hint
        self.update()

    @property
    def place(self) -> QRectF:
        """Rectangle of the image inside the widget."""
        whole = QSizeF(self.size())
        fitted = self._shape.scaled(whole, Qt.AspectRatioMode.KeepAspectRatio)
        left = (whole.width() - fitted.width()) / 2
        top = (whole.height() - fitted.height()) / 2
        return QRectF(left, top, fitted.width(), fitted.height())

    def sizeHint(self) -> QSize:
        """Preferred size; the widget scales to any size."""
        return QSize(320, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current_tokens().sunken))
        if self._image is None:
            painter.setPen(QColor(theme.current_tokens().muted))
            how = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(_CORNER, 0, -_CORNER, 0), how, self._hint)
        else:
            painter.drawImage(self.place, self._image)
            self._paint_word(painter)
        painter.end()

    def _paint_word(self, painter: QPainter) -> None:
        if self._word:
            width = painter.fontMetrics().horizontalAdvance(self._word) + 14
            plate = QRectF(self.place.left() + _CORNER, self.place.top() + _CORNER, width, 24)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(plate, 5, 5)
            painter.setPen(QColor(255, 255, 255))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._word)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.pressed.emit()


class Inset(Preview):
    """The live picture made small, beside the judged one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """As wide as the picture is when it is as high as the row."""
        return QSize(150, 100)
