"""The pictures whose verdict changes by moving a limit: how many, which, and from what to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QScroller, QVBoxLayout, QWidget

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render
from deeprx_gui.state.result_columns import score_text
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui import theme
from deeprx_gui.ui.check.pacer import Pacer
from deeprx_gui.ui.check.steady import SteadyLabel
from deeprx_gui.ui.qimage import to_qimage

SIDE: Final = 52
_MOST: Final = 60
"""Nobody looks at more tiles than this; the sentence and the filter count them all."""
_REST_MS: Final = 120
_TILES_MS: Final = 50
_Index = QModelIndex | QPersistentModelIndex
_TOP: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_NO_PARENT: Final = QModelIndex()


def transition_text(before: Verdict, after: Verdict) -> str:
    """Return ``OK→REVIEW`` in the current language."""
    return f"{render(VERDICT_WORDS[before])}→{render(VERDICT_WORDS[after])}"


def flips_text(transitions: Mapping[tuple[Verdict, Verdict], int]) -> Message:
    """Say how many verdicts differ from those under the saved limits."""
    total = sum(transitions.values())
    if total == 0:
        return say("No verdict changes.")
    parts = [f"{n} {transition_text(*pair)}" for pair, n in sorted(transitions.items())]
    return say_n("{n} changes: {parts}", "{n} change: {parts}", n=total, parts=", ".join(parts))


class FlipsModel(QAbstractListModel):
    """The changed results, hottest first; tiles get their pictures when those arrive."""

    def __init__(
        self, session: Session, results: ResultsModel, thumbnails: ThumbnailCache, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._results, self._thumbnails = session, results, thumbnails
        self._numbers: list[int] = []
        self._tiles: dict[Path, QIcon] = {}
        self._blank = QIcon()
        self._resting = False
        thumbnails.arrived.connect(self._arrived)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the results shown."""
        return self._numbers

    def follow(self) -> None:
        """Show the results whose verdict differs now; new pictures are asked for by ``rest``."""
        self._resting = False
        rows = self._results.rows
        changed = np.flatnonzero(rows.changed)
        hottest = changed[np.argsort(-rows.values[changed], kind="stable")][:_MOST]
        numbers = [int(n) for n in hottest]
        if numbers != self._numbers:
            self.beginResetModel()
            self._numbers = numbers
            self.endResetModel()
        else:
            self._tell()

    @Slot()
    def rest(self) -> None:
        """The limit rests: ask for the pictures of the tiles in view."""
        self._resting = True
        self._tell()

    def follow_theme(self) -> None:
        """Draw tiles without a picture in the theme's colour."""
        blank = QPixmap(SIDE, SIDE)
        blank.fill(theme.current_tokens().sunken)
        self._blank = QIcon(blank)
        self._tell()

    def _tell(self) -> None:
        if self._numbers:
            self.dataChanged.emit(self.index(0), self.index(len(self._numbers) - 1))

    def _icon(self, path: Path) -> QIcon:
        icon = self._tiles.get(path)
        if icon is None and self._resting:
            pixels = self._thumbnails.get(path)
            if pixels is not None:
                if len(self._tiles) >= 2 * _MOST:
                    self._tiles.clear()
                icon = self._tiles[path] = tile(pixels)
        return icon or self._blank

    @Slot(object)
    def _arrived(self, path: Path) -> None:
        items = self._results.rows.items
        for row, number in enumerate(self._numbers):
            if items[number].path == path:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """One row per tile."""
        return 0 if parent.isValid() else len(self._numbers)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a tile's picture, its change of verdict, its file."""
        if not index.isValid() or index.row() >= len(self._numbers):
            return None
        number, rows = self._numbers[index.row()], self._results.rows
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(rows.items[number].path)
        before = VERDICTS[int(rows.saved_verdicts[number])]
        change = transition_text(before, rows.verdict_of(number))
        if role == Qt.ItemDataRole.DisplayRole:
            return change
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            times = score_text(float(rows.values[number]), self._session.limits)
            return f"{rows.names[number]}\n{change}, {times} ×"
        return None


def tile(pixels: ByteImage) -> QIcon:
    """Return the middle square of a thumbnail as an icon."""
    soft = Qt.TransformationMode.SmoothTransformation
    whole = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    image = to_qimage(pixels).scaled(SIDE, SIDE, whole, soft)
    left, top = (image.width() - SIDE) // 2, (image.height() - SIDE) // 2
    return QIcon(QPixmap.fromImage(image.copy(left, top, SIDE, SIDE)))


class FlipStrip(QWidget):
    """The sentence and the tiles. ``chosen`` carries the number of a result to look at."""

    chosen = Signal(object)

    def __init__(
        self,
        session: Session,
        results: ResultsModel,
        thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._results = results
        self.model = FlipsModel(session, results, thumbnails, self)
        self.sentence = SteadyLabel(lines=2, align=_TOP)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setMinimumWidth(100)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(False)
        self.list.setUniformItemSizes(True)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setGridSize(QSize(92, SIDE + 24))
        self.list.setStyleSheet("QListView { font-size: 12px; border: none; }")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFixedHeight(SIDE + 26)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        QScroller.grabGesture(self.list.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self._tiling = Pacer(_TILES_MS, self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.model.rest)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.sentence)
        column.addWidget(self.list, 1)
        column.addStretch()
        self.model.follow_theme()

    def follow(self) -> None:
        """Show what differs from the saved limits now."""
        self.sentence.setText(render(flips_text(self._results.rows.transitions())))
        self._tiling.ask(self.model.follow)
        self._rest.start()

    def follow_theme(self) -> None:
        """Take the theme's colours."""
        self.model.follow_theme()

    def retranslate(self) -> None:
        """Set every text in the current language."""
        self.list.setAccessibleName(render(say("Pictures whose verdict changes")))
        self.follow()

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.numbers[index.row()])
