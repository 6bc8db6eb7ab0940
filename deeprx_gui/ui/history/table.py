"""Table of stored records, loaded while scrolling; keeps its position when records are added."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import (
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from deeprx_gui.domain.inspection import Record
from deeprx_gui.state.history import HistoryModel
from deeprx_gui.state.history_columns import COLUMNS, TIME, VERDICT
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.verdict_paint import paint_verdict
from deeprx_gui.ui.tables.set_up import set_up_table

Index = QModelIndex | QPersistentModelIndex

_WIDTHS: Final = {
    "when": 124,
    "verdict": 104,
    "times": 68,
    "decision": 88,
    "serial": 104,
    "profile": 160,
    "source": 180,
    "method": 180,
}
_WIDTH: Final = 104
"""Of every other column."""
_LOOK_MS: Final = 30
"""While one flings through a million rows, what rushes past is not read."""
_PAD: Final = 8
_SELECTED: Final = QStyle.StateFlag.State_Selected
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = _MIDDLE | Qt.AlignmentFlag.AlignRight
_LEFT: Final = _MIDDLE | Qt.AlignmentFlag.AlignLeft


class HistoryTable(QTableView):
    """``current_changed`` carries the current ``Record``, ``None`` when there is none.

    ``opened``: Enter or a double click on a row. ``waiting_changed`` carries how many records
    arrived on top, unseen, since a person looked at the newest.
    """

    current_changed = Signal(object)
    opened = Signal()
    waiting_changed = Signal(int)

    def __init__(self, history: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._told: int | None = None
        self._kept: int | None = None
        self._waiting = 0
        self.looking = QTimer(self)
        self.looking.setSingleShot(True)
        self.looking.setInterval(_LOOK_MS)
        self.looking.timeout.connect(self._look)
        history.modelAboutToBeReset.connect(self._remember)
        self.setModel(history)
        history.modelReset.connect(self._bring_back)
        history.rowsInserted.connect(self._arrived)
        history.dataChanged.connect(self._follow_current)
        set_up_table(self, QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setItemDelegate(_RowDelegate(self, history))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.doubleClicked.connect(self.opened)
        self._arrange_headers()

    def _arrange_headers(self) -> None:
        self.horizontalHeader().setSectionsClickable(False)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Make every column wide enough for its title in the current language."""
        columns = self.horizontalHeader()
        for place, column in enumerate(COLUMNS):
            width = _WIDTHS.get(column.name, _WIDTH)
            self.setColumnWidth(place, max(width, columns.sectionSizeHint(place) + _PAD))

    def bring_station_forward(self, forward: bool) -> None:
        """Show which station judged right after the verdict, or where it stands for one PC."""
        columns = self.horizontalHeader()
        for place, column in enumerate(COLUMNS):
            if column.name == "station":
                wanted = VERDICT + 1 if forward else place
                columns.moveSection(columns.visualIndex(place), wanted)

    # -- what is chosen ---------------------------------------------------------------------

    def current(self) -> Record | None:
        """Return the current record, ``None`` while it is being read or there is none."""
        index = self.currentIndex()
        return self._history.record(index.row()) if index.isValid() else None

    def chosen_rows(self) -> int:
        """Return how many rows are selected."""
        return sum(part.height() for part in self._parts())

    def _parts(self) -> list[QItemSelectionRange]:
        chosen = self.selectionModel().selection()
        return [chosen.at(place) for place in range(chosen.size())]

    def chosen(self) -> tuple[Record, ...]:
        """Return the selected records that are in memory."""
        rows = (row for part in self._parts() for row in range(part.top(), part.bottom() + 1))
        records = (self._history.record(row) for row in rows)
        return tuple(record for record in records if record is not None)

    def go_to(self, key: int) -> bool:
        """Make a record the current one; ``False`` when it is not in memory."""
        row = self._history.row_of(key)
        if row is None:
            return False
        self.selectRow(row)
        self.scrollTo(self._history.index(row, 0))
        return True

    @Slot()
    def go_to_newest(self) -> None:
        """Select the newest record."""
        if self._history.rowCount():
            self.selectRow(0)
        self.scrollToTop()

    def step(self, rows: int) -> None:
        """Move the selection by one row."""
        row = self.currentIndex().row() + rows
        if 0 <= row < self._history.rowCount():
            self.selectRow(row)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._follow_current()

    # -- staying where it is looked at ------------------------------------------------------

    @Slot(QModelIndex, int, int)
    def _arrived(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Move along with the rows when others come in above."""
        bar = self.verticalScrollBar()
        if first == 0 and last + 1 < self._history.rowCount():
            at_top = bar.value() == 0 and not self.currentIndex().isValid()
            if not at_top:
                self.updateGeometries()
                bar.setValue(bar.value() + (last - first + 1) * theme.TOUCH)
                self._say_waiting(self._waiting + last - first + 1)
        self.looking.start()

    def _say_waiting(self, waiting: int) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.waiting_changed.emit(waiting)

    @Slot()
    def _scrolled(self) -> None:
        if self.verticalScrollBar().value() == 0:
            self._say_waiting(0)
        if not self.looking.isActive():
            self.looking.start()

    @Slot()
    def _look(self) -> None:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        if first >= 0:
            self._history.look_at(first, last if last >= 0 else self._history.rowCount() - 1)

    @Slot()
    def _remember(self) -> None:
        current = self.current()
        self._kept = None if current is None else current.key

    @Slot()
    def _bring_back(self) -> None:
        """Stay with the same part where another filter lists it too, else begin at the newest."""
        self._say_waiting(0)
        self.scrollToTop()
        row = None if self._kept is None else self._history.row_of(self._kept)
        if row is not None:
            self.selectRow(row)
            self.scrollTo(self._history.index(row, 0))
        elif self._history.rowCount():
            self.selectRow(0)
        self._follow_current()
        self.looking.start()

    @Slot()
    def _follow_current(self) -> None:
        record = self.current()
        key = None if record is None else record.key
        if key != self._told and (record is not None or not self.currentIndex().isValid()):
            self._told = key
            self.current_changed.emit(record)

    # -- events -----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.looking.start()

    def keyboardSearch(self, _search: str) -> None:
        """Do nothing: letters are decisions here, and there is a search field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Enter; leave letters to the page."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class _RowDelegate(QStyledItemDelegate):
    """Draws a record's cells; asks the model once for each."""

    def __init__(self, view: QTableView, history: HistoryModel) -> None:
        super().__init__(view)
        self._view, self._history = view, history

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the selection, then the verdict's plate or the text."""
        given: Any = option  # its fields are missing from the type information
        tokens = theme.current_tokens()
        rect, column = given.rect, index.column()
        if given.state & _SELECTED:
            painter.fillRect(rect, QColor(tokens.accent_soft))
        record = self._history.record(index.row())
        if record is None:
            if column == TIME:
                painter.setPen(QColor(tokens.muted))
                painter.drawText(rect.adjusted(_PAD, 0, -_PAD, 0), _LEFT, "…")
            return
        if column == VERDICT:
            font = QFont(self._view.font())
            font.setBold(True)
            painter.setFont(font)
            box = QRectF(rect).adjusted(_PAD, 0, -2, 0)
            paint_verdict(painter, box, record.verdict, self._view.devicePixelRatioF())
            return
        text = COLUMNS[column].text(record)
        if text:
            room = rect.adjusted(_PAD, 0, -_PAD, 0)
            painter.setFont(self._view.font())
            painter.setPen(QColor(tokens.text))
            middle = Qt.TextElideMode.ElideMiddle
            text = QFontMetrics(painter.font()).elidedText(text, middle, room.width())
            painter.drawText(room, _RIGHT if COLUMNS[column].number else _LEFT, text)
