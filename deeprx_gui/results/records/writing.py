"""The one connection that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.recorded_values import DECISIONS, clean, micros
from deeprx_gui.results.records.rows import (
    CONTEXT_COLUMNS,
    PART_COLUMNS,
    SELECT,
    Value,
    context_of,
    part_of,
    read,
)

_MOST_CONTEXTS: Final = 1000


def _add(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our words


ADD_RECORD: Final = _add("records", ("product", "context", *PART_COLUMNS))
"""Takes the ids of product and context, then ``part_of`` the record."""
_ADD_CONTEXT: Final = f"{_add('contexts', ('product', *CONTEXT_COLUMNS))} ON CONFLICT DO NOTHING"
_FIND_CONTEXT: Final = (
    f"SELECT id FROM contexts WHERE {' = ? AND '.join(('product', *CONTEXT_COLUMNS))} = ?"  # noqa: S608 - our words
)


class RecordWriter:
    """Writes whole transactions; used by one thread at a time. Raises sqlite3.Error."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._contexts: dict[tuple[Value, ...], tuple[int, int]] = {}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def insert(self, record: Record) -> Record:
        """Write a record, or return what is there under its uid or item."""
        with self._transaction() as connection:
            found = connection.execute(
                f"{SELECT}WHERE r.uid = ?1 UNION ALL {SELECT}WHERE r.item = ?2 AND r.item <> ''"
                " LIMIT 1",
                (clean(record.uid), clean(record.item)),
            ).fetchone()
            if found is not None:
                return read(found)
            product, context = self._context(record)
            number = connection.execute(ADD_RECORD, (product, context, *part_of(record))).lastrowid
        if len(self._contexts) > _MOST_CONTEXTS:
            self._contexts.clear()
        self._contexts[self._key(record)] = (product, context)
        return replace(
            record,
            number=number or 0,
            decision=None,
            decided_by="",
            decided_at=None,
            note="",
        )

    def decide(self, number: int, decision: Decision | None, who: str, note: str) -> bool:
        """Log a decision; False when there is no such record."""
        said = None if decision is None else DECISIONS.index(decision)
        with self._transaction() as connection:
            done = connection.execute(
                "INSERT INTO decisions (record, decision, who, at, note)"
                " SELECT number, ?, ?, ?, ? FROM records WHERE number = ?",
                (said, clean(who), micros(datetime.now(UTC)), clean(note), number),
            )
            return done.rowcount == 1

    def pictures_gone(self, names: Sequence[str]) -> None:
        """Note pictures that are not there and will not come."""
        at = micros(datetime.now(UTC))
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO pictures_gone VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(clean(name), at) for name in names],
            )

    def _context(self, record: Record) -> tuple[int, int]:
        """Return the ids of a record's product and context, made where they are new."""
        key = self._key(record)
        known = self._contexts.get(key)
        if known is not None:
            return known
        run = self._connection.execute
        run("INSERT INTO products (profile_id) VALUES (?) ON CONFLICT DO NOTHING", key[:1])
        (product,) = run("SELECT id FROM products WHERE profile_id = ?", key[:1]).fetchone()
        values = (product, *key[1:])
        run(_ADD_CONTEXT, values)
        (context,) = run(_FIND_CONTEXT, values).fetchone()
        return int(product), int(context)

    @staticmethod
    def _key(record: Record) -> tuple[Value, ...]:
        return (clean(record.profile_id), *context_of(record))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the body as one transaction, on the disk when this ends, or not at all."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:  # the body or the disk failed, or nothing was to be done
                connection.execute("ROLLBACK")
