"""A smaller file leaves out only what the central database really has, as it stands by then."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from deeprx_gui.domain.forwarding import Row
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.progress import Progress
from deeprx_gui.results.records import pruning
from deeprx_gui.results.records.store import RecordStore
from tests.made_record import made_record

T = TypeVar("T")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def finished(job: Generator[Progress, None, T]) -> T:
    try:
        while True:
            next(job)
    except StopIteration as stop:
        found: T = stop.value
        return found


def has_all(rows: Sequence[Row]) -> frozenset[str]:
    return frozenset(str(row["uid"]) for row in rows)


def record(folder: Path, pictures: Sequence[int] = ()) -> None:
    with closing(RecordStore(folder)) as store:
        for n in range(1, 7):
            picture = f"pictures/{n}.jpg" if n in pictures else ""
            when = BEGIN + timedelta(seconds=n)
            store.add(made_record(n, uid=f"{n:032x}", when=when, picture=picture))


def left(folder: Path) -> list[int]:
    with closing(RecordStore(folder)) as store:
        return [found.number for found in store.rows(RecordQuery())]


def test_what_is_decided_while_somebody_is_asked_stays(tmp_path: Path) -> None:
    record(tmp_path)
    until = BEGIN + timedelta(days=1)
    found = finished(pruning.plan(tmp_path, until, verdicts=has_all, decisions=has_all))
    assert list(found.gone) == [1, 2, 3, 4, 5]
    with closing(RecordStore(tmp_path)) as store:
        store.decide(3, Decision.NG, who="佐藤")
    went = finished(pruning.prune(tmp_path, found))
    assert (list(went.gone), went.unsent) == ([1, 2, 4, 5], 1)
    assert left(tmp_path) == [3, 6]
    with closing(RecordStore(tmp_path)) as store:
        kept = store.get(3)
        assert kept is not None
        assert kept.decision is Decision.NG


def test_a_verdict_whose_picture_still_has_to_be_sent_stays(tmp_path: Path) -> None:
    record(tmp_path, pictures=(2, 4))
    until = BEGIN + timedelta(days=1)
    found = finished(
        pruning.plan(tmp_path, until, verdicts=has_all, decisions=has_all, pictures_sent=(3, 0))
    )
    assert (list(found.gone), found.unsent) == ([1, 2, 3, 5], 1)
