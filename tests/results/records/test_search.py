"""Searching: the same answers as looking at every row, and by an index however many there are."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.history_million import fill
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.history import MOST_COUNTED, RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.results.records.search import branches
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import START, record

HOUR = timedelta(hours=1)
NOTE = "ほこり 100%_"


def made(chance: random.Random, number: int) -> Record:
    """A part at a time that jumps about, of one of three products."""
    verdict = chance.choice(VERDICTS)
    part = record(
        number,
        verdict,
        when=START + timedelta(seconds=chance.randrange(-20_000, 20_000)),
        profile_id=chance.choice("abc"),
        serial=chance.choice(["", "SN-1", "sn-12", "SN-2", "ＳＮ", "100%", "x_y"]),
        source=chance.choice(["camera:0", "replay:x"]),
        station_id=("", "one", "two")[number % 3],
    )
    return replace(part, score=part.score * chance.uniform(0.5, 1.0))


class Known:
    """A store, and all that is in it."""

    def __init__(self, store: RecordStore) -> None:
        self.store = store
        self.parts = list(store.rows(RecordQuery()))


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    """A store of 400 parts, some decided."""
    store = RecordStore(tmp_path_factory.mktemp("search"))
    chance = random.Random(1)  # noqa: S311 - no secret
    for number in range(400):
        kept = store.add(made(chance, number))
        if chance.random() < 0.2:
            decision = chance.choice([*Decision, None])
            store.decide(kept.number, decision, who="佐藤", note=chance.choice(["", NOTE]))
    yield Known(store)
    store.close()


def fits(query: RecordQuery, part: Record) -> bool:
    """What the words of ``RecordQuery`` say, one part at a time."""
    text = query.text.lower()
    return (
        (query.since is None or part.when >= query.since)
        and (query.until is None or part.when < query.until)
        and query.profile_id in {"", part.profile_id}
        and (not query.verdicts or part.verdict in query.verdicts)
        and part.serial.lower().startswith(query.serial.lower())
        and any(text in x.lower() for x in (part.serial, part.item, part.source, part.note))
        and query.decided in {None, part.decision is not None}
        and query.decision in {None, part.decision}
        and query.station_id in {"", part.station_id}
    )


times = st.none() | st.integers(-22_000, 22_000).map(lambda s: START + timedelta(seconds=s))
queries = st.builds(
    RecordQuery,
    since=times,
    until=times,
    profile_id=st.sampled_from(["", "a", "b", "nobody"]),
    verdicts=st.frozensets(st.sampled_from(VERDICTS)),
    serial=st.sampled_from(["", "", "sn", "SN-1", "x_", "zz"]),
    text=st.sampled_from(["", "", "n-1", "100%", "_", "camera", "こ", "nothing"]),
    decided=st.sampled_from([None, None, True, False]),
    decision=st.sampled_from([None, None, *Decision]),
    station_id=st.sampled_from(["", "", "", "one", "none"]),
)


@settings(max_examples=300)
@given(query=queries)
def test_every_answer_is_what_looking_at_each_row_gives(known: Known, query: RecordQuery) -> None:
    store, parts = known.store, known.parts
    wanted = [part for part in parts if fits(query, part)]
    assert [part.number for part in store.rows(query)] == [part.number for part in wanted]
    assert store.count(query) == len(wanted)
    latest = wanted[::-1]
    assert shown(store.page(query, count=7)) == shown(latest[:7])
    assert shown(store.page(query, count=4, skip=3)) == shown(latest[3:7])
    if len(latest) > 7:
        before = latest[6].number
        assert shown(store.page(query, before=before, skip=2)) == shown(latest[9:109])
        assert shown(store.page(query, before=before, count=7)) == shown(latest[7:14])
    check_summary(store, query, wanted)


def shown(parts: Iterable[Record]) -> list[str]:
    """Everything about the parts; a record without a score equals none, not even itself."""
    return [repr(part) for part in parts]


def check_summary(store: RecordStore, query: RecordQuery, wanted: list[Record]) -> None:
    summary = store.summary(query)
    counts = summary.counts
    of = {v: sum(part.verdict is v for part in wanted) for v in VERDICTS}
    assert [counts.ok, counts.review, counts.ng, counts.error] == list(of.values())
    assert sum(hour.total for hour in summary.per_hour) == len(wanted)
    for hour in summary.per_hour:
        within = [p for p in wanted if hour.hour <= p.when < hour.hour + HOUR]
        assert hour.total == len(within)
    for point in summary.trend:
        scores = [
            part.times
            for part in wanted
            if part.verdict is Verdict.OK and point.when <= part.when < point.when + summary.bucket
        ]
        assert point.parts == len(scores)
        below = sum(score <= point.median + 0.005 for score in scores)
        above = sum(score >= point.median - 0.005 for score in scores)
        assert min(below, above) * 2 >= len(scores)
    worst = sorted((p.times for p in wanted if p.verdict is Verdict.NG), reverse=True)[:12]
    assert [part.times for part in summary.top_ng] == worst
    flagged = {Verdict.REVIEW, Verdict.NG}
    assert summary.false_calls == sum(
        p.verdict in flagged and p.decision is Decision.OK for p in wanted
    )
    assert summary.misses == sum(
        p.verdict is Verdict.OK and p.decision is Decision.NG for p in wanted
    )


def test_a_search_that_nobody_waits_for_ends(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deeprx_gui.results.records.store._STEPS_AT_ONCE", 100)  # of few parts

    def read() -> None:
        with known.store.unless(lambda: True):
            known.store.summary(RecordQuery(text="nothing"))

    with pytest.raises(StorageError):
        read()
    assert known.store.count(RecordQuery()) == 400


def test_the_median_is_the_middle_of_the_scores(store: RecordStore) -> None:
    scores = [3.1, 4.2, 5.3, 6.4, 9.5]
    for number, score in enumerate(scores):
        store.add(record(number, score=score))
    (point,) = store.summary(RecordQuery()).trend
    assert point.median == pytest.approx(median(scores) / 10, abs=0.005)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordStore]:
    folder: Path = tmp_path_factory.mktemp("many")
    fill(folder, 20_000)
    store = RecordStore(folder, read_only=True)
    yield store
    store.close()


NG = frozenset({Verdict.NG})
PLANS = {
    RecordQuery(): "USING INTEGER PRIMARY KEY (rowid<?)",
    RecordQuery(verdicts=NG): "USING COVERING INDEX records_verdict (verdict=?",
    RecordQuery(
        profile_id="product0"
    ): "USING COVERING INDEX records_product (product=? AND verdict=?",
    RecordQuery(
        profile_id="product0", verdicts=NG
    ): "USING COVERING INDEX records_product (product=?",
    RecordQuery(serial="SN0000001"): "USING COVERING INDEX records_serial (serial>? AND serial<?)",
    RecordQuery(decided=True): "USING COVERING INDEX records_decision (decision=?",
    RecordQuery(
        since=START - timedelta(days=322)
    ): "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
}


@pytest.mark.parametrize("query", PLANS, ids=PLANS.values())
def test_a_page_is_found_by_an_index_without_sorting(many: RecordStore, query: RecordQuery) -> None:
    with many.reading() as connection:
        for branch in branches(connection, query):
            sql = branch.sql("number", "AND number < 10000 ORDER BY number DESC LIMIT 100")
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", branch.values).fetchall()
            plan = " / ".join(row[3] for row in rows)
            assert PLANS[query] in plan
            assert query.serial or "TEMP B-TREE" not in plan  # few rows may be sorted


def test_counts_come_from_the_counters(many: RecordStore) -> None:
    with many.reading() as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
    assert many.count(RecordQuery()) == 20_000
    assert many.count(RecordQuery(verdicts=NG)) == len(
        many.page(RecordQuery(verdicts=NG), count=20_000)
    )
    with many.reading() as connection:
        connection.set_trace_callback(None)
    assert asked
    assert all("FROM hours" in sql or "FROM records r" in sql or "number" in sql for sql in asked)


def test_counting_by_hand_stops(many: RecordStore) -> None:
    query = RecordQuery(text="camera")
    assert not query.counted
    assert many.count(query) == MOST_COUNTED + 1
    assert many.count(RecordQuery(text="SN00000012")) == 1


def test_many_serials_that_begin_alike(many: RecordStore, monkeypatch: pytest.MonkeyPatch) -> None:
    few = many.page(RecordQuery(serial="sn000001"), count=500)
    monkeypatch.setattr("deeprx_gui.results.records.search._MANY_SERIALS", 10)
    assert many.page(RecordQuery(serial="sn000001"), count=500) == few
    assert len(few) == 100
