"""Lines on standard input as presses of a key: the text of a line is the serial number."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deeprx_gui.work.controls import LiveControls

_PAUSE = 0.02


@contextmanager
def key_lines(controls: LiveControls, *, wanted: bool) -> Iterator[None]:
    """Press the key for every line while this lasts."""
    lines = _KeyLines(controls)
    if wanted and sys.stdin is not None:
        threading.Thread(target=lines.read, name="keys", daemon=True).start()
    try:
        yield
    finally:
        lines.over.set()


class _KeyLines:
    """A line that comes alone is a press of its moment.

    Those that pile up, because the source was not open yet or because they came in one piece, are
    a list to work off: each is pressed when the one before it has its verdict.
    """

    def __init__(self, controls: LiveControls) -> None:
        self.over = threading.Event()
        self._controls = controls
        self._behind = True  # until the source is open

    def read(self) -> None:
        """Read until the input ends; the thread."""
        rest = b""
        # not sys.stdin: a thread that waits in its buffer would break the end of the program
        while not self.over.is_set() and (got := os.read(0, 4096)):
            *lines, rest = (rest + got).split(b"\n")
            piled_up, self._behind = self._behind or len(lines) > 1, False
            for line in lines:
                self._press(line.decode("utf-8", "replace").strip(), piled_up=piled_up)

    def _press(self, serial: str, *, piled_up: bool) -> None:
        if not piled_up:
            self._controls.fire(serial, "key")
            return
        while not self._is_free() and not self.over.wait(_PAUSE):
            self._behind = True  # what comes meanwhile has to wait as well
        self._controls.fire(serial)

    def _is_free(self) -> bool:
        status = self._controls.status()
        return status.ready and not status.busy
