"""Page: one entry of the navigation rail."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget


class Page(QWidget):
    """A full-window page; its texts are bound (see ``ui.kit.binding``).

    Its name in the rail is its ``PageEntry``'s.

    ``undo_switched`` tells that ``undo_stack`` is another one from now on.
    """

    undo_switched = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Takes the focus when it is shown; Tab then goes to its first button.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def undo_stack(self) -> QUndoStack | None:
        """Return what Ctrl+Z undoes while this page is shown, if anything."""
        return None

    def run_main(self) -> None:
        """Do the page's main job (F5); nothing by default."""

    def choose_images(self) -> None:
        """Ask for images (Ctrl+O); nothing by default."""
