"""The columns of Check and History: a list, a picture, and what belongs to the picture.

Screens are broad and low, so that what belongs to the picture stands beside it. Below it, it would
take the height that the picture needs; only where the width does not suffice it goes there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.ui.kit import theme

BESIDE_WIDTH: Final = 312
"""The least width of what stands beside the picture, in logical pixels."""
_BROAD: Final = 580
"""Below the picture, what belongs to it needs this width to stand in columns of its own."""
_LEAST_BESIDE_HEIGHT: Final = 120


class PictureCompanion(QScrollArea):
    """Holds what belongs to a picture: scrolls downwards beside it, is as high as needed below."""

    def __init__(self, inside: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._beside = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        inside.installEventFilter(self)

    def set_beside(self, beside: bool) -> None:
        """Say where it stands."""
        self._beside = beside
        self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the inside needs."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """As the inside, but low where it may scroll."""
        needed = self.widget().minimumSizeHint()
        if not self._beside:
            return needed
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(max(BESIDE_WIDTH, needed.width() + bar), _LEAST_BESIDE_HEIGHT)


class PictureColumns(QSplitter):
    """A list at the left; at the right a picture with its companion beside or below it.

    ``fill`` it, then tell it the available width with ``set_room``. Made with its parent: what is
    filled is styled once for each place that it is moved to afterwards.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.beside, self.narrow = False, False
        self._room = 0
        self.companion: PictureCompanion | None = None

    def fill(self, name: str, *, left: QWidget, picture: QWidget, companion: QWidget) -> None:
        """Put the parts in. ``name``: under which the places of the handles are kept."""
        self.companion = PictureCompanion(companion)
        for part in (left, picture):
            part.installEventFilter(self)
        self.setObjectName(f"{name}.list")
        self.addWidget(left)
        self.addWidget(self.right)
        self.right.setObjectName(f"{name}.companion")
        self.right.addWidget(picture)
        self.right.addWidget(self.companion)
        self.right.setStretchFactor(0, 1)
        self.right.setStretchFactor(1, 0)
        self.right.setSizes([10_000, 1])
        for splitter in (self.right, self):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(theme.S)

    @Slot(bool)
    def show_large(self, large: bool) -> None:
        """Give the picture the place of its companion, or take it back."""
        if self.companion is not None:
            self.companion.setHidden(large)

    def set_room(self, width: int) -> None:
        """Say how wide the page is."""
        self._room = width
        self.follow_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Decide anew when list or picture need another width."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.follow_room()
        return super().eventFilter(watched, event)

    def follow_room(self) -> None:
        """Decide where the companion stands: anew when the parts need another width."""
        if self.companion is None:
            return
        width = self._room
        least = [
            max(part.minimumSizeHint().width(), part.minimumWidth())
            for part in (self.widget(0), self.right.widget(0))
        ]
        beside = width >= sum(least) + BESIDE_WIDTH + 2 * theme.S
        narrow = beside or width < least[0] + _BROAD + theme.S
        turned = (beside, narrow) != (self.beside, self.narrow)
        self.beside, self.narrow = beside, narrow
        if turned:
            self.companion.set_beside(beside)
            self.turn(beside, narrow=narrow)
        wanted = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self.right.orientation() is not wanted:  # also after places were restored
            self.right.setOrientation(wanted)
            self.right.setSizes([10_000, 1])

    def turn(self, beside: bool, *, narrow: bool) -> None:
        """Arrange what stands differently beside and below the picture.

        ``narrow``: the companion has the width of one column, beside the picture or in a small
        window below it.
        """


class ScrolledColumns(QScrollArea):
    """Lets the page scroll where the window is too small for it, rather than clip a text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside: PictureColumns | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def hold(self, inside: PictureColumns) -> None:
        """Put the columns in."""
        self._inside = inside
        self.setWidget(inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pass the available width to the content."""
        if self._inside is not None:
            self._inside.set_room(event.size().width())
        super().resizeEvent(event)


def list_column(top: QHBoxLayout, passing: Sequence[QWidget]) -> tuple[QWidget, QVBoxLayout]:
    """Return the left column and its layout, begun: its head, then what comes and goes."""
    left = QWidget()
    column = QVBoxLayout(left)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.S)
    column.addLayout(top)
    for widget in passing:  # the column's width does not follow them
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column.addWidget(widget)
    return left, column
