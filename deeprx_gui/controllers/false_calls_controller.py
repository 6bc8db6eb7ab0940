"""Where false calls gather: scores them again in the background and hands an area on."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.false_call_map import FalseCallMap
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.view import Shape
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.ui.history.false_calls_sheet import FalseCallsSheet
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.work.gather_false_calls import decided_pictures, gather_false_calls
from deeprx_gui.work.open_scorer import open_scorer


class FalseCallsController(QObject):
    """``ignore_wanted`` carries the ``Shape`` that the open product's next revision ignores."""

    ignore_wanted = Signal(object)

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        results: ResultsModel,
        page: HistoryPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._records, self._results = job_service, records, results
        self._page = page
        self._profile_id = ""
        self._request = LatestRequest(job_service.engine)
        self.sheet: FalseCallsSheet | None = None
        page.gathering_requested.connect(self.open)

    @Slot(str)
    def open(self, profile_id: str) -> None:
        """Look where the false calls of a product lie."""
        if self.sheet is None:
            self.sheet = FalseCallsSheet(self._page.window())
            self.sheet.closed.connect(self._request.cancel)
            self.sheet.ignore_wanted.connect(self._ignore)
        sheet = self.sheet
        self._profile_id = profile_id
        services, records = self._job_service.services, self._records
        bad = self._bad_on_check(profile_id)

        def work(_stop: Event) -> Generator[Progress, None, FalseCallMap]:
            yield Progress(0, 0, say("Looking for pictures"))
            found = decided_pictures(records.store(), profile_id)
            profile = services.store.load(profile_id)
            scorer = open_scorer(services.engines, profile)
            return (yield from gather_false_calls(profile, scorer, found, bad))

        def failed(failure: JobFailed) -> None:
            sheet.show_trouble(failure.message)

        sheet.show_run()
        self._request.start(work, sheet.show_map, failed)
        sheet.open()

    def _bad_on_check(self, profile_id: str) -> tuple[Path, ...]:
        """Return the files of bad parts on the Check page, where the same product is open."""
        profile = self._job_service.session.profile
        if profile is None or profile.id != profile_id:
            return ()
        rows = self._results.rows
        return tuple(
            item.path for n, item in enumerate(rows.items) if rows.label_of(n) is Label.BAD
        )

    @Slot(object)
    def _ignore(self, shape: Shape) -> None:
        self._job_service.with_product(self._profile_id, lambda: self.ignore_wanted.emit(shape))
