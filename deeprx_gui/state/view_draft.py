"""ViewDraft: which part of the picture the next fit looks at, and how parts are put in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from deeprx_gui.domain.view import WHOLE, Positioning, Region, Shape, ShapeKind, View
from deeprx_gui.state.weak_callback import weak_callback

_REGION_ID = 2
_ANYWHERE = Shape(ShapeKind.RECTANGLE, ((0.0, 0.0), (1.0, 1.0)))


@dataclass(frozen=True)
class ViewChoice:
    """What a person chooses; the picture that parts are compared with is the fit's business.

    ``shift`` is a share of the longer side, ``turn`` degrees, ``quality`` 0..1; see
    ``domain.view.Positioning``.
    """

    region: Region = field(default_factory=Region)
    positioning: bool = False
    shift: float = 0.1
    turn: float = 5.0
    quality: float = 0.5
    mm_per_pixel: float | None = None


class ViewDraft(QObject):
    """The choice for the next fit. Changes of the region can be undone.

    ``changed`` tells that anything of it is another now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = ViewChoice()
        self._undo = QUndoStack(self)

    @property
    def choice(self) -> ViewChoice:
        return self._choice

    @property
    def region(self) -> Region:
        return self._choice.region

    @property
    def undo_stack(self) -> QUndoStack:
        return self._undo

    @property
    def view(self) -> View:
        """The choice in the words of a fit; the reference of a positioning is still empty."""
        chosen = self._choice
        if chosen == ViewChoice():
            return WHOLE
        positioning = None
        if chosen.positioning:
            nothing = np.zeros((0, 0, 3), np.uint8)
            positioning = Positioning(nothing, _ANYWHERE, chosen.shift, chosen.turn, chosen.quality)
        return View(chosen.region, positioning, chosen.mm_per_pixel)

    def reset(self, view: View) -> None:
        """Begin with what a profile has, and nothing to undo."""
        found = view.positioning
        choice = ViewChoice(view.region, mm_per_pixel=view.mm_per_pixel)
        if found is not None:
            choice = replace(
                choice,
                positioning=True,
                shift=found.shift,
                turn=found.turn,
                quality=found.quality,
            )
        self._undo.clear()
        self._show(choice)

    def choose(self, choice: ViewChoice) -> None:
        """Take another choice with the same region."""
        self._show(replace(choice, region=self.region))

    def set_region(self, region: Region, *, merge: str = "") -> None:
        """Let another part count, undoable; steps of the same ``merge`` become one."""
        if region != self.region:
            self._undo.push(
                _RegionCommand(weak_callback(self._put_region), self.region, region, merge)
            )

    def _put_region(self, region: Region) -> None:
        self._show(replace(self._choice, region=region))

    def _show(self, choice: ViewChoice) -> None:
        self._choice = choice
        self.changed.emit()


class _RegionCommand(QUndoCommand):
    """Let another region count."""

    def __init__(
        self, put: Callable[[Region], None], before: Region, after: Region, merge: str
    ) -> None:
        super().__init__()
        self._put = put
        self.before, self.after, self.merge = before, after, merge

    def redo(self) -> None:
        self._put(self.after)

    def undo(self) -> None:
        self._put(self.before)

    def id(self) -> int:
        """Return the kind of command Qt may try to merge, -1 for never."""
        return _REGION_ID if self.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Merge the next step of the same movement."""
        if not isinstance(other, _RegionCommand) or other.merge != self.merge:
            return False
        self.after = other.after
        return True
