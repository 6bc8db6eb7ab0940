"""Stations side by side: a sheet over History, its report and its table."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.history_queries import read_unless
from deeprx_gui.controllers.history_sources import HistorySources
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.plant_report import PlantReport
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.plant_report import write_plant_report, write_plant_table
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.ui.history.plant_sheet import PlantSheet


class PlantController(QObject):
    """Adds up the stations for the time, line and product that History lists."""

    def __init__(
        self,
        job_service: JobService,
        sources: HistorySources,
        page: HistoryPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._sources, self._page = job_service, sources, page
        self._report: PlantReport | None = None
        self._request: LatestRequest | None = None
        self.sheet: PlantSheet | None = None
        page.body.source.compare.connect(self.open)

    @Slot()
    def open(self) -> None:
        """Add up and show."""
        if self.sheet is None or self._request is None:
            lane = self._job_service.another_lane("figures of all stations")
            self._request = LatestRequest(lane)
            self.sheet = PlantSheet(self._page.window())
            self.sheet.closed.connect(self._request.cancel)
            self.sheet.export.csv_requested.connect(self.write_table)
            self.sheet.export.report_requested.connect(self.write_page)
        sheet, shared, query = self.sheet, self._sources.shared, self._page.query

        def work(stop: Event) -> Generator[Progress, None, PlantReport]:
            from deeprx_gui.central.report import plant_report

            centre = shared.store()
            with read_unless(centre, stop):
                return (yield from plant_report(centre.ask, query))

        def done(report: PlantReport) -> None:
            self._report = report
            sheet.show_report(report)

        def failed(failure: JobFailed) -> None:
            sheet.show_trouble(failure.message)

        sheet.show_run(_about(query))
        self._request.start(work, done, failed)
        sheet.open()

    @Slot(object)
    def write_page(self, file: Path) -> None:
        """Write the report to print."""
        self._write(write_plant_report, file, say("The report is in {file}.", file=str(file)))

    @Slot(object)
    def write_table(self, file: Path) -> None:
        """Write the table for Excel."""
        self._write(write_plant_table, file, say("The table is in {file}.", file=str(file)))

    def _write(
        self, write: Callable[[Path, PlantReport], None], file: Path, message: Message
    ) -> None:
        report = self._report
        if report is not None:
            self._job_service.ask(
                lambda: write(file, report),
                say("Saving…"),
                lambda _nothing: self._job_service.tell(message),
            )


def _about(query: RecordQuery) -> Message:
    if query.since is None and query.until is None:
        return say("Everything that was ever judged")
    first = "–" if query.since is None else f"{query.since.astimezone():%Y-%m-%d %H:%M}"
    if query.until is None:
        return say("From {first} on", first=first)
    last = f"{query.until.astimezone():%Y-%m-%d %H:%M}"
    return say("From {first} until {last}", first=first, last=last)
