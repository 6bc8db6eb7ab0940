"""The table of results: sorted, filtered, labelled by keys, kept at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QTableView,
    QWidget,
)

from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.words import LABEL_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.state.result_columns import (
    COLUMNS,
    FOLDER,
    LABEL,
    MESSAGE,
    MILLISECONDS,
    NAME,
    TIMES,
    VERDICT,
)
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS, UNKNOWN_KEYS
from deeprx_gui.ui.tables.row_delegate import RowDelegate
from deeprx_gui.ui.tables.set_up import set_up_table

_ROW: Final = 33
"""Pixels of a row: low enough for ten of them in a window of 1366 x 768."""
_WIDTHS: Final = {
    VERDICT: 112,
    TIMES: 104,
    NAME: 142,
    LABEL: 76,
    FOLDER: 260,
    MILLISECONDS: 64,
    MESSAGE: 420,
}
_KEYS: Final = {Label.GOOD: GOOD_KEYS, Label.BAD: BAD_KEYS, Label.UNKNOWN: UNKNOWN_KEYS}
LABEL_KEYS: Final[Mapping[str, Label]] = {key: label for label in _KEYS for key in _KEYS[label]}
_REMOVE: Final = "remove"
_LETTERS: Final = {label: keys[0] for label, keys in _KEYS.items()}


class ResultsTable(QTableView):
    """Rows keep their selection through sorting and filtering.

    ``current_changed`` carries the number of the current result, ``None`` when there is none.
    """

    current_changed = Signal(object)

    def __init__(self, results: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._results = results
        self._kept: tuple[frozenset[int], int | None, int] = (frozenset(), None, 0)
        self._rows = results.rows
        self._told: int | None = None
        results.modelAboutToBeReset.connect(self._remember)
        self.setModel(results)
        results.modelReset.connect(self._bring_back)
        results.layoutChanged.connect(self._follow_current)
        set_up_table(self, QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setMinimumHeight(_ROW)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegate(RowDelegate(self, results))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self._arrange_headers()

    def _arrange_headers(self) -> None:
        columns = self.horizontalHeader()
        columns.setSortIndicatorClearable(True)
        columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    # -- what is chosen ---------------------------------------------------------------------

    def current(self) -> int | None:
        """Return the number of the current result."""
        index = self.currentIndex()
        return self._results.number(index.row()) if index.isValid() else None

    def chosen(self) -> tuple[int, ...]:
        """Return the numbers of the selected results."""
        rows = self.selectionModel().selectedRows()
        return tuple(self._results.number(index.row()) for index in rows)

    def go_to(self, number: int) -> bool:
        """Make a result the current one; ``False`` when the filter hides it."""
        row = self._results.row_of(number)
        if row is None:
            return False
        self.selectRow(row)
        self.scrollTo(self._results.index(row, 0))
        return True

    def label_chosen(self, label: Label) -> None:
        """Label the selected results."""
        chosen = self.chosen()
        if chosen:
            self._results.set_labels(chosen, label)

    def remove_chosen(self) -> None:
        """Take the selected results out of the list; the next one becomes the current."""
        first = min((index.row() for index in self.selectionModel().selectedRows()), default=-1)
        if first < 0:
            return
        self._results.remove(self.chosen())
        if self._results.rowCount():
            self.selectRow(min(first, self._results.rowCount() - 1))

    def currentChanged(
        self,
        current: QModelIndex | QPersistentModelIndex,
        previous: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().currentChanged(current, previous)
        self._follow_current()

    def dataChanged(
        self,
        topLeft: QModelIndex | QPersistentModelIndex,  # noqa: N803 - Qt's name
        bottomRight: QModelIndex | QPersistentModelIndex,  # noqa: N803
        _roles: Sequence[int] = (),
    ) -> None:
        """Paint the columns that changed; Qt would paint the whole table at each step of a drag."""
        if not topLeft.isValid() or not bottomRight.isValid():
            return
        left = self.columnViewportPosition(topLeft.column())
        last = bottomRight.column()
        right = self.columnViewportPosition(last) + self.columnWidth(last)
        self.viewport().update(left, 0, right - left, self.viewport().height())

    @Slot()
    def _follow_current(self) -> None:
        now = self.current()
        if now != self._told:
            self._told = now
            self.current_changed.emit(now)

    @Slot()
    def _remember(self) -> None:
        self._rows = self._results.rows
        scrolled = self.verticalScrollBar().value()
        self._kept = (frozenset(self.chosen()), self.current(), scrolled)

    @Slot()
    def _bring_back(self) -> None:
        """Select by number what was selected before rows came and went."""
        chosen, current, scrolled = self._kept
        if self._rows is not self._results.rows:  # the same numbers mean other results
            chosen, current, self._told = frozenset(), None, -1
        rows = sorted(r for r in map(self._results.row_of, chosen) if r is not None)
        last = len(COLUMNS) - 1
        selection = QItemSelection()
        for first, end in _runs(rows):
            selection.select(self._results.index(first, 0), self._results.index(end, last))
        model = self.selectionModel()
        row = None if current is None else self._results.row_of(current)
        if row is not None:
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            model.setCurrentIndex(self._results.index(row, 0), flag)
        model.select(selection, QItemSelectionModel.SelectionFlag.Select)
        self.verticalScrollBar().setValue(scrolled)
        self._follow_current()

    # -- keys and menu ----------------------------------------------------------------------

    def keyboardSearch(self, _search: str) -> None:
        """Do nothing: letters are labels here, and there is a search field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Label by keys, remove by Delete; leave Space to the page, which compares with it."""
        label = LABEL_KEYS.get(event.text().upper())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if label is not None and plain:
            self.label_chosen(label)
        elif event.matches(QKeySequence.StandardKey.Delete):
            self.remove_chosen()
        elif event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """Return the menu for the selected rows."""
        menu = QMenu(self)
        for label in Label:
            text = f"{render(LABEL_WORDS[label])}\t{_LETTERS[label]}"
            menu.addAction(text).setData(label.value)
        menu.addSeparator()
        menu.addAction(tr("Copy file path"))
        menu.addAction(f"{tr('Remove from the list')}\tDel").setData(_REMOVE)
        menu.triggered.connect(self._do)
        return menu

    @Slot(QAction)
    def _do(self, action: QAction) -> None:
        word = action.data()
        if word is None:
            self._copy_paths()
        elif word == _REMOVE:
            self.remove_chosen()
        else:
            self.label_chosen(Label(word))

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        if self.chosen():
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(place))

    def _copy_paths(self) -> None:
        items = self._results.rows.items
        QGuiApplication.clipboard().setText("\n".join(str(items[n].path) for n in self.chosen()))


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Return sorted rows as (first, last) of unbroken runs."""
    if not rows:
        return []
    places = np.asarray(rows)
    breaks = np.flatnonzero(np.diff(places) > 1)
    firsts = places[np.concatenate([[0], breaks + 1])]
    lasts = places[np.concatenate([breaks, [places.size - 1]])]
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]
