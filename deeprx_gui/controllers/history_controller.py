"""What the History page asks for: lists, figures, pictures, decisions, exports."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.controllers import history_queries as reading
from deeprx_gui.controllers.history_sources import HistorySources
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.controllers.why_controller import why_on_history
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.rescored_record import RescoredRecord
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.jobs.lane import Job
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.records.export import export_table
from deeprx_gui.results.records.report import export_report
from deeprx_gui.state.history_decisions import DecisionRequest
from deeprx_gui.state.history_filter import overview
from deeprx_gui.state.history_rows import RowRequest
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.work.agreement_table import write_history_sheet
from deeprx_gui.work.rescore_record import RecordRescorer, no_picture
from deeprx_gui.work.thumbnails import load_picture

T = TypeVar("T")

_NEWS_MS: Final = 1000
"""How often a shown page looks for what an inspection has added."""
_FAR_EVERY: Final = 5
"""Of so many looks one goes to the central database."""
_FIGURES_EVERY: Final = 5
"""Figures follow every so many looks at which there was news."""


class HistoryController(QObject):
    """Lists and figures have a lane each, so that a long count delays no list; the heat has one.

    ``normals_found`` carries a ``FalseCallPictures`` whose pictures a person wants to learn from.
    """

    normals_found = Signal(object)

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        page: HistoryPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._records = job_service, records
        history = self._history = page.history
        self._page = page
        services = job_service.services
        self._looks = RecordRescorer(services.store, self._engines)
        self.sources = HistorySources(job_service, records)
        self._heat = LatestRequest(job_service.looks)
        self._begun, self._news_seen, self._news_failed, self._ticks = False, 0, False, 0
        self.clock = QTimer(self)
        self.clock.setInterval(_NEWS_MS)
        self.clock.timeout.connect(self.look_for_news)
        history.rows_wanted.connect(self._read_rows)
        page.decisions.wanted.connect(self._decide)
        page.refresh_requested.connect(self.refresh)
        page.left.connect(self._leave)
        page.source_chosen.connect(self.look_at)
        job_service.central_changed.connect(self._central_changed)
        page.overview_requested.connect(self._summarise)
        page.look_requested.connect(self._look)
        page.normals_requested.connect(self._find_normals)
        page.body.export.csv_requested.connect(self.write_table)
        page.body.export.report_requested.connect(self.write_report)
        page.body.export.agreement_requested.connect(self.write_agreement)
        page.body.strip.cancel_requested.connect(job_service.cancel)
        self.why = why_on_history(job_service, page.body.panel, self._looks, self)

    def _engines(self) -> EnginePool:
        services = self._job_service.services
        return services.another_pool()

    # -- lists and figures ------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """The page is shown: say how the store stands and list what it holds now."""
        self.clock.start()
        self._page.offer_stations(self.sources.available)
        if self.sources.central and not self.sources.available:
            self._page.show_source(central=False)  # it was taken out of the settings
            self.look_at(central=False)
            return
        self._ask_standing()
        query = self._page.query
        if not self._begun or self._history.outdated or query != self._history.query:
            self._begun = True
            self._page.list_again()
        else:
            self._history.doubt()
            self.look_for_news()
        self._summarise(overview(query))

    @Slot()
    def _central_changed(self) -> None:
        """Offer all stations as soon as there is a central database, and no longer than that."""
        if not self._page.isVisible():
            return
        if self.sources.central and self.sources.available:
            self.look_at(central=True)  # rows of the one before must not mix with this one's
        else:
            self.refresh()

    @Slot(bool)
    def look_at(self, central: bool) -> None:
        """Look at all stations, or at this PC; nobody waits for the other any more."""
        self.sources.requests.cancel()
        self.sources.central, self._news_failed = central, False
        self._ask_standing()
        self._page.list_again()
        self._summarise(overview(self._page.query))

    @Slot()
    def _leave(self) -> None:
        self.clock.stop()
        if self.sources.central:  # the server must not search for nobody
            self.sources.requests.cancel()
            self._begun = False

    def _ask_standing(self) -> None:
        if self.sources.central:
            work = partial(reading.stations_status, self.sources.store)
            self.sources.requests.standing.start(work, self._show_standing, self._away)
        else:
            self._job_service.ask(
                lambda: reading.store_status(self._records.store),
                reading.READING,
                self._show_standing,
            )

    def _away(self, failure: JobFailed) -> None:
        """The central database does not answer: say so where the list was."""
        self._page.show_away(failure.message)

    def _show_standing(self, standing: reading.StoreStatus) -> None:
        self._page.show_notice(standing.notice, writable=standing.writable)
        self._page.show_profiles(standing.profiles)
        self._page.show_stations(standing.stations)

    @Slot(object)
    def _read_rows(self, wanted: RowRequest) -> None:
        query = self._history.query
        requests = self.sources.requests
        if self._history.loading:
            requests.news.cancel()  # of the list before

        def done(records: tuple[Record, ...]) -> None:
            first = self._history.loading
            self._history.take_rows(wanted, records)
            if first and wanted.series == self._history.series and len(records) == wanted.count:
                self._count_rows(wanted.series, query, records[0].key)

        def failed(failure: JobFailed) -> None:
            if self.sources.central and self._history.loading:
                self._history.clear(query)
                self._away(failure)
                return
            self._history.not_read(wanted)
            self._tell_failure(failure)

        work = partial(reading.read_rows, self.sources.store, query, wanted)
        requests.rows.start(work, done, failed)

    def _count_rows(self, series: int, query: RecordQuery, newest: int) -> None:
        def done(counted: reading.RecordCount) -> None:
            self._history.take_count(series, counted.count, open_ended=counted.open_ended)

        work = partial(reading.count_rows, self.sources.store, query, newest)
        self.sources.requests.count.start(work, done, self._tell_failure)

    @Slot(object)
    def _summarise(self, query: RecordQuery) -> None:
        work = partial(reading.summarise, self.sources.store, query)
        failed = self._away if self.sources.central else self._tell_failure
        self.sources.requests.figures.start(work, self._page.show_summary, failed)

    @Slot()
    def look_for_news(self) -> None:
        """Put what an inspection has added on top of the list."""
        history, requests, central = self._history, self.sources.requests, self.sources.central
        self._ticks += 1
        if history.loading or requests.news.busy or (central and self._ticks % _FAR_EVERY):
            return
        newest = history.newest
        known, series = (0 if newest is None else newest.key), history.series

        def done(news: reading.NewRecords) -> None:
            self._news_failed = False
            self._show_notice()
            before = history.rowCount()
            history.take_news(series, news.records, joined=news.joined)
            if history.rowCount() != before or history.loading:
                self._count_news(first=before == 0)

        work = partial(
            reading.read_news, self.sources.store, history.query, known, only_new=central
        )

        def failed(failure: JobFailed) -> None:
            if not self._news_failed:  # once, not every second
                self._news_failed = True
                self._tell_failure(failure)

        requests.news.start(work, done, failed)

    def _show_notice(self) -> None:
        """Say what the store found out since: a damaged file is put aside in mid-run."""
        store = self._records.opened
        if store is not None and not self.sources.central:
            self._page.show_notice(store.notice, writable=store.writable)

    def _count_news(self, *, first: bool) -> None:
        """Update the summary: immediately after the first part, then at intervals."""
        self._news_seen += 1
        if first or self._news_seen % _FIGURES_EVERY == 1:
            self._summarise(overview(self._history.query))
            if first:
                self._ask_standing()

    def _tell_failure(self, failure: JobFailed) -> None:
        self._page.warn(failure.message, "error")

    # -- one part ---------------------------------------------------------------------------

    @Slot(object)
    def _look(self, record: Record) -> None:
        """Open the kept picture, then score it again; a part chosen before is not waited for."""
        self._heat.cancel()
        file = self._records.path_of(record.picture)
        shared, central = self.sources.shared, self.sources.central

        def work(stop: Event) -> Generator[Progress, None, Frame | Message]:
            if central:
                return (yield from reading.read_picture(shared.store, record, stop))
            missing = no_picture(record, file)
            if missing is not None:
                return missing
            return (yield from load_picture(file))

        def done(found: Frame | Message) -> None:
            if isinstance(found, Message):
                self._page.show_look(RescoredRecord(record, note=found))
                return
            self._page.show_frame(record.key, found)
            self._heat.start(
                lambda _stop: self._looks.rescore(record, found), self._page.show_look, failed
            )

        def failed(failure: JobFailed) -> None:
            self._page.show_look(RescoredRecord(record, note=failure.message, troubled=True))

        self.sources.requests.picture.start(work, done, failed)

    @Slot(object)
    def _decide(self, wanted: tuple[DecisionRequest, ...]) -> None:
        """Write decisions down; what is on disk is shown. Never cancelled, always in order."""
        who = self._job_service.settings.who
        work = partial(reading.decide_all, self._records.store, wanted, who)
        job = self._job_service.files.start(work)

        def show(records: tuple[object, ...]) -> None:
            for record in records:
                if isinstance(record, Record):
                    self._history.replace(record)
                    self._page.record_decided(record)

        job.progress.connect(lambda batch: show(batch.items))
        job.done.connect(lambda _records: self._summarise(overview(self._history.query)))
        job.failed.connect(self._tell_failure)

    @Slot(str)
    def _find_normals(self, profile_id: str) -> None:
        def done(normals: reading.FalseCallPictures) -> None:
            if normals.paths:
                self.normals_found.emit(normals)
            else:
                self._page.warn(
                    say(
                        "None of their pictures was kept, so there is nothing to learn from. Keep "
                        "the pictures of NG and REVIEW on the page Inspect."
                    )
                )

        self._run(partial(reading.find_normals, self._records.store, profile_id), done)

    # -- exports ----------------------------------------------------------------------------

    @Slot(object)
    def write_table(self, file: Path) -> None:
        """Write what is listed for Excel."""
        query = self._history.query
        self._run(
            lambda: export_table(file, self.sources.store(), query),
            lambda rows: self._job_service.tell(
                say_n(
                    "The table with {n} part is in {file}.",
                    "The table with {n} parts is in {file}.",
                    n=rows,
                    file=str(file),
                )
            ),
        )

    @Slot(object)
    def write_report(self, file: Path) -> None:
        """Write the HTML report of what is listed."""
        product = self._page.body.filter_bar.only_product
        name = product.profile if product is not None else ""
        query = self._history.query
        self._run(
            lambda: export_report(
                file, self.sources.store(), query, profile=name, picture=thumbnail
            ),
            lambda _summary: self._job_service.tell(
                say("The report is in {file}.", file=str(file))
            ),
        )

    @Slot(object)
    def write_agreement(self, file: Path) -> None:
        """Write the sheet on the agreement of what is listed."""
        query = self._history.query
        self._run(
            lambda: write_history_sheet(file, self.sources.store(), query),
            lambda _study: self._job_service.tell(say("The sheet is in {file}.", file=str(file))),
        )

    def _run(
        self, work: Callable[[], Generator[Progress, None, T]], done: Callable[[T], None]
    ) -> Job:
        return self._job_service.run(
            self._job_service.folders,
            work,
            progress=self._page.job_progress,
            done=done,
            ended=self._ended,
            cancelled=say("Stopped. Nothing was written."),
        )

    def _ended(self, notice: Notice | None) -> None:
        if notice is None:
            self._page.job_ended()
        else:
            self._page.job_ended(notice.message, notice.kind)

    def tell_normals(self, normals: reading.FalseCallPictures) -> None:
        """Say what became of the pictures on their way to the tray."""
        if normals.absent:
            self._job_service.tell(
                say_n(
                    "{n} false call has no kept picture.",
                    "{n} false calls have no kept picture.",
                    n=normals.absent,
                ),
                NoticeKind.INFO,
            )
