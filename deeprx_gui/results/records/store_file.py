"""Opening the store's file: making it, checking it, migrating it, putting a bad one aside."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.atomic import PART
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.results.records import schema
from deeprx_gui.results.records.readers import NothingYet
from deeprx_gui.results.records.sqlite_errors import (
    as_storage_error,
    is_damage,
    needs_a_writable_folder,
)
from deeprx_gui.scratch import scratch_folder

_log = logging.getLogger(__name__)

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside its file; a damaged file goes aside with all of it."""
_PROBES = (
    "SELECT count(*) FROM (SELECT * FROM records ORDER BY number DESC LIMIT 100)",
    "SELECT max(at) FROM records",
    "SELECT max(uid) FROM records",
    "SELECT max(hour) FROM hours",
    "SELECT count(*) FROM (SELECT * FROM decisions ORDER BY id DESC LIMIT 100)",
)


class NotOursError(Exception):
    """The file is damaged, or none that this program made."""


def connect(file: Path, patience: float, *, writes: bool) -> sqlite3.Connection:
    """Open the file; ``patience``: seconds to wait for others. Raises sqlite3.Error.

    Each statement is its own transaction until ``BEGIN``. Without ``writes`` nothing can be
    changed, though the file is opened so that what a killed program left behind can be read.
    """
    return _prepared(file, patience, writes=writes)


def _prepared(file: Path | str, patience: float, *, writes: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        uri=isinstance(file, str) and file.startswith("file:"),
    )
    try:
        connection.text_factory = _text
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        # The writer appends; a large cache would only fill, and look like a leak in a long shift.
        connection.execute(f"PRAGMA cache_size = {-2000 if writes else -16000}")
        if writes:
            # A drive that knows no WAL keeps its journal: slower, and just as durable.
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA journal_size_limit = 67108864").fetchall()
        else:
            connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(file: Path, patience: float) -> sqlite3.Connection:
    """Open the file for reading, also where nothing can be written. Raises sqlite3.Error.

    SQLite needs a file beside a write-ahead log. Where it can make none, a file without such a log
    is read as one that nobody changes, and one with a log is read into memory with it.
    """
    try:
        connection = connect(file, patience, writes=False)
    except sqlite3.OperationalError as error:
        if not (needs_a_writable_folder(error) and file.is_file()):
            raise
    else:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            connection.close()
            if not (needs_a_writable_folder(error) and file.is_file()):
                raise
        else:
            return connection
    log = file.with_name(f"{file.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return _prepared(_uri(file, "immutable=1"), patience, writes=False)
    with scratch_folder(Path(tempfile.gettempdir()), "deeprx ") as folder:
        for source in (file, log):
            shutil.copyfile(source, folder / source.name)
        with closing(sqlite3.connect(folder / file.name)) as copy:
            memory = _prepared(":memory:", patience, writes=False)
            try:
                memory.execute("PRAGMA query_only = OFF")
                copy.backup(memory)
                memory.execute("PRAGMA query_only = ON")
            except BaseException:
                memory.close()
                raise
    return memory


def _uri(file: Path, options: str) -> str:
    return f"{file.absolute().as_uri()}?{options}"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def prepare(file: Path, patience: float) -> Path | None:
    """Make the file ready for writing: made, migrated, or a bad one put aside.

    Returns where the bad one lies now, ``None`` when all was well. Raises StorageError when the
    disk refuses, another program holds the file, or a newer program made it.
    """
    with atomic.reporting(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with as_storage_error(file):
            _make_ready(file, patience)
    except NotOursError as error:
        _log.error("%s: %s", file, error)
        aside = put_aside(file)
        with as_storage_error(file):
            _make_ready(file, patience)
        return aside
    return None


def _make_ready(file: Path, patience: float) -> None:
    try:
        with closing(connect(file, patience, writes=False)) as connection:
            ready = not _is_empty(connection) and not is_older(connection)
            if ready:  # looked at before anything in it could be changed: it may not be ours
                check(connection)
        if not ready:
            with closing(connect(file, patience, writes=True)) as connection:
                if _is_empty(connection):
                    build(connection)
                migrate(connection, file)
                check(connection)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise NotOursError(str(error)) from error
        raise


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables


def is_older(connection: sqlite3.Connection) -> bool:
    """Say whether it is a file of ours that has to be migrated first. Raises sqlite3.Error."""
    ours = _pragma(connection, "application_id") == schema.APPLICATION
    return ours and _version(connection) in schema.MIGRATIONS


def build(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none."""
    _script(connection, schema.CREATE, schema.SCHEMA)


def _script(connection: sqlite3.Connection, sql: str, number: int) -> None:
    connection.executescript(
        f"BEGIN IMMEDIATE; {sql}\n"
        f"PRAGMA application_id = {schema.APPLICATION}; PRAGMA user_version = {number}; COMMIT;"
    )


def connect_or_nothing(file: Path, patience: float) -> sqlite3.Connection:
    """Open the file for reading; an empty store where it is not there, or only just being made."""
    if not file.exists():
        return build_in_memory()
    connection = connect_to_read(file, patience)
    if not _is_empty(connection):
        return connection
    connection.close()
    return build_in_memory()


def build_in_memory() -> sqlite3.Connection:
    """Return an empty store that is only read: there is no file yet."""
    connection = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, factory=NothingYet
    )
    build(connection)
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Look whether the file is ours and readable where it was last written.

    Raises NotOursError, StorageError for a newer file, and sqlite3.Error.
    """
    if _pragma(connection, "application_id") != schema.APPLICATION:
        raise NotOursError("made by another program")
    if _version(connection) != schema.SCHEMA:
        raise NotOursError("no schema number that ever was")
    for table, columns in schema.COLUMNS.items():
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if not found >= set(columns):
            raise NotOursError(f"columns of {table} are missing")
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    if {name for (name,) in triggers} != schema.TRIGGERS:
        raise NotOursError("other triggers than ours")
    for probe in _PROBES:
        connection.execute(probe).fetchall()


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _version(connection: sqlite3.Connection) -> int:
    """Return the schema number. Raises StorageError when a newer program made the file."""
    version = _pragma(connection, "user_version")
    if _pragma(connection, "application_id") == schema.APPLICATION and version > schema.SCHEMA:
        raise StorageError(
            say(
                "The verdicts were saved by a newer version of Deep RX Inspector (format {found},"
                " this one knows {known}). Install that version on this PC, or use another data"
                " folder. Nothing was changed.",
                found=version,
                known=schema.SCHEMA,
            )
        )
    return version


def migrate(
    connection: sqlite3.Connection,
    file: Path,
    *,
    steps: Mapping[int, str] | None = None,
    newest: int | None = None,
) -> None:
    """Bring an older file of ours to the present schema, one step at a time, each whole or not.

    A copy of the file is put aside first. A kill leaves the file as it was or whole in a newer
    schema, and the next call goes on from there. ``steps`` and ``newest`` stand in for the
    product's own.
    """
    steps = schema.MIGRATIONS if steps is None else steps
    newest = schema.SCHEMA if newest is None else newest
    version = _version(connection)
    ours = _pragma(connection, "application_id") == schema.APPLICATION
    if not ours or version >= newest:
        return
    if any(number not in steps for number in range(version, newest)):
        raise NotOursError(f"no way from schema {version}")
    _copy(connection, atomic.free_name(file, f"schema{version}"))
    connection.execute("PRAGMA foreign_keys = OFF")  # a table that others refer to may be replaced
    try:
        for number in range(version, newest):
            _script(connection, steps[number], number + 1)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA foreign_keys = ON")


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    """Write a copy of the file that has its name only once it is whole."""
    stem = copy.stem.partition("-schema")[0]
    for left in copy.parent.glob(f".{stem}-schema*{PART}*"):  # of a program that was killed
        left.unlink(missing_ok=True)
    part = copy.with_name(f".{copy.name}{PART}")
    try:
        with closing(sqlite3.connect(part)) as target:
            connection.backup(target)
        atomic.move_new(part, copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _log.info("before its migration the file was copied to %s", copy)


def put_aside(file: Path) -> Path:
    """Give a bad file and what belongs to it a dated name; return it. Raises StorageError."""
    return atomic.put_aside(file, beside=_BESIDE)
