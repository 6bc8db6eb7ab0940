"""Looks for drift in the background: for History's figures, and as a quiet notice on Inspect."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.product_drift import ProductDrift
from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.results.records.store import FILE_NAME
from deeprx_gui.state.inspect import InspectModel
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.work.product_drift import product_drift

_EVERY_MS: Final = 20 * 60_000
"""A line runs for days without a click."""


class _DriftRequest:
    """Asks for a product's drift; of several questions the newest is answered."""

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        done: Callable[[ProductDrift | None], None],
    ) -> None:
        self._profiles, self._records, self._done = job_service.services.store, records, done
        self._request = LatestRequest(job_service.figures)

    def ask(self, profile_id: str) -> None:
        """Look for the drift of a product; empty: of the only one that was ever judged, if any.

        A failure is told where the figures are.
        """

        def work(_stop: Event) -> Generator[Progress, None, ProductDrift | None]:
            store, wanted = self._records.store(), profile_id
            if not wanted:
                seen = store.profiles()
                if len(seen) != 1:
                    return None
                wanted = seen[0].profile_id
            return (yield from product_drift(store, self._profiles, wanted))

        self._request.start(work, self._done, self._failed)

    def forget(self) -> None:
        """Show nothing."""
        self._request.cancel()
        self._done(None)

    def _failed(self, _failure: JobFailed) -> None:
        self._done(None)


class HistoryDrift(QObject):
    """Shows the drift of the product that is listed, where it is one."""

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        page: HistoryPage,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._request = _DriftRequest(job_service, records, page.body.trend.show_drift)
        page.overview_requested.connect(self._look)
        page.refresh_requested.connect(self._look_again)

    @Slot()
    def _look_again(self) -> None:
        self._look(self._page.query)

    @Slot(object)
    def _look(self, query: RecordQuery) -> None:
        if self._page.all_stations:  # the conditions of pictures lie at the stations
            self._request.forget()
        else:
            self._request.ask(query.profile_id)


class InspectDrift(QObject):
    """Tells on Inspect what has drifted of the open product, when it is opened and after a run."""

    def __init__(
        self,
        job_service: JobService,
        records: SharedRecordStore,
        model: InspectModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._records = job_service.session, records
        self._request = _DriftRequest(job_service, records, partial(_tell, model))
        job_service.session.profile_changed.connect(self.look)
        self.clock = QTimer(self)
        self.clock.setInterval(_EVERY_MS)
        self.clock.timeout.connect(self.look)
        self.clock.start()

    @Slot()
    def look(self) -> None:
        """Look for the drift of the open product."""
        profile = self._session.profile
        if profile is None or not (self._records.folder / FILE_NAME).is_file():
            self._request.forget()
        else:
            self._request.ask(profile.id)


def _tell(model: InspectModel, found: ProductDrift | None) -> None:
    model.set_drift(None if found is None else found.warning)
