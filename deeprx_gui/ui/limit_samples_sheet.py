"""The limit samples of a product: keep a picture as one, look at them, note, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_samples import MOST_NOTE, LimitSample
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.small_picture import SmallPicture

_WIDTH: Final = 640
_PICTURE: Final = 96


@dataclass(frozen=True, eq=False)
class ShownSample:
    """A limit sample with its small picture, ``None`` where that cannot be read."""

    sample: LimitSample
    pixels: ByteImage | None


class SampleRow(QWidget):
    """One limit sample; ``noted`` carries the note, the button ``remove`` asks for its removal."""

    noted = Signal(str)

    def __init__(self, shown: ShownSample) -> None:
        super().__init__()
        sample = self.sample = shown.sample
        self.picture = SmallPicture(_PICTURE, shown.pixels, say("Picture of the limit sample"))
        self.title, self.about = wrapped("strong"), wrapped("small")
        self.note, self.remove = QLineEdit(sample.note), QPushButton()
        self.note.setMaxLength(MOST_NOTE)
        self.note.editingFinished.connect(self._noted)
        theme.set_icon(self.remove, "delete")
        self.remove.setProperty("kind", "quiet")
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        for part in (self.title, self.about, self.note):
            column.addWidget(part)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.M)
        row.addWidget(self.picture)
        row.addLayout(column, 1)
        row.addWidget(self.remove)
        bind(self.title.setText, partial(_title, sample))
        bind(self.about.setText, partial(_kept_by, sample))
        for told in (self.note.setPlaceholderText, self.note.setAccessibleName):
            bind(told, say("What is to be seen on it"))
        bind(self.remove.setText, say("Remove"))
        bind(self.remove.setAccessibleName, say("Remove “{name}”", name=sample.name))

    @Slot()
    def _noted(self) -> None:
        if self.note.text().strip() != self.sample.note:
            self.noted.emit(self.note.text().strip())


class LimitSamplesSheet(Sheet):
    """``keep_requested`` carries the expected ``Verdict`` and the note of the offered picture.

    ``note_changed`` carries the place (from 0) and the note, ``remove_requested`` the place.
    """

    keep_requested = Signal(object, str)
    note_changed = Signal(int, str)
    remove_requested = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.hint, self.nothing = wrapped("hint"), wrapped()
        self.offer = QWidget()
        self.picture = SmallPicture(_PICTURE, name=say("The picture that is looked at"))
        self.name, self.note = wrapped("strong"), QLineEdit()
        self.note.setMaxLength(MOST_NOTE)
        self.good, self.bad = QPushButton(), QPushButton()
        self.rows: tuple[SampleRow, ...] = ()
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.M)
        self._lay_out()
        for button, verdict in ((self.good, Verdict.OK), (self.bad, Verdict.NG)):
            button.clicked.connect(partial(self._keep, verdict))
        bind(
            self.hint.setText,
            say(
                "Parts on the border, kept in the profile. At the start of a shift the program "
                "judges them again and says whether it still judges as agreed (Inspect › Set up)."
            ),
        )
        bind(self.nothing.setText, say("There are none yet. Keep one on the page Check."))
        bind(self.good.setText, say("Keep as just good (OK)"))
        bind(self.bad.setText, say("Keep as just bad (NG)"))
        for told in (self.note.setPlaceholderText, self.note.setAccessibleName):
            bind(told, say("What is to be seen on it"))
        self.show_offer(None, None)

    def _lay_out(self) -> None:
        offer = QHBoxLayout(self.offer)
        offer.setContentsMargins(0, 0, 0, 0)
        offer.setSpacing(theme.M)
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        column.addWidget(self.name)
        column.addWidget(self.note)
        answers = QHBoxLayout()
        answers.setSpacing(theme.S)
        answers.addWidget(self.good)
        answers.addWidget(self.bad)
        column.addLayout(answers)
        offer.addWidget(self.picture)
        offer.addLayout(column, 1)
        self._separator = line()
        for part in (self.hint, self.offer, self._separator, self.nothing):
            self.body.addWidget(part)
        self.body.addLayout(self._list)

    def show_offer(self, name: str | None, pixels: ByteImage | None) -> None:
        """Offer to keep a picture; ``None``: there is none to keep."""
        self.offer.setVisible(name is not None)
        self._separator.setVisible(name is not None)
        self.name.setText(name or "")
        self.note.clear()
        self.picture.show_pixels(pixels)

    def show_samples(self, product: str, samples: Sequence[ShownSample]) -> None:
        """Show the samples of a product."""
        bind(self.heading.setText, say("Limit samples of “{name}”", name=product))
        self.nothing.setVisible(not samples)
        self.rows = refill(self._list, self.rows, (SampleRow(shown) for shown in samples))
        for place, row in enumerate(self.rows):
            row.noted.connect(partial(self._noted, place))
            row.remove.clicked.connect(partial(self._removed, place))
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """While one change is being saved no other can be asked for."""
        for button in (self.good, self.bad, *(row.remove for row in self.rows)):
            button.setEnabled(not busy)

    def _keep(self, verdict: Verdict, *_checked: bool) -> None:
        self.keep_requested.emit(verdict, self.note.text().strip())

    def _noted(self, place: int, note: str) -> None:
        self.note_changed.emit(place, note)

    def _removed(self, place: int, *_checked: bool) -> None:
        self.remove_requested.emit(place)


def _title(sample: LimitSample) -> str:
    return tr(
        "{name} – has to be {expected}",
        name=sample.name,
        expected=render(VERDICT_WORDS[sample.expected]),
    )


def _kept_by(sample: LimitSample) -> str:
    return tr("Kept {when} · {who}", when=moment(sample.when), who=sample.who or "–")
