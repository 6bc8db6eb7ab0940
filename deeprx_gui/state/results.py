"""ResultsModel: the scored pictures of the open profile as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from weakref import ref

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)

from deeprx_gui.domain.arrays import Ints
from deeprx_gui.domain.check_findings import JudgedBefore, RevisionStep, revision_step
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.i18n import render
from deeprx_gui.state.result_columns import COLUMNS, LABEL, TIMES, VERDICT
from deeprx_gui.state.result_rows import LABELS, ResultRows, RowFilter
from deeprx_gui.state.results_commands import LabelsCommand, RowsCommand
from deeprx_gui.state.session import Session
from deeprx_gui.state.weak_callback import weak_callback

Index = QModelIndex | QPersistentModelIndex

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
"""The row's number: it stays the same however the table is sorted and filtered."""
VERDICT_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The row's verdict; Qt hands the enumeration on as its plain word, ``Verdict(word)`` undoes it."""

_LABEL_VALUES: Final = frozenset(label.value for label in Label)
_NO_PARENT: Final = QModelIndex()
_FLAGS: Final = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
_LABEL_FLAGS: Final = _FLAGS | Qt.ItemFlag.ItemIsEditable
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class ResultCounts:
    """How many rows there are of each verdict, and how many the moved limits changed."""

    total: int
    verdicts: Mapping[Verdict, int]
    changed: int


class ResultsModel(QAbstractTableModel):
    """Scored pictures, judged by the session's limits, sorted and filtered without a proxy.

    A table row shows the result with a row *number*; numbers count arrivals and never change.
    ``judged``: a limit moved and verdicts may differ (rows may have come or gone by the filter).
    ``contents_changed``: results were added, removed or labelled otherwise.
    """

    judged = Signal()
    contents_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows = ResultRows()
        self._shown = RowFilter()
        self._sort_key, self._descending = "", False
        self._order: Ints = np.empty(0, np.intp)
        self._place: dict[int, int] | None = None
        self._owner = _id_of(session.profile)
        self._before: dict[str, tuple[PendingImage, ...]] = {}
        self._judged_before: dict[str, JudgedBefore] = {}
        self._revision = _revision_of(session.profile)
        self._unit: float | None = None
        session.limits_changed.connect(self._judge_again)
        session.profile_changed.connect(self.clear)
        session.profile_saved.connect(self._follow_revision)

    # -- what the pages ask -----------------------------------------------------------------

    @property
    def rows(self) -> ResultRows:
        """Every result, whatever the filter hides."""
        return self._rows

    @property
    def filter(self) -> RowFilter:
        return self._shown

    @property
    def shown(self) -> Ints:
        """The numbers of the rows in the table, from top to bottom."""
        return self._order

    def number(self, row: int) -> int:
        """Return the number of the result in table row ``row``."""
        return int(self._order[row])

    def row_of(self, number: int) -> int | None:
        """Return where a result stands in the table, ``None`` when the filter hides it."""
        if self._place is None:
            self._place = {int(n): row for row, n in enumerate(self._order)}
        return self._place.get(number)

    @property
    def scored_before(self) -> tuple[PendingImage, ...]:
        """What was scored of the open product before, with the labels given."""
        return self._before.get(self._owner, ())

    @property
    def step_forward(self) -> RevisionStep | None:
        """The last revision whose results were shown against this one, on the same pictures."""
        before = self._judged_before.get(self._owner)
        if before is None:
            return None
        rows = self._rows
        labels = {item.path: rows.label_of(number) for number, item in enumerate(rows.items)}
        return revision_step(before, self._judged(), labels)

    def text(self, number: int, column: int) -> str:
        """Return a cell's text for the result with this number."""
        return COLUMNS[column].text(self._rows, number, self._session.limits)

    def counts(self) -> ResultCounts:
        """Count rows by verdict under the working limits."""
        counted = np.bincount(self._rows.verdicts, minlength=len(VERDICTS))
        verdicts = {v: int(counted[i]) for i, v in enumerate(VERDICTS)}
        return ResultCounts(len(self._rows), verdicts, int(self._rows.changed.sum()))

    # -- what changes it --------------------------------------------------------------------

    def add(self, batch: Iterable[ScoredImage]) -> None:
        """Append results; call it with batches, at the display's rate."""
        first = len(self._rows)
        self._rows.append(batch)
        self._judge()
        if len(self._rows) == first:
            return
        if self._sort_key or self._shown != RowFilter():
            self._reorder()
        else:
            self.beginInsertRows(_NO_PARENT, first, len(self._rows) - 1)
            self._set_order(np.arange(len(self._rows)))
            self.endInsertRows()
        self.contents_changed.emit()

    @Slot()
    def clear(self) -> None:
        """Forget every result, but not which pictures of which product they were of."""
        if len(self._rows):
            labelled = zip(self._rows.items, self._rows.labels, strict=True)
            pictures = tuple(PendingImage(s.path, LABELS[label]) for s, label in labelled)
            self._before[self._owner] = pictures
            self._judged_before[self._owner] = self._judged()
        self._owner = _id_of(self._session.profile)
        self._follow_revision()
        self._show_rows(ResultRows())

    def remove(self, numbers: Iterable[int]) -> None:
        """Take results out of the list, as one step of undo; files are never touched."""
        gone = frozenset(numbers)
        if not gone:
            return
        left = ResultRows()
        left.append(
            replace(item, label=self._rows.label_of(number))
            for number, item in enumerate(self._rows.items)
            if number not in gone
        )
        self._session.undo_stack.push(RowsCommand(weak_callback(self._swap), self._rows, left))

    def _swap(self, old: ResultRows, new: ResultRows) -> None:
        """Show other rows of the same product, unless another list was begun meanwhile."""
        if self._rows is old:
            self._before.pop(self._owner, None)
            self._show_rows(new)

    def _show_rows(self, rows: ResultRows) -> None:
        self.beginResetModel()
        self._rows = rows
        self._judge()
        self._set_order(rows.order(self._sort_key, self._descending, self._shown))
        self.endResetModel()
        self.contents_changed.emit()

    def set_filter(self, shown: RowFilter) -> None:
        """Show only some rows."""
        if shown != self._shown:
            self._shown = shown
            self._reorder()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 goes back to the order of arrival."""
        key = COLUMNS[column].key if 0 <= column < len(COLUMNS) else ""
        descending = order == Qt.SortOrder.DescendingOrder
        if (key, descending) != (self._sort_key, self._descending):
            self._sort_key, self._descending = key, descending
            self._reorder(same_rows=True)

    def set_labels(self, numbers: Iterable[int], label: Label) -> None:
        """Say what some results really are, as one step of undo."""
        rows = np.fromiter(numbers, np.intp)
        before = self._rows.labels[rows].copy()
        after = np.full(rows.size, LABELS.index(label), np.int8)
        if np.array_equal(before, after):
            return
        owner = self._rows
        me = ref(self)
        self._session.undo_stack.push(
            LabelsCommand(
                weak_callback(self._apply_labels),
                rows,
                before,
                after,
                lambda: (model := me()) is not None and model.rows is owner,
            )
        )

    def refresh_texts(self) -> None:
        """Show verdicts, labels, messages and titles in the current language."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._tell(0, len(COLUMNS) - 1)

    # -- Qt's questions ---------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """How many rows the filter lets through."""
        return 0 if parent.isValid() else int(self._order.size)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        """One for each entry of the table of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Labels can be edited, everything can be selected."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _LABEL_FLAGS if index.column() == LABEL else _FLAGS

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
        """Return a cell's text, the verdict, the label or the row's number."""
        if not index.isValid() or index.row() >= self._order.size:
            return None
        row = int(self._order[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, index.column())
        if role == ROW_ROLE:
            return row
        if role == VERDICT_ROLE:
            return self._rows.verdict_of(row)
        if role == Qt.ItemDataRole.EditRole and index.column() == LABEL:
            return self._rows.label_of(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[index.column()].number else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row)
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change a label; ``value`` is a ``Label`` or its word."""
        if (
            role != Qt.ItemDataRole.EditRole
            or index.column() != LABEL
            or value not in _LABEL_VALUES
        ):
            return False
        self.set_labels([self.number(index.row())], Label(value))
        return True

    # -- inside -----------------------------------------------------------------------------

    def _judged(self) -> JudgedBefore:
        """What the revision says about the pictures, under its saved limits."""
        saved = self._rows.saved_verdicts
        verdicts = {item.path: VERDICTS[int(saved[n])] for n, item in enumerate(self._rows.items)}
        return JudgedBefore(self._revision, verdicts)

    @Slot()
    def _follow_revision(self) -> None:
        self._revision = _revision_of(self._session.profile)

    def _tip(self, row: int) -> str:
        item = self._rows.items[row]
        return str(item.path) if item.error is None else f"{item.path}\n{render(item.error)}"

    def _judge(self) -> None:
        profile = self._session.profile
        self._rows.judge(self._session.limits, None if profile is None else profile.limits)

    @Slot()
    def _judge_again(self) -> None:
        before = self._rows.verdicts
        self._judge()
        if self._shown.follows_limits:
            self._reorder()
        limits = self._session.limits
        unit = None if limits is None else limits.unit
        if unit != self._unit:  # no limit that moves changes a number
            self._tell(VERDICT, TIMES)
        elif not np.array_equal(before, self._rows.verdicts):
            self._tell(VERDICT, VERDICT)
        self._unit = unit
        self.judged.emit()

    def _apply_labels(self, rows: Ints, labels: NDArray[np.int8]) -> None:
        self._rows.set_labels(rows, labels)
        self._reorder(same_rows=self._shown.label is None)
        self._tell(LABEL, LABEL)
        self.contents_changed.emit()

    def _tell(self, first: int, last: int) -> None:
        if self._order.size:
            bottom = self.index(int(self._order.size) - 1, last)
            self.dataChanged.emit(self.index(0, first), bottom)

    def _set_order(self, order: Ints) -> None:
        self._order = order
        self._place = None

    def _reorder(self, *, same_rows: bool = False) -> None:
        """Show the rows that sort and filter ask for, in their order.

        ``same_rows``: only the order can differ, so Qt itself moves selections along. Where rows
        come and go the model is reset, and the table brings its selection back by row numbers.
        """
        order = self._rows.order(self._sort_key, self._descending, self._shown)
        if np.array_equal(order, self._order):
            return
        if not same_rows:
            self.beginResetModel()
            self._set_order(order)
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        numbers = [self.number(i.row()) for i in before]
        self._set_order(order)
        moved = [(self.row_of(n), i.column()) for n, i in zip(numbers, before, strict=True)]
        after = [QModelIndex() if row is None else self.index(row, c) for row, c in moved]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()


def _revision_of(profile: Profile | None) -> int:
    return 0 if profile is None else profile.revision


def _id_of(profile: Profile | None) -> str:
    return "" if profile is None else profile.id
