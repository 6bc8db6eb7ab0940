"""The tray on screen: a wall of thumbnails that takes drops and the Delete key."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QListView, QToolTip, QWidget

from deeprx_gui.i18n import render
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import IMAGE_ROLE, TrayImage, TrayModel
from deeprx_gui.ui.kit.drop_zone import dropped_paths
from deeprx_gui.ui.kit.wrapping_list import WrappingList
from deeprx_gui.ui.teach.tray_delegate import TILE, TrayDelegate


class TrayView(WrappingList):
    """Shows a ``TrayModel``; 10,000 images cost no more than those in view.

    ``paths_chosen`` carries ``tuple[Path, ...]`` dropped on it; ``remove_requested`` tells that the
    selected images are to go; ``opened`` carries the ``Path`` of one to be seen large.
    """

    paths_chosen = Signal(object)
    remove_requested = Signal()
    opened = Signal(object)

    def __init__(
        self, model: TrayModel, cache: ThumbnailCache, parent: QWidget | None = None
    ) -> None:
        super().__init__(TILE, parent)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setAcceptDrops(True)
        self.setItemDelegate(TrayDelegate(cache, self))
        self.setModel(model)
        self.doubleClicked.connect(self._open)
        cache.arrived.connect(self._thumbnail_arrived)

    @property
    def selected(self) -> tuple[Path, ...]:
        images: list[TrayImage] = [i.data(IMAGE_ROLE) for i in self.selectedIndexes()]
        return tuple(image.path for image in images)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        image: TrayImage | None = index.data(IMAGE_ROLE) if index.isValid() else None
        if image is not None:
            self.opened.emit(image.path)

    @Slot(object)
    def _thumbnail_arrived(self, _path: Path) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove on Delete, show on Enter; otherwise move and select as lists do."""
        if event.matches(QKeySequence.StandardKey.Delete) or event.key() == Qt.Key.Key_Backspace:
            self.remove_requested.emit()
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders from this computer."""
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Accept drops anywhere; the order does not matter."""
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.paths_chosen.emit(dropped_paths(event.mimeData()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the reason as a tool tip over an unreadable image."""
        if isinstance(event, QHelpEvent):
            image: TrayImage | None = self.indexAt(event.pos()).data(IMAGE_ROLE)
            if image is not None and image.problem is not None:
                QToolTip.showText(event.globalPos(), render(image.problem), self)
                return True
        return super().viewportEvent(event)
