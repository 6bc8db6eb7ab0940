"""All stations: the same answers as the stations' own stores, whatever is asked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from statistics import median
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.records import CentralRecords
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.history import RecordedStation, RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.record_source import key_of
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.paths import resources_dir
from deeprx_gui.results.records.store import RecordStore
from tests.central.filled import add_station, fill
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.results.records.conftest import START, record

STEPS = migrations.steps(resources_dir() / "central")
STATIONS = {"a" * 32: "Press 1", "b" * 32: "Press 2", "c" * 32: "組立 3"}
LINES = {"a" * 32: "Line 1", "b" * 32: "Line 1", "c" * 32: "Line 3"}
NOTE = "ほこり 100%_"
HOUR = timedelta(hours=1)
NO_UID = UUID(int=0)
Login = Callable[[str], tuple[CentralPlace, str]]


def made(chance: random.Random, number: int) -> Record:
    """A part of one of three stations and products, at a time that jumps about over two months."""
    verdict = chance.choice([Verdict.OK, Verdict.OK, *VERDICTS])
    station = chance.choice(list(STATIONS))
    part = record(
        number,
        verdict,
        uid=UUID(int=chance.getrandbits(128)).hex,
        when=START + timedelta(seconds=chance.randrange(-20_000, 20_000), days=number % 2 * 10),
        profile_id=chance.choice("abc"),
        serial=chance.choice(["", "SN-1", "sn-12", "SN-2", "100%", "x_y"]),
        source=chance.choice(["camera:0", "replay:x"]),
        station_id=station,
        station=STATIONS[station],
    )
    return replace(part, score=part.score * chance.uniform(0.5, 1.0))


@dataclass(frozen=True)
class Both:
    """The same parts, in one store of this PC and in the centre; ``parts`` in their order."""

    local: RecordStore
    centre: CentralRecords
    parts: tuple[Record, ...]


def opened(place: CentralPlace, password: str = OWNER_PASSWORD, **more: float) -> CentralRecords:
    """Open the centre for reading."""
    return CentralRecords(place, lambda: password, STEPS, resources_dir(), **more)


@pytest.fixture(scope="module")
def both(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """300 parts, written in the order of time and uid, some decided."""
    chance = random.Random(1)  # noqa: S311 - no secret
    parts = [made(chance, number) for number in range(300)]
    store = RecordStore(tmp_path_factory.mktemp("both"))
    with CentralConnection(postgres.place, OWNER_PASSWORD) as connection:
        connection.script("CREATE DATABASE test_both TEMPLATE deeprx_template")
    kept = []
    for part in sorted(parts, key=lambda p: (p.when, UUID(p.uid).int)):
        added = store.add(part)
        if chance.random() < 0.25:
            decision = chance.choice([*Decision, None])
            added = store.decide(added.number, decision, who="佐藤", note=chance.choice(["", NOTE]))
        kept.append(added)
    place = postgres.place_of("test_both")
    with CentralConnection(place, OWNER_PASSWORD) as owner, owner.transaction():
        shuffled = list(kept)
        chance.shuffle(shuffled)
        fill(owner, shuffled, LINES)
    centre = opened(place)
    yield Both(store, centre, tuple(kept))
    centre.close()
    store.close()


QUERIES = st.builds(
    RecordQuery,
    since=st.none() | st.integers(-6, 250).map(lambda h: START + h * HOUR + timedelta(minutes=17)),
    until=st.none() | st.integers(-6, 250).map(lambda h: START + h * HOUR + timedelta(seconds=3)),
    profile_id=st.sampled_from(["", "a", "b", "nothing"]),
    verdicts=st.frozensets(st.sampled_from(VERDICTS)),
    serial=st.sampled_from(["", "", "sn-1", "100%", "x_", "%"]),
    text=st.sampled_from(["", "", "0%_", "camera", "n-1", "_"]),
    decided=st.none() | st.booleans(),
    decision=st.none() | st.sampled_from(Decision),
    station_id=st.sampled_from(["", "", *STATIONS]),
)


def same(one: Record, other: Record) -> bool:
    """Say whether two stores mean the same; the centre keeps some figures in four bytes."""
    near = {"limits", "milliseconds", "latency", "score"}
    return all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in fields(Record)
        if field.name not in near
    ) and one.times == pytest.approx(other.times, rel=1e-5, nan_ok=True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=QUERIES, skip=st.integers(0, 40), data=st.data())
def test_any_question_is_answered_as_by_a_pcs_own_store(
    both: Both, query: RecordQuery, skip: int, data: st.DataObject
) -> None:
    local, centre = both.local, both.centre
    expected = local.page(query, count=1000)
    found = centre.page(query, count=1000)
    assert [r.uid for r in found] == [r.uid for r in expected]
    assert all(map(same, found, expected))
    assert centre.count(query) == local.count(query) == len(expected)
    assert [r.uid for r in centre.rows(query)] == [r.uid for r in reversed(expected)]
    assert [r.uid for r in centre.page(query, count=7, skip=skip)] == [
        r.uid for r in expected[skip : skip + 7]
    ]
    if expected:
        at = data.draw(st.integers(0, len(found) - 1))
        before = centre.page(query, before=found[at].key, count=5)
        assert [r.uid for r in before] == [r.uid for r in expected[at + 1 : at + 6]]
        newer = centre.newer(query, found[at].key, count=5)
        assert [r.uid for r in newer] == [r.uid for r in expected[:at][::-1][:5]]
    _same_summary(both, query)


def _same_summary(both: Both, query: RecordQuery) -> None:
    ours, theirs = both.centre.summary(query), both.local.summary(query)
    assert ours.counts == theirs.counts
    assert ours.per_hour == theirs.per_hour
    assert (ours.false_calls, ours.misses) == (theirs.false_calls, theirs.misses)
    assert [r.uid for r in ours.top_ng] == [r.uid for r in theirs.top_ng]
    assert [(p.when, p.parts) for p in ours.trend] == [(p.when, p.parts) for p in theirs.trend]
    for one, other in zip(ours.trend, theirs.trend, strict=True):
        assert one.median == pytest.approx(other.median, abs=0.006)


@pytest.mark.parametrize("far", [0, 100])
def test_a_scroll_bar_dragged_far_down_lands_where_it_should(
    both: Both, monkeypatch: pytest.MonkeyPatch, far: int
) -> None:
    monkeypatch.setattr("deeprx_gui.central.records._FAR", far)
    expected = [r.uid for r in reversed(both.parts)]
    top = both.centre.page(RecordQuery(), count=1)[0]
    for skip in (1, 50, 137, 298, 299, 500):
        found = both.centre.page(RecordQuery(), count=3, skip=skip)
        assert [r.uid for r in found] == expected[skip : skip + 3]
        below = both.centre.page(RecordQuery(), before=top.key, count=3, skip=skip)
        assert [r.uid for r in below] == expected[skip + 1 : skip + 4]
    ng = RecordQuery(verdicts=frozenset({Verdict.NG}), line="Line 1")
    flagged = [r.uid for r in both.centre.page(ng, count=1000)]
    for skip in (0, 5, 20, len(flagged) - 1):
        assert [r.uid for r in both.centre.page(ng, count=4, skip=skip)] == flagged[skip : skip + 4]


@pytest.mark.parametrize("hours", [9, -3.5])
def test_a_day_that_ends_at_another_midnight_than_utc_is_scrolled_right(
    both: Both, monkeypatch: pytest.MonkeyPatch, hours: float
) -> None:
    monkeypatch.setattr("deeprx_gui.central.records._FAR", 0)
    times = sorted(r.when for r in both.parts)
    here = timezone(timedelta(hours=hours))
    day = times[len(times) * 3 // 4].astimezone(here).replace(hour=0, minute=0, second=0)
    for until in (day, times[-10].astimezone(here)):
        query = RecordQuery(until=until)
        expected = [r.uid for r in reversed(both.parts) if r.when < until]
        for skip in (0, 20, len(expected) // 2, len(expected) - 1):
            found = [r.uid for r in both.centre.page(query, count=3, skip=skip)]
            assert found == expected[skip : skip + 3]


def test_a_trend_of_months_is_added_up_from_days(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.domain.history_figures._MOST_POINTS", 3)
    trend = both.centre.summary(RecordQuery(station_id="a" * 32)).trend
    days: dict[datetime, list[float]] = {}
    for part in both.parts:
        if part.station_id == "a" * 32 and part.verdict is Verdict.OK:
            day = part.when.replace(hour=0, minute=0, second=0, microsecond=0)
            days.setdefault(day, []).append(part.times)
    assert [(p.when, p.parts) for p in trend] == [(d, len(days[d])) for d in sorted(days)]
    for point in trend:
        assert point.median == pytest.approx(median(days[point.when]), abs=0.03)


def test_a_product_at_a_station_is_found_without_walking_over_others(both: Both) -> None:
    latest = next(r for r in reversed(both.parts) if r.profile_id == "b")
    for station in STATIONS:
        query = RecordQuery(station_id=station, profile_id="b")
        expected = [
            r.uid for r in reversed(both.parts)
            if r.profile_id == "b" and r.station_id == station
        ]  # fmt: skip
        found = both.centre.page(query, count=1)
        assert [r.uid for r in found] == expected[:1]
        below = both.centre.page(query, before=found[0].key, count=300)
        assert [r.uid for r in below] == expected[1:]
        assert both.centre.page(query, before=key_of(START - timedelta(days=9), NO_UID, 0)) == ()
    assert latest.profile_id == "b"


def test_the_same_uid_at_two_stations_is_two_parts(owner: CentralConnection) -> None:
    """A station that says what another will say takes nobody's place."""
    one = record(1, uid="1" * 32, station_id="a" * 32, decision=Decision.OK, decided_by="a",
                 decided_at=START)  # fmt: skip
    other = replace(one, station_id="b" * 32, station="B", decision=Decision.NG, decided_by="b")
    fill(owner, [one, other, record(2, uid="2" * 32, station_id="a" * 32)])
    centre = opened(owner.place)
    query = RecordQuery(until=one.when + timedelta(microseconds=1))
    first, second = centre.page(query)
    assert (first.station_id, second.station_id) == ("b" * 32, "a" * 32)
    assert (first.decision, second.decision) == (Decision.NG, Decision.OK)
    assert [d.who for d in centre.decisions(first.key)] == ["b"]
    assert centre.page(query, count=1) == (first,)
    assert centre.page(query, before=first.key) == (second,)
    assert centre.newer(query, second.key) == (first,)
    assert [r.key for r in centre.rows(query)] == [second.key, first.key]
    number = add_station(owner, "a" * 32, "A", "")
    owner.run(
        "INSERT INTO pictures VALUES (:at, :uid, :station, 'x.png', 'a')",
        at=one.when, uid=UUID(one.uid), station=number,
    )  # fmt: skip
    assert (centre.picture(first), centre.picture(second)) == (None, b"a")
    assert centre.count(RecordQuery(decision=Decision.OK)) == 1
    assert owner.run("SELECT count(*) FROM verdict_list") == [[3]]
    assert owner.run("SELECT count(*) FROM decided_parts") == [[2]]
    centre.close()


def test_a_line_is_its_stations(both: Both) -> None:
    for line in ("Line 1", "Line 3", "Line 9"):
        expected = {r.uid for r in both.parts if LINES[r.station_id] == line}
        query = RecordQuery(line=line)
        assert {r.uid for r in both.centre.page(query, count=1000)} == expected
        assert both.centre.count(query) == both.centre.summary(query).counts.total == len(expected)


def test_stations_products_and_decisions_are_listed(both: Both) -> None:
    assert both.centre.stations() == tuple(
        RecordedStation(id_, STATIONS[id_], LINES[id_]) for id_ in ("a" * 32, "b" * 32, "c" * 32)
    )
    assert [p.profile_id for p in both.centre.profiles()] == ["a", "b", "c"]
    decided = next(r for r in both.parts if r.decision is not None)
    (found,) = both.centre.page(RecordQuery(serial=decided.serial), count=300)[:1]
    mine = next(r for r in both.centre.page(RecordQuery(), count=300) if r.uid == decided.uid)
    said = both.centre.decisions(mine.key)
    assert [(d.decision, d.who, d.note) for d in said] == [
        (decided.decision, decided.decided_by, decided.note)
    ]
    assert found.key != mine.key or found.uid == decided.uid


def test_keys_sort_as_the_list_does(both: Both) -> None:
    found = both.centre.page(RecordQuery(), count=300)
    assert all(one.key > other.key for one, other in pairwise(found))
    assert len({r.key for r in found}) == 300


def test_a_station_alone_may_not_read_all(owner: CentralConnection, login: Login) -> None:
    centre = opened(*login("deeprx_station"))
    with pytest.raises(CentralError, match="deeprx_reader") as caught:
        centre.page(RecordQuery())
    assert caught.value.trouble is Trouble.RIGHTS
    centre.close()


def test_a_reader_reads_and_cannot_write(owner: CentralConnection, login: Login) -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    fill(owner, [made(chance, n) for n in range(3)], LINES)
    centre = opened(*login("deeprx_reader"))
    assert len(centre.page(RecordQuery())) == 3
    with pytest.raises(CentralError) as caught:
        centre.ask("DELETE FROM verdicts", {})
    assert caught.value.trouble in {Trouble.READ_ONLY, Trouble.RIGHTS}
    centre.close()


def test_an_older_centre_says_what_to_do(owner: CentralConnection) -> None:
    owner.run("DELETE FROM steps WHERE number = :n", n=STEPS[-1].number)
    centre = opened(owner.place)
    with pytest.raises(CentralError, match="migrate") as caught:
        centre.count(RecordQuery())
    assert caught.value.trouble is Trouble.OLDER
    centre.close()


def test_a_search_that_nobody_waits_for_is_stopped_on_the_server(owner: CentralConnection) -> None:
    centre = opened(owner.place)
    asked = iter([False, True, True])
    with centre.unless(lambda: next(asked, True)), pytest.raises(CentralError):
        centre.ask("SELECT pg_sleep(:s)", {"s": 60})
    assert not owner.run(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    )
    assert centre.count(RecordQuery()) == 0
    centre.close()


def test_a_search_that_takes_too_long_says_what_to_do(owner: CentralConnection) -> None:
    centre = opened(owner.place, longest=0.2)
    with pytest.raises(CentralError, match="Choose a time"):
        centre.ask("SELECT pg_sleep(:s)", {"s": 60})
    centre.close()


def test_a_connection_the_server_dropped_is_made_anew(owner: CentralConnection) -> None:
    centre = opened(owner.place)
    assert centre.count(RecordQuery()) == 0
    owner.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    assert centre.count(RecordQuery()) == 0
    centre.close()


def test_dropped_months_are_not_listed_and_stay_counted(owner: CentralConnection) -> None:
    old = record(1, uid="1" * 32, when=START - timedelta(days=90), station_id="a" * 32)
    new = record(2, uid="2" * 32, station_id="a" * 32)
    fill(owner, [old, new])
    owner.run("SELECT drop_month(:month)", month=f"{old.when:%Y-%m}")
    centre = opened(owner.place)
    assert [r.uid for r in centre.page(RecordQuery())] == [new.uid]
    assert centre.count(RecordQuery()) == 1
    assert centre.summary(RecordQuery()).counts.total == 2
    centre.close()


def test_a_kept_picture_that_came_along_is_read(owner: CentralConnection) -> None:
    part = record(1, uid="1" * 32, station_id="a" * 32, picture="pictures/x.png")
    fill(owner, [part])
    number = add_station(owner, "a" * 32, "A", "")
    centre = opened(owner.place)
    (found,) = centre.page(RecordQuery())
    assert centre.picture(found) is None
    owner.run(
        "INSERT INTO pictures VALUES (:at, :uid, :station, 'x.png', :data)",
        at=part.when, uid=UUID(part.uid), station=number, data=b"\x89PNG",
    )  # fmt: skip
    assert centre.picture(found) == b"\x89PNG"
    centre.close()
