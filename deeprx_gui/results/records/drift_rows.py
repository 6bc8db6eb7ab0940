"""The scores that a drift is looked for in: the newest parts of one product."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.search import branches, numbers_sql


class ScoredPart(NamedTuple):
    """One part: number and time (UTC microseconds) of its verdict, revision, raw score, unit.

    ``review``: the review limit that held.
    """

    number: int
    at: int
    revision: int
    score: float
    review: float


def newest_scores(
    connection: sqlite3.Connection, profile_id: str, count: int
) -> tuple[ScoredPart, ...]:
    """Return the newest parts that have a score and were not decided NG, the oldest first.

    All verdicts count: the middle of the scores hardly minds single bad parts, and leaving out what
    lies above the limit would hide a rise. Raises sqlite3.Error.
    """
    judged = frozenset({Verdict.OK, Verdict.REVIEW, Verdict.NG})
    found = branches(connection, RecordQuery(profile_id=profile_id, verdicts=judged))
    if not found:
        return ()
    numbers, values = numbers_sql(found, count)
    rows = connection.execute(
        "SELECT r.number, r.at, c.revision, r.score, c.review FROM records r"  # noqa: S608 - ours
        f" JOIN contexts c ON c.id = r.context WHERE r.number IN ({numbers})"
        " AND r.score IS NOT NULL AND coalesce(r.decision, 0) <> 1 ORDER BY r.number",
        values,
    )
    return tuple(ScoredPart(*row) for row in rows)
