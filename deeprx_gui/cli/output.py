"""Standard output carries the answer, standard error everything else."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.progress import Progress
from deeprx_gui.i18n import render, tr

Result = TypeVar("Result")
_WIDTH = 28
_REDRAW_SECONDS = 0.1
_LINE_SECONDS = 10.0


def configure_streams() -> None:
    """Write UTF-8 into files and pipes whatever the system's code page; never fail on a letter."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if stream.isatty():
            reconfigure(errors="backslashreplace")
        else:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(answer: object) -> None:
    """Print one JSON object and nothing else."""
    json.dump(answer, sys.stdout, ensure_ascii=False, allow_nan=False, indent=1)
    sys.stdout.write("\n")


def note(text: str) -> None:
    """Tell the person something beside the answer."""
    sys.stderr.write(text + "\n")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns aligned, wide (Japanese) letters counted as two."""
    widths = [max(map(_cells, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        padded = [cell + " " * (w - _cells(cell)) for cell, w in zip(row, widths, strict=True)]
        print("  ".join(padded).rstrip())


def _cells(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def drive(
    job: Generator[Progress, None, Result], each: Callable[[object], None] | None = None
) -> Result:
    """Run a job to its end with a progress line on standard error; return its result.

    ``each`` gets every item the job hands out. On a terminal a bar is redrawn, elsewhere a line
    appears every few seconds. Ctrl-C closes the job and raises KeyboardInterrupt.
    """
    line = _BarLine() if sys.stderr.isatty() else _PlainLine()
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
        job.close()
        line.end()


def time_left(seconds: float | None) -> str:
    """Return "about 12 s left" or nothing."""
    if seconds is None:
        return ""
    if seconds < 90:
        return tr("about {seconds} s left", seconds=max(1, round(seconds)))
    return tr("about {minutes} min left", minutes=round(seconds / 60))


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
            left = time_left(progress.seconds_left)
            note(f"{render(progress.note)} {progress.done}/{progress.total} {left}".rstrip())

    def end(self) -> None:
        """Nothing to clear."""


class _BarLine:
    """For terminals: one line, redrawn in place."""

    def __init__(self) -> None:
        self._drawn = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._drawn < _REDRAW_SECONDS and progress.done < progress.total:
            return
        self._drawn = now
        filled = round(_WIDTH * progress.done / max(1, progress.total))
        bar = "█" * filled + "·" * (_WIDTH - filled)
        left = time_left(progress.seconds_left)
        text = f"{bar} {progress.done}/{progress.total} {render(progress.note)} {left}"
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()

    def end(self) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
