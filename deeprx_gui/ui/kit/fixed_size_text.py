"""Fixed-size text widgets: text can change 60 times a second without a new layout.

Qt's own labels and buttons ask for a new layout with every text, which costs more than painting
the whole page. These keep their place whatever they say.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionToolButton, QToolButton, QWidget

from deeprx_gui.ui.kit import theme

_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ANY_HEIGHT: Final = 10_000
_BESIDE_ICON: Final = 4
"""Between an icon and the text, as ``QToolButton.sizeHint`` has it."""


class FixedSizeLabel(QWidget):
    """A text of ``lines`` lines in a colour of the theme; what does not fit is in the tool tip.

    One that ``grows`` becomes as high as a longer text needs and asks for a layout only then; it
    shrinks when its width changes, so that a text that changes often does not move what is below.
    """

    def __init__(
        self,
        *,
        colour: str = "text",
        pixels: int = 14,
        bold: bool = False,
        lines: int = 1,
        grows: bool = False,
        align: Qt.AlignmentFlag = _LEFT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._colour, self._pixels, self._bold, self._lines = colour, pixels, bold, lines
        self._align = align
        self._widest = ""
        self._grows, self._grown = grows, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text in the same place."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()
            self._grow(self._grown)

    def keep_room_for(self, widest: str) -> None:
        """Be wide enough for a text, whatever is shown, and no wider."""
        self._widest = widest
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.updateGeometry()

    def fits(self) -> bool:
        """Whether the whole text can be read."""
        needed = self._needed()
        return needed.width() <= self.width() and needed.height() <= self.height() + 2

    def _needed(self) -> QSize:
        """Return the size of the text, broken into lines as wide as the label."""
        flags = int(Qt.TextFlag.TextWordWrap) if self._lines > 1 else 0
        box = QRect(0, 0, self.width(), _ANY_HEIGHT)
        return QFontMetrics(self._font()).boundingRect(box, flags, self._text).size()

    def _grow(self, least: int) -> None:
        """Be ``least`` high, or higher where the text needs it."""
        if not self._grows:
            return
        height = max(least, self._needed().height() + 2)
        if height != self._grown:
            self._grown = height
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as its lines, as wide as the text it keeps room for."""
        metrics = QFontMetrics(self._font())
        width = metrics.horizontalAdvance(self._widest) + 2 if self._widest else 60
        return QSize(width, max(self._grown, self._lines * metrics.lineSpacing() + 2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Recompute the size after a font change."""
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange}:
            self._grow(0)
            self.updateGeometry()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._grow(0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font())
        painter.setPen(QColor(getattr(theme.current_tokens(), self._colour)))
        if self._lines > 1:
            align = self._align
            if self._needed().height() > self.height():  # it begins where one looks for it
                align = (align & Qt.AlignmentFlag.AlignHorizontal_Mask) | Qt.AlignmentFlag.AlignTop
            flags = int(align) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()), flags, self._text)
        else:
            elide = Qt.TextElideMode.ElideRight
            text = QFontMetrics(self._font()).elidedText(self._text, elide, self.width())
            painter.drawText(QRectF(self.rect()), self._align, text)
        painter.end()

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._pixels)
        font.setBold(self._bold)
        return font


class FixedSizeButton(QToolButton):
    """A button whose text changes in its place; give it a size that suits every text.

    ``rewritten`` tells that another text is on it.
    """

    rewritten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._measured: tuple[str, int, int] | None = None

    def words(self) -> str:
        """Return what is written on it."""
        return self._words

    def write(self, words: str) -> None:
        """Set the text without changing the size."""
        if words != self._words:
            self._words = words
            self.setAccessibleName(words)
            self.update()
            self.rewritten.emit()

    def needed_width(self) -> int:
        """Return the width in pixels at which its icon and the whole text can be read."""
        self.ensurePolished()
        icon = self.icon().cacheKey()
        if self._measured is not None and self._measured[:2] == (self._words, icon):
            return self._measured[2]
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._words) + 2 * metrics.horizontalAdvance(" ")
        if not self.icon().isNull():
            width += self.iconSize().width() + _BESIDE_ICON
        kind = QStyle.ContentsType.CT_ToolButton
        size = QSize(width, metrics.height())
        needed = self.style().sizeFromContents(kind, option, size, self).width()
        self._measured = (self._words, icon, needed)
        return needed

    def changeEvent(self, event: QEvent) -> None:
        """Measure again in another font or style."""
        self._measured = None
        super().changeEvent(event)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        """Let the style draw the words as if they were the button's text."""
        super().initStyleOption(option)
        drawn: Any = option  # its fields are missing from the type information
        drawn.text = self._words
