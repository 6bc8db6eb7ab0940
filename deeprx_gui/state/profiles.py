"""The profiles on this PC as a list for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message

Index = QModelIndex | QPersistentModelIndex

CARD_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The ``Card`` of a row."""
_NO_PARENT: Final = QModelIndex()


class Card(Protocol):
    """What the list needs to know of a profile; ``problem`` says why it cannot be opened."""

    @property
    def id(self) -> str:
        """Folder name."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def revision(self) -> int:
        """The revision in use."""

    @property
    def revisions(self) -> int:
        """How many there are."""

    @property
    def saved_at(self) -> datetime | None:
        """When the revision in use was saved."""

    @property
    def last_used(self) -> datetime | None:
        """When it was last opened."""

    @property
    def who(self) -> str:
        """Who saved it."""

    @property
    def normals(self) -> int:
        """How many normal images it learnt from."""

    @property
    def backbone(self) -> str:
        """Which network."""

    @property
    def detector(self) -> str:
        """Which rule."""

    @property
    def thumbnail(self) -> ByteImage | None:
        """A small picture of a good part."""

    @property
    def problem(self) -> Message | None:
        """Why it cannot be opened and what to do, ``None`` when it can."""


class Change(Protocol):
    """One thing that a revision changed."""

    @property
    def text(self) -> Message:
        """What, for people."""


class Step(Protocol):
    """One entry of a profile's history."""

    @property
    def revision(self) -> int:
        """The revision it made current."""

    @property
    def when(self) -> datetime:
        """When."""

    @property
    def who(self) -> str:
        """Who did it."""

    @property
    def what(self) -> Message:
        """What was done."""

    @property
    def why(self) -> str:
        """The reason given, may be empty."""

    @property
    def changes(self) -> Sequence[Change]:
        """What is different since."""

    @property
    def is_current(self) -> bool:
        """Whether it made the present state."""

    @property
    def problem(self) -> Message | None:
        """Why the revision can no longer be used, if so."""


class ProfilesModel(QAbstractListModel):
    """Cards in the order they were given (last used first)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        """All profiles."""
        return self._cards

    def show(self, cards: Sequence[Card]) -> None:
        """Show these profiles."""
        self.beginResetModel()
        self._cards = tuple(cards)
        self.endResetModel()

    def row_of(self, profile_id: str) -> int | None:
        """Return the row of a profile, ``None`` when it is not there."""
        rows = (row for row, card in enumerate(self._cards) if card.id == profile_id)
        return next(rows, None)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of profiles."""
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the name, or the ``Card`` itself."""
        if not index.isValid() or index.row() >= len(self._cards):
            return None
        card = self._cards[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return card.name
        return card if role == CARD_ROLE else None
