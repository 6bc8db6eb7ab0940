"""Logging: a rotating file, and standard error when started from a terminal."""

from __future__ import annotations

import faulthandler
import io
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from deeprx_gui.domain.visible_text import visible
from deeprx_gui.paths import Paths

FORMAT = "%(asctime)s %(levelname)-7s [%(threadName)s] %(name)s: %(message)s"
FILE_NAME = "deeprx.log"
CRASH_FILE_NAME = "crash.log"
_BYTES = 2_000_000
_KEPT = 5

_log = logging.getLogger(__name__)
_ours: list[logging.Handler] = []
_crash_files: list[TextIO] = []
_undo: list[Callable[[], None]] = []


class _Lines(logging.Formatter):
    """Whatever names hold, a terminal that shows the log obeys none of it."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


class _Quiet(logging.Handler):
    """Loses a line rather than stop the work it tells of, or print a traceback about it.

    The next line that can be written says how many were lost.
    """

    _lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        if self._lost:
            lost, self._lost = self._lost, 0
            text = "%d lines could not be written here: the disk was full or the file locked"
            super().emit(_log.makeRecord(_log.name, logging.WARNING, "", 0, text, (lost,), None))
            self._lost = lost if self._lost else 0
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - logging's name
        self._lost += 1

    def close(self) -> None:
        with suppress(OSError, ValueError):  # what is still in the buffer of a full disk
            super().close()


class _Console(_Quiet, logging.StreamHandler[TextIO]):
    """Standard error."""


class _PatientFile(_Quiet, RotatingFileHandler):
    """Rotates when it can: on Windows a second program holding the file forbids the renaming."""

    def doRollover(self) -> None:  # noqa: N802 - the name of the base class
        try:
            super().doRollover()
        except OSError:
            # Writing on into a file that is too long beats losing the record.
            if self.stream is None:
                self.stream = self._open()


class _Output(io.TextIOBase):
    """Stands in for a standard stream that is not there: what is printed goes to the log."""

    def __init__(self) -> None:
        super().__init__()
        self._line = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in filter(str.strip, lines):
            _log.info("printed: %s", line.rstrip())
        return len(text)


def catch_output() -> None:
    """Give a program without a console standard streams that end in the log."""
    if sys.stdout is None:
        sys.stdout = _Output()
    if sys.stderr is None:
        sys.stderr = _Output()


def setup(paths: Paths, *, verbose: bool = False, quiet: bool = False) -> Path | None:
    """Start logging to ``paths.logs`` and standard error, and log what nobody caught.

    Standard error gets warnings, everything when ``verbose``, nothing when ``quiet`` (the command
    line tells in sentences). Returns the log file, ``None`` when the folder cannot be written: the
    program then runs without one. May be called again.
    """
    close()
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    spoken = sys.stderr is not None and not isinstance(sys.stderr, _Output)
    if spoken and (verbose or not quiet):  # neither in a program without a console
        console = _Console(sys.stderr)
        console.setLevel(logging.DEBUG if verbose else logging.WARNING)
        _add(console)
    file = _start_file(paths.logs)
    _hook_uncaught()
    return file


def close() -> None:
    """Stop logging and give the files back."""
    root = logging.getLogger()
    for handler in _ours:
        root.removeHandler(handler)
        handler.close()
    _ours.clear()
    if _crash_files:
        faulthandler.disable()
    for stream in _crash_files:
        with suppress(OSError):
            stream.close()
    _crash_files.clear()
    for undo in _undo:
        undo()
    _undo.clear()


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(_Lines(FORMAT))
    logging.getLogger().addHandler(handler)
    _ours.append(handler)


def _start_file(folder: Path) -> Path | None:
    file = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (FILE_NAME, CRASH_FILE_NAME):
            if (folder / name).exists() and not (folder / name).is_file():
                raise FileExistsError(f"{name} is no file")  # a pipe would wait
        _add(_PatientFile(file, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8"))
        crash = (folder / CRASH_FILE_NAME).open("a", encoding="utf-8")
    except OSError as error:
        _log.warning("no log file, %s cannot be written: %s", folder, error)
        return None
    _crash_files.append(crash)
    faulthandler.enable(crash)  # a crash inside Qt or a driver leaves at least a traceback
    return file


def _hook_uncaught() -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook

    def undo() -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before
        logging.captureWarnings(capture=False)

    _undo.append(undo)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


# The hooks run in the thread that failed. They must not touch widgets: building a message box
# there crashes the program. ui/uncaught_errors.py turns the log record into a message on the main
# thread.


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("uncaught %s", kind.__name__, exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else "?"
    trace = (args.exc_type, args.exc_value, args.exc_traceback)
    _log.critical("uncaught %s in thread %s", args.exc_type.__name__, name, exc_info=trace)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    error = args.exc_value
    trace = (args.exc_type, error, args.exc_traceback) if error is not None else None
    _log.error("%s: %r", args.err_msg or "exception ignored in", args.object, exc_info=trace)
