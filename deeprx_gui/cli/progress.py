"""Running a job with its progress on standard error."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from deeprx_gui.cli.display_width import display_width, shorten_to_width
from deeprx_gui.cli.output import print_note
from deeprx_gui.cli.streams import can_print, write_aside
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.visible_text import one_line
from deeprx_gui.domain.words import time_left
from deeprx_gui.i18n import render

Result = TypeVar("Result")
_BAR_CELLS = 28
_COLUMNS = 80
_REDRAW_SECONDS = 0.1
_LINE_SECONDS = 10.0


def drive(
    job: Generator[Progress, None, Result], each: Callable[[object], None] | None = None
) -> Result:
    """Run a job to its end with a progress line on standard error; return its result.

    ``each`` gets every item the job hands out. On a terminal a bar is redrawn, elsewhere a line
    appears every few seconds. Ctrl-C closes the job and raises KeyboardInterrupt.
    """
    line = _BarLine() if sys.stderr is not None and sys.stderr.isatty() else _PlainLine()
    try:
        while True:
            try:
                progress = next(job)
            except StopIteration as stop:
                result: Result = stop.value
                return result
            line.show(progress)
            if each is not None and progress.item is not None:
                each(progress.item)
    finally:
        line.end()
        job.close()


def _words(progress: Progress) -> str:
    """Return "Scoring 12 % about 9 s left"; a job of one step needs no share.

    A share, because a fit counts more steps than there are images.
    """
    share = f"{100 * progress.done // progress.total} %" if progress.total > 1 else ""
    left, seconds = "", progress.seconds_left
    if seconds is not None and progress.done < progress.total:
        left = render(time_left(seconds, step=1))
    return " ".join(filter(None, (render(progress.note), share, left)))


class _PlainLine:
    """For files and pipes: a line for each new phase, and one every few seconds."""

    def __init__(self) -> None:
        self._note: Message | None = None
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        new_phase = self._note is None or progress.note.template != self._note.template
        if new_phase or now - self._last > _LINE_SECONDS:
            self._note, self._last = progress.note, now
            print_note(_words(progress))

    def end(self) -> None:
        """Nothing to clear."""


class _BarLine:
    """For terminals: one line, redrawn in place without any control sequence but a return."""

    def __init__(self) -> None:
        self._drawn = 0.0
        self._width = 0
        self._full, self._empty = "█·" if can_print(sys.stderr, "█·") else "#."

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._drawn < _REDRAW_SECONDS and progress.done < progress.total:
            return
        self._drawn = now
        filled = round(_BAR_CELLS * min(1.0, progress.done / max(1, progress.total)))
        bar = self._full * filled + self._empty * (_BAR_CELLS - filled)
        self._write(shorten_to_width(f"{bar} {_words(progress)}", _columns() - 1))

    def end(self) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        width = display_width(text)
        if self._width or width:
            # What was longer before is painted over; a line that wraps could not be.
            blank = " " * max(0, self._width - width)
            write_aside(f"{one_line(text)}{blank}", before="\r", behind="" if text else "\r")
        self._width = width


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS
