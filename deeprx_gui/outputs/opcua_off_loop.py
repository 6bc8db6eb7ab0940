"""Work of the OPC UA server that must not hold up its loop: looks at the disk, large answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Self, TypeVar

_T = TypeVar("_T")


class OffLoop:
    """Threads beside the loop: one for the disk and keys, one that encodes.

    Several clients wait for one another there, and nobody else for any of them.
    """

    def __init__(self) -> None:
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="opcua-keys")
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="opcua-answers")

    async def look(self, work: Callable[..., _T], *given: object) -> _T:
        """Do what waits for the disk, or takes a hash of a password."""
        return await _done(self._disk, None, work, *given)

    async def encode(
        self, charged: Callable[[float], None], work: Callable[..., _T], *given: object
    ) -> _T:
        """Make the bytes of a large answer.

        ``charged`` is told the seconds of an answer that belongs to no message that is processed
        now, as when a subscription publishes by itself.
        """
        return await _done(self._encoding, charged, work, *given)

    def close(self) -> None:
        """Take nothing more; what runs comes to its end by itself."""
        for pool in (self._disk, self._encoding):
            pool.shutdown(wait=False, cancel_futures=True)


class Spent:
    """Processor time of one message, with what a thread did for it; a context manager.

    What others did while it waited for them is not in it. Tasks that are begun meanwhile inherit
    it; what they do once the message is answered is not in it either.
    """

    def __init__(self) -> None:
        self._elsewhere, self._is_open = 0.0, False
        self._begun = self._ended = 0.0

    def __enter__(self) -> Self:
        self._is_open, self._begun = True, time.thread_time()
        self._before = _SPENT.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open, self._ended = False, time.thread_time()
        _SPENT.reset(self._before)

    def add(self, seconds: float) -> None:
        """Add time of a thread; less than nothing: time of the loop that was not its own."""
        self._elsewhere += seconds

    @property
    def is_open(self) -> bool:
        """Whether its message is still being answered."""
        return self._is_open

    @property
    def seconds(self) -> float:
        """So far, or until it ended."""
        until = time.thread_time() if self._is_open else self._ended
        return until - self._begun + self._elsewhere


_SPENT: ContextVar[Spent | None] = ContextVar("spent", default=None)


@contextmanager
def others_turn() -> Iterator[None]:
    """Wait without being charged for what the loop does for others meanwhile."""
    begun = time.thread_time()
    try:
        yield
    finally:
        spent = _open_one()
        if spent is not None:
            spent.add(begun - time.thread_time())


def _open_one() -> Spent | None:
    spent = _SPENT.get()
    return spent if spent is not None and spent.is_open else None


async def _done(
    pool: ThreadPoolExecutor,
    charged: Callable[[float], None] | None,
    work: Callable[..., _T],
    *given: object,
) -> _T:
    taken = [0.0]

    def timed() -> _T:
        before = time.thread_time()
        try:
            return work(*given)
        finally:
            taken[0] = time.thread_time() - before

    try:
        with others_turn():
            return await asyncio.get_running_loop().run_in_executor(pool, timed)
    finally:
        spent = _open_one()
        if spent is not None:
            spent.add(taken[0])
        elif charged is not None:
            charged(taken[0])
