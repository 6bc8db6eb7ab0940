"""What SQLite complains of, as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import Message, say

_PRIMARY = 0xFF
"""Extended error codes carry the primary one in their lowest byte."""


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether the file itself is not what it should be."""
    return _code(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def damage(text: str) -> sqlite3.DatabaseError:
    """Return the error for a file whose contents make no sense."""
    error = sqlite3.DatabaseError(text)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether another program held the file for too long."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextmanager
def as_storage_error(file: Path) -> Iterator[None]:
    """Raise StorageError instead of what SQLite raises about ``file``."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(sentence(error, file)) from error


def sentence(error: sqlite3.Error, file: Path) -> Message:
    """Return what happened and what to do."""
    code = _code(error)
    if is_damage(error):
        return say(
            "The verdicts in “{file}” cannot be read: the file is damaged. Nothing was deleted."
            " Close every Deep RX Inspector and start it again: it puts the file aside and begins"
            " a new one.",
            file=file,
        )
    if is_busy(error):
        return say(
            "Another program has locked the verdicts in “{file}”. Close it (a backup, a virus"
            " scanner or a database viewer), then try again.",
            file=file,
        )
    if code == sqlite3.SQLITE_FULL:
        return say(
            "The disk is full: the verdict could not be written to “{folder}”. Free some space;"
            " nothing that was saved before is lost.",
            folder=file.parent,
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}:
        return say(
            "The verdicts in “{file}” cannot be opened for writing. Ask whoever looks after this PC"
            " for the right to write there, or use another data folder.",
            file=file,
        )
    return say(
        "“{file}” could not be read or written ({reason}). Check the disk and its free space, then"
        " try again. What was saved before is untouched.",
        file=file,
        reason=str(error),
    )


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else -1
