"""What must not hold the window together with what is handled now: a turn of the loop later."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def in_next_turn(receiver: QObject, call: Callable[[], object]) -> None:
    """Call in a later turn of the event loop, unless ``receiver`` is gone by then.

    Clicks and paints come through before. With ``QTimer.singleShot(0, …)`` they need not: Qt posts
    such a call as an event, and a loop handles events, newly posted ones too, until none is left.
    """
    QTimer.singleShot(1, receiver, call)
