"""Throttle: run only the newest of many requests, at most once per display frame."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Slot


class Throttle(QObject):
    """Runs the first request at once and then the newest one every ``milliseconds``.

    A touch panel reports a drag several hundred times a second; what nobody can see is left out,
    and the last request is never lost.
    """

    def __init__(self, milliseconds: int = 16, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._tick)

    @property
    def active(self) -> bool:
        """Whether a request came so lately that the next one would wait."""
        return self._timer.isActive()

    def ask(self, request: Callable[[], None]) -> None:
        """Run ``request`` now or at the next turn, unless a newer one comes first."""
        if self._timer.isActive():
            self._waiting = request
            return
        self._timer.start()
        request()

    def flush(self) -> None:
        """Run the pending request immediately, for example at the end of a drag."""
        self._timer.stop()
        self._run()

    @Slot()
    def _tick(self) -> None:
        if self._waiting is None:
            self._timer.stop()
        self._run()

    def _run(self) -> None:
        request, self._waiting = self._waiting, None
        if request is not None:
            request()
