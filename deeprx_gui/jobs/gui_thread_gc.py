"""Garbage collection in the GUI thread only.

Python collects cyclic garbage in whichever thread happens to allocate. A worker that comes across a
widget nobody needs any more would destroy it there, and Qt crashes: widgets belong to the window's
thread. So automatic collection is off while a window is open, and a timer in its thread does it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 1000


class GuiThreadGc(QObject):
    """Collects in the thread it was made in, as often as Python itself would have."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._automatic = False
        self._rounds = [0, 0]
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.check)

    def start(self) -> None:
        """Disable automatic collection and start the timer."""
        self._automatic = gc.isenabled()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Give back to the automatic collection, if it was on."""
        self._timer.stop()
        if self._automatic:
            gc.enable()

    @Slot()
    def check(self) -> None:
        """Collect the youngest objects, and every tenth time those that outlived this."""
        young, *older = gc.get_threshold()
        if gc.get_count()[0] < young:
            return
        generation = 0
        for place, often in enumerate(older):
            self._rounds[place] += 1
            if self._rounds[place] < often:
                break
            self._rounds[place] = 0
            generation = place + 1
        gc.collect(generation)
