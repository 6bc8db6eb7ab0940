"""Letting verdicts go that the central database has: a station's file does not grow for ever.

Nothing is ever deleted from a store: its triggers forbid it. A new file is made beside it, with all
rows that stay and their numbers, checked, and put in the old one's place whole. What went stays
countable: ``pruned_hours`` and ``pruned_scores`` in the new file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import reporting, whole_file
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.forwarding import Row
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.recorded_values import micros
from deeprx_gui.locks import try_hold
from deeprx_gui.results.records import schema, store_file
from deeprx_gui.results.records.forward_rows import DECISIONS, RECORDED_AT, as_uuid, decision_row
from deeprx_gui.results.records.picture_files import (
    FoundPictures,
    delete_pictures,
    find_pictures,
)
from deeprx_gui.results.records.sqlite_errors import as_storage_error
from deeprx_gui.results.records.store import FILE_NAME, LOCK_NAME, PATIENCE_SECONDS
from deeprx_gui.scratch import scratch_folder

_CHUNK: Final = 2000
_COUNTERS: Final = {
    "pruned_hours": ("hours", ("hour", "product", "verdict")),
    "pruned_scores": ("ok_scores", ("hour", "product", "bin")),
}


@dataclass(frozen=True)
class PrunePlan:
    """What would go: ``gone`` of the ``old`` verdicts before the day; the others stay, and why.

    ``unsent`` are not in the centre, ``files_there``: the judged file still lies where it was, and
    would be judged again if it were forgotten. ``last_decision``: the newest the centre was asked
    about; a verdict with a newer one stays when it comes to it. ``pictures``: names of the kept
    pictures of those that would go, by number.
    """

    old: int
    gone: Sequence[int]
    unsent: int
    files_there: int
    bytes: int
    last_decision: int
    pictures: Mapping[int, str] = field(default_factory=dict)

    def kept_pictures(self, folder: Path) -> FoundPictures:
        """Return the pictures in the folder of results that belong to what goes.

        Raises StorageError.
        """
        return find_pictures(
            folder, [self.pictures[number] for number in self.gone if number in self.pictures]
        )


Asked = Callable[[Sequence[Row]], frozenset[str]]
"""Which uids of verdicts, or of decisions, the centre has."""


def plan(
    folder: Path,
    until: datetime,
    *,
    verdicts: Asked,
    decisions: Asked,
    pictures_sent: tuple[int, int] | None = None,
    station: str = "",
) -> Generator[Progress, None, PrunePlan]:
    """Ask the centre for every verdict before a moment. Raises StorageError, CentralError.

    ``pictures_sent``: number of the verdict up to which kept pictures were sent, first of verdicts
    that the ``station`` with this id recorded, then of others; those above are not there yet.
    ``None``: none are to be sent.
    """
    file = folder / FILE_NAME
    note = say("Comparing with the central database")
    yield Progress(0, 1, note)
    gone: list[int] = []
    pictures: dict[int, str] = {}
    unsent = files_there = 0
    with (
        as_storage_error(file),
        closing(store_file.connect_to_read(file, PATIENCE_SECONDS)) as connection,
    ):
        end = micros(until)
        newest = connection.execute("SELECT max(number) FROM records").fetchone()[0] or 0
        old = connection.execute(
            "SELECT count(*) FROM records WHERE at < ? AND number < ?", (end, newest)
        ).fetchone()[0]
        (last_decision,) = connection.execute(
            "SELECT coalesce(max(id), 0) FROM decisions"
        ).fetchone()
        after = seen = 0
        while True:
            rows = connection.execute(
                f"SELECT number, uid, at, item, picture, {RECORDED_AT} FROM records"  # noqa: S608
                " JOIN contexts c ON c.id = context WHERE number > ? AND number < ?"
                " AND at < ? ORDER BY number LIMIT ?",
                (after, newest, end, _CHUNK),
            ).fetchall()
            if not rows:
                break
            after = rows[-1][0]
            there = verdicts([
                {"row": number, "uid": as_uuid(uid), "at": at, "recorded_at": recorded_at}
                for number, uid, at, _, _, recorded_at in rows
            ])  # fmt: skip
            said = _decisions(connection, rows[0][0], after)
            lacking = {number for number, row in said} - _known(said, decisions)
            for number, uid, _at, item, picture, recorded_at in rows:
                other = recorded_at not in {"", station}
                waits = picture and pictures_sent is not None and number > pictures_sent[other]
                if as_uuid(uid) not in there or number in lacking or waits:
                    unsent += 1
                elif item and _may_come_again(item):
                    files_there += 1
                else:
                    gone.append(number)
                    if picture:
                        pictures[number] = picture
            seen += len(rows)
            yield Progress(seen, old, note)
        size = file.stat().st_size
        return PrunePlan(old, gone, unsent, files_there, size, last_decision, pictures)


def _decisions(connection: sqlite3.Connection, first: int, last: int) -> list[tuple[int, Row]]:
    found = connection.execute(DECISIONS + "d.record BETWEEN ? AND ?", (first, last))
    return [(int(str(row["verdict"])), row) for row in map(decision_row, found)]


def _known(said: Sequence[tuple[int, Row]], decisions: Asked) -> set[int]:
    """Return the numbers of verdicts whose decisions are all in the centre."""
    there = decisions([row for _, row in said]) if said else frozenset()
    lacking = {number for number, row in said if row["uid"] not in there}
    return {number for number, _ in said} - lacking


def _may_come_again(item: str) -> bool:
    """Say whether a judged file may still be there: it is, or its folder is out of reach."""
    path = Path(item.split("|", maxsplit=1)[0])
    try:
        return path.exists() or not path.parent.exists()
    except OSError:
        return True


def prune(
    folder: Path, what: PrunePlan, *, pictures: bool = False
) -> Generator[Progress, None, PrunePlan]:
    """Put a file without these verdicts in the place of the old one; return what really went.

    A verdict stays about which somebody decided since the plan was made. ``pictures``: their kept
    pictures go first; where one cannot be deleted, all verdicts stay.

    Raises RequestError while a program records or looks, StorageError when the disk refuses; the
    old file is untouched then.
    """
    file = folder / FILE_NAME
    held = try_hold(folder / LOCK_NAME)
    if held is None:
        raise RequestError(
            say("Deep RX Inspector is open on this data folder. Close it, then try again.")
        )
    with closing(held), scratch_folder(folder, "pruned ") as scratch:
        yield Progress(0, 1, say("Writing the smaller file"))
        _close_log(file)
        with as_storage_error(file):
            what = _undecided(file, what)
            _write(file, scratch / FILE_NAME, what.gone)
        if pictures:
            found = what.kept_pictures(folder)
            for gone in delete_pictures(folder, found):
                yield Progress(gone, found.files, say("Deleting kept pictures"))
        with (
            reporting(file),
            (scratch / FILE_NAME).open("rb") as source,
            whole_file(file) as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
    return what


def _undecided(file: Path, what: PrunePlan) -> PrunePlan:
    """Return the plan without verdicts that were decided about since. Raises sqlite3.Error."""
    with closing(store_file.connect_to_read(file, PATIENCE_SECONDS)) as connection:
        newer = {
            number
            for (number,) in connection.execute(
                "SELECT record FROM decisions WHERE id > ?", (what.last_decision,)
            )
        }
    gone = [number for number in what.gone if number not in newer]
    return replace(what, gone=gone, unsent=what.unsent + len(what.gone) - len(gone))


def _close_log(file: Path) -> None:
    """Bring everything into the file itself, with nobody else looking into it."""
    with closing(sqlite3.connect(file, timeout=PATIENCE_SECONDS)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "wal"
    if mode != "delete" or os.path.lexists(f"{file}-wal"):
        raise RequestError(
            say("Another program looks into the verdicts. Close it, then try again.")
        )


def _write(file: Path, target: Path, gone: Sequence[int]) -> None:
    """Write a store with everything but the verdicts ``gone``. Raises sqlite3.Error."""
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        run = connection.execute
        store_file.build(connection)
        run("ATTACH ? AS old", (f"{file}",))
        run("BEGIN")
        run("CREATE TEMP TABLE gone (number INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO gone VALUES (?)", ((number,) for number in gone))
        for table in ("products", "contexts"):
            run(_copied(table, schema.COLUMNS[table]))
        stay = "WHERE {0} NOT IN (SELECT number FROM gone) ORDER BY 1"
        columns = [c for c in schema.COLUMNS["records"] if c not in {"decided", "decision"}]
        run(_copied("records", columns, stay.format("number")))
        run(_copied("decisions", schema.COLUMNS["decisions"], stay.format("record")))
        run(
            "INSERT INTO pictures_gone SELECT * FROM old.pictures_gone"
            " WHERE picture IN (SELECT picture FROM main.records)"
        )
        for kept, (table, key) in _COUNTERS.items():
            _keep_counts(connection, kept, table, key)
        run("DELETE FROM main.sqlite_sequence")
        run("INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence")
        run("COMMIT")
        _check(connection, len(gone))


def _copied(table: str, columns: Sequence[str], where: str = "") -> str:
    names = ", ".join(columns)
    return f"INSERT INTO main.{table} ({names}) SELECT {names} FROM old.{table} {where}"  # noqa: S608 - our words


def _keep_counts(connection: sqlite3.Connection, kept: str, table: str, key: Sequence[str]) -> None:
    """Keep how many parts went: what the old counters say more than the new ones."""
    run, names = connection.execute, ", ".join(key)
    same = " AND ".join(f"n.{name} = o.{name}" for name in key)
    run(
        f"CREATE TABLE {kept} ({', '.join(f'{name} INTEGER NOT NULL' for name in key)},"
        f" parts INTEGER NOT NULL, PRIMARY KEY ({names})) STRICT, WITHOUT ROWID"
    )
    run(
        f"INSERT INTO {kept} SELECT {', '.join(f'o.{name}' for name in key)},"  # noqa: S608 - our words
        f" o.parts - coalesce(n.parts, 0) FROM old.{table} o"
        f" LEFT JOIN main.{table} n ON {same} WHERE o.parts > coalesce(n.parts, 0)"
    )
    if run("SELECT 1 FROM old.sqlite_master WHERE name = ?", (kept,)).fetchone():
        run(
            f"INSERT INTO {kept} SELECT * FROM old.{kept} WHERE true"  # noqa: S608 - our words
            f" ON CONFLICT ({names}) DO UPDATE SET parts = parts + excluded.parts"
        )


def _check(connection: sqlite3.Connection, gone: int) -> None:
    """Raise StorageError unless the new file holds just what it should."""
    (before,) = connection.execute("SELECT count(*) FROM old.records").fetchone()
    (after,) = connection.execute("SELECT count(*) FROM main.records").fetchone()
    broken = connection.execute("PRAGMA main.foreign_key_check").fetchall()
    (sound,) = connection.execute("PRAGMA main.integrity_check").fetchone()
    if before - after != gone or broken or sound != "ok":
        raise StorageError(
            say(
                "The smaller file of verdicts is not as it should be. Nothing was changed. Send the"
                " file for support."
            )
        )
