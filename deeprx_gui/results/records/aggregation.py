"""What verdicts add up to: from the counters where they suffice, else from the rows themselves."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import replace
from typing import Final

from deeprx_gui.domain.history import MOST_COUNTED, HistorySummary, RecordQuery
from deeprx_gui.domain.history_figures import (
    TOP,
    Parts,
    Slots,
    fringes,
    hours_within,
    slots_for,
    summary_of,
)
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.results.records.rows import SELECT, Value, read
from deeprx_gui.results.records.search import branches, product_of

_ROW_HOUR: Final = "at / 3600000000"
_ROW_BIN: Final = "CAST(max(min(times, 2.0), 0.0) * 200 AS INTEGER)"


def count(connection: sqlite3.Connection, query: RecordQuery) -> int:
    """Count the rows; without counters at most ``MOST_COUNTED`` + 1. Raises sqlite3.Error."""
    if query.counted:
        return sum(_from_counters(connection, query, "hours", "verdict", Slots()).values())
    found = branches(connection, query)
    left = MOST_COUNTED + 1
    for branch in found:
        sql = f"SELECT count(*) FROM ({branch.sql('1', 'LIMIT ?')})"  # noqa: S608 - our words
        left -= connection.execute(sql, (*branch.values, left)).fetchone()[0]
    return MOST_COUNTED + 1 - left


def summary(connection: sqlite3.Connection, query: RecordQuery) -> HistorySummary:
    """Add up the rows of a query. Raises sqlite3.Error."""
    parts, scores = _parts_and_scores(connection, query)
    slots = slots_for(parts)
    if scores is None:
        scores = _from_counters(connection, query, "ok_scores", "bin", slots)
    mistakes = _mistakes(connection, query)
    top = _top(connection, query)
    return summary_of(query, parts, scores, slots, top_ng=top, mistakes=mistakes)


def _parts_and_scores(
    connection: sqlite3.Connection, query: RecordQuery
) -> tuple[Parts, Parts | None]:
    """Return parts by hour and verdict, and scores where the rows had to be read anyway."""
    if not query.counted:
        return _from_rows(connection, query)
    parts = _from_counters(connection, query, "hours", "verdict", Slots())
    return parts, {} if query.verdicts and Verdict.OK not in query.verdicts else None


def _from_counters(
    connection: sqlite3.Connection, query: RecordQuery, table: str, column: str, slots: Slots
) -> Counter[tuple[int, int]]:
    """Add up a table of counters for whole hours, and rows for what lies before and behind."""
    where, values = "", list[Value]()
    if query.profile_id:
        where += " AND product = ?"
        values.append(product_of(connection, query.profile_id))
    by_verdict = column == "verdict"
    if query.verdicts and by_verdict:  # scores are those of OK parts alone
        where += f" AND verdict IN ({', '.join('?' * len(query.verdicts))})"
        values += [VERDICTS.index(verdict) for verdict in query.verdicts]
    first, last = hours_within(query)
    found: Counter[tuple[int, int]] = Counter()
    for slot, key, parts in connection.execute(
        f"SELECT {slots.of('hour')}, {column}, sum(parts) FROM {table}"  # noqa: S608 - our words
        f" WHERE hour >= ? AND hour < ?{where} GROUP BY 1, 2",
        (first, last, *values),
    ):
        found[slot, key] += parts
    row_key = "verdict" if by_verdict else _ROW_BIN
    only = "" if by_verdict else " AND verdict = 0 AND times IS NOT NULL"
    for since, until in fringes(query):
        for slot, key, parts in connection.execute(
            f"SELECT {slots.of(_ROW_HOUR)}, {row_key}, count(*)"  # noqa: S608 - our words
            f" FROM records INDEXED BY records_at WHERE at >= ? AND at < ?{where}{only}"
            " GROUP BY 1, 2",
            (since, until, *values),
        ):
            found[slot, key] += parts
    return found


def _from_rows(connection: sqlite3.Connection, query: RecordQuery) -> tuple[Parts, Parts]:
    """Add up by reading every row that fits."""
    parts: Counter[tuple[int, int]] = Counter()
    by_hour: Counter[tuple[int, int]] = Counter()
    for branch in branches(connection, query):
        columns = f"{_ROW_HOUR}, verdict, {_ROW_BIN}, count(*)"
        for hour, verdict, at_bin, n in connection.execute(
            branch.sql(columns, "GROUP BY 1, 2, 3"), branch.values
        ):
            parts[hour, verdict] += n
            if verdict == 0 and at_bin is not None:
                by_hour[hour, at_bin] += n
    slots = slots_for(parts)
    scores: Counter[tuple[int, int]] = Counter()
    for (hour, at_bin), n in by_hour.items():
        scores[(hour + slots.shift) // slots.size, at_bin] += n
    return parts, scores


def _top(connection: sqlite3.Connection, query: RecordQuery) -> tuple[Record, ...]:
    """Return the NG parts with the highest x limit."""
    if query.verdicts and Verdict.NG not in query.verdicts:
        return ()
    found = branches(connection, replace(query, verdicts=frozenset({Verdict.NG})))
    best: list[tuple[float, int]] = []
    for branch in found:
        sql = branch.sql("times, number", "AND times IS NOT NULL ORDER BY times DESC LIMIT ?")
        best += connection.execute(sql, (*branch.values, TOP)).fetchall()
    best = sorted(best, reverse=True)[:TOP]
    numbers = [number for _, number in best]
    sql = f"{SELECT}WHERE r.number IN ({', '.join('?' * len(numbers))})"
    records = {record.number: record for record in map(read, connection.execute(sql, numbers))}
    return tuple(records[number] for number in numbers)


def _mistakes(connection: sqlite3.Connection, query: RecordQuery) -> tuple[int, int]:
    """Count what people decided against the verdict: false calls and misses."""
    if query.decided is False:
        return 0, 0
    flagged = {Verdict.REVIEW, Verdict.NG}
    wanted = query.verdicts or frozenset(VERDICTS)
    false_calls = misses = 0
    for branch in branches(connection, replace(query, verdicts=frozenset(), decided=True)):
        for verdict, decision, n in connection.execute(
            branch.sql("verdict, decision, count(*)", "GROUP BY 1, 2"), branch.values
        ):
            if VERDICTS[verdict] not in wanted:
                continue
            false_calls += n if VERDICTS[verdict] in flagged and decision == 0 else 0
            misses += n if VERDICTS[verdict] is Verdict.OK and decision == 1 else 0
    return false_calls, misses
