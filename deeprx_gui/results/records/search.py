"""A query as SQL that an index answers, whatever else is in the file.

Rows are always found in the order of their numbers, which are given in the order of writing and
know nothing of clocks. A time becomes a span of numbers through the counters per hour; a verdict, a
product or a decision is looked up in an index whose entries lie in the order of numbers, one branch
for each value, and SQLite merges the branches. So a page costs what a page costs, not what the
file holds. Only text in the middle of words reads every row of the span.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.history_figures import HOUR
from deeprx_gui.domain.recorded_values import DECISIONS, clean, micros
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.rows import Value

_MANY_SERIALS: Final = 20_000
"""More numbers that begin alike are found faster in the order of rows; ten times as many where the
index answers alone."""
_AFTER_ALL_LETTERS: Final = "\U0010ffff"


@dataclass(frozen=True)
class Branch:
    """One ordered walk: the table with the index to use, and what its rows must fulfil."""

    table: str
    where: tuple[str, ...]
    values: tuple[Value, ...]

    def sql(self, columns: str, more: str = "") -> str:
        """Return a SELECT of this branch."""
        where = " AND ".join(self.where) or "1"
        return f"SELECT {columns} FROM {self.table} WHERE {where} {more}"  # noqa: S608 - our words


def branches(connection: sqlite3.Connection, query: RecordQuery) -> tuple[Branch, ...]:
    """Return the walks that together find every row of the query once; none: nothing fits.

    Raises sqlite3.Error.
    """
    product = _product(connection, query)
    span = _span(connection, query, product)
    if product == 0 or span is None:
        return ()
    numbers, number_values = span
    where, values = _filters(query)
    choices: list[Sequence[tuple[str, int]]] = []
    verdicts = [VERDICTS.index(v) for v in VERDICTS if v in query.verdicts]
    if query.serial and not _are_many(connection, query):
        table = "records INDEXED BY records_serial"
        where, values = _also(where, values, verdicts, product)
        if query.decision is not None:
            where, values = (*where, "decision = ?"), (*values, DECISIONS.index(query.decision))
        elif query.decided:
            where = (*where, "decision IS NOT NULL")
        where = ("serial <> ''", *where)
    elif query.decision is not None or query.decided:
        table = "records INDEXED BY records_decision"
        wanted = DECISIONS if query.decision is None else (query.decision,)
        choices.append([("decision = ?", DECISIONS.index(d)) for d in wanted])
        where, values = _also(where, values, verdicts, product)
    elif product is not None:
        table = "records INDEXED BY records_product"
        choices.append([("product = ?", product)])
        choices.append([("verdict = ?", v) for v in verdicts or range(len(VERDICTS))])
    elif 0 < len(verdicts) < len(VERDICTS):
        table = "records INDEXED BY records_verdict"
        choices.append([("verdict = ?", v) for v in verdicts])
    else:
        table = "records NOT INDEXED"
    return tuple(
        Branch(
            table,
            (*(term for term, _ in chosen), *numbers, *where),
            (*(value for _, value in chosen), *number_values, *values),
        )
        for chosen in itertools.product(*choices)
    )


def numbers_sql(
    found: Sequence[Branch],
    count: int,
    *,
    before: int | None = None,
    after: int | None = None,
    skip: int = 0,
) -> tuple[str, tuple[Value, ...]]:
    """Return SQL for the numbers of a page and its values.

    The newest first, those below ``before``; with ``after`` the oldest first, those above it.
    ``skip``: without the first so many.
    """
    order = "number DESC" if after is None else "number ASC"
    edge: tuple[str, tuple[Value, ...]] = ("", ())
    if after is not None:
        edge = (" AND number > ?", (after,))
    elif before is not None:
        edge = (" AND number < ?", (before,))
    parts, values = [], []
    for branch in found:
        part = branch.sql("number", f"{edge[0]} ORDER BY {order} LIMIT ?")
        parts.append(f"SELECT number FROM ({part})")  # noqa: S608 - our words
        values += [*branch.values, *edge[1], skip + count]
    sql = f"{' UNION ALL '.join(parts)} ORDER BY {order} LIMIT ? OFFSET ?"
    return sql, (*values, count, skip)


def leap(connection: sqlite3.Connection, before: int | None, skip: int) -> tuple[int | None, int]:
    """Return what ``before`` and ``skip`` come to among all rows.

    Where no number is missing, which the counters tell, a row's place is its number, and a million
    rows need not be walked over. Raises sqlite3.Error.
    """
    first, last = connection.execute(
        "SELECT (SELECT min(number) FROM records), (SELECT max(number) FROM records)"
    ).fetchone()
    total = connection.execute("SELECT sum(parts) FROM hours").fetchone()[0]
    if first is None or last - first + 1 != total:
        return before, skip
    top = last + 1 if before is None else min(before, last + 1)
    return top - skip, 0


def product_of(connection: sqlite3.Connection, profile_id: str) -> int:
    """Return what the file calls a profile, 0 when it never met it. Raises sqlite3.Error."""
    row = connection.execute(
        "SELECT id FROM products WHERE profile_id = ?", (clean(profile_id),)
    ).fetchone()
    return int(row[0]) if row else 0


def _product(connection: sqlite3.Connection, query: RecordQuery) -> int | None:
    return product_of(connection, query.profile_id) if query.profile_id else None


def _span(
    connection: sqlite3.Connection, query: RecordQuery, product: int | None
) -> tuple[tuple[str, ...], tuple[Value, ...]] | None:
    """Return the terms for the query's time; ``None`` when there is nothing from that time."""
    if query.since is None and query.until is None:
        return (), ()
    where, values = _time(query.since, query.until)
    low = 0 if query.since is None else micros(query.since) // HOUR
    high = 1 << 50 if query.until is None else micros(query.until) // HOUR
    only = "" if product is None else " AND product = ?"
    row = connection.execute(
        f"SELECT min(first), max(last) FROM hours WHERE hour BETWEEN ? AND ?{only}",  # noqa: S608
        (low, high, *(() if product is None else (product,))),
    ).fetchone()
    if row[0] is None:
        return None
    return ("number BETWEEN ? AND ?", *where), (row[0], row[1], *values)


def _time(since: datetime | None, until: datetime | None) -> tuple[list[str], list[Value]]:
    where: list[str] = []
    values: list[Value] = []
    if since is not None:
        where.append("at >= ?")
        values.append(micros(since))
    if until is not None:
        where.append("at < ?")
        values.append(micros(until))
    return where, values


def _filters(query: RecordQuery) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """Return the terms that each row is looked at for."""
    where: list[str] = []
    values: list[Value] = []
    if query.decided is False:
        where.append("decision IS NULL")
    if query.serial:
        serial = clean(query.serial)
        where.append("serial >= ? AND serial < ?")
        values += [serial, serial + _AFTER_ALL_LETTERS]
    if query.station_id:
        where.append("context IN (SELECT id FROM contexts WHERE station_id = ?)")
        values.append(clean(query.station_id))
    if query.text:
        text = clean(query.text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        where.append(
            "(serial LIKE ? ESCAPE '\\' OR item LIKE ? ESCAPE '\\'"
            " OR context IN (SELECT id FROM contexts WHERE source LIKE ? ESCAPE '\\')"
            " OR decision IS NOT NULL"
            " AND decided IN (SELECT id FROM decisions WHERE note LIKE ? ESCAPE '\\'))"
        )
        values += [f"%{text}%"] * 4
    return tuple(where), tuple(values)


def _also(
    where: tuple[str, ...], values: tuple[Value, ...], verdicts: Sequence[int], product: int | None
) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """Add verdict and product as terms to look at in each row."""
    if verdicts:
        where = (*where, f"+verdict IN ({', '.join('?' * len(verdicts))})")
        values = (*values, *verdicts)
    if product is not None:
        where, values = (*where, "+product = ?"), (*values, product)
    return where, values


def _are_many(connection: sqlite3.Connection, query: RecordQuery) -> bool:
    serial = clean(query.serial)
    most = _MANY_SERIALS * (10 if query == RecordQuery(serial=query.serial) else 1)
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM records INDEXED BY records_serial"
        " WHERE serial <> '' AND serial >= ? AND serial < ? LIMIT ?)",
        (serial, serial + _AFTER_ALL_LETTERS, most + 1),
    ).fetchone()
    return int(row[0]) > most
