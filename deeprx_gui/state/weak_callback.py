"""Weak callbacks: call a method without keeping its object alive.

An undo stack owns its steps, and a step that held the model which owns the stack would close a
cycle. PySide's part in Python's garbage collection crashes on such a cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec
from weakref import WeakMethod

P = ParamSpec("P")


def weak_callback(method: Callable[P, None]) -> Callable[P, None]:
    """Return what calls a bound method as long as its object lives, and then does nothing."""
    found = WeakMethod(method)

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        alive = found()
        if alive is not None:
            alive(*args, **kwargs)

    return call
