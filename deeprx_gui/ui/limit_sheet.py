"""The images that set the limit, one by one, and the question whether each is a good part."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import LimitQuestion, LimitSetter, StepCost
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.limit_words import (
    NO_BAD_PART,
    SETTERS_TITLE,
    place_words,
    who_sets,
    without_it,
)
from deeprx_gui.ui.picture.good_part_card import GoodPartCard, in_lines

_WIDTH: Final = 760
_PICTURE: Final = 210


class SetterCard(GoodPartCard):
    """One image: ``keep`` says that it is a good part, ``leave`` takes it out."""

    def __init__(self, question: LimitQuestion, setter: LimitSetter) -> None:
        super().__init__(Path(setter.source), _PICTURE)
        self.source, self.saved = setter.source, setter.kept
        self.facts, self.place = wrapped(), wrapped("small")
        self.lay_out((self.facts, self.place), spacing=theme.S)
        facts = without_it(question, setter)
        bind(self.facts.setText, partial(in_lines, facts))
        self.describe(facts)

    def show_picture(
        self, pixels: ByteImage | None, error: Message | None, *, placed: bool
    ) -> None:
        """Show the picture, or why there is none."""
        self.picture.show_pixels(pixels)
        if pixels is None:
            self.place.setText("" if error is None else render(error))
            return
        bind(self.place.setText, place_words(known=placed))

    def show_answer(self, *, kept: bool, out: bool, in_tray: bool) -> None:
        """Show what was decided; what is not in the tray cannot be left out."""
        self.keep.setChecked(kept and not out)
        self.leave.setChecked(out)
        self.leave.setEnabled(in_tray)
        words: Message | str = ""
        if out:
            words = say("Left out at the next learning.")
        elif kept:
            words = say("Kept: it is not asked about again.")
        elif not in_tray:
            words = say(
                "It is not among the normal images on Teach, so it cannot be left out there."
            )
        self.show_state(words)


class LimitSheet(Sheet):
    """``left_out`` carries a source and whether it is out; what the tray says decides.

    ``finished`` carries the sources newly kept, and whether to learn again without the others; it
    comes once for every ``ask``, however the sheet is closed.
    """

    left_out = Signal(str, bool)
    finished = Signal(object, bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._kept: dict[str, bool] = {}
        self._asking = False
        self.cards: tuple[SetterCard, ...] = ()
        self.heading, self.intro = wrapped("heading"), wrapped()
        self.step = wrapped("hint")
        self.accept = QPushButton()
        self.accept.setProperty("kind", "primary")
        self.accept.setAutoDefault(True)
        self.accept.clicked.connect(self._accept)
        self._room = QVBoxLayout()
        self._room.setSpacing(theme.M)
        self.put_title(self.heading)
        for widget in (self.intro, line()):
            self.body.addWidget(widget)
        self.body.addLayout(self._room)
        self.body.addWidget(self.step)
        self.body.addWidget(self.accept)
        bind(self.heading.setText, SETTERS_TITLE)

    def ask(self, question: LimitQuestion | None, step: StepCost | None) -> None:
        """Open with these questions; the pictures come by ``show_picture``."""
        setters = () if question is None else question.setters
        self._kept = {s.source: s.kept for s in setters}
        self._asking = True
        cards = []
        for setter in setters:
            if question is None:
                break
            card = SetterCard(question, setter)
            card.keep.clicked.connect(partial(self._keep, setter.source))
            card.leave.clicked.connect(partial(self._leave, setter.source))
            cards.append(card)
        self.cards = refill(self._room, self.cards, cards)
        bind(self.intro.setText, who_sets(question))
        unknown = question is not None and question.misses is None
        self.step.setVisible(step is not None or unknown)
        bind(self.step.setText, NO_BAD_PART if step is None else step_words(step))
        self.open()
        (self.cards[0].keep if self.cards else self.accept).setFocus()

    def show_picture(
        self, source: str, pixels: ByteImage | None, error: Message | None, *, placed: bool
    ) -> None:
        """Show the picture of one image, or why there is none."""
        for card in self.cards:
            if card.source == source:
                card.show_picture(pixels, error, placed=placed)

    def show_tray(self, tray: Collection[str], left_out: Collection[str]) -> None:
        """Show which of them the tray has, and which are left out there."""
        out = 0
        for card in self.cards:
            gone = card.source in left_out
            out += gone
            card.show_answer(
                kept=self._kept.get(card.source, False), out=gone, in_tray=card.source in tray
            )
        bind(
            self.accept.setText,
            say_n("Learn again without it", "Learn again without them", n=out)
            if out
            else say("Done"),
        )
        self._out = out

    def close_sheet(self) -> None:
        """Hide it; what was answered is handed on."""
        super().close_sheet()
        self._finish(learn=False)

    @Slot()
    def _accept(self) -> None:
        learn = self._out > 0
        super().close_sheet()
        self._finish(learn=learn)

    def _finish(self, *, learn: bool) -> None:
        if not self._asking:
            return
        self._asking = False
        saved = {card.source: card.saved for card in self.cards}
        out = {card.source for card in self.cards if card.leave.isChecked()}
        kept = tuple(s for s, k in self._kept.items() if k and not saved[s] and s not in out)
        self.finished.emit(kept, learn)

    def _keep(self, source: str, *_checked: bool) -> None:
        self._kept[source] = True
        self.left_out.emit(source, False)

    def _leave(self, source: str, *_checked: bool) -> None:
        card = next(card for card in self.cards if card.source == source)
        out = card.leave.isChecked()  # the click has turned it already: a second one takes it back
        self.left_out.emit(source, out)
