"""KeyGate: whether the next key follows as closely as only a barcode scanner types."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

COMMAND_MS: Final = 80
"""A scanner's next key comes within about 30 ms; a person's does not."""
TEXT_MS: Final = 50
"""In a field people type faster than they press commands, but not twenty keys a second."""


class KeyGate(QObject):
    """Open from a key until ``milliseconds`` have passed without another; then ``closed``.

    No clock is compared: while the window is busy keys wait, and then come all at once. A gate that
    closes late because of that stays open once more for as long, so that what waits comes first.
    """

    closed = Signal()
    pace = 1.0
    """Factor on every gate's time; 0: none ever opens, as for a person who takes their time."""

    def __init__(self, milliseconds: int, parent: QObject) -> None:
        super().__init__(parent)
        self._milliseconds = milliseconds
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._ran_out)

    @property
    def is_open(self) -> bool:
        """Whether a key that comes now belongs to the one before."""
        return self._timer.isActive()

    def open(self) -> bool:
        """Open it, or keep it open; return whether it is."""
        span = round(self._milliseconds * KeyGate.pace)
        if span > 0:
            self._since.start()
            self._timer.start(span)
        return span > 0

    def run_out(self) -> None:
        """Let its time be over now."""
        if self.is_open:
            self._timer.stop()
            self.closed.emit()

    def shut(self) -> None:
        """Close it without a word."""
        self._timer.stop()

    @Slot()
    def _ran_out(self) -> None:
        span = self._timer.interval()
        late = self._since.elapsed() > 2 * span
        if late:
            self._since.start()
            self._timer.start(span)
        else:
            self.closed.emit()
