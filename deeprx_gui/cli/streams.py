"""Standard output and standard error as they are found: pipes, files, old consoles, none at all."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.visible_text import visible

_PLAINER = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "–": "-", "—": "-", "×": "x", "²": "2",
    "→": "->", "·": ".", "≥": ">=", "≤": "<=",
}  # fmt: skip
_HANDLER = "deeprx-plainer"
_STDERR = 2
_GONE = frozenset({errno.EPIPE, errno.EINVAL}) if sys.platform == "win32" else {errno.EPIPE}


class ReaderGoneError(Exception):
    """The reader of standard output has closed the pipe."""


def configure_streams() -> None:
    """Make every sentence printable everywhere.

    Files and pipes get UTF-8 whatever the system's code page, unless PYTHONIOENCODING says
    otherwise. A letter that the console does not know is replaced by a plainer one.
    """
    _fill_closed()
    codecs.register_error(_HANDLER, _plainer)
    chosen = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # absent where a test stands in
        if reconfigure is None:
            continue
        if chosen or stream.isatty():
            reconfigure(errors=_HANDLER)
        else:
            reconfigure(encoding="utf-8", errors=_HANDLER)


def silence_libraries() -> None:
    """Let nothing but this program write to standard error.

    Picture libraries print what they think of a file, in English and without its name; what
    matters of it is a sentence of ours. Nothing happens where standard error is not the process's
    own: in a test, or without a console.
    """
    ours = sys.stderr
    try:
        if not isinstance(ours, io.TextIOWrapper) or ours is not sys.__stderr__:
            return
        if ours.fileno() != _STDERR:
            return
        ours.flush()
        kept = os.dup(_STDERR)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, _STDERR)
        os.close(silent)
    except (OSError, ValueError):
        return
    sys.stderr = open(  # noqa: PTH123, SIM115 - a descriptor, open as long as the program runs
        kept, "w", encoding=ours.encoding, errors=ours.errors, buffering=1
    )


def _fill_closed() -> None:
    """Open the null device where a standard stream was closed by whoever started us.

    Otherwise the next file opened gets its number, and what a library prints goes into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    plain = (_PLAINER.get(c) or c.encode("ascii", "backslashreplace").decode() for c in letters)
    return "".join(plain), error.end


def knows_all_letters(stream: TextIO | None) -> bool:
    """Say whether a stream can print any letter."""
    return (getattr(stream, "encoding", "") or "").lower().startswith("utf")


def can_print(stream: TextIO, text: str) -> bool:
    """Say whether a stream can print these letters as they are."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_answer(text: str) -> None:
    """Write to standard output; nothing happens where there is none.

    Control characters of names and serial numbers become visible: none reaches a terminal.
    Raises ReaderGoneError when the reader has gone, StorageError when the disk refuses.
    """
    if sys.stdout is not None:
        with _answering():
            sys.stdout.write(visible(text))


def flush_answer() -> None:
    """Hand over what was written. Raises as ``write_answer``."""
    if sys.stdout is not None:
        with _answering():
            sys.stdout.flush()


def write_aside(text: str, *, before: str = "", behind: str = "") -> None:
    """Write to standard error, control characters as ``write_answer``; ignored when it is closed.

    ``before`` and ``behind`` are our own and written as they are: the returns of a progress bar.
    """
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{before}{visible(text)}{behind}")
            sys.stderr.flush()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _forget_output()
        if error.errno in _GONE:
            raise ReaderGoneError from error
        raise StorageError(
            say(
                "The answer could not be written ({reason}). Free some space on the disk or write "
                "it to another place.",
                reason=error.strerror or type(error).__name__,
            )
        ) from error


def _forget_output() -> None:
    """Send what is still in the buffer nowhere, or Python complains about it when it ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
