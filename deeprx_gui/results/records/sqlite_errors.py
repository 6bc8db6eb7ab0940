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


_SHARED_MEMORY = frozenset(
    {sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP}
)
"""SQLite shares an index of the write-ahead log in a file beside; there is no room for it."""


class DiskFullError(StorageError):
    """There is no room for what was to be written, be it only what SQLite needs for reading."""


def is_full(error: sqlite3.Error) -> bool:
    """Say whether there is no room on the disk."""
    extended = getattr(error, "sqlite_errorcode", None)
    return _code(error) == sqlite3.SQLITE_FULL or extended in _SHARED_MEMORY


def needs_a_writable_folder(error: sqlite3.Error) -> bool:
    """Say whether SQLite could not make what it needs beside the file, though only to read."""
    refused = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
    return _code(error) in refused or is_full(error)


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
        kind = DiskFullError if is_full(error) else StorageError
        raise kind(sentence(error, file)) from error


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Raise StorageError instead of what the system raises about a ``file`` that is only read."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageError(_unreadable(file, reason)) from error


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
    if is_full(error):
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
    return _unreadable(file, str(error))


def _unreadable(file: Path, reason: str) -> Message:
    return say(
        "“{file}” could not be read or written ({reason}). Check the disk and its free space, then"
        " try again. What was saved before is untouched.",
        file=file,
        reason=reason,
    )


def _code(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & _PRIMARY if isinstance(code, int) else -1
