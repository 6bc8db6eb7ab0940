"""What the training-set doctor found: picture by picture, to accept or to leave out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.doctor import (
    FALSE_ACCUSATION,
    REASON_WORDS,
    Diagnosis,
    NamedPicture,
    Sureness,
    how_sure,
    verdict_on_set,
)
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.words import percent
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import Expander, line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.good_part_card import GoodPartCard, in_lines

_WIDTH: Final = 780
_PICTURE: Final = 190
MOST_CARDS: Final = 40
"""So many pictures are asked about at once; further ones when asked for."""

DOCTOR_TITLE = say("Are these pictures fit to learn from?")


class DoctorCard(GoodPartCard):
    """One picture: ``keep`` says that it is a good part or is to stay, ``leave`` takes it out."""

    def __init__(self, named: NamedPicture, alike: Sequence[Path]) -> None:
        super().__init__(named.path, _PICTURE)
        self.named = named
        self.name.setToolTip(str(named.path))
        self.why, self.sure, self.alike = wrapped("strong"), wrapped("small"), wrapped("small")
        self.words = wrapped()
        self.lay_out((self.why, self.words, self.sure, self.alike), spacing=theme.XS)
        bind(self.why.setText, partial(_joined, [REASON_WORDS[f.reason] for f in named.findings]))
        words = [f.words for f in named.findings]
        bind(self.words.setText, partial(in_lines, words))
        bind(self.sure.setText, how_sure(named.findings[0]))
        self.sure.setVisible(named.accused)  # else the words say it already
        if all(finding.sureness is Sureness.FACT for finding in named.findings):
            bind(self.keep.setText, say("Keep it"))  # a copy, or a file that cannot be read
        self.alike.setVisible(bool(alike))
        names = ", ".join(path.name for path in alike)
        bind(self.alike.setText, say("Looks like: {names}", names=names))
        bind(self.picture.setToolTip, say("Double-click: show it large"))
        self.describe(words)

    def show_answer(self, *, good: bool, out: bool, in_tray: bool) -> None:
        """Show what was decided; what is not in the tray cannot be left out."""
        self.keep.setChecked(good and not out)
        self.leave.setChecked(out)
        for button in (self.keep, self.leave):
            button.setEnabled(in_tray)
        words: Message | str = ""
        if not in_tray:
            words = say("It is no longer among the normal images.")
        elif out:
            words = say("Left out at the next learning.")
        elif good:
            words = say("Kept: it is not asked about again.")
        self.show_state(words)


class DoctorSheet(Sheet):
    """Opened by ``show_diagnosis``; pictures come by ``show_picture``, answers by ``show_tray``.

    ``accepted`` and ``left_out`` carry the paths answered about, and whether that holds; what the
    tray says decides. ``opened`` carries the path that is wanted large, ``wanted`` the
    ``NamedPicture`` whose pictures are to be shown. ``finished``: closed, however.
    """

    accepted = Signal(object, bool)
    left_out = Signal(object, bool)
    opened = Signal(object)
    wanted = Signal(object)
    finished = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.cards: dict[Path, DoctorCard] = {}
        self._accused: tuple[NamedPicture, ...] = ()
        self._ordinary: tuple[NamedPicture, ...] = ()
        self._alike: dict[int, list[Path]] = {}
        self._tray: tuple[Collection[Path], Collection[Path], Collection[Path]] = ((), (), ())
        self.heading, self.verdict = wrapped("heading"), wrapped()
        self.remarks, self.certainty = wrapped(), wrapped("hint")
        self._room, self._more_room = QVBoxLayout(), QVBoxLayout()
        self.more = QPushButton()
        self.more.clicked.connect(self._show_more)
        self.others = Expander()
        self.others.toggled.connect(self._show_others)
        self.leave_all, self.done = QPushButton(), QPushButton()
        self.leave_all.clicked.connect(self._leave_all)
        self.done.setProperty("kind", "primary")
        self.done.setAutoDefault(True)
        self.done.clicked.connect(self.close_sheet)
        theme.set_icon(self.leave_all, "delete")
        self.put_title(self.heading)
        for widget in (self.verdict, self.remarks, self.certainty, line()):
            self.body.addWidget(widget)
        for room in (self._room, self._more_room):
            room.setSpacing(theme.M)
        self.body.addLayout(self._room)
        self.body.addWidget(self.more)
        self.body.addWidget(self.others)
        self.others.body.addLayout(self._more_room)
        self.put_foot(self.leave_all, self.done)
        bind(self.heading.setText, DOCTOR_TITLE)
        bind(self.done.setText, say("Done"))

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Open with what was found."""
        for room in (self._room, self._more_room):
            while (item := room.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
        self.cards = {}
        self._accused = diagnosis.accused
        self._ordinary = tuple(n for n in diagnosis.named if not n.accused and not n.accepted)
        self._alike = {}
        for each in diagnosis.named:
            if each.alike:
                self._alike.setdefault(each.alike, []).append(each.path)
        bind(self.verdict.setText, verdict_on_set(diagnosis))
        before = sum(each.accused and each.accepted for each in diagnosis.named)
        remarks = list(diagnosis.remarks)
        if before:
            remarks.append(
                say_n(
                    "{n} picture was called a good part before and is not asked about again.",
                    "{n} pictures were called good parts before and are not asked about again.",
                    n=before,
                )
            )
        self.remarks.setVisible(bool(remarks))
        bind(self.remarks.setText, partial(in_lines, remarks))
        bind(
            self.certainty.setText,
            say(
                "Nothing is left out unless you say so. Of {n} sets of good parts about {wrong} "
                "would have a picture named here, facts aside.",
                n=100,
                wrong=percent(FALSE_ACCUSATION),
            ),
        )
        self.others.setVisible(bool(self._ordinary))
        self.others.set_open(False)
        self.others.set_title(
            say_n(
                "The most unlike picture that is still ordinary",
                "The {n} most unlike pictures that are still ordinary",
                n=len(self._ordinary),
            )
        )
        self._show_more()
        self.open()
        self.scroll_area.verticalScrollBar().setValue(0)
        first = next(iter(self.cards.values()), None)
        (self.done if first is None else first.keep).setFocus()

    def show_picture(self, source: str, pixels: ByteImage | None, error: Message | None) -> None:
        """Show the picture on a card, or why there is none."""
        card = self.cards.get(Path(source))
        if card is not None:
            card.picture.show_pixels(pixels)
            if error is not None:
                bind(card.words.setText, error)

    def show_tray(
        self, tray: Collection[Path], left_out: Collection[Path], accepted: Collection[Path]
    ) -> None:
        """Show what the tray says of each."""
        self._tray = tray, left_out, accepted
        for path, card in self.cards.items():
            card.show_answer(good=path in accepted, out=path in left_out, in_tray=path in tray)
        open_ones = self._unanswered
        self.leave_all.setVisible(len(open_ones) > 1)
        bind(self.leave_all.setText, say("Leave out all {n} not answered yet", n=len(open_ones)))

    def close_sheet(self) -> None:
        """Hide it; what was answered is in the tray already."""
        visible = self.isVisible()
        super().close_sheet()
        if visible:
            self.finished.emit()

    @property
    def _unanswered(self) -> list[Path]:
        tray, left_out, accepted = self._tray
        paths = (each.path for each in self._accused)
        return [p for p in paths if p in tray and p not in left_out and p not in accepted]

    @Slot()
    def _show_more(self) -> None:
        shown = sum(each.path in self.cards for each in self._accused)
        new = self._accused[shown : shown + MOST_CARDS]
        self._add(new, self._room)
        left = len(self._accused) - shown - len(new)
        self.more.setVisible(left > 0)
        bind(self.more.setText, say_n("Show {n} more", "Show {n} more", n=min(left, MOST_CARDS)))

    @Slot(bool)
    def _show_others(self, shown: bool) -> None:
        if shown and not any(each.path in self.cards for each in self._ordinary):
            self._add(self._ordinary, self._more_room)

    def _add(self, named: Sequence[NamedPicture], room: QVBoxLayout) -> None:
        """Put cards in, and ask for their pictures."""
        for each in named:
            alike = [p for p in self._alike.get(each.alike, ()) if p != each.path]
            card = DoctorCard(each, alike)
            card.keep.clicked.connect(partial(self._keep, card))
            card.leave.clicked.connect(partial(self._leave, card))
            card.picture.opened.connect(partial(self.opened.emit, each.path))
            room.addWidget(card)
            self.cards[each.path] = card
        self.show_tray(*self._tray)
        if named:
            self.wanted.emit(tuple(named))

    def _keep(self, card: DoctorCard, *_checked: bool) -> None:
        self.accepted.emit((card.named.path,), card.keep.isChecked())

    def _leave(self, card: DoctorCard, *_checked: bool) -> None:
        self.left_out.emit((card.named.path,), card.leave.isChecked())

    @Slot()
    def _leave_all(self) -> None:
        self.left_out.emit(tuple(self._unanswered), True)


def _joined(messages: Sequence[Message]) -> str:
    joined = " · ".join(map(render, messages))
    return joined[:1].upper() + joined[1:]
