"""The History page: every verdict, found again, looked at again, and put right by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent, QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import HistorySummary, RecordedProfile, RecordedStation, RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.rescored_record import RescoredRecord
from deeprx_gui.state.history import HistoryModel
from deeprx_gui.state.history_decisions import DecisionHistory
from deeprx_gui.state.history_filter import overview
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.history.body import HistoryBody
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.columns import ScrolledColumns
from deeprx_gui.ui.kit.throttle import Throttle
from deeprx_gui.ui.page import Page

MOST_DECIDED: Final = 500
"""Rows that can be decided at once: nobody has looked at more."""
_STEP_MS: Final = 60
"""Holding an arrow key down runs through the list faster than pictures can be opened."""


class HistoryPage(Page):
    """What a person asks for leaves as a signal; what comes of it arrives by a method.

    ``look_requested`` carries a ``Record`` to be answered by ``show_frame`` and ``show_look``;
    ``overview_requested`` a ``RecordQuery``, answered by ``show_summary``; ``refresh_requested``:
    the page is shown, ``left``: it is not any more; ``normals_requested`` and
    ``gathering_requested`` (where false calls lie): a profile's id; ``source_chosen``: whether all
    stations are to be listed. Exports and cancelling are
    asked for by ``body.export`` and ``body.strip``.
    """

    look_requested = Signal(object)
    overview_requested = Signal(object)
    refresh_requested = Signal()
    left = Signal()
    normals_requested = Signal(str)
    gathering_requested = Signal(str)
    source_chosen = Signal(bool)

    def __init__(
        self,
        history: HistoryModel,
        decisions: DecisionHistory,
        thumbnails: ThumbnailCache | None = None,
        place_of: Callable[[str], Path] = Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._history, self._decisions = history, decisions
        self._ever = False
        self._notice: Message | None = None
        self.stepping = Throttle(_STEP_MS, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        scrolled = ScrolledColumns()
        column.addWidget(scrolled)
        shown, place = thumbnails or ThumbnailCache(self), scrolled.viewport()
        self.body = HistoryBody(history, shown, place_of, place)
        scrolled.hold(self.body)
        self.body.add_keys(self)
        self._connect()
        self._contents_changed()

    def _connect(self) -> None:
        body, history = self.body, self._history
        body.filter_bar.changed.connect(self.list_again)
        body.source.chosen.connect(self._choose_source)
        history.contents_changed.connect(self._contents_changed)
        history.record_changed.connect(self._record_changed)
        body.table.current_changed.connect(self.show_record)
        body.trend.chosen.connect(self._go_to)
        body.decisions.chosen.connect(self._decide)
        body.normals.clicked.connect(self._ask_normals)
        body.gather.clicked.connect(self._ask_where)

    # -- what a person may ask for ----------------------------------------------------------

    @property
    def history(self) -> HistoryModel:
        return self._history

    @property
    def decisions(self) -> DecisionHistory:
        """What a person said of parts."""
        return self._decisions

    def undo_stack(self) -> QUndoStack | None:
        """Return the decisions."""
        return self._decisions.undo_stack

    @property
    def query(self) -> RecordQuery:
        """What a person wants listed, as of now: "today" is another day after midnight."""
        return self.body.filter_bar.wish.query()

    @Slot(bool)
    def _choose_source(self, central: bool) -> None:
        self.show_source(central=central)
        self.source_chosen.emit(central)

    @Slot()
    def list_again(self) -> None:
        """Reload the list and the summary for the current filter."""
        query = self.query
        self._history.load(query)
        shown = self.body.trend.summary
        if shown is None or shown.query != overview(query):
            self.overview_requested.emit(overview(query))

    @Slot(object)
    def show_record(self, record: Record | None) -> None:
        """Show one part; its picture is asked for when the arrow keys rest."""
        self.body.panel.show_record(record)
        self.body.decisions.show_record(record)
        self.body.corrections.show_verdict(None if record is None else record.verdict)
        if record is not None:
            self.stepping.ask(self._ask_look)

    def _ask_look(self) -> None:
        record = self.body.panel.record
        if record is not None:
            self.look_requested.emit(record)

    @Slot(object)
    def _go_to(self, record: Record) -> None:
        """Show a worst part, whether or not it is in the list."""
        if not self.body.table.go_to(record.key):
            self.body.table.clearSelection()
            self.show_record(record)

    @Slot(object)
    def _decide(self, decision: Decision | None) -> None:
        table, record = self.body.table, self.body.panel.record
        if record is None or not self.body.decisions.writable:
            return
        if table.chosen_rows() > MOST_DECIDED:
            self.warn(
                say(
                    "Choose at most {n} rows at once: what is decided was looked at.",
                    n=MOST_DECIDED,
                )
            )
            return
        chosen = table.chosen()
        if len(chosen) < table.chosen_rows():
            self.warn(say("Some of the chosen rows are still being read. Please press it again."))
            return
        shown = any(each.key == record.key for each in chosen)
        self._decisions.decide(chosen if shown else (record,), decision)

    @Slot()
    def _ask_normals(self) -> None:
        product = self.body.filter_bar.only_product
        if product is None:
            self.warn(say("Choose one product first: normal images belong to one product."), "info")
        else:
            self.normals_requested.emit(product.profile_id)

    @Slot()
    def _ask_where(self) -> None:
        product = self.body.filter_bar.only_product
        if product is None:
            self.warn(say("Choose one product first: a map belongs to one product."), "info")
        else:
            self.gathering_requested.emit(product.profile_id)

    # -- what the controllers answer --------------------------------------------------------

    def warn(self, message: Message, kind: str = "warning") -> None:
        """Show a warning above the list."""
        self.body.banner.show_message(message, kind)

    def show_notice(self, notice: Message | None, *, writable: bool) -> None:
        """Say how it stands with the store: read-only, put aside; ``None``: all is well."""
        self.body.decisions.set_writable(writable)
        if notice is None:
            self.body.notice.clear()
        elif notice != self._notice:  # one that was read and closed stays closed
            self.body.notice.show_message(notice, "warning")
        self._notice = notice

    def offer_stations(self, available: bool) -> None:
        """Offer to look at all stations where a central database is set up."""
        self.body.source.setVisible(available)

    def show_source(self, *, central: bool) -> None:
        """Show whose verdicts are listed; what was said about the other ones is taken back."""
        self.body.banner.clear()
        self.body.show_source(central=central)
        self.body.decisions.set_writable(False)
        self.body.trend.show_summary(None)
        self.body.filter_bar.show_counts(None)
        self.body.show_false_calls(0)
        self.show_record(None)

    @property
    def all_stations(self) -> bool:
        """Whether the verdicts of all stations are listed, not this PC's."""
        return self.body.all_stations

    def show_away(self, why: Message) -> None:
        """Say why the verdicts of all stations cannot be shown: above the list, or in its place.

        While the list is still read nothing is said: reading it fails as well, and says so then.
        """
        if self._history.rowCount() and not self._history.loading:
            self.warn(why, "error")
        elif not self._history.loading:
            self.body.banner.clear()
            self.body.show_away(why)
            self._contents_changed()

    def show_profiles(self, profiles: Sequence[RecordedProfile]) -> None:
        """Offer the products parts were judged with; none: no part was ever judged."""
        self._ever = bool(profiles)
        self.body.filter_bar.show_profiles(profiles)
        self._contents_changed()

    def show_stations(self, stations: Sequence[RecordedStation]) -> None:
        """Offer the stations that judged parts."""
        self.body.filter_bar.show_stations(stations)

    def show_summary(self, summary: HistorySummary) -> None:
        """Show the requested summary."""
        if summary.query == overview(self._history.query):
            self.body.trend.show_summary(summary)
            self.body.filter_bar.show_counts(summary.counts)
            self.body.show_false_calls(summary.false_calls)

    def show_frame(self, key: int, frame: Frame) -> None:
        """Show the saved image of the requested record."""
        self.body.panel.show_frame(key, frame)

    def show_look(self, look: RescoredRecord) -> None:
        """Show the heat map of the requested record, or why there is none."""
        self.body.panel.show_look(look)

    def record_decided(self, record: Record) -> None:
        """Say that a decision is on disk, also of a part that is not in the list."""
        self._record_changed(record)

    def job_progress(self, progress: Progress) -> None:
        """Show how far an export is."""
        self.body.strip.show_progress(progress)
        self.body.export.setEnabled(False)

    def job_ended(self, message: Message | None = None, kind: str = "error") -> None:
        """Say that the export is over, with a sentence where there is something to say."""
        self.body.strip.finish()
        self.body.export.setEnabled(self._history.rowCount() > 0)
        if message is not None:
            self.warn(message, kind)

    # -- following --------------------------------------------------------------------------

    @Slot()
    def _contents_changed(self) -> None:
        self.body.follow_contents(ever=self._ever)
        if not self._history.rowCount() and not self._history.loading:
            self.show_record(None)

    @Slot(object)
    def _record_changed(self, record: Record) -> None:
        self.body.panel.update_record(record)
        shown = self.body.panel.record
        if shown is not None and shown.key == record.key:
            self.body.decisions.show_record(record)

    def showEvent(self, event: QShowEvent) -> None:
        """Request the records added since the page was last shown."""
        super().showEvent(event)
        self.refresh_requested.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop live updates while the page is hidden."""
        super().hideEvent(event)
        self.left.emit()
