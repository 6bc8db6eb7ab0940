"""Garbage collection in the GUI thread only.

Python collects cyclic garbage in whichever thread happens to allocate. A worker that comes across a
widget nobody needs any more would destroy it there, and Qt crashes: widgets belong to the window's
thread. So automatic collection is off while a window is open, and a timer in its thread does it.
"""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 1000
_BURST = 20_000
"""Objects more than a round before: a library is being imported. Looking through what comes of it
held the window for 80 ms, only to find that all of it stays."""
_LONGEST_WAIT = 10
"""Rounds without a collection, at most."""
_IMPORTED = 5_000
"""Objects; so many in a round in which modules came are those of an import, and stay."""
_left_out: list[bool] = []


class GuiThreadGc(QObject):
    """Collects in the thread it was made in, as often as Python itself would have."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._automatic = False
        self._rounds = [0, 0]
        self._before, self._waited = 0, 0
        self._leaves_out = False
        self._modules = len(sys.modules)
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

    def leave_out_the_start(self) -> None:
        """Let no later round look at what is there now: modules and pages, which stay.

        Once a process: what a second window in it leaves behind is collected.
        """
        if not _left_out:
            _left_out.append(True)
            self._leaves_out = True
            gc.freeze()

    @Slot()
    def check(self) -> None:
        """Collect the youngest objects, and every tenth time those that outlived this.

        While a library is imported, what came with it is left out for good: of torch's 260,000
        objects nearly all stay, and looking through them held the window for over 100 ms.
        """
        young, *older = gc.get_threshold()
        count = gc.get_count()[0]
        imports = len(sys.modules) > self._modules
        self._modules = len(sys.modules)
        if count < young:
            return
        if imports and self._leaves_out and count > _IMPORTED:
            gc.freeze()
            self._before = 0
            return
        burst = count - self._before > _BURST
        self._before = count
        if burst and self._waited < _LONGEST_WAIT:
            self._waited += 1
            return
        self._waited = 0
        generation = 0
        for place, often in enumerate(older):
            self._rounds[place] += 1
            if self._rounds[place] < often:
                break
            self._rounds[place] = 0
            generation = place + 1
        gc.collect(generation)
        self._before = 0
