"""Undo commands over plain data."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from deeprx_gui.domain.limits import Limits

_LIMITS_ID = 1


class LimitsCommand(QUndoCommand):
    """Move the working limits; commands with the same ``merge_id`` become one."""

    def __init__(
        self,
        apply: Callable[[Limits], None],
        before: Limits,
        after: Limits,
        merge_id: int | None,
    ) -> None:
        super().__init__()
        self._apply = apply
        self.before = before
        self.after = after
        self.merge_id = merge_id

    def redo(self) -> None:
        self._apply(self.after)

    def undo(self) -> None:
        self._apply(self.before)

    def id(self) -> int:
        """Return the kind of command Qt may try to merge, -1 for never."""
        return -1 if self.merge_id is None else _LIMITS_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Merge the next step of the same drag."""
        if not isinstance(other, LimitsCommand) or other.merge_id != self.merge_id:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True


class DeletedProfile(QUndoCommand):
    """A profile that was moved to the bin; undo takes it out again, and then it is forgotten."""

    def __init__(self, restore: Callable[[str], None], profile_id: str) -> None:
        super().__init__()
        self._restore, self._profile_id = restore, profile_id

    def redo(self) -> None:
        """Do nothing: it is in the bin already. Deleting asks, and so it is not repeated."""

    def undo(self) -> None:
        self.setObsolete(True)
        self._restore(self._profile_id)
