"""Small sheets of the Inspect page: set the counts to zero, a question, the products."""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QSize, Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile_card import ProfileCard
from deeprx_gui.i18n import render
from deeprx_gui.state.profiles import CARD_ROLE, ProfilesModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.profile_card_delegate import HEIGHT, CardDelegate
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.kit.wrapping_list import WrappingList

_NARROW: Final = 420
_BROAD: Final = 760
_COLUMNS, _MOST_ROWS = 2, 3
REASONS: Final = (
    say("Start of shift"),
    say("New lot"),
    say("Another product"),
    say("After repair"),
)


class ResetSheet(Sheet):
    """Why counting starts anew: ``given`` carries the reason, picked or typed, never empty."""

    given = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_NARROW, parent)
        self._title = theme.level(QLabel(), "heading")
        self._hint = wrapped("hint")
        self.put_title(self._title)
        self.body.addWidget(self._hint)
        self.reasons = [QPushButton() for _ in REASONS]
        for button, reason in zip(self.reasons, REASONS, strict=True):
            bind(button.setText, reason)
            button.clicked.connect(partial(self._pick, reason))
            self.body.addWidget(button)
        self.line, self.reset = QLineEdit(), QPushButton()
        self.line.setMaxLength(80)
        self.line.textChanged.connect(self._follow)
        self.line.returnPressed.connect(self._typed)
        self.reset.clicked.connect(self._typed)
        self.body.addWidget(self.line)
        self.body.addWidget(self.reset)
        bind(self._title.setText, say("Set the counts to zero"))
        bind(
            self._hint.setText,
            say("Nothing is deleted: every verdict stays in the history. Why now?"),
        )
        for told in (self.line.setPlaceholderText, self.line.setAccessibleName):
            bind(told, say("Another reason"))
        bind(self.reset.setText, say("Set to zero"))
        self._follow()

    def open(self, anchor: QWidget | None = None) -> None:
        """Open the sheet with an empty answer."""
        self.line.clear()
        super().open(anchor)

    def _pick(self, reason: Message, *_checked: bool) -> None:
        self._give(render(reason))

    @Slot()
    def _typed(self) -> None:
        if self.line.text().strip():
            self._give(self.line.text().strip())

    def _give(self, reason: str) -> None:
        self.close_sheet()
        self.given.emit(reason)

    @Slot()
    def _follow(self) -> None:
        self.reset.setEnabled(bool(self.line.text().strip()))


class ProductSheet(Sheet):
    """The products as cards; one touch chooses. ``chosen`` carries the profile's id."""

    chosen = Signal(str)

    def __init__(self, profiles: ProfilesModel, parent: QWidget) -> None:
        super().__init__(_BROAD, parent)
        self._title = theme.level(QLabel(), "heading")
        self._nothing = wrapped("hint")
        self.list = WrappingList(QSize(300, HEIGHT))
        self.list.setProperty("plain", "true")
        self.cards = CardDelegate(self.list)
        self.list.setItemDelegate(self.cards)
        self.list.setModel(profiles)
        self._profiles = profiles
        self.list.clicked.connect(self._clicked)
        self.list.activated.connect(self._clicked)
        self.put_title(self._title)
        for widget in (self._nothing, self.list):
            self.body.addWidget(widget)
        profiles.modelReset.connect(self._refresh)
        bind(self._title.setText, say("Which product is on the line?"))
        bind(self._nothing.setText, say("There is no profile yet. An engineer teaches one first."))
        bind(self.list.setAccessibleName, say("Products"))
        follow(self._refresh, Change.LANGUAGE)

    def offer(self, open_id: str) -> None:
        """Show the products; the open one is marked."""
        self.cards.open_id = open_id
        self._refresh()
        self.open()
        self.list.setFocus()

    @Slot()
    def _refresh(self) -> None:
        self.cards.forget_pictures()
        count = self._profiles.rowCount()
        rows = min(_MOST_ROWS, math.ceil(count / _COLUMNS))
        self.list.setFixedHeight(rows * HEIGHT + theme.S)
        self._nothing.setVisible(not count)
        self.list.setVisible(bool(count))
        self.list.viewport().update()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        card: ProfileCard | None = index.data(CARD_ROLE)
        if card is not None and card.problem is None and self.isVisible():
            self.close_sheet()
            self.chosen.emit(card.id)
