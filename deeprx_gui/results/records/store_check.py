"""Checking the whole store: the file itself, its counters, and every kept picture."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.progress import Progress
from deeprx_gui.results.records.picture_mark import PictureMark, named_pictures
from deeprx_gui.results.records.store import RecordStore

MOST_MISSING: Final = 1000
"""So many missing pictures are named; all are counted."""
_GRACE: Final = timedelta(minutes=1)
"""A picture is written after its verdict: younger ones may still be waiting for the disk."""
_CHUNK: Final = 5000


@dataclass(frozen=True)
class MissingPicture:
    """A picture that is named in a record and is not there."""

    number: int
    picture: str


@dataclass(frozen=True)
class StoreCheck:
    """What was found. ``problems``: what is wrong with the file; none when it is sound.

    ``pictures``: how many are there. ``missing`` names the first of ``missing_count``.
    ``unwritten``: those that a killed program did not come to write, or that wait to be written
    just now; their verdicts are there, so nothing is wrong.
    """

    verdicts: int
    pictures: int
    problems: tuple[Message, ...]
    missing: tuple[MissingPicture, ...]
    missing_count: int
    unwritten: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong and nothing is missing."""
        return not self.problems and not self.missing_count


def check_store(store: RecordStore) -> Generator[Progress, None, StoreCheck]:
    """Read every byte of the file and look for every kept picture. Raises StorageError."""
    yield Progress(0, 1, say("Checking the file of verdicts"))
    with store.reading() as connection:
        connection.execute("BEGIN")  # one moment for all questions, whatever is added meanwhile
        try:
            problems = _integrity(connection) or _counters(connection)
            (verdicts,) = connection.execute("SELECT count(*) FROM records").fetchone()
        finally:
            connection.execute("ROLLBACK")
    if problems:
        return StoreCheck(verdicts, 0, tuple(problems), (), 0)
    there, missing, missing_count, last = 0, list[MissingPicture](), 0, 0
    newest, unwritten = store.newest(), 0
    mark = PictureMark(store.folder).read()
    settled = newest if mark is None else mark
    until = datetime.now(UTC) - _GRACE
    while chunk := _named(store, last, until):
        for number, picture in chunk:
            if (store.folder / picture).is_file():
                there += 1
            elif number > settled:
                unwritten += 1
            else:
                missing_count += 1
                if missing_count <= MOST_MISSING:
                    missing.append(MissingPicture(number, picture))
        last = chunk[-1][0]
        yield Progress(last, max(last, newest), say("Looking for the kept pictures"))
    return StoreCheck(verdicts, there, (), tuple(missing), missing_count, unwritten)


def _integrity(connection: sqlite3.Connection) -> list[Message]:
    lines = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)")]
    found = [
        say(
            "The file is damaged ({reason}). Close every Deep RX Inspector, copy the folder, and"
            " send the copy to support.",
            reason=line,
        )
        for line in lines
        if line != "ok"
    ]
    loose = connection.execute("PRAGMA foreign_key_check").fetchall()
    if loose:
        found.append(
            say_n(
                "{n} entry refers to one that is lost. Send a copy of the folder to support.",
                "{n} entries refer to some that are lost. Send a copy of the folder to support.",
                n=len(loose),
            )
        )
    return found


def _counters(connection: sqlite3.Connection) -> list[Message]:
    """Compare the counters per hour with the rows."""
    differing = connection.execute(
        "SELECT count(*) FROM (SELECT hour, product, verdict, parts, first, last FROM hours EXCEPT"
        " SELECT at / 3600000000, product, verdict, count(*), min(number), max(number)"
        " FROM records GROUP BY 1, 2, 3)"
    ).fetchone()[0]
    counted, there = connection.execute(
        "SELECT (SELECT coalesce(sum(parts), 0) FROM hours), (SELECT count(*) FROM records)"
    ).fetchone()
    if not differing and counted == there:
        return []
    return [
        say(
            "The counters per hour do not fit the verdicts ({counted} counted, {there} there). Send"
            " a copy of the folder to support.",
            counted=counted,
            there=there,
        )
    ]


def _named(store: RecordStore, after: int, until: datetime) -> list[tuple[int, str]]:
    with store.reading() as connection:
        return named_pictures(connection, after, until=until, count=_CHUNK)
