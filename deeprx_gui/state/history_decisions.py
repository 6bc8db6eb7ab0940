"""What a person says of parts on the History page, with undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.state.weak_callback import weak_callback


@dataclass(frozen=True)
class DecisionRequest:
    """One decision to be written; ``None`` takes an earlier one back."""

    number: int
    decision: Decision | None


class DecisionHistory(QObject):
    """Decisions in the order they were made. Undo decides as before: the log only grows.

    ``wanted`` carries ``tuple[Decide, ...]``; what it asks for is shown once it is on disk.
    """

    wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo = QUndoStack(self)

    @property
    def undo_stack(self) -> QUndoStack:
        """Every decision made in this window."""
        return self._undo

    def decide(self, records: Sequence[Record], decision: Decision | None) -> None:
        """Say what some parts are; those of which it was said already are left alone."""
        changed = [record for record in records if record.decision is not decision]
        if changed:
            before = tuple(DecisionRequest(r.number, r.decision) for r in changed)
            after = tuple(DecisionRequest(r.number, decision) for r in changed)
            self._undo.push(_DecideCommand(weak_callback(self._want), before, after))

    def _want(self, wanted: tuple[DecisionRequest, ...]) -> None:
        self.wanted.emit(wanted)


class _DecideCommand(QUndoCommand):
    """Decide, or decide as before."""

    def __init__(
        self,
        want: Callable[[tuple[DecisionRequest, ...]], None],
        before: tuple[DecisionRequest, ...],
        after: tuple[DecisionRequest, ...],
    ) -> None:
        super().__init__()
        self._want = want
        self._before, self._after = before, after

    def redo(self) -> None:
        self._want(self._after)

    def undo(self) -> None:
        self._want(self._before)
