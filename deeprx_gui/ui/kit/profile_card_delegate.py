"""How one profile looks in the list: a good part, its name, and when it was used."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.profile_card import ProfileCard
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.state.profiles import CARD_ROLE
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.picture.qimage import to_qimage

HEIGHT = 124
_GAP = 12
_SIDE = 88


class CardDelegate(QStyledItemDelegate):
    """Paints cards. ``open_id`` is the profile that is open: it is marked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.open_id = ""
        self._pixmaps: dict[tuple[str, int, float], QPixmap] = {}

    def sizeHint(
        self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return one height for all; the width is the grid's."""
        rect: QRect = option.rect  # type: ignore[attr-defined] # missing in PySide6's stubs
        return QSize(max(rect.width(), 1), HEIGHT)

    def forget_pictures(self) -> None:
        """Scale thumbnails anew, because the list changed."""
        self._pixmaps.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        card: ProfileCard = index.data(CARD_ROLE)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        sheet = rect.adjusted(0, 0, -_GAP, -_GAP)
        _draw_sheet(painter, sheet, state)
        place = QRect(sheet.left() + 12, sheet.top() + 12, _SIDE, _SIDE)
        self._draw_thumbnail(painter, place, card)
        words = QRect(place.right() + 14, place.top(), sheet.right() - place.right() - 24, _SIDE)
        self._draw_words(painter, words, card)
        painter.restore()

    def _draw_thumbnail(self, painter: QPainter, place: QRect, card: ProfileCard) -> None:
        tokens = theme.current_tokens()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(place), 6, 6)
        painter.fillPath(clip, QColor(tokens.sunken))
        ratio = painter.device().devicePixelRatioF()
        if card.problem is not None or card.thumbnail is None:
            name, ink = ("warning", tokens.ng) if card.problem else ("image", tokens.line_strong)
            sign = theme.pixmap(name, ink, 32, ratio)
            painter.drawPixmap(place.center().x() - 15, place.center().y() - 15, sign)
            return
        key = (card.id, card.revision, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = cover(card.thumbnail, _SIDE, ratio)
        painter.save()
        painter.setClipPath(clip)
        painter.drawPixmap(place.topLeft(), self._pixmaps[key])
        painter.restore()

    def _draw_words(self, painter: QPainter, place: QRect, card: ProfileCard) -> None:
        tokens = theme.current_tokens()
        name = QFont(painter.font())
        name.setPixelSize(16)
        name.setWeight(QFont.Weight.DemiBold)
        small = QFont(painter.font())
        small.setPixelSize(13)
        rows = card_lines(card)
        if card.id == self.open_id:
            rows = [*rows[:2], (tr("Open now"), "accent_text")]
        top = place.top() + (_SIDE - 28 - 22 * len(rows)) // 2
        painter.setFont(name)
        painter.setPen(QColor(tokens.text))
        _line(painter, QRect(place.left(), top, place.width(), 26), card.name)
        painter.setFont(small)
        for number, (text, role) in enumerate(rows):
            painter.setPen(QColor(getattr(tokens, role)))
            _line(painter, QRect(place.left(), top + 28 + 22 * number, place.width(), 22), text)


def card_lines(card: ProfileCard) -> list[tuple[str, str]]:
    """Return the lines under the name, each with the colour role it is written in."""
    if card.problem is not None:
        return [(tr("Cannot be used"), "ng"), (tr("Select it to see what to do"), "muted")]
    images = tr_n("{n} normal image", "{n} normal images", n=card.normals)
    lines = [(f"{revision_label(card.revision)} · {images}", "muted")]
    if card.last_used is not None:
        lines.append((tr("Used {when}", when=moment(card.last_used)), "muted"))
    elif card.saved_at is not None:
        lines.append((tr("Saved {when}", when=moment(card.saved_at)), "muted"))
    return lines


def cover(pixels: ByteImage, side: int, ratio: float) -> QPixmap:
    """Return a picture that fills a square of ``side`` logical pixels; what juts out is cut."""
    wanted = round(side * ratio)
    whole = QPixmap.fromImage(to_qimage(pixels)).scaled(
        wanted,
        wanted,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left, top = (whole.width() - wanted) // 2, (whole.height() - wanted) // 2
    made = whole.copy(left, top, wanted, wanted)
    made.setDevicePixelRatio(ratio)
    return made


def _draw_sheet(painter: QPainter, sheet: QRect, state: QStyle.StateFlag) -> None:
    tokens = theme.current_tokens()
    selected = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    fill = tokens.accent_soft if selected else tokens.hover if hovered else tokens.surface
    edge, width = (tokens.accent, 2.0) if selected else (tokens.line, 1.0)
    if state & QStyle.StateFlag.State_HasFocus:
        edge, width = tokens.accent_text, 3.0
    painter.setPen(QPen(QColor(edge), width))
    painter.setBrush(QColor(fill))
    painter.drawRoundedRect(QRectF(sheet).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)


def _line(painter: QPainter, place: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
