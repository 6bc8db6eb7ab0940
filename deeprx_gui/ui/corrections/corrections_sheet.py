"""What waits to be corrected, and the must-find set: looked at, taken back, applied."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.corrections import (
    MOST_MUST_FIND,
    TITLES,
    Correction,
    CorrectionBook,
)
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.job_strip import JobStrip
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.status_line import Banner
from deeprx_gui.ui.picture.qimage import to_qimage

_WIDTH = 620
SIDE = 56
"""Side of a small picture in pixels."""


class CorrectionsSheet(Sheet):
    """What a person asks for leaves as a signal.

    ``taken_back`` and ``removed`` carry the id of a ``Correction``, pending or of the must-find
    set. ``apply`` makes one revision of what waits, ``decisions`` takes in what History knows.
    """

    taken_back = Signal(str)
    removed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.book = CorrectionBook()
        self.rows: list[QWidget] = []
        self.buttons: dict[str, QPushButton] = {}
        self._title = theme.level(QLabel(), "heading")
        self.banner, self.strip = Banner(), JobStrip()
        self._waiting, self._must = theme.level(QLabel(), "strong"), theme.level(QLabel(), "strong")
        self._nothing, self._hint = wrapped("hint"), wrapped("hint")
        self._pending, self._set = QVBoxLayout(), QVBoxLayout()
        self.decisions, self.apply = QPushButton(), QPushButton()
        self.decisions.setProperty("kind", "quiet")
        self.apply.setProperty("kind", "primary")
        theme.set_icon(self.decisions, "history", "accent_text")
        self.put_title(self._title)
        for widget in (self.banner, self._waiting, self._nothing):
            self.body.addWidget(widget)
        self.body.addLayout(self._pending)
        self.body.addWidget(self.decisions)
        self.body.addWidget(line())
        self.body.addWidget(self._must)
        self.body.addWidget(self._hint)
        self.body.addLayout(self._set)
        self.put_foot(self.strip, self.apply)
        bind(self._waiting.setText, say("Waiting"))
        bind(self.apply.setText, say("Check and apply as one revision"))
        bind(
            self._nothing.setText,
            say(
                "Nothing waits. On Check, Inspect and History, “Was OK” and “Missed” say that a "
                "verdict was wrong."
            ),
        )
        self.show_book("", CorrectionBook(), {})

    def show_book(
        self, name: str, book: CorrectionBook, pictures: dict[str, ByteImage], decided: int = 0
    ) -> None:
        """Show a product's corrections; ``pictures``: small ones by id.

        ``decided``: so many decisions of History could be taken in.
        """
        self.book = book
        bind(self._title.setText, say("Corrections of “{name}”", name=one_line(name)))
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows.clear()
        self.buttons.clear()
        self._fill(self._pending, book.pending, pictures, say("Take back"), self.taken_back)
        self._fill(self._set, book.must_find, pictures, say("Remove"), self.removed)
        self._nothing.setVisible(not book.pending)
        self.apply.setEnabled(bool(book.pending) and self.strip.progress is None)
        self.decisions.setVisible(decided > 0)
        bind(
            self.decisions.setText,
            say_n("Add {n} decision of History", "Add {n} decisions of History", n=decided),
        )
        count = len(book.must_find)
        bind(
            self._must.setText,
            say("Must-find set: {n} of at most {most}", n=count, most=MOST_MUST_FIND),
        )
        bind(
            self._hint.setText,
            say("Pictures of bad parts that every revision must stop before it is put in use.")
            if count
            else say(
                "It is empty: nothing says whether a new revision still finds known defects. Say "
                "“Missed” to a bad part that passed."
            ),
        )

    def set_busy(self, busy: bool) -> None:
        """Allow no change while a revision is made."""
        self.apply.setEnabled(not busy and bool(self.book.pending))
        self.decisions.setEnabled(not busy)
        for button in self.buttons.values():
            button.setEnabled(not busy)

    def show_message(self, message: Message, kind: str) -> None:
        """Show what came of something."""
        self.banner.show_message(message, kind)

    def _fill(
        self,
        column: QVBoxLayout,
        given: Sequence[Correction],
        pictures: dict[str, ByteImage],
        word: Message,
        signal: SignalInstance,
    ) -> None:
        for one in given:
            row = QWidget()
            across = QHBoxLayout(row)
            across.setContentsMargins(0, 0, 0, 0)
            across.setSpacing(theme.M)
            small = QLabel()
            small.setFixedSize(SIDE, SIDE)
            if one.id in pictures:
                small.setPixmap(_small(pictures[one.id]))
            words = QVBoxLayout()
            words.setSpacing(2)
            name, facts = wrapped("strong"), wrapped("small")
            name.setText(one_line(one.name))
            bind(facts.setText, partial(_facts, one))
            words.addWidget(name)
            words.addWidget(facts)
            button = QPushButton()
            bind(button.setText, word)
            bind(button.setAccessibleName, say("{word}: {name}", word=word, name=one.name))
            button.clicked.connect(partial(self._press, signal, one.id))
            self.buttons[one.id] = button
            across.addWidget(small)
            across.addLayout(words, 1)
            across.addWidget(button)
            column.addWidget(row)
            self.rows.append(row)

    def _press(self, signal: SignalInstance, id_: str, *_checked: bool) -> None:
        signal.emit(id_)


def _small(pixels: ByteImage) -> QPixmap:
    """Return a picture (h, w, 3) as a small one."""
    image = QPixmap.fromImage(to_qimage(pixels))
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(SIDE, SIDE, keep, smooth)


def _facts(one: Correction) -> str:
    return tr(
        "{kind} · {who} · {when}",
        kind=render(TITLES[one.kind]),
        who=one_line(one.who) or "–",
        when=moment(one.when),
    )
