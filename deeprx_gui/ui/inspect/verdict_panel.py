"""Verdict panel readable from three metres: icon and word on a coloured background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from deeprx_gui.domain.colours import contrast
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import VERDICT_WORDS, limit_texts, times_limit_text
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.inspect import Phase, RunState
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import follow

_PAD: Final = 14.0
_LINE: Final = 1.35
_ICON_EDGE: Final = 0.08
"""What an icon leaves free at each side, as a share of its width."""
_QUIET_LARGEST: Final = 44
_SMALLEST: Final = 12
_READABLE: Final = 4.5
_DARK_INK: Final = "#0b1015"

_PHASE_WORDS: Final[dict[Phase, tuple[Message, str]]] = {
    Phase.IDLE: (say("Stopped"), "stop"),
    Phase.STARTING: (say("Starting…"), "clock"),
    Phase.RUNNING: (say("Waiting for a part"), "clock"),
    Phase.HOLDING: (say("Waiting for a part"), "clock"),
    Phase.STOPPING: (say("Stopping…"), "clock"),
}


@dataclass(frozen=True)
class PanelAppearance:
    """What the panel shows: word, icon, the lines below, and its two colours."""

    word: str
    icon: str
    lines: tuple[str, ...]
    fill: str
    ink: str
    quiet: bool = False


class VerdictPanel(QWidget):
    """Shows the newest verdict of a run, or how the run stands before the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self._run = RunState()
        self._look: PanelAppearance | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        follow(self._show_look)

    @property
    def record(self) -> Record | None:
        """The verdict that is shown, ``None`` while there is none."""
        return self._record

    @property
    def look(self) -> PanelAppearance:
        """Content and colours of the panel."""
        if self._look is None:
            self._look = self._looks()
        return self._look

    def show_record(self, record: Record | None, run: RunState) -> None:
        """Show a verdict; without one, how the run stands."""
        self._record, self._run = record, run
        self._show_look()

    def _show_look(self) -> None:
        self._look = self._looks()
        self.setAccessibleName(self._look.word)
        self.setAccessibleDescription("\n".join(self._look.lines))
        self.setToolTip("\n".join(self._look.lines))
        self.update()

    def _looks(self) -> PanelAppearance:
        tokens = theme.current_tokens()
        record = self._record
        if record is None:
            word, icon = _PHASE_WORDS[self._run.phase]
            return PanelAppearance(render(word), icon, (), tokens.sunken, tokens.muted, quiet=True)
        fill = theme.verdict_colour(record.verdict).name()
        ink = "#ffffff" if contrast("#ffffff", fill) >= _READABLE else _DARK_INK
        icon = theme.VERDICT_ICONS[record.verdict]
        return PanelAppearance(
            render(VERDICT_WORDS[record.verdict]), icon, tuple(_lines(record)), fill, ink
        )

    def sizeHint(self) -> QSize:
        return QSize(380, 230)

    def minimumSizeHint(self) -> QSize:
        """Smallest size that is still readable from a distance."""
        return QSize(220, 112)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill the panel and write on it as large as it goes."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.fill))
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        painter.setPen(QColor(look.ink))
        inside = QRectF(self.rect()).adjusted(_PAD, _PAD / 2, -_PAD, -_PAD / 2)
        below = self._paint_lines(painter, inside, look)
        self._paint_word(painter, inside.adjusted(_PAD, 0, -_PAD, -below), look)
        painter.end()

    def _paint_lines(self, painter: QPainter, box: QRectF, look: PanelAppearance) -> float:
        """Write the lines at the foot; return the height they took."""
        if not look.lines:
            return 0.0
        font = QFont(self.font())
        font.setPixelSize(max(14, min(22, round(box.height() / 9))))
        font.setWeight(QFont.Weight.DemiBold)
        how = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
        text, needed = _fitting(font, look.lines, QRectF(0, 0, box.width(), box.height() / 2), how)
        painter.setFont(font)
        place = QRectF(box.left(), box.bottom() - needed, box.width(), needed)
        painter.drawText(place, how, text)
        return needed

    def _paint_word(self, painter: QPainter, box: QRectF, look: PanelAppearance) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        size, above = word_size(font, look.word, box, largest=_QUIET_LARGEST if look.quiet else 400)
        font.setPixelSize(size)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        side = round(size * (1.0 if above else 0.86))
        width = metrics.horizontalAdvance(look.word)
        ratio = self.devicePixelRatioF()
        mark = theme.pixmap(look.icon, look.ink, max(side, 8), ratio)
        middle = box.center()
        if above:
            whole = side * 1.1 + size * _LINE
            top = middle.y() - whole / 2
            painter.drawPixmap(QPointF(middle.x() - side / 2, top), mark)
            foot = top + side * 1.1 + size * _LINE / 2 + metrics.capHeight() / 2
            painter.drawText(QPointF(middle.x() - width / 2, foot), look.word)
            return
        gap = size * 0.22
        left = middle.x() - (side * (1 + _ICON_EDGE) + gap + width) / 2
        painter.drawPixmap(QPointF(left, middle.y() - side / 2), mark)
        # By the height of capitals: what a font keeps free above and below differs.
        foot = middle.y() + metrics.capHeight() / 2
        painter.drawText(QPointF(left + side + gap, foot), look.word)


def word_size(font: QFont, word: str, box: QRectF, largest: int = 400) -> tuple[int, bool]:
    """Return the largest font size (pixels) at which icon and word fit, and if the icon is above.

    The icon is as high as the letters; beside the word where that lets both be larger.
    """
    probe = QFont(font)
    probe.setPixelSize(100)
    share = QFontMetricsF(probe).horizontalAdvance(word) / 100
    beside = min(box.width() / (share + 0.86 + 0.22), box.height() / _LINE)
    above = min(box.width() / share if share else largest, box.height() / (_LINE + 1.1))
    size = max(10, min(largest, int(max(beside, above))))
    return size, above > beside


def _fitting(font: QFont, lines: tuple[str, ...], room: QRectF, how: int) -> tuple[str, float]:
    """Return the lines that fit and their height; the last ones give way, then the letters."""
    kept = list(lines)
    while True:
        text = "\n".join(kept)
        needed = QFontMetricsF(font).boundingRect(room, how, text).height()
        if needed <= room.height() or (len(kept) == 1 and font.pixelSize() <= _SMALLEST):
            return text, min(needed, room.height())
        if len(kept) > 1:
            kept.pop()
        else:
            font.setPixelSize(font.pixelSize() - 1)


def _score_line(record: Record) -> str:
    """Return the score, and where the limits are where OK does not end at 1.00."""
    limits, times = record.limits, times_limit_text(record.times)
    if limits.review == limits.unit:
        return tr("{times} × limit", times=times)
    review, ng = limit_texts(limits)
    if not limits.has_review_band:
        return tr("{times} × · limit {ng}", times=times, ng=ng)
    return tr("{times} × · limits {review} and {ng}", times=times, review=review, ng=ng)


def _lines(record: Record) -> list[str]:
    lines = []
    if record.verdict is Verdict.ERROR:
        lines.append(tr("Not judged") if record.error is None else render(record.error))
    else:
        lines.append(_score_line(record))
    details = f"{record.when.astimezone():%H:%M:%S}"
    if record.number:
        details = tr("No. {number} · {time}", number=record.number, time=details)
    if record.serial:
        details = f"{one_line(record.serial)} · {details}"
    lines.append(details)
    if record.decision is not None:
        good = record.decision is Decision.OK
        said = say("Decided by {who}: OK", who=record.decided_by)
        lines.append(render(said if good else say("Decided by {who}: NG", who=record.decided_by)))
    return lines
