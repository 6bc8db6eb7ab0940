"""The steps that lead an empty or older central database to the tables this program knows.

Each is a file of plain SQL in ``resources/central``, so that an IT department can read it. It runs
as one transaction, once, in the order of numbers; ``deeprx.steps`` keeps what ran.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.sql_errors import make
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import say

_FILE: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LOCK: Final = 0x44525849
_BOOK: Final = """
CREATE SCHEMA IF NOT EXISTS deeprx;
CREATE TABLE IF NOT EXISTS deeprx.steps (
  number integer PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  ran timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass(frozen=True)
class Step:
    """One file of SQL."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def steps(folder: Path) -> tuple[Step, ...]:
    """Return the steps that lie in a folder, in their order. Raises OSError."""
    found = []
    for file in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(file.name)
        if match:
            sql = file.read_text(encoding="utf-8")
            found.append(Step(int(match[1]), match[2], sql))
    return tuple(found)


def ran(connection: CentralConnection) -> int:
    """Return the number of the latest step that ran, 0 for a database without tables of ours."""
    if not connection.run("SELECT to_regclass('deeprx.steps') IS NOT NULL")[0][0]:
        return 0
    return int(connection.run("SELECT coalesce(max(number), 0) FROM deeprx.steps")[0][0])


def script(todo: Sequence[Step]) -> str:
    """Return all steps as one script for psql, with what notes that they ran.

    It is for an empty database: in another one it ends with an error, and nothing is changed.
    """
    parts = ["\\set ON_ERROR_STOP on\nBEGIN;\n", _BOOK]
    for step in todo:
        parts.append(step.sql)
        parts.append(
            "INSERT INTO deeprx.steps (number, name, sha256) VALUES"  # noqa: S608 - our words
            f" ({step.number}, '{step.name}', '{step.sha256}');\n"
        )
    return "\n".join([*parts, "COMMIT;\n"])


def migrate(connection: CentralConnection, todo: Sequence[Step]) -> tuple[Step, ...]:
    """Run the steps that have not run yet and return them; a second call meanwhile waits.

    Raises CentralError; what a failed step began is undone, the ones before it stay.
    """
    connection.run("SELECT pg_advisory_lock(:key)", key=_LOCK)
    try:
        at = ran(connection)
        if at == 0:
            connection.script(_BOOK)
        _refuse_newer(connection.place, at, todo)
        done = []
        for step in todo:
            if step.number > at:
                with connection.transaction():
                    connection.script(step.sql)
                    connection.run(
                        "INSERT INTO deeprx.steps (number, name, sha256) VALUES (:n, :name, :sum)",
                        n=step.number, name=step.name, sum=step.sha256,
                    )  # fmt: skip
                done.append(step)
        return tuple(done)
    finally:
        if not connection.broken:
            connection.run("SELECT pg_advisory_unlock(:key)", key=_LOCK)


def check(connection: CentralConnection, known: Sequence[Step]) -> None:
    """Raise CentralError unless the database has just the tables this program knows."""
    at = ran(connection)
    if at == 0:
        raise make(Trouble.NOT_SET_UP, connection.place)
    _refuse_newer(connection.place, at, known)
    if at < known[-1].number:
        raise CentralError(
            say(
                "The central database on {host} was set up by an older Deep RX Inspector. Let an"
                " administrator run “deeprx central migrate”. Until then inspecting goes on, and"
                " what was recorded is sent later.",
                host=connection.place.host,
            ),
            Trouble.OLDER,
        )
    ran_here = {
        (n, digest) for n, digest in connection.run("SELECT number, sha256 FROM deeprx.steps")
    }
    for step in known:
        if (step.number, step.sha256) not in ran_here:
            raise CentralError(
                say(
                    "The central database on {host} was set up by another edition of this program"
                    " (step {step} differs). Use the same version everywhere, or let an"
                    " administrator set the database up anew. Until then inspecting goes on, and"
                    " what was recorded is sent later.",
                    host=connection.place.host,
                    step=step.number,
                ),
                Trouble.OLDER,
            )


def _refuse_newer(place: CentralPlace, at: int, known: Sequence[Step]) -> None:
    if known and at > known[-1].number:
        raise CentralError(
            say(
                "The central database on {host} was set up by a newer Deep RX Inspector. Install"
                " the newer version on this PC. Until then inspecting goes on, and what was"
                " recorded is sent later.",
                host=place.host,
            ),
            Trouble.NEWER,
        )
