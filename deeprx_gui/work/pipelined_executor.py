"""Pipelined executor: processes one result while the next is being computed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class PipelinedExecutor:
    """Run calls in order in one worker thread, at most one call behind the caller.

    numpy, BLAS and the disk let go of the interpreter lock, so the caller goes on meanwhile. What a
    call raises comes out of the next ``do`` or ``wait``. Leaving the block waits for the last call
    and ends the thread; after an error the last call's own is of no interest.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
        if kind is None:
            self.wait()

    def do(self, call: Callable[[], None]) -> None:
        """Start ``call`` once the one before is done."""
        self.wait()
        self._last = self._pool.submit(call)

    def wait(self) -> None:
        """Wait until everything is done; raises what the last call raised."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
