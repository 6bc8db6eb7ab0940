"""HistoryModel: every remembered verdict as a table that reads only what is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.i18n import render
from deeprx_gui.state.history_columns import COLUMNS, moment_text
from deeprx_gui.state.history_rows import CHUNK, HistoryRows, RowRequest

Index = QModelIndex | QPersistentModelIndex

RECORD_ROLE: Final = Qt.ItemDataRole.UserRole
"""The ``Record`` of a row, ``None`` while it has not been read."""

MOST_ROWS: Final = 20_000_000
"""Rows of 40 pixels that a scroll area can hold; more are there by choosing a time."""

_NO_PARENT: Final = QModelIndex()
_FLAGS: Final = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_GROWTH: Final = CHUNK
"""Rows added at the end of a list that nobody has counted to its end."""


class HistoryModel(QAbstractTableModel):
    """Newest first. It never asks the store itself: it says what it wants and is given it.

    ``rows_wanted`` carries a ``RowRequest``, to be answered by ``take_rows`` (a newer one replaces
    it).
    The view says by ``look_at`` what a person can see. ``contents_changed``: other records, or
    another number of them. ``record_changed`` carries a ``Record`` that was decided.
    """

    rows_wanted = Signal(object)
    contents_changed = Signal()
    record_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._query = RecordQuery()
        self._rows = HistoryRows()
        self._series = 0
        self._loading = False
        self._open_ended = False
        self._window = (0, 0)
        self._asked: RowRequest | None = None

    # -- what the page asks -----------------------------------------------------------------

    @property
    def query(self) -> RecordQuery:
        return self._query

    @property
    def loading(self) -> bool:
        """Whether the first records of another list are still to come; the old ones still show."""
        return self._loading

    @property
    def open_ended(self) -> bool:
        """Whether there are more records than were counted."""
        return self._open_ended

    @property
    def kept(self) -> int:
        """How many records are in memory."""
        return self._rows.kept

    @property
    def series(self) -> int:
        """Which list this is; an answer for an earlier one is ignored."""
        return self._series

    @property
    def newest(self) -> Record | None:
        return self._rows.newest

    @property
    def outdated(self) -> bool:
        """Whether records stay in the list that its filter would leave out by now."""
        return self._rows.has_left

    def record(self, row: int) -> Record | None:
        """Return the record of a row, ``None`` while it has not been read."""
        return self._rows.at(row)

    def row_of(self, key: int) -> int | None:
        """Return the row of the record with a store's key, ``None`` when it is not in memory."""
        return self._rows.row_of(key)

    # -- what changes it --------------------------------------------------------------------

    def load(self, query: RecordQuery) -> None:
        """List other records; those shown now stay until the first of the new ones are there."""
        self._query = query
        self._series += 1
        self._loading = True
        self._ask(RowRequest(self._series, 0, CHUNK))

    def clear(self, query: RecordQuery) -> None:
        """List nothing: what was asked for cannot be read, and the rows before are of others."""
        self._query = query
        self._series += 1
        self._asked = None
        self._begin(())

    def look_at(self, first: int, last: int) -> None:
        """Say which rows a person can see; what is not known of them is asked for."""
        self._window = (first, last)
        self._ask_for_window()

    def doubt(self) -> None:
        """Read again what is looked at: others may have changed it."""
        self._rows.doubt()
        self._ask_for_window()

    def take_rows(self, wanted: RowRequest, records: Sequence[Record]) -> None:
        """Answer ``rows_wanted``; fewer records than wanted: the list ends there."""
        if wanted.series != self._series:
            return
        if self._asked == wanted:
            self._asked = None
        if self._loading:
            self._begin(records)
        else:
            self._fill(wanted, records)
        self._ask_for_window()

    def not_read(self, wanted: RowRequest) -> None:
        """Answer ``rows_wanted``: it failed. What is looked at next is asked for again."""
        if self._asked == wanted:
            self._asked = None
        if wanted.series == self._series:
            self._loading = False
            self.contents_changed.emit()

    def take_count(self, series: int, count: int, *, open_ended: bool = False) -> None:
        """Be told how many records there are when the list was begun; ``open_ended``: or more."""
        if series != self._series or self._loading:
            return
        self._open_ended = open_ended
        # A list that is not counted to its end may have been read beyond the count by now.
        least = self._rows.below if open_ended else min(self._rows.below, CHUNK)
        self._set_below(max(min(count, MOST_ROWS), least))
        self.contents_changed.emit()

    def take_news(self, series: int, records: Sequence[Record], *, joined: bool) -> None:
        """Be given what the store holds newest; the rows that were there keep their places.

        ``joined``: they reach down to a record that is already here. Where they do not, so much
        happened that the list is begun anew.
        """
        if series != self._series or self._loading:
            return
        if not joined:
            self.load(self._query)
            return
        newest = self._rows.newest
        before = newest.key if newest is not None else 0
        new = [record for record in records if record.key > before]
        for record in records[len(new) :]:
            self.replace(record)
        if new:
            self.beginInsertRows(_NO_PARENT, 0, len(new) - 1)
            self._rows.arrive(new)
            first, last = self._window
            self._window = (first + len(new), last + len(new))
            self.endInsertRows()
            self.contents_changed.emit()

    def replace(self, record: Record) -> None:
        """Show a record as it is now: it was decided, perhaps on another page."""
        row = self._rows.row_of(record.key)
        known = None if row is None else self._rows.at(row)
        if row is None or known is None or _person_said(known) == _person_said(record):
            return
        self._rows.replace(record, left=self._has_left(record))
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))
        self.record_changed.emit(record)

    def refresh_texts(self) -> None:
        """Show verdicts, decisions and titles in the current language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if len(self._rows):
            bottom = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), bottom)

    # -- Qt's questions ---------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """How many records the filter lets through, as far as is known."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """One for each entry of the table of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's title, or a row's place."""
        if orientation == Qt.Orientation.Vertical:
            return section + 1 if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return render(COLUMNS[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[section].number else _LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text (dots while it is read), the record, or the reason of an error."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        record = self._rows.at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return "…" if record is None else COLUMNS[index.column()].text(record)
        if role == RECORD_ROLE:
            return record
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[index.column()].number else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole and record is not None:
            when = moment_text(record)
            return when if record.error is None else f"{when}\n{render(record.error)}"
        return None

    # -- inside -----------------------------------------------------------------------------

    def _ask(self, wanted: RowRequest) -> None:
        self._asked = wanted
        self.rows_wanted.emit(wanted)

    @Slot()
    def _ask_for_window(self) -> None:
        """Ask for what can be seen and is not there; what is asked for already is waited for."""
        if self._loading:
            return
        first, last = self._window
        if self._open_ended and last >= len(self._rows) - 1:
            self._set_below(min(self._rows.below + _GROWTH, MOST_ROWS))
        found = self._rows.missing(first, last)
        if found is None:
            return
        wanted = self._rows.order(self._series, *found)
        if wanted != self._asked:
            self._ask(wanted)

    def _begin(self, records: Sequence[Record]) -> None:
        self._loading = False
        complete = len(records) < CHUNK
        self.beginResetModel()
        self._rows = HistoryRows(records, complete=complete)
        self._window = (0, min(self._window[1] - self._window[0], len(records)))
        self._open_ended = not complete
        self.endResetModel()
        self.contents_changed.emit()

    def _fill(self, wanted: RowRequest, records: Sequence[Record]) -> None:
        if records:
            first, last = self._rows.fill(wanted, records)
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))
        end = wanted.place + len(records)
        if len(records) < wanted.count:
            self._open_ended = False
            self._set_below(end)
            self.contents_changed.emit()
        elif self._open_ended and end >= self._rows.below:
            self._set_below(end + _GROWTH)
            self.contents_changed.emit()

    def _set_below(self, below: int) -> None:
        old, new = len(self._rows), below + self._rows.above
        if new > old:
            self.beginInsertRows(_NO_PARENT, old, new - 1)
            self._rows.end_at(below)
            self.endInsertRows()
        elif new < old:
            self.beginRemoveRows(_NO_PARENT, new, old - 1)
            self._rows.end_at(below)
            self.endRemoveRows()

    def _has_left(self, record: Record) -> bool:
        query = self._query
        if query.decided is not None and query.decided != (record.decision is not None):
            return True
        return query.decision is not None and query.decision is not record.decision


def _person_said(record: Record) -> tuple[object, ...]:
    """What can change about a record; all else about it is written once."""
    return (record.decision, record.decided_by, record.decided_at, record.note)
