"""The list of profiles on screen: cards in as many columns as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Signal, Slot
from PySide6.QtWidgets import QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile_card import ProfileCard
from deeprx_gui.state.profiles import CARD_ROLE, ProfilesModel
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.profile_card_delegate import HEIGHT, CardDelegate
from deeprx_gui.ui.kit.wrapping_list import WrappingList

_NARROWEST = 300


class CardView(WrappingList):
    """``open_requested`` carries a profile's id; ``selected_changed``: another one is selected."""

    open_requested = Signal(str)
    selected_changed = Signal()

    def __init__(self, model: ProfilesModel, parent: QWidget | None = None) -> None:
        super().__init__(QSize(_NARROWEST, HEIGHT), parent)
        self.setMouseTracking(True)
        self.setProperty("plain", "true")
        self.cards = CardDelegate(self)
        self.setItemDelegate(self.cards)
        self._profiles = model
        self._wanted = ""
        self._filled = False
        self.setModel(model)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.activated.connect(self._activated)
        bind(self.setAccessibleName, say("Profiles"))
        follow(self.viewport().update, Change.LANGUAGE)  # the cards' words are painted

    @property
    def selected(self) -> ProfileCard | None:
        card: ProfileCard | None = self.currentIndex().data(CARD_ROLE)
        return card

    def select(self, profile_id: str) -> None:
        """Select a profile, now or as soon as it is in the list."""
        row = self._profiles.row_of(profile_id)
        if row is None:
            self._wanted = profile_id
        else:
            self.setCurrentIndex(self._profiles.index(row))

    def show_open(self, profile_id: str) -> None:
        """Mark the profile that is open."""
        self.cards.open_id = profile_id
        self.viewport().update()

    @Slot()
    def _remember(self) -> None:
        card = self.selected
        if card is not None and not self._wanted:
            self._wanted = card.id

    @Slot()
    def _restore(self) -> None:
        self.cards.forget_pictures()
        row = self._profiles.row_of(self._wanted)
        self._wanted = ""
        if row is None and not self._filled:
            row = self._profiles.row_of(self.cards.open_id) or 0
        # Later nobody is chosen in place of one that is gone: a second Delete would take it.
        self._filled = self._filled or bool(self._profiles.rowCount())
        if row is not None and self._profiles.rowCount():
            self.setCurrentIndex(self._profiles.index(row))
        self.selected_changed.emit()

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, *_indices: QModelIndex) -> None:
        self.selected_changed.emit()

    @Slot(QModelIndex)
    def _activated(self, index: QModelIndex) -> None:
        card: ProfileCard | None = index.data(CARD_ROLE)
        if card is not None and card.problem is None:
            self.open_requested.emit(card.id)
