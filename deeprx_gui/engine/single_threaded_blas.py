"""Run numpy's matrix products on one thread while other threads use the cores.

OpenBLAS splits even a product of half a millisecond over all cores, and its threads then wait for
each other by spinning. Where decoders and the network keep the cores busy that costs many times
what it gains: 44 ms for 0.5 ms on a PC with two busy cores.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

_GET, _SET = "scipy_openblas_get_num_threads64_", "scipy_openblas_set_num_threads64_"
_log = logging.getLogger(__name__)
_lock = threading.Lock()
_inside = 0
_before = 0


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Let numpy's products run on one thread meanwhile; may be nested, and by several threads.

    Holds for the whole process. Where numpy came with another library nothing changes.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def blas_threads() -> int | None:
    """Return the number of BLAS threads numpy uses; ``None`` when it cannot be determined."""
    found = _openblas()
    return None if found is None else found[0]()


def _enter() -> None:
    global _inside, _before  # noqa: PLW0603 - the number of threads belongs to the process, too
    found = _openblas()
    with _lock:
        _inside += 1
        if found is not None and _inside == 1:
            _before = found[0]()
            found[1](1)


def _leave() -> None:
    global _inside  # noqa: PLW0603
    found = _openblas()
    with _lock:
        _inside -= 1
        if found is not None and _inside == 0:
            found[1](_before)


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Return how to ask and set the number of threads of the OpenBLAS inside numpy's package."""
    home = Path(np.__file__).parent
    for folder in (home.parent / "numpy.libs", home / ".dylibs", home):
        for file in sorted(folder.glob("*openblas*")):
            try:
                library = ctypes.CDLL(str(file))
                get, set_ = getattr(library, _GET), getattr(library, _SET)
            except (OSError, AttributeError):
                continue
            get.argtypes, get.restype = [], ctypes.c_int
            set_.argtypes, set_.restype = [ctypes.c_int], None
            return get, set_
    _log.info("numpy came without an OpenBLAS that can be told its number of threads")
    return None
