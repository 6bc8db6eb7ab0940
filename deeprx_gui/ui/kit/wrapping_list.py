"""A list whose items stand side by side in as many equal columns as there is room for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QWidget

_SLACK = 2


class WrappingList(QListView):
    """All items are at least ``cell`` in size; columns share the whole width.

    A wrapping list, not Qt's icon mode: that one keeps a rectangle per item and lays out slowly.
    """

    def __init__(self, cell: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell = cell
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(cell)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(cell.height() // 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Qt keeps the room of a scroll bar free while it lays out, whether one is shown or not.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        width = self.maximumViewportSize().width() - bar - _SLACK
        columns = max(1, width // self._cell.width())
        self.setGridSize(QSize(width // columns, self._cell.height()))
        super().resizeEvent(event)
