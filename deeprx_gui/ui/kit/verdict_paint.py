"""How a verdict looks: an icon and a word on a soft plate, never colour alone."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind

_ICON = 16
_PAD = 8.0
_HEIGHT = 26.0


def plate_width(font: QFont, verdict: Verdict) -> float:
    """Return the width a verdict's plate needs in a font."""
    return _ICON + 3 * _PAD + QFontMetricsF(font).horizontalAdvance(render(VERDICT_WORDS[verdict]))


def paint_verdict(painter: QPainter, box: QRectF, verdict: Verdict, ratio: float) -> None:
    """Draw a verdict's plate in the painter's font at the left of ``box``, in its middle."""
    word = render(VERDICT_WORDS[verdict])
    plate = _plate(verdict, word, theme.current_tokens().name, painter.font().key(), ratio)
    top = round(box.center().y() - _HEIGHT / 2)
    painter.drawPixmap(QPointF(box.left(), top), plate)


@lru_cache(maxsize=64)
def _plate(verdict: Verdict, word: str, _theme: str, font_key: str, ratio: float) -> QPixmap:
    """Draw a plate once; a table shows the same four thousands of times."""
    font = QFont()
    font.fromString(font_key)
    size = QSizeF(plate_width(font, verdict), _HEIGHT)
    plate = QPixmap((size * ratio).toSize())
    plate.setDevicePixelRatio(ratio)
    plate.fill(Qt.GlobalColor.transparent)
    colour = theme.verdict_colour(verdict)
    painter = QPainter(plate)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(QPointF(0, 0), size), _HEIGHT / 2, _HEIGHT / 2)
    painter.fillPath(shape, theme.verdict_background(verdict))
    icon = theme.pixmap(theme.VERDICT_ICONS[verdict], colour.name(), _ICON, ratio)
    painter.drawPixmap(QPointF(_PAD, (_HEIGHT - _ICON) / 2), icon)
    painter.setFont(font)
    painter.setPen(colour)
    words = QRectF(_ICON + 1.6 * _PAD, 0, size.width(), _HEIGHT)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, word)
    painter.end()
    return plate


class VerdictBadge(QWidget):
    """A verdict as a widget; empty while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def verdict(self) -> Verdict | None:
        return self._verdict

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show a verdict, or none."""
        if verdict is self._verdict:
            return
        self._verdict = verdict
        bind(self.setAccessibleName, "" if verdict is None else VERDICT_WORDS[verdict])
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the longest verdict, so that nothing moves when it changes."""
        return QSize(round(max(plate_width(self._font(), v) for v in Verdict)) + 2, 30)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._verdict is None:
            return
        painter = QPainter(self)
        painter.setFont(self._font())
        paint_verdict(painter, QRectF(self.rect()), self._verdict, self.devicePixelRatioF())
        painter.end()

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font
