"""The profiles on this PC as a list for the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QUndoStack

from deeprx_gui.domain.profile_card import ProfileCard

Index = QModelIndex | QPersistentModelIndex

CARD_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The ``ProfileCard`` of a row."""
_NO_PARENT: Final = QModelIndex()


class ProfilesModel(QAbstractListModel):
    """Cards in the order they were given (last used first)."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[ProfileCard, ...] = ()
        self._undo = QUndoStack(self)

    @property
    def undo_stack(self) -> QUndoStack:
        """Profiles that were deleted: what Ctrl+Z takes back on the page Profiles."""
        return self._undo

    @property
    def cards(self) -> tuple[ProfileCard, ...]:
        return self._cards

    def show_profiles(self, cards: Sequence[ProfileCard]) -> None:
        """Show these profiles."""
        self.beginResetModel()
        self._cards = tuple(cards)
        self.endResetModel()

    def row_of(self, profile_id: str) -> int | None:
        """Return the row of a profile, ``None`` when it is not there."""
        rows = (row for row, card in enumerate(self._cards) if card.id == profile_id)
        return next(rows, None)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the name, or the ``ProfileCard`` itself."""
        if not index.isValid() or index.row() >= len(self._cards):
            return None
        card = self._cards[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return card.name
        return card if role == CARD_ROLE else None
