"""What went by of a product since counting began, as the store remembers it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, RunCounts
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import VERDICTS
from deeprx_gui.results.records.store import RecordStore


def counted(store: RecordStore, station: Station, product: str) -> RunCounts:
    """Count what went by of a product since counting began. Raises StorageError.

    What a person decided about counts as decided.
    """
    zero = nothing_yet(station)
    every = RecordQuery(since=zero.since, profile_id=product)
    ok, review, ng, error = (
        store.count(replace(every, verdicts=frozenset({verdict}))) for verdict in VERDICTS
    )
    counts = replace(zero, ok=ok, review=review, ng=ng, error=error)
    if not store.count(replace(every, decided=True)):
        return counts
    for verdict in VERDICTS:
        for decision in Decision:
            query = replace(every, verdicts=frozenset({verdict}), decision=decision)
            counts = counts.decided(verdict, decision, store.count(query))
    return counts


def nothing_yet(station: Station) -> RunCounts:
    """Return the counts as they begin: when they were last set to zero, or with the day."""
    since = station.counted_since
    if since is None:
        since = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return RunCounts(since, reason=station.counted_reason)
