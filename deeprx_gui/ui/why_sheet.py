"""Why a part is NG: each place beside the same place on the closest normal parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.why import ExplainedPlace, Explanation, tap_words
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.qimage import fitted_pixmap

_WIDTH: Final = 720
_SIDE: Final = 148
_GAP: Final = theme.S
_RING: Final = 14.0


class PlaceCard(CardFrame):
    """One place: its words, the part, and the closest normal parts there."""

    def __init__(self, number: int, place: ExplainedPlace) -> None:
        super().__init__(margin=theme.M)
        self.place = place
        self.title = theme.level(QLabel(), "strong")
        self.words = wrapped()
        self.pictures: tuple[QLabel, ...] = ()
        bind(
            self.title.setText,
            say("Place {n}: {times} ×", n=number, times=times_limit_text(place.times)),
        )
        self.body.addWidget(self.title)
        words = tap_words(place.taps)
        if words is not None:
            bind(self.words.setText, words)
            self.body.addWidget(self.words)
        row = QHBoxLayout()
        row.setSpacing(_GAP)
        self._add(row, place.part, say("This part"), own=True)
        for normal in place.normals:
            name = one_line(Path(normal.source).name)
            self._add(row, normal.pixels, say("Normal: {name}", name=name))
        row.addStretch(1)
        self.body.addLayout(row)

    def _add(
        self, row: QHBoxLayout, pixels: ByteImage, title: Message, *, own: bool = False
    ) -> None:
        picture = QLabel()
        pixmap = fitted_pixmap(pixels, _SIDE, picture.devicePixelRatioF())
        _mark(pixmap, self.place.peak)
        picture.setPixmap(pixmap)
        picture.setFixedSize(_SIDE, _SIDE)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        below = FixedSizeLabel(colour="text" if own else "muted", pixels=12, bold=own)
        below.setFixedWidth(_SIDE)
        bind(below.setText, title)
        bind(below.setToolTip, title)
        bind(picture.setAccessibleName, title)
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        column.addWidget(picture)
        column.addWidget(below)
        row.addLayout(column)
        self.pictures = (*self.pictures, picture)


class WhySheet(Sheet):
    """Shows the run and its outcome. ``closed``: nobody waits for the answer any more."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.subject = wrapped("hint")
        self.strip = JobStrip()
        self.trouble, self.note, self.more = wrapped(), wrapped("hint"), wrapped("hint")
        self._room = QVBoxLayout()
        self._room.setSpacing(theme.M)
        self.cards: tuple[PlaceCard, ...] = ()
        self.body.addWidget(self.subject)
        self.body.addWidget(self.strip)
        self.body.addWidget(self.trouble)
        self.body.addLayout(self._room)
        for label in (self.more, self.note):
            self.body.addWidget(label)
        self.strip.cancel_requested.connect(self.close_sheet)
        bind(self.heading.setText, say("Why is it NG?"))

    def show_run(self, subject: Message | str) -> None:
        """Say which part is looked at, and that it is."""
        bind(self.subject.setText, subject)
        self._fill(())
        for label in (self.trouble, self.note, self.more):
            label.hide()
        self.strip.start(say("Getting ready…"))

    def show_trouble(self, why: Message) -> None:
        """Say why there is no explanation."""
        self.strip.finish()
        self._fill(())
        bind(self.trouble.setText, why)
        self.trouble.show()

    def show_explanation(self, why: Explanation) -> None:
        """Show the places."""
        self.strip.finish()
        if not why.places:
            self.show_trouble(say("No place lies above the limit any more."))
            return
        self._fill([PlaceCard(number, place) for number, place in enumerate(why.places, 1)])
        rest = why.total - len(why.places)
        self.more.setVisible(rest > 0)
        bind(
            self.more.setText,
            say_n(
                "{n} more place lies above the limit.",
                "{n} more places lie above the limit.",
                n=rest,
            ),
        )
        notes = [note for note in (why.note, why.normals_note) if note is not None]
        self.note.setVisible(bool(notes))
        if notes:
            words = (
                notes[0]
                if len(notes) == 1
                else say("{first} {second}", first=notes[0], second=notes[1])
            )
            bind(self.note.setText, words)

    def close_sheet(self) -> None:
        """Hide it; who explains may stop."""
        super().close_sheet()
        self.closed.emit()

    def _fill(self, cards: Sequence[PlaceCard]) -> None:
        self.cards = refill(self._room, self.cards, cards)


def _mark(pixmap: QPixmap, peak: tuple[float, float]) -> None:
    """Draw a ring around the place."""
    size = pixmap.deviceIndependentSize()
    centre = QPointF(peak[0] * size.width(), peak[1] * size.height())
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in (("black", 3.0), ("white", 1.5)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawEllipse(centre, _RING, _RING)
    painter.end()
