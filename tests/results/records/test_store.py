"""Verdicts are remembered once, for ever, and with what people decided about them."""

from __future__ import annotations

import math
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.i18n import render
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import START, Open, record


def test_a_verdict_comes_back_as_it_was(store: RecordStore) -> None:
    given = record(
        1,
        Verdict.NG,
        serial="SN-0001",
        item="部品 1.png|123|456",
        picture="pictures/2026-11-23/060001000_NG_uid00001.jpg",
        causes=(Cause.DARK, Cause.SHIFTED),
        when=datetime(2026, 11, 23, 15, 0, 1, 123456, tzinfo=UTC),
    )
    kept = store.add(given)
    assert kept == replace(given, number=1)
    assert store.get(1) == kept
    assert store.page(RecordQuery()) == (kept,)
    assert store.newest() == 1


def test_an_error_keeps_its_sentence_and_has_no_score(store: RecordStore) -> None:
    why = say(
        "Cannot read {what} ({inner}).", what="a.png", inner=say_n("{n} byte", "{n} bytes", n=3)
    )
    store.add(record(1, Verdict.ERROR, error=why))
    (read,) = store.page(RecordQuery())
    assert math.isnan(read.score)
    assert math.isnan(read.times)
    assert read.error is not None
    assert render(read.error) == "Cannot read a.png (3 bytes)."


def test_the_same_part_is_never_there_twice(store: RecordStore) -> None:
    first = store.add(record(1, item="a.png|1|2"))
    assert store.add(record(1, Verdict.NG)) == first
    assert store.add(record(2, Verdict.NG, item="a.png|1|2")) == first
    assert store.count(RecordQuery()) == 1
    assert store.known("a.png|1|2")
    assert not store.known("b.png|1|2")
    assert not store.known("")
    assert store.add(record(3)).number == 2
    assert store.add(record(4)).number == 3  # no item is not an item


def test_names_that_are_no_text_are_remembered_too(store: RecordStore) -> None:
    item = "b\udce4d.png|1|2"  # a byte that is no UTF-8, as Linux allows in names
    store.add(record(1, item=item, serial="\0x"))
    assert store.known(item)
    assert store.add(record(2, item=item)).number == 1


def test_numbers_tell_the_order_even_when_the_clock_jumps_back(store: RecordStore) -> None:
    jumped = START - timedelta(days=9000)
    times = [START, START + timedelta(seconds=1), jumped, START + timedelta(seconds=2)]
    for number, when in enumerate(times):
        store.add(record(number, when=when))
    page = store.page(RecordQuery())
    assert [r.number for r in page] == [4, 3, 2, 1]
    assert [r.when for r in reversed(page)] == times
    shift = RecordQuery(since=START, until=START + timedelta(hours=1))
    assert [r.number for r in store.page(shift)] == [4, 2, 1]
    assert store.count(shift) == 3
    summary = store.summary(RecordQuery())
    assert [(h.hour.year, h.ok) for h in summary.per_hour] == [(jumped.year, 1), (2026, 3)]
    assert len(summary.trend) == 2
    assert summary.bucket == timedelta(hours=1)


def test_decisions_are_a_log_and_the_latest_counts(store: RecordStore) -> None:
    store.add(record(1, Verdict.NG))
    store.add(record(2, Verdict.OK))
    store.decide(1, Decision.NG, who="佐藤")
    decided = store.decide(1, Decision.OK, who="鈴木", note="ほこり")
    assert (decided.decision, decided.decided_by, decided.note) == (Decision.OK, "鈴木", "ほこり")
    assert decided.decided_at is not None
    assert store.get(1) == decided
    assert [(d.decision, d.who) for d in store.decisions(1)] == [
        (Decision.OK, "鈴木"),
        (Decision.NG, "佐藤"),
    ]
    assert [r.number for r in store.page(RecordQuery(decided=True))] == [1]
    assert [r.number for r in store.page(RecordQuery(decided=False))] == [2]
    assert [r.number for r in store.page(RecordQuery(decision=Decision.OK))] == [1]
    assert not store.page(RecordQuery(decision=Decision.NG))
    assert store.summary(RecordQuery()).false_calls == 1
    store.decide(2, Decision.NG, who="佐藤")
    assert store.summary(RecordQuery()).misses == 1


def test_a_decision_can_be_taken_back(store: RecordStore) -> None:
    store.add(record(1, Verdict.NG))
    store.decide(1, Decision.OK, who="佐藤")
    record_now = store.decide(1, None, who="佐藤")
    assert record_now.decision is None
    assert record_now.decided_by == ""
    assert len(store.decisions(1)) == 2
    assert not store.page(RecordQuery(decided=True))


def test_a_decision_about_nothing_is_refused(store: RecordStore) -> None:
    with pytest.raises(RequestError, match="no verdict number 7"):
        store.decide(7, Decision.OK, who="佐藤")


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM records",
        "UPDATE records SET verdict = 0",
        "UPDATE records SET at = 0",
        "DELETE FROM decisions",
        "UPDATE decisions SET decision = 1",
    ],
)
def test_the_past_cannot_be_changed_even_by_another_tool(store: RecordStore, deed: str) -> None:
    store.add(record(1, Verdict.NG))
    store.decide(1, Decision.OK, who="佐藤")
    with sqlite3.connect(store.file) as tool, pytest.raises(sqlite3.IntegrityError, match="never"):
        tool.execute(deed)
    tool.close()


def test_every_flush_is_asked_for(store: RecordStore) -> None:
    writer = store._writing()._connection
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert writer.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_many_threads_at_once(store: RecordStore) -> None:
    """Each adds and reads; readers see whole verdicts, and every number is given once."""
    wrong: list[object] = []

    def work(base: int) -> None:
        try:
            for number in range(base, base + 25):
                stored = store.add(record(number, VERDICTS[number % 4]))
                if store.get(stored.number) != stored:
                    wrong.append(stored)
                store.page(RecordQuery(verdicts=frozenset({Verdict.NG})), count=5)
                store.summary(RecordQuery())
        except Exception as error:  # noqa: BLE001 - told below
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [w for w in wrong if isinstance(w, Exception)] == []
    assert [r.number for r in store.page(RecordQuery(), count=200)] == list(range(100, 0, -1))


def test_a_reader_is_not_kept_waiting_by_a_writer(opened: Open) -> None:
    store, other = opened(), opened()
    store.add(record(1))
    with store._writing()._transaction() as connection:
        connection.execute("INSERT INTO products (profile_id) VALUES ('half done')")
        assert store.count(RecordQuery()) == 1
        assert len(other.page(RecordQuery())) == 1
    assert {p.profile for p in store.profiles()} == {"ギア <A&B>"}


def test_profiles_are_listed_under_their_latest_name(store: RecordStore) -> None:
    store.add(record(1, profile="old name"))
    store.add(record(2, profile="new name"))
    store.add(record(3, profile_id="b", profile="another"))
    assert [(p.profile_id, p.profile) for p in store.profiles()] == [
        ("b", "another"),
        ("gear", "new name"),
    ]


def test_a_closed_store_says_so(store: RecordStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StorageError):
        store.count(RecordQuery())
    with pytest.raises(StorageError):
        store.add(record(1))
