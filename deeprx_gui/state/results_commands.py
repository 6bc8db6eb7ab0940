"""Undo of labels, and of results taken out of the list."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QUndoCommand

from deeprx_gui.domain.arrays import Ints
from deeprx_gui.state.result_rows import ResultRows


class LabelsCommand(QUndoCommand):
    """Give rows new labels; undo gives each its old one back.

    ``apply(rows, labels)`` answers to row numbers and indices into ``LABELS``. ``alive`` says
    whether the rows still exist: results cleared in between leave nothing to undo.
    """

    def __init__(
        self,
        apply: Callable[[Ints, NDArray[np.int8]], None],
        rows: Ints,
        before: NDArray[np.int8],
        after: NDArray[np.int8],
        alive: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._apply, self._alive = apply, alive
        self._rows, self._before, self._after = rows, before, after

    def redo(self) -> None:
        self._go(self._after)

    def undo(self) -> None:
        self._go(self._before)

    def _go(self, labels: NDArray[np.int8]) -> None:
        if not self._alive():
            self.setObsolete(True)
            return
        self._apply(self._rows, labels)


class RowsCommand(QUndoCommand):
    """Show ``after`` in place of ``before``; what is scored in between is carried along."""

    def __init__(
        self,
        swap: Callable[[ResultRows, ResultRows], None],
        before: ResultRows,
        after: ResultRows,
    ) -> None:
        super().__init__()
        self._swap, self._before, self._after = swap, before, after
        self._known = {id(before): len(before), id(after): len(after)}

    def redo(self) -> None:
        self._go(self._before, self._after)

    def undo(self) -> None:
        self._go(self._after, self._before)

    def _go(self, old: ResultRows, new: ResultRows) -> None:
        new.append(old.items[self._known[id(old)] :])
        self._known = {id(old): len(old), id(new): len(new)}
        self._swap(old, new)
