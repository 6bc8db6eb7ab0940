"""Ctrl-C in the terminal that started the window."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_AWAKE_MS = 250


@contextmanager
def closing_on_ctrl_c(interrupt: Callable[[], None], parent: QObject) -> Iterator[None]:
    """Call ``interrupt`` when the program was started in a terminal and Ctrl-C comes."""
    # Who can press Ctrl-C in its terminal is no operator: no PIN is asked for.
    before = signal.signal(signal.SIGINT, lambda *_: interrupt())
    # Python sees a signal only when it runs; Qt's loop alone would never let it.
    awake = QTimer(parent)
    awake.timeout.connect(_nothing)
    awake.start(_AWAKE_MS)
    try:
        yield
    finally:
        awake.stop()
        signal.signal(signal.SIGINT, before)


def _nothing() -> None:
    """Let Python run for a moment."""
