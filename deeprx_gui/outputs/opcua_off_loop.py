"""Work of the OPC UA server that must not hold up its loop: looks at the disk, large answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TypeVar

_T = TypeVar("_T")
_AWAY: ContextVar[list[float]] = ContextVar("away")


class OffLoop:
    """Threads beside the loop: one for the disk and keys, one that encodes.

    Several clients wait for one another there, and nobody else for any of them.
    """

    def __init__(self) -> None:
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="opcua-keys")
        self._encoding = ThreadPoolExecutor(1, thread_name_prefix="opcua-answers")

    async def look(self, work: Callable[..., _T], *given: object) -> _T:
        """Do what waits for the disk, or takes a hash of a password."""
        return await _done(self._disk, work, *given)

    async def encode(self, work: Callable[..., _T], *given: object) -> _T:
        """Make the bytes of a large answer."""
        return await _done(self._encoding, work, *given)

    def close(self) -> None:
        """Take nothing more; what runs comes to its end by itself."""
        for pool in (self._disk, self._encoding):
            pool.shutdown(wait=False, cancel_futures=True)


class Spent:
    """Processor time of one task of the loop, with what a thread did for it.

    What others did while it waited for the thread is not in it.
    """

    def __init__(self) -> None:
        self._corrections: list[float] = []
        _AWAY.set(self._corrections)
        self._begun = time.thread_time()

    @property
    def seconds(self) -> float:
        """So far."""
        return time.thread_time() - self._begun + sum(self._corrections)


async def _done(pool: ThreadPoolExecutor, work: Callable[..., _T], *given: object) -> _T:
    begun, taken = time.thread_time(), [0.0]

    def timed() -> _T:
        before = time.thread_time()
        try:
            return work(*given)
        finally:
            taken[0] = time.thread_time() - before

    try:
        return await asyncio.get_running_loop().run_in_executor(pool, timed)
    finally:
        corrections = _AWAY.get(None)
        if corrections is not None:
            corrections.append(taken[0] - (time.thread_time() - begun))
