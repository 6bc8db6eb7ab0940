"""The station's verdicts and decisions as rows for the central database, read without a lock."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from deeprx_gui.domain.forwarding import Row, VerdictBatch
from deeprx_gui.domain.recorded_values import clean
from deeprx_gui.domain.verdict_fields import Kept
from deeprx_gui.results.records import schema, store_file
from deeprx_gui.results.records.sqlite_errors import as_storage_error, reading

FILE_NAME: Final = "records.sqlite"
_PATIENCE: Final = 5.0
_UID: Final = re.compile(r"[0-9a-f]{32}")
_OURS: Final = uuid.UUID("6f0f3d0e-6c0a-4b8e-9a51-44525849c0de")
_PARTS: Final = schema.names(Kept.PART)
_CONTEXTS: Final = schema.names(Kept.CONTEXT)
RECORDED_AT: Final = (
    "coalesce(nullif(c.station_id, ''),"
    " (SELECT station_id FROM contexts WHERE station_id <> '' ORDER BY id LIMIT 1), '')"
)
"""Id of the station that recorded a verdict of context ``c``; older rows know none, and belong to
the first that is known."""
_VERDICTS: Final = (
    f"SELECT number, context, {', '.join(_PARTS)} FROM records"  # noqa: S608 - our words
    " WHERE number > ? AND number <= ? ORDER BY number LIMIT ?"
)
_CONTEXT: Final = (
    f"SELECT p.profile_id, {RECORDED_AT}, {', '.join(f'c.{name}' for name in _CONTEXTS)}"  # noqa: S608 - our words
    " FROM contexts c JOIN products p ON p.id = c.product WHERE c.id = ?"
)
DECISIONS: Final = (
    "SELECT d.id, r.uid, r.at, d.decision, d.who, d.at, d.note, r.number,"  # noqa: S608 - our words
    f" {RECORDED_AT} FROM decisions d JOIN records r ON r.number = d.record"
    " JOIN contexts c ON c.id = r.context WHERE "
)
"""What ``decision_row`` takes; the condition is missing."""
_LAST: Final = (1 << 63) - 1
_MOST_CONTEXTS: Final = 5000


def as_uuid(uid: str) -> str:
    """Return a verdict's identifier as 32 hexadecimal digits, also where it was no such number."""
    return uid if _UID.fullmatch(uid) else uuid.uuid5(_OURS, clean(uid)).hex


def decision_row(row: Sequence[Any]) -> Row:
    """Return a decision as the centre keeps it; it has an identifier of its own there.

    ``row``: number, identifier and time of the verdict, decision, who, when, note, number of the
    verdict and the station that recorded it.
    """
    number, uid, verdict_at, decision, who, at, note, verdict, recorded_at = row
    return {
        "uid": uuid.uuid5(_OURS, f"{uid}:{number}:{at}").hex,
        "verdict_uid": as_uuid(uid),
        "verdict_at": verdict_at,
        "row": number,
        "decision": decision,
        "who": who,
        "at": at,
        "note": note,
        "verdict": verdict,
        "recorded_at": recorded_at,
    }


class ForwardRows:
    """Reads a store's file; nothing here can change it. Used by one thread.

    The file is opened for each look and closed again: it may be put aside or replaced meanwhile.
    Methods raise StorageError.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / FILE_NAME
        self._contexts: dict[int, Row] = {}

    @contextmanager
    def look(self) -> Iterator[ForwardLook | None]:
        """Give a look into the file; ``None`` while there is none in the present format."""
        with reading(self.file):
            there = self.file.is_file()
        if not there:
            yield None
            return
        with as_storage_error(self.file):
            with reading(self.file):
                opened = store_file.connect_to_read(self.file, _PATIENCE)
            with closing(opened) as connection:
                if _number(connection, "user_version") != schema.SCHEMA:
                    yield None  # an older one: the program that records brings it to the present
                    return
                yield ForwardLook(connection, self._contexts)

    def forget(self) -> None:
        """Forget what is remembered of the file: it is another one now."""
        self._contexts.clear()


class ForwardLook:
    """One look into the file. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection, contexts: dict[int, Row]) -> None:
        self._connection, self._contexts = connection, contexts

    def newest(self) -> int:
        """Return the number of the latest verdict, 0 for none."""
        return int(self._one("SELECT coalesce(max(number), 0) FROM records"))

    def newest_decision(self) -> int:
        """Return the number of the latest decision, 0 for none."""
        return int(self._one("SELECT coalesce(max(id), 0) FROM decisions"))

    def uid(self, number: int) -> str:
        """Return a verdict's identifier as in its row, empty where there is none so numbered."""
        row = self._connection.execute(
            "SELECT uid FROM records WHERE number = ?", (number,)
        ).fetchone()
        return "" if row is None else as_uuid(str(row[0]))

    def verdicts(self, after: int, count: int, until: int = _LAST) -> VerdictBatch:
        """Return up to ``count`` verdicts with a higher number than ``after``, at most ``until``.

        ``recorded_at`` of each row is the id of the station that recorded it, empty: unknown.
        """
        rows, used = [], {}
        for number, context, *values in self._connection.execute(_VERDICTS, (after, until, count)):
            row: Row = dict(zip(_PARTS, values, strict=True))
            row["uid"] = as_uuid(str(row["uid"]))
            row["row"], row["context"] = number, context
            rows.append(row)
            if context not in used:
                used[context] = self._context(context)
            row["recorded_at"] = used[context]["recorded_at"]
        return VerdictBatch(rows, used)

    def decisions(self, after: int, count: int) -> Sequence[Row]:
        """Return up to ``count`` decisions with a higher number than ``after``."""
        sql = DECISIONS + "d.id > ? ORDER BY d.id LIMIT ?"
        return [decision_row(row) for row in self._connection.execute(sql, (after, count))]

    def decisions_about(self, first: int, last: int) -> Sequence[Row]:
        """Return the decisions about verdicts numbered ``first`` to ``last``."""
        sql = DECISIONS + "d.record BETWEEN ? AND ? ORDER BY d.id"
        return [decision_row(row) for row in self._connection.execute(sql, (first, last))]

    def pictures(
        self, after: int, until: int, count: int, *, bad_only: bool, own: str | None = None
    ) -> Sequence[Row]:
        """Return kept pictures of verdicts numbered above ``after``, at most ``until``.

        ``own``: only of those that the station with this id recorded.
        """
        sql = (
            f"SELECT number, uid, at, picture, {RECORDED_AT} FROM records"  # noqa: S608 - our words
            " JOIN contexts c ON c.id = context WHERE number > ? AND number <= ?"
            " AND picture <> '' AND (verdict > 0 OR decision = 1 OR ?)"
            f" AND (? IS NULL OR {RECORDED_AT} IN ('', ?))"
            " AND picture NOT IN (SELECT picture FROM pictures_gone) ORDER BY number LIMIT ?"
        )
        rows = self._connection.execute(sql, (after, until, not bad_only, own, own, count))
        return [
            {"row": number, "uid": as_uuid(uid), "at": at, "name": name, "recorded_at": station}
            for number, uid, at, name, station in rows
        ]

    def copied(self, own: str) -> bool:
        """Whether another station than ``own`` recorded verdicts of this file."""
        sql = "SELECT EXISTS (SELECT 1 FROM contexts WHERE station_id NOT IN ('', ?))"
        return bool(self._connection.execute(sql, (own,)).fetchone()[0])

    def own_row(self, until: int, own: str) -> Row | None:
        """Return the verdict with the highest number up to ``until`` that ``own`` recorded."""
        sql = (
            f"SELECT number, uid, at FROM records JOIN contexts c ON c.id = context"  # noqa: S608 - our words
            f" WHERE number <= ? AND {RECORDED_AT} IN ('', ?) ORDER BY number DESC LIMIT 1"
        )
        row = self._connection.execute(sql, (until, own)).fetchone()
        if row is None:
            return None
        return {"row": row[0], "uid": as_uuid(str(row[1])), "at": row[2], "recorded_at": own}

    def _context(self, number: int) -> Row:
        known = self._contexts.get(number)
        if known is None:
            profile_id, station, *values = self._connection.execute(_CONTEXT, (number,)).fetchone()
            known = dict(zip(_CONTEXTS, values, strict=True))
            known |= {"profile_id": profile_id, "recorded_at": station}
            if len(self._contexts) > _MOST_CONTEXTS:
                self._contexts.clear()
            self._contexts[number] = known
        return known

    def _one(self, sql: str) -> Any:  # noqa: ANN401 - whatever the question answers
        return self._connection.execute(sql).fetchone()[0]


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
