"""A row of small pictures with a word below each, cheap enough to change with every frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.picture.qimage import to_qimage

SIDE: Final = 52
_STEP: Final = 92
"""The least width of a tile."""
_ARROW: Final = 5
_NOTCH: Final = 120
"""What one notch of a wheel turns, in Qt's eighths of a degree."""
_KEPT: Final = 200


@dataclass(frozen=True)
class Tile:
    """One result: its number, its file, and the word below the picture."""

    number: int
    path: Path
    word: str


class TileStrip(QWidget):
    """Scrolls by wheel, by dragging and by the arrow keys. ``chosen`` carries a tile's number.

    Only whole tiles are shown, spread over the width; an arrow at an edge says that more follow.
    Pictures come from the thumbnails; new ones are asked for only while ``asking``. ``tip`` makes
    the tool tip of a number.
    """

    chosen = Signal(object)

    def __init__(
        self,
        thumbnails: ThumbnailCache,
        tip: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.thumbnails, self._tip = thumbnails, tip
        self._tiles: tuple[Tile, ...] = ()
        self._pictures: dict[Path, QPixmap] = {}
        self._first, self._turned = 0, 0
        self._current = 0
        self._pressed: QPoint | None = None
        self._first_then = 0
        self.asking = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        thumbnails.arrived.connect(self._arrived)

    @property
    def tiles(self) -> Sequence[Tile]:
        """What is shown, from the left."""
        return self._tiles

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show other tiles in the same place."""
        if tuple(tiles) != self._tiles:
            self._tiles = tuple(tiles)
            self._current = min(self._current, max(len(tiles) - 1, 0))
            self._scroll_to(self._first)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if tiles else Qt.FocusPolicy.NoFocus)

    def ask(self) -> None:
        """Ask for the pictures of the tiles in view."""
        self.asking = True
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(3 * _STEP, SIDE + 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(_STEP, SIDE + 26)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        tokens = theme.current_tokens()
        ink, blank = QColor(tokens.text), QColor(tokens.sunken)
        metrics = QFontMetrics(font)
        for place in self._in_view():
            box = self.box(place)
            tile = self._tiles[place]
            square = QRect(box.center().x() - SIDE // 2, 2, SIDE, SIDE)
            picture = self._picture(tile.path)
            if picture is None:
                painter.fillRect(square, blank)
            else:
                painter.drawPixmap(square, picture)
            if place == self._current and self.hasFocus():
                painter.setPen(QPen(QColor(tokens.accent_text), 2))
                painter.drawRect(square.adjusted(-1, -1, 1, 1))
            painter.setPen(ink)
            word = metrics.elidedText(tile.word, Qt.TextElideMode.ElideRight, box.width() - 4)
            under = QRect(box.left(), SIDE + 4, box.width(), 20)
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, word)
        self._draw_arrows(painter, QColor(tokens.muted))
        painter.end()

    def _draw_arrows(self, painter: QPainter, ink: QColor) -> None:
        """Point to the tiles that lie beyond an edge."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(ink, 2))
        middle = 2 + SIDE / 2
        right = self.width() - 2.0
        for beyond, tip, foot in (
            (self._first > 0, 2.0, 2.0 + _ARROW),
            (self._first < self._most(), right, right - _ARROW),
        ):
            if beyond:
                corners = ((foot, middle - _ARROW), (tip, middle), (foot, middle + _ARROW))
                painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in corners]))

    # -- moving and choosing ----------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed, self._first_then = event.position().toPoint(), self._first

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and self._dragged(event):
            moved = self._pressed.x() - event.position().x()
            self._scroll_to(self._first_then + round(moved * self._across() / self.width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a tile that was clicked and not dragged."""
        if self._pressed is not None and not self._dragged(event):
            place = self._place_at(event.position().toPoint())
            if place is not None:
                self._current = place
                self._choose()
        self._pressed = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned -= event.angleDelta().x() or event.angleDelta().y()
        tiles = int(self._turned / _NOTCH)  # a fine wheel turns by parts of a notch
        self._turned -= tiles * _NOTCH
        self._scroll_to(self._first + tiles)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows, choose with Enter."""
        key = event.key()
        step = (key == Qt.Key.Key_Right) - (key == Qt.Key.Key_Left)
        if step and self._tiles:
            self._current = min(max(self._current + step, 0), len(self._tiles) - 1)
            last = self._current - self._across() + 1
            self._scroll_to(min(max(self._first, last), self._current))
            self.update()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos())
            tip = "" if place is None else self._tip(self._tiles[place].number)
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    # -- inside -----------------------------------------------------------------------------

    def _choose(self) -> None:
        if self._tiles:
            self.update()
            self.chosen.emit(self._tiles[self._current].number)

    def _dragged(self, event: QMouseEvent) -> bool:
        begun = self._pressed or event.position().toPoint()
        moved = abs(event.position().x() - begun.x())
        return moved >= QApplication.startDragDistance()

    def box(self, place: int) -> QRect:
        """Return where a tile lies, in pixels; outside the strip where it is not in view."""
        left, right = (
            (place - self._first + end) * self.width() // self._across() for end in (0, 1)
        )
        return QRect(left, 0, right - left, self.height())

    def _place_at(self, point: QPoint) -> int | None:
        for place in self._in_view():
            if self.box(place).contains(point):
                return place
        return None

    def _across(self) -> int:
        return max(self.width() // _STEP, 1)

    def _most(self) -> int:
        """Return the first tile of the last view."""
        return max(0, len(self._tiles) - self._across())

    def _in_view(self) -> range:
        return range(self._first, min(self._first + self._across(), len(self._tiles)))

    def _scroll_to(self, first: int) -> None:
        self._first = min(max(first, 0), self._most())
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show no gap after the last tile."""
        super().resizeEvent(event)
        self._scroll_to(self._first)

    def _picture(self, path: Path) -> QPixmap | None:
        picture = self._pictures.get(path)
        if picture is None and self.asking:
            pixels = self.thumbnails.get(path)
            if pixels is not None:
                if len(self._pictures) >= _KEPT:
                    self._pictures.clear()
                picture = self._pictures[path] = middle_square(pixels, self.devicePixelRatioF())
        return picture

    @Slot(object)
    def _arrived(self, path: Path) -> None:
        if any(tile.path == path for tile in self._tiles):
            self.update()


def middle_square(pixels: ByteImage, ratio: float) -> QPixmap:
    """Return the middle of a thumbnail as a square of ``SIDE`` logical pixels."""
    side = round(SIDE * ratio)
    whole = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    image = to_qimage(pixels).scaled(side, side, whole, Qt.TransformationMode.SmoothTransformation)
    left, top = (image.width() - side) // 2, (image.height() - side) // 2
    square = QPixmap.fromImage(image.copy(left, top, side, side))
    square.setDevicePixelRatio(ratio)
    return square
