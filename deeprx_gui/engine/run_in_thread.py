"""Run one call in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def run_in_thread(call: Callable[[], T]) -> T:
    """Return what ``call`` returns, or raise what it raises; the caller waits."""
    with ThreadPoolExecutor(1, thread_name_prefix="aside") as pool:
        return pool.submit(call).result()
