"""Compare on my images: which detector with which network, in figures from one's own pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.compare import CompareOutcome
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.state.compare import COLUMNS, CompareModel
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, follow
from deeprx_gui.ui.kit.drop_zone import DropZone
from deeprx_gui.ui.kit.escape import take_escape
from deeprx_gui.ui.kit.folder_key import FOLDER_KEY
from deeprx_gui.ui.kit.frames import CardFrame, wrapped
from deeprx_gui.ui.kit.next_turn import in_next_turn
from deeprx_gui.ui.tables.set_up import set_up_table
from deeprx_gui.ui.teach.compare_words import about, bad_parts, duration, titled

_BAD: Final = say("Add bad parts")
_WIDTHS: Final = (202, 156, 72, 76, 70, 66, 72, 72, 64, 88, 66, 84)
"""Together they fit beside the rail on a screen of 1280 pixels; the first takes what is left."""
_HEADER: Final = 52
"""Two lines: a title may be longer than the figures below it."""


class CompareDelegate(QStyledItemDelegate):
    """Cells as Qt draws them; what cannot be run is pale, what is recommended is bold."""

    def __init__(self, view: QTableView, model: CompareModel) -> None:
        super().__init__(view)
        self._model = model

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        given: Any = option  # its fields are missing from the type information
        candidate = self._model.rows[index.row()]
        if not candidate.possible:
            ink = QColor(theme.current_tokens().line_strong)
            given.palette.setColor(QPalette.ColorRole.Text, ink)
            given.palette.setColor(QPalette.ColorRole.HighlightedText, ink)
        given.font.setBold(candidate.recommended)


class CompareSheet(QWidget):
    """Tick, compare, read, take one.

    The button ``start``: run what is ticked (``model.ticked``) with ``labelled``. ``taken`` carries
    the ``FitSettings`` of a measured row, or its ``Combination``. ``done``: the person goes back.
    """

    taken = Signal(object)
    done = Signal()

    def __init__(self, suffixes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CompareModel(self)
        self._labelled: tuple[PendingImage, ...] = ()
        self._outcome: CompareOutcome | None = None
        self._titles: Mapping[str, Message] = {}
        self._colours: frozenset[str] = frozenset()
        self._busy = False
        self._title = theme.level(QLabel(), "title")
        self.back = QPushButton()
        theme.set_icon(self.back, "chevron-left")
        self.bad = wrapped("hint")
        self.bad.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.add_bad = QPushButton()
        theme.set_icon(self.add_bad, "add")
        self._files, self._folder = QAction(self), QAction(self)
        self._chooser = DropZone(_BAD, _BAD, suffixes=suffixes, parent=self)
        self._chooser.setProperty(FOLDER_KEY, "teach.bad")
        self._chooser.hide()  # its file dialogs only
        self.table = QTableView()
        self.detail = wrapped("hint")
        self.advice = CardFrame(margin=theme.M)
        self._advice_icon = QLabel()
        self.why = wrapped()
        self.take = QPushButton()
        theme.set_icon(self.take, "tick")
        self.note = wrapped("hint")
        self.start = QPushButton()
        self.start.setProperty("kind", "primary")
        self.start.setMinimumHeight(44)
        theme.set_icon(self.start, "compare", "on_accent")
        self._arrange_table()
        self._lay_out()
        self._connect()
        bind(self._title.setText, say("Compare on my images"))
        bind(self.back.setText, say("Back"))
        bind(self.add_bad.setText, say("Add bad parts"))
        bind(self._files.setText, say("Files…"))
        bind(self._folder.setText, say("Folder…"))
        bind(self.start.setText, say("Compare"))
        bind(self.take.setText, say("Use this"))
        bind(self.table.setAccessibleName, say("Detectors and networks"))
        theme.set_pixmap(self._advice_icon, "success", "ok", 22)
        follow(self.model.refresh_texts, Change.LANGUAGE)
        self._follow()

    def _arrange_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(CompareDelegate(table, self.model))
        set_up_table(table, QAbstractItemView.SelectionMode.SingleSelection)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        head = table.horizontalHeader()
        head.setMinimumHeight(_HEADER)
        head.setMinimumSectionSize(min(_WIDTHS))
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        menu = QMenu(self)
        menu.addActions([self._files, self._folder])
        self.add_bad.setMenu(menu)
        top = QHBoxLayout()
        top.setSpacing(theme.M)
        top.addWidget(self.back)
        top.addWidget(self._title)
        top.addWidget(self.bad, 1)
        top.addWidget(self.add_bad)
        advice = QHBoxLayout()
        advice.setSpacing(theme.M)
        advice.addWidget(self._advice_icon)
        advice.addWidget(self.why, 1)
        self.advice.body.addLayout(advice)
        bottom = QHBoxLayout()
        bottom.setSpacing(theme.M)
        bottom.addWidget(self.note, 1)
        bottom.addWidget(self.take)
        bottom.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self.detail)
        column.addWidget(self.advice)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.back.clicked.connect(self.done)
        self._files.triggered.connect(self._chooser.choose_files)
        self._folder.triggered.connect(self._chooser.choose_folder)
        self._chooser.paths_chosen.connect(self.add_bad_parts)
        self.model.changed.connect(self._follow)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.table.clicked.connect(self._clicked)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.table)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._toggle_current)
        self.take.clicked.connect(self._take)

    # -- what it shows ----------------------------------------------------------------------

    @property
    def labelled(self) -> tuple[PendingImage, ...]:
        """Pictures whose quality is known; folders among them are still to be opened."""
        return self._labelled

    def show_labelled(self, pictures: Sequence[PendingImage]) -> None:
        """Start with these pictures of known quality; results for others are forgotten."""
        if tuple(pictures) != self._labelled:
            self._labelled = tuple(pictures)
            self.forget()
        self._follow()

    @Slot(object)
    def add_bad_parts(self, paths: Sequence[Path]) -> None:
        """Take in pictures, or folders of pictures, of bad parts."""
        known = {item.path for item in self._labelled}
        new = tuple(
            PendingImage(path, Label.BAD) for path in dict.fromkeys(paths) if path not in known
        )
        self.show_labelled((*self._labelled, *new))

    def use_titles(self, titles: Mapping[str, Message], colours: Collection[str]) -> None:
        """Call detectors and networks by these, given by short name.

        ``colours`` are the detectors that need no network.
        """
        self._titles, self._colours = titles, frozenset(colours)

    def titled(self, message: Message) -> Message:
        """Return a sentence with the titles instead of the short names."""
        return titled(message, self._titles, self._colours)

    def forget(self) -> None:
        """Clear the measured results."""
        self._outcome = None
        self.model.clear_results()

    def set_busy(self, busy: bool) -> None:
        """Say whether a job runs."""
        self._busy = busy
        self.model.set_running(busy)

    def show_outcome(self, outcome: CompareOutcome) -> None:
        """Show every row and which one to take."""
        self._outcome = outcome
        for row in outcome.rows:
            self.model.add_result(row)
        if outcome.recommended is not None:
            best = outcome.rows[outcome.recommended]
            number = self.model.recommend(best)
            if number is not None:
                self.table.selectRow(number)
                self.take.setFocus()
                # The sentence takes room from the table: scroll once it has.
                in_next_turn(self, self._show_current)
        self._follow()

    # -- inside -----------------------------------------------------------------------------

    @property
    def _current(self) -> int | None:
        index = self.table.currentIndex()
        return index.row() if index.isValid() and index.row() < len(self.model.rows) else None

    @Slot()
    def _follow(self) -> None:
        bad = sum(item.label is Label.BAD for item in self._labelled)
        bind(self.bad.setText, bad_parts(bad))
        chosen = self.model.ticked
        bind(self.note.setText, duration(len(chosen), self.model.seconds))
        self.start.setEnabled(bool(chosen) and not self._busy)
        self.add_bad.setEnabled(not self._busy)
        self.advice.setVisible(self._outcome is not None)
        self._advice_icon.setVisible(
            self._outcome is not None and self._outcome.recommended is not None
        )
        if self._outcome is not None:
            bind(self.why.setText, self.titled(self._outcome.why))
        self._say_row()

    @Slot()
    def _show_current(self) -> None:
        self.table.scrollTo(self.table.currentIndex())

    def _say_row(self) -> None:
        number = self._current
        candidate = None if number is None else self.model.rows[number]
        bind(self.detail.setText, about(candidate))
        self.take.setEnabled(
            candidate is not None and candidate.measured is not None and not self._busy
        )

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._say_row()

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        """Tick by a press anywhere on the name: the little box alone is no target for a finger."""
        if index.column() == 0:
            self.model.toggle(index.row())

    @Slot()
    def _toggle_current(self) -> None:
        number = self._current
        if number is not None:
            self.model.toggle(number)

    @Slot()
    def _take(self) -> None:
        number = self._current
        if number is not None:
            row = self.model.rows[number]
            learnt = None if row.measured is None else row.measured.settings
            self.taken.emit(learnt or row.combination)

    def event(self, event: QEvent) -> bool:
        """Go back on Escape while nothing runs; a job that runs is stopped by it."""
        # Events come before the sheet is whole: only a key finds ``_busy`` there.
        if isinstance(event, QKeyEvent) and not self._busy and take_escape(event, self.done.emit):
            return True
        return super().event(event)


assert len(_WIDTHS) == len(COLUMNS)
