"""Where History reads: the verdicts of this PC, or through the central database all stations'."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from deeprx_gui import central_settings
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.latest_request import LatestRequest
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.jobs.lane import Lane
from deeprx_gui.paths import Paths, resources_dir

if TYPE_CHECKING:
    from deeprx_gui.central.records import CentralRecords


class SharedCentralRecords:
    """The one door of this window to the verdicts of all stations; safe in any thread.

    Nothing of it is imported before it is asked for.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._lock = threading.Lock()
        self._records: CentralRecords | None = None

    @property
    def place(self) -> CentralPlace | None:
        """Where the central database is, ``None`` on a PC that stands alone."""
        return central_settings.load(self._paths.central_file)

    def store(self) -> CentralRecords:
        """Return the records, opened anew where another place was set. Raises CentralError."""
        from deeprx_gui.central.opening import open_records

        place = self.place
        with self._lock:
            if self._records is None or self._records.place != place:
                if self._records is not None:
                    self._records.close()
                self._records = open_records(
                    place, resources_dir() / "central", self._paths.results
                )
            return self._records

    def close(self) -> None:
        """Close all connections; may be called again."""
        with self._lock:
            if self._records is not None:
                self._records.close()
                self._records = None


@dataclass(frozen=True)
class HistoryRequests:
    """One request of each kind; a newer one replaces it. Lists and figures have a lane each."""

    rows: LatestRequest
    news: LatestRequest
    count: LatestRequest
    figures: LatestRequest
    standing: LatestRequest
    picture: LatestRequest

    @classmethod
    def on(cls, lists: Lane, figures: Lane, pictures: Lane) -> HistoryRequests:
        """Return requests on these lanes."""
        return cls(
            rows=LatestRequest(lists),
            news=LatestRequest(lists),
            count=LatestRequest(figures),
            figures=LatestRequest(figures),
            standing=LatestRequest(figures),
            picture=LatestRequest(pictures),
        )

    def cancel(self) -> None:
        """Nobody waits for any of them any more."""
        for each in (self.rows, self.news, self.count, self.figures, self.standing, self.picture):
            each.cancel()


class HistorySources:
    """Which of the two is looked at. The central one has lanes of its own: it may be far away."""

    def __init__(self, job_service: JobService, records: SharedRecordStore) -> None:
        self._job_service, self._records = job_service, records
        self.shared = SharedCentralRecords(job_service.services.paths)
        self.central = False

    @property
    def available(self) -> bool:
        """Whether a central database is set up."""
        return self.shared.place is not None

    def store(self) -> RecordSource:
        """Open what is looked at, in a lane. Raises StorageError or CentralError."""
        return self.shared.store() if self.central else self._records.store()

    @property
    def requests(self) -> HistoryRequests:
        """Where questions to what is looked at wait."""
        return self._far if self.central else self._near

    @cached_property
    def _near(self) -> HistoryRequests:
        service = self._job_service
        return HistoryRequests.on(service.history, service.figures, service.pictures)

    @cached_property
    def _far(self) -> HistoryRequests:
        lane = self._job_service.another_lane
        return HistoryRequests.on(
            lane("all stations"), lane("figures of all stations"), lane("pictures of all stations")
        )
