"""How one normal image looks in the tray: picture, name, score; a suspect cannot be missed."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from deeprx_gui.i18n import tr
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import IMAGE_ROLE, TrayImage
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.picture.qimage import to_qimage

TILE = QSize(132, 158)
"""Size of one place in the tray, with its margin."""
_PICTURE = 120
_KEPT = 400


class TrayDelegate(QStyledItemDelegate):
    """Paints tiles; pictures come from the thumbnail cache, or later."""

    def __init__(self, cache: ThumbnailCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._pixmaps: OrderedDict[tuple[Path, float], QPixmap] = OrderedDict()

    def sizeHint(
        self,
        _option: QStyleOptionViewItem,
        _index: QModelIndex | QPersistentModelIndex,
    ) -> QSize:
        """Return the same size for every image."""
        return TILE

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        image: TrayImage = index.data(IMAGE_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell: QRect = option.rect  # type: ignore[attr-defined] # missing in PySide6's stubs
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        left = cell.left() + (cell.width() - _PICTURE) // 2
        place = QRect(left, cell.top() + 6, _PICTURE, _PICTURE)
        self._draw_picture(painter, place, image)
        if image.left_out:
            _draw_left_out(painter, place)
        elif image.misplaced:
            _draw_misplaced(painter, place)
        _draw_frame(painter, place, image, state)
        if image.times_limit is not None and not image.left_out:
            _draw_score(painter, place, image.times_limit)
        if image.part and not image.left_out:
            _draw_part(painter, place, image.part)
        _draw_name(painter, QRect(left, place.bottom() + 3, _PICTURE, 24), image.path.name)
        painter.restore()

    def _draw_picture(self, painter: QPainter, place: QRect, image: TrayImage) -> None:
        tokens = theme.current_tokens()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(place), 6, 6)
        painter.fillPath(clip, QColor(tokens.sunken))
        ratio = painter.device().devicePixelRatioF()
        unreadable = image.problem is not None and not image.misplaced
        pixmap = None if unreadable else self._pixmap(image.path, ratio)
        if pixmap is None:
            name, role = ("warning", tokens.error) if unreadable else ("image", tokens.line)
            sign = theme.pixmap(name, role, 32, ratio)
            painter.drawPixmap(place.center().x() - 16, place.center().y() - 16, sign)
            return
        size = pixmap.deviceIndependentSize().toSize()
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(
            place.left() + (place.width() - size.width()) // 2,
            place.top() + (place.height() - size.height()) // 2,
            pixmap,
        )
        painter.restore()

    def _pixmap(self, path: Path, ratio: float) -> QPixmap | None:
        key = (path, ratio)
        made = self._pixmaps.get(key)
        if made is not None:
            self._pixmaps.move_to_end(key)
            return made
        pixels = self._cache.get(path)
        if pixels is None:
            return None
        side = round(_PICTURE * ratio)
        made = QPixmap.fromImage(to_qimage(pixels)).scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        made.setDevicePixelRatio(ratio)
        self._pixmaps[key] = made
        while len(self._pixmaps) > _KEPT:
            self._pixmaps.popitem(last=False)
        return made


def _draw_frame(painter: QPainter, place: QRect, image: TrayImage, state: QStyle.StateFlag) -> None:
    tokens = theme.current_tokens()
    selected = bool(state & QStyle.StateFlag.State_Selected)
    colour, width = tokens.line, 1.0
    if image.problem:
        colour, width = tokens.error, 2.0
    elif image.suspect and not image.left_out:
        colour, width = tokens.review, 2.0
    if selected or state & QStyle.StateFlag.State_HasFocus:
        colour, width = tokens.accent_text, 3.0
    painter.setPen(QPen(QColor(colour), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
    ratio = painter.device().devicePixelRatioF()
    if image.suspect and not image.left_out:
        badge = QRect(place.left() + 5, place.top() + 5, 26, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.review_soft))
        painter.drawRoundedRect(badge, 6, 6)
        sign = theme.pixmap("verdict-review", tokens.review, 18, ratio)
        painter.drawPixmap(badge.left() + 4, badge.top() + 4, sign)
    if selected:
        badge = QRect(place.right() - 29, place.top() + 5, 24, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(badge)
        sign = theme.pixmap("tick", tokens.on_accent, 16, ratio)
        painter.drawPixmap(badge.left() + 4, badge.top() + 4, sign)


def _draw_left_out(painter: QPainter, place: QRect) -> None:
    """Dim the picture and say so in words across it."""
    tokens = theme.current_tokens()
    veil = QColor(tokens.surface)
    veil.setAlpha(190)
    painter.fillRect(place, veil)
    font = QFont(painter.font())
    font.setPixelSize(14)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(tokens.text))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, tr("left out"))


def _draw_misplaced(painter: QPainter, place: QRect) -> None:
    """Say in words across the foot of the picture that the part was not found in it."""
    tokens = theme.current_tokens()
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    plate = QRect(place.left() + 2, place.bottom() - 25, place.width() - 4, 22)
    painter.fillRect(plate, QColor(tokens.error_soft))
    painter.setPen(QColor(tokens.error))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, tr("not in place"))


def _draw_score(painter: QPainter, place: QRect, times: float) -> None:
    tokens = theme.current_tokens()
    over = times > 1
    ink, ground = (tokens.review, tokens.review_soft) if over else (tokens.text, tokens.surface)
    _draw_chip(painter, place, tr("{n} ×", n=f"{times:.2f}"), ink, ground, right=True)


def _draw_part(painter: QPainter, place: QRect, number: int) -> None:
    """Say which part the picture shows where others show it too."""
    tokens = theme.current_tokens()
    _draw_chip(painter, place, tr("Part {n}", n=number), tokens.accent_text, tokens.surface)


def _draw_chip(
    painter: QPainter, place: QRect, text: str, ink: str, ground: str, *, right: bool = False
) -> None:
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    left = place.right() - width - 4 if right else place.left() + 5
    chip = QRect(left, place.bottom() - 26, width, 22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(chip, 6, 6)
    painter.setPen(QColor(ink))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)


def _draw_name(painter: QPainter, place: QRect, name: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(theme.current_tokens().muted))
    shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, shown)
