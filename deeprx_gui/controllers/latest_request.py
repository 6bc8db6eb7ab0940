"""Latest request: of several requests of one kind only the newest is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import TypeVar

from deeprx_gui.domain.progress import Progress
from deeprx_gui.jobs.lane import Job, Lane
from deeprx_gui.jobs.runner import JobFailed

T = TypeVar("T")


class LatestRequest:
    """Asks on a lane; a question asked before is cancelled and never answered."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._job: Job | None = None
        self._stop = threading.Event()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def cancel(self) -> None:
        """Cancel the pending request."""
        if self._job is not None:
            self._stop.set()
            self._job.cancel()
            self._job = None

    def start(
        self,
        work: Callable[[threading.Event], Generator[Progress, None, T]],
        done: Callable[[T], None],
        failed: Callable[[JobFailed], None],
    ) -> None:
        """Start a request; ``done`` or ``failed`` is called unless a newer request replaces it.

        ``work`` gets an event that is set once nobody waits any more: a job is cancelled at its
        yields only, and one long search has none.
        """
        self.cancel()
        stop = self._stop = threading.Event()
        job = self._job = self._lane.start(lambda: work(stop))

        def answered(value: T) -> None:
            if self._job is job:
                self._job = None
                done(value)

        def broken(failure: JobFailed) -> None:
            if self._job is job:
                self._job = None
                failed(failure)

        def finished() -> None:
            if self._job is job:
                self._job = None

        job.done.connect(answered)
        job.failed.connect(broken)
        job.finished.connect(finished)
