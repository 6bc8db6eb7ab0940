"""What shadow mode found, in a file of its own: trials of candidates, and parts they differ about.

One SQLite file for all products of a data folder. Every part is one transaction, so that a killed
program loses nothing that was counted. It never grows without end: of each trial the latest
pictures are kept, and of each product the latest trials; counts are never thinned.
"""

from __future__ import annotations

import logging
import math
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deeprx_gui import atomic
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.domain.shadow import Pair, ShadowPart, ShadowTrial, Side, TrialState
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.sqlite_errors import as_storage_error, is_damage
from deeprx_gui.results.records.store_file import connect, put_aside

FILE_NAME: Final = "shadow.sqlite"
MOST_PICTURES: Final = 500
MOST_PARTS: Final = 5000
MOST_TRIALS: Final = 20
"""Pictures and parts kept of a trial, and ended trials kept of a product."""
_VERSION: Final = 1
_PATIENCE: Final = 5.0

_CREATE: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE trials (
  number INTEGER PRIMARY KEY AUTOINCREMENT, profile_id TEXT NOT NULL, profile TEXT NOT NULL,
  candidate INTEGER NOT NULL, state TEXT NOT NULL, begun TEXT NOT NULL, who TEXT NOT NULL,
  why TEXT NOT NULL, ended TEXT, ended_by TEXT NOT NULL DEFAULT '',
  ended_why TEXT NOT NULL DEFAULT '', skipped INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX one_at_a_time ON trials (profile_id) WHERE state = 'running';
CREATE TABLE pairs (
  trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE, live_revision INTEGER NOT NULL,
  live TEXT NOT NULL, candidate TEXT NOT NULL, parts INTEGER NOT NULL,
  PRIMARY KEY (trial, live_revision, live, candidate)
) WITHOUT ROWID;
CREATE TABLE parts (
  id INTEGER PRIMARY KEY, trial INTEGER NOT NULL REFERENCES trials ON DELETE CASCADE,
  uid TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, serial TEXT NOT NULL,
  source TEXT NOT NULL, live_revision INTEGER NOT NULL, live TEXT NOT NULL, live_times REAL,
  candidate TEXT NOT NULL, candidate_times REAL, milliseconds REAL NOT NULL, picture BLOB
);
CREATE INDEX parts_of_trial ON parts (trial, id);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_TRIAL: Final = (
    "number, profile_id, profile, candidate, state, begun, who, why, ended, ended_by, ended_why, "
    "skipped"
)
_PART: Final = (
    "uid, number, at, serial, source, live_revision, live, live_times, candidate, "
    "candidate_times, milliseconds"
)
_ADD_PART: Final = (
    f"INSERT INTO parts (trial, {_PART}, picture)"  # noqa: S608 - columns of ours
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_READ_PARTS: Final = f"SELECT {_PART}, picture FROM parts WHERE trial = ? ORDER BY id DESC"  # noqa: S608 - ours
_BY_VALUE: Final = {verdict.value: verdict for verdict in VERDICTS}

_log = logging.getLogger(__name__)


class ShadowLog:
    """The trials of one data folder; every method may be called from any thread.

    Nothing is made on disk before the first trial begins. All methods raise StorageError.
    """

    def __init__(self, folder: Path) -> None:
        """``folder``: where ``FILE_NAME`` lies or will lie."""
        self.file = folder / FILE_NAME
        self.notice: Message | None = None
        """What is to be said about the file: it was damaged, and where it lies now."""
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    # -- trials ---------------------------------------------------------------------------------

    def begin(
        self, profile_id: str, profile: str, candidate: int, *, who: str, why: str = ""
    ) -> ShadowTrial:
        """Begin a trial, or go on with the one of this candidate that runs.

        Raises RequestError while another candidate of the product is on trial.
        """
        with self._writing() as connection:
            running = self._running(connection, profile_id)
            if running is not None and running.candidate == candidate:
                return running
            if running is not None:
                raise RequestError(
                    say(
                        "{other} of “{name}” is on trial already. Put it in use, drop it or stop "
                        "its trial first.",
                        other=f"r{running.candidate:04d}",
                        name=profile,
                    )
                )
            cursor = connection.execute(
                "INSERT INTO trials (profile_id, profile, candidate, state, begun, who, why)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (profile_id, profile, candidate, TrialState.RUNNING, _now(), who, why),
            )
            self._thin_trials(connection, profile_id)
            (trial,) = self._trials(connection, "number = ?", (cursor.lastrowid,))
        return trial

    def end(self, number: int, state: TrialState, *, who: str, why: str = "") -> ShadowTrial:
        """Note how a running trial ended. Raises RequestError when it does not run any more."""
        with self._writing() as connection:
            done = connection.execute(
                "UPDATE trials SET state = ?, ended = ?, ended_by = ?, ended_why = ?"
                " WHERE number = ? AND state = 'running'",
                (state, _now(), who, why, number),
            )
            if not done.rowcount:
                raise RequestError(say("This trial has ended already. Look at the list again."))
            (trial,) = self._trials(connection, "number = ?", (number,))
        return trial

    def running(self, profile_id: str) -> ShadowTrial | None:
        """Return the trial of a product that runs, ``None`` when there is none."""
        with self._reading() as connection:
            return None if connection is None else self._running(connection, profile_id)

    def trials(self, profile_id: str) -> tuple[ShadowTrial, ...]:
        """Return the trials of a product, the latest first."""
        with self._reading() as connection:
            if connection is None:
                return ()
            return self._trials(connection, "profile_id = ?", (profile_id,))

    # -- parts ----------------------------------------------------------------------------------

    def add(self, number: int, part: ShadowPart) -> None:
        """Count a part that both judged; keep it when they differ about it."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO pairs VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET"
                " parts = parts + 1",
                (number, part.live_revision, part.live.value, part.candidate.value),
            )
            if part.side is None:
                return
            connection.execute(
                _ADD_PART,
                (number, *_part_row(part), part.picture or None),
            )
            self._thin_parts(connection, number)

    def skip(self, number: int, parts: int) -> None:
        """Count parts that the candidate was too slow for."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE trials SET skipped = skipped + ? WHERE number = ?", (parts, number)
            )

    def differing(
        self, number: int, side: Side | None = None, *, most: int = 200
    ) -> tuple[ShadowPart, ...]:
        """Return parts the two differ about, the latest first; ``side``: only such."""
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(_READ_PARTS, (number,))
            found: list[ShadowPart] = []
            for row in rows:
                part = _part(row)
                if side is None or part.side is side:
                    found.append(part)
                if len(found) == most:
                    break
            return tuple(found)

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # -- inside ---------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        with self._lock:
            if self._connection is None and not self.file.is_file():
                yield None
                return
            with as_storage_error(self.file):
                yield self._opened()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, whole or not at all."""
        with self._lock:
            with atomic.reporting(self.file):
                self.file.parent.mkdir(parents=True, exist_ok=True)
            with as_storage_error(self.file):
                connection = self._opened()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _open(self.file)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                _log.error("%s is damaged: %s", self.file, error)
                aside = put_aside(self.file)
                self.notice = say(
                    "The file with the trials of shadow mode was damaged. It lies in {file} now, "
                    "and a new one was begun. No verdict is affected.",
                    file=aside,
                )
                self._connection = _open(self.file)
        return self._connection

    def _running(self, connection: sqlite3.Connection, profile_id: str) -> ShadowTrial | None:
        found = self._trials(connection, "profile_id = ? AND state = 'running'", (profile_id,))
        return found[0] if found else None

    def _trials(
        self, connection: sqlite3.Connection, where: str, values: Sequence[object]
    ) -> tuple[ShadowTrial, ...]:
        rows = connection.execute(
            f"SELECT {_TRIAL} FROM trials WHERE {where} ORDER BY number DESC",  # noqa: S608 - ours
            values,
        ).fetchall()
        return tuple(_trial(connection, row) for row in rows)

    def _thin_parts(self, connection: sqlite3.Connection, number: int) -> None:
        for most, change in (
            (MOST_PICTURES, "UPDATE parts SET picture = NULL WHERE trial = ? AND id <= ?"),
            (MOST_PARTS, "DELETE FROM parts WHERE trial = ? AND id <= ?"),
        ):
            oldest = connection.execute(
                "SELECT id FROM parts WHERE trial = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
                (number, most),
            ).fetchone()
            if oldest is not None:
                connection.execute(change, (number, *oldest))

    def _thin_trials(self, connection: sqlite3.Connection, profile_id: str) -> None:
        connection.execute(
            "DELETE FROM trials WHERE state != 'running' AND number IN (SELECT number FROM trials"
            " WHERE profile_id = ? ORDER BY number DESC LIMIT -1 OFFSET ?)",
            (profile_id, MOST_TRIALS),
        )


def _open(file: Path) -> sqlite3.Connection:
    connection = connect(file, _PATIENCE, writes=True)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise StorageError(
                say(
                    "The trials of shadow mode were saved by a newer version of Deep RX Inspector. "
                    "Install that version on this PC, or use another data folder."
                )
            )
        if not version:
            _make(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another program did that just now."""
    try:
        connection.executescript(_CREATE)
    except sqlite3.OperationalError:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if not version:
            raise


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _part_row(part: ShadowPart) -> tuple[object, ...]:
    return (
        part.uid,
        part.number,
        part.when.astimezone(UTC).isoformat(),
        part.serial,
        part.source,
        part.live_revision,
        part.live.value,
        _number(part.live_times),
        part.candidate.value,
        _number(part.candidate_times),
        part.milliseconds,
    )


def _part(row: Sequence[object]) -> ShadowPart:
    uid, number, at, serial, source, revision, live, live_times, candidate, times, ms, jpeg = row
    assert isinstance(number, int)
    assert isinstance(revision, int)
    return ShadowPart(
        str(uid),
        number,
        saved_time(str(at)),
        str(serial),
        str(source),
        revision,
        _BY_VALUE[str(live)],
        _times(live_times),
        _BY_VALUE[str(candidate)],
        _times(times),
        _times(ms),
        bytes(jpeg) if isinstance(jpeg, bytes) else b"",
    )


def _times(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _trial(connection: sqlite3.Connection, row: Sequence[object]) -> ShadowTrial:
    number, profile_id, profile, candidate, state, begun, who, why = row[:8]
    ended, by, ended_why, skipped = row[8:]
    assert isinstance(number, int)
    assert isinstance(candidate, int)
    assert isinstance(skipped, int)
    pairs: dict[Pair, int] = {}
    revisions: set[int] = set()
    for revision, live, other, parts in connection.execute(
        "SELECT live_revision, live, candidate, parts FROM pairs WHERE trial = ?", (number,)
    ):
        pair = _BY_VALUE[live], _BY_VALUE[other]
        pairs[pair] = pairs.get(pair, 0) + parts
        revisions.add(revision)
    return ShadowTrial(
        number,
        str(profile_id),
        str(profile),
        candidate,
        TrialState(str(state)),
        saved_time(str(begun)),
        str(who),
        str(why),
        None if ended is None else saved_time(str(ended)),
        str(by),
        str(ended_why),
        skipped,
        pairs,
        tuple(sorted(revisions)),
    )
