"""What went by: parts by verdict, the yield, since when, and how long one part takes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from deeprx_gui.domain.inspection import RunCounts
from deeprx_gui.domain.live_items import CycleTime
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS, percent_cell
from deeprx_gui.i18n import render, tr, tr_n
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import CardFrame, wrapped

_ICON: Final = 14
_LARGEST: Final = 30


class CounterCells(QWidget):
    """Four numbers side by side, each under its verdict's icon and word; they shrink to fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: tuple[int, ...] = (0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow(self._name, Change.LANGUAGE)

    @property
    def numbers(self) -> tuple[int, ...]:
        return self._numbers

    def show_counts(self, counts: RunCounts) -> None:
        """Show other numbers."""
        self._numbers = (counts.ok, counts.review, counts.ng, counts.error)
        self._name()

    def _name(self) -> None:
        pairs = zip(VERDICTS, self._numbers, strict=True)
        self.setAccessibleName(", ".join(f"{render(VERDICT_WORDS[v])} {n:,}" for v, n in pairs))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 58)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 58)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        width = self.width() / len(VERDICTS)
        size = min(self._size_for(number, width - 8) for number in self._numbers)
        for place, (verdict, number) in enumerate(zip(VERDICTS, self._numbers, strict=True)):
            box = QRectF(place * width, 0, width, self.height())
            self._paint_cell(painter, box, verdict, f"{number:,}", size)
        painter.end()

    def _size_for(self, number: int, width: float) -> int:
        font = self._font(_LARGEST)
        needed = QFontMetricsF(font).horizontalAdvance(f"{number:,}")
        return max(12, min(_LARGEST, int(_LARGEST * width / max(needed, 1.0))))

    def _font(self, size: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _paint_cell(
        self, painter: QPainter, box: QRectF, verdict: Verdict, text: str, size: int
    ) -> None:
        colour = theme.verdict_colour(verdict)
        small = QFont(self.font())
        small.setPixelSize(13)
        word = render(VERDICT_WORDS[verdict])
        wide = _ICON + 5 + QFontMetricsF(small).horizontalAdvance(word)
        left = box.center().x() - wide / 2
        icon = theme.pixmap(
            theme.VERDICT_ICONS[verdict], colour.name(), _ICON, self.devicePixelRatioF()
        )
        painter.drawPixmap(QPointF(left, 3), icon)
        painter.setFont(small)
        painter.setPen(QColor(theme.current_tokens().muted))
        head = QRectF(left + _ICON + 5, 0, wide, 20)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, word)
        painter.setFont(self._font(size))
        painter.setPen(QColor(theme.current_tokens().text))
        number = QRectF(box.left(), 20, box.width(), box.height() - 20)
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, text)


class CountersCard(CardFrame):
    """Counts, yield, since when; ``reset`` is the button that starts counting anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.M)
        self._counts: RunCounts | None = None
        self._cycle: CycleTime | None = None
        self.cells = CounterCells()
        self.yielded = theme.level(QLabel(), "strong")
        self.since = wrapped("small")
        self.cycle = wrapped("small")
        self.reset = QPushButton()
        self.reset.setProperty("kind", "quiet")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.yielded, 1)
        row.addWidget(self.reset)
        self.body.setSpacing(theme.XS)
        self.body.addWidget(self.cells)
        self.body.addLayout(row)
        self.body.addWidget(self.since)
        self.body.addWidget(self.cycle)
        bind(self.reset.setText, say("Set to zero…"))
        follow(self._write, Change.LANGUAGE)

    def show_counts(self, counts: RunCounts) -> None:
        """Show what went by."""
        self._counts = counts
        self.cells.show_counts(counts)
        self._write()

    def show_cycle(self, cycle: CycleTime | None) -> None:
        """Show how long a part takes."""
        self._cycle = cycle
        self._write()

    def set_compact(self, compact: bool) -> None:
        """Leave out since when and how long, where there is little room."""
        self.since.setVisible(not compact)
        self.cycle.setVisible(not compact)

    def set_large(self, large: bool) -> None:
        """Switch to the large font of operator mode."""
        self.yielded.setProperty("level", "heading" if large else "strong")
        self.yielded.style().unpolish(self.yielded)
        self.yielded.style().polish(self.yielded)

    def _write(self) -> None:
        counts, cycle = self._counts, self._cycle
        if counts is not None:
            self.yielded.setText(tr("Yield {share}", share=percent_cell(counts.yielded)))
            since = tr_n(
                "{total} part since {when}",
                "{total} parts since {when}",
                n=counts.total,
                total=f"{counts.total:,}",
                when=moment(counts.since),
            )
            self.since.setText(f"{since} · {counts.reason}" if counts.reason else since)
        self.cycle.setText(cycle_words(cycle))
        self.setToolTip(f"{self.since.text()}\n{self.cycle.text()}")


def cycle_words(cycle: CycleTime | None) -> str:
    """Write how long a part takes, against the takt where one is given."""
    if cycle is None:
        return tr("Time for one part: –")
    p50, p95 = seconds(cycle.p50), seconds(cycle.p95)
    if cycle.takt is None:
        return tr("Time for one part: {p50} s (95 of 100 within {p95} s)", p50=p50, p95=p95)
    return tr(
        "Time for one part: {p50} s (95 of 100 within {p95} s), takt {takt} s",
        p50=p50,
        p95=p95,
        takt=seconds(cycle.takt),
    )


def seconds(milliseconds: float) -> str:
    """Write milliseconds as seconds with as many digits as they are worth."""
    value = milliseconds / 1000
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"
