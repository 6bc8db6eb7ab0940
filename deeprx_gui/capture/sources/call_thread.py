"""Worker thread for calls that may block: drivers, unreachable network folders.

Nobody ever waits for such a call longer than he wants to. A thread that hangs is left behind; it
is a daemon, so it does not keep the program from ending (the threads of ``concurrent.futures``
would). When its call comes back after all, it tidies up and ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

END_WITHIN = 2.0
"""Seconds that ending waits for a call under way, unless told otherwise."""

_Job = tuple["Future[Any]", Callable[[], Any]]


class CallThread:
    """One daemon thread that does what it is given, in order."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def start(self, job: Callable[[], T]) -> Future[T]:
        """Hand over a job; the future gets what it returns or raises."""
        future: Future[T] = Future()
        self._jobs.put((future, job))
        return future

    def end(self, last: Callable[[], object] | None = None, *, within: float | None = None) -> bool:
        """Do ``last``, then end; say whether that was ``within`` seconds. May be called twice."""
        if last is not None:
            self.start(last)
        self._jobs.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join(END_WITHIN if within is None else within)
        return self.ended

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            _do(*job)
            del job  # or the last picture would stay in memory until the next


def _do(future: Future[Any], job: Callable[[], Any]) -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
        future.set_exception(error)


def finished_within(future: Future[Any], timeout: float) -> bool:
    """Wait up to ``timeout`` seconds for a job; say whether it is over."""
    with suppress(OverflowError):  # a timeout of centuries
        wait((future,), max(0.0, timeout))
    return future.done()
