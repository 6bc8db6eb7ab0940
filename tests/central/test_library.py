"""The library: engineers publish and release, stations follow, prove, fall back, and say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.library import Stage, content, set_four_eyes
from deeprx_gui.central.library_stations import runs
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.library import (
    Following,
    FollowMode,
    LibraryRevision,
    RevisionState,
    RunState,
    Scope,
)
from deeprx_gui.domain.profile import GoldenImage
from deeprx_gui.profiles.png import write_png
from deeprx_gui.work.library_book import Agreement
from tests.central.plant import AUTO, NAME, Engineer, Station, open_store, save_limits
from tests.central.postgres_server import free_port

NewStation = Callable[..., Station]
Login = Callable[[str], tuple[CentralPlace, str]]
DAY = 24.0


def noise(side: int) -> ByteImage:
    """Return a picture that no part looks like."""
    return np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)


def times(station: Station) -> float | None:
    """Return the review limit in use, which tells the revisions apart."""
    limits = station.runs()
    return None if limits is None else round(limits.review_times, 3)


def two_released(engineer: Engineer) -> tuple[LibraryRevision, LibraryRevision]:
    """Release 1.1 and then 1.2 to all."""
    return engineer.release(engineer.publish(1.1)), engineer.release(engineer.publish(1.2))


def test_a_released_revision_comes_by_itself(engineer: Engineer, new_station: NewStation) -> None:
    station = new_station("a")
    first = engineer.publish(1.1)
    assert first.state is RevisionState.DRAFT
    assert station.look().products == ()  # a draft is nobody's
    engineer.release(first)
    assert [p.name for p in station.look().changed] == [NAME]
    assert station.look().changed == ()
    office = open_store(engineer.folder)
    known = office.find_id(NAME) or ""
    save_limits(office, office.load(known), 1.2)
    missed = office.corrections.add(
        known, CorrectionKind.MISSED, write_png(noise(64)), name="傷.png", who="Sato"
    )
    office.corrections.applied(known, [missed.id], 1)
    second = engineer.publish()
    assert second.parent == first.row
    engineer.release(second)
    told = str(station.look().news[0])
    assert "from now on" in told
    assert told.endswith("1 picture from the file joined the must-find set.")
    assert times(station) == 1.2
    key = station.store.find_id(NAME)
    assert key is not None
    assert station.store.history(key)[0].who == "Sato"
    assert [one.id for one in station.store.corrections.book(key).must_find] == [missed.id]
    for store, product in ((station.store, key), (office, known)):
        store.corrections.remove_must_find(product, [missed.id])
    save_limits(office, office.load(known), 1.3)
    named_again = office.corrections.add(
        known, CorrectionKind.MISSED, write_png(noise(64)), name="傷.png", who="Sato"
    )
    office.corrections.applied(known, [named_again.id], 3)
    engineer.release(engineer.publish())
    (news,) = station.look().news
    assert "from now on" in str(news)
    assert "removed from the must-find set here, so it did not join: 傷.png" in str(news)
    assert times(station) == 1.3
    assert station.store.corrections.book(key).must_find == ()


def test_a_person_at_the_station_is_asked_where_it_is_set_so(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a", following=Following(FollowMode.ASK))
    revision = engineer.release(engineer.publish(1.1))
    (waiting,) = station.look().products
    assert (waiting.state, times(station)) == (RunState.WAITING, None)
    assert "confirmation" in str(waiting.sentence)
    station.book.agree(revision.lineage, Agreement(revision.sha256, "Ito"))
    assert station.look().changed
    assert times(station) == 1.1


def test_a_plan_in_stages_and_a_rollback_of_all(
    engineer: Engineer, new_station: NewStation
) -> None:
    one, two = new_station("a", "Line 1"), new_station("b", "Line 2")
    first = engineer.release(engineer.publish(1.1))
    for station in (one, two):
        station.look()
    stages = (Stage(Scope(line="Line 1")), Stage(hours=DAY))
    engineer.release(engineer.publish(1.2), *stages)
    for station in (one, two):
        station.look()
    assert (times(one), times(two)) == (1.2, 1.1)
    two.hours = DAY + 1
    two.set(AUTO)
    two.look()
    assert times(two) == 1.2
    third = engineer.release(engineer.publish(1.3), *stages)
    one.look()
    assert times(one) == 1.3
    with CentralConnection(engineer.place, engineer.password) as connection:
        assert content(connection).before_last(third.product) != third
    engineer.roll_out(first, Stage(), back=True)
    assert "goes back from r0003 to r0001" in str(one.look().news[0])
    two.hours = 3 * DAY  # what was still to come of the third plan does not come
    two.set(AUTO)
    assert "goes back" in str(two.look().news[0])
    assert (times(one), times(two)) == (1.1, 1.1)


def test_what_each_station_runs_is_known(engineer: Engineer, new_station: NewStation) -> None:
    one, two = new_station("a", "Line 1"), new_station("b", "Line 2")
    first, second = two_released(engineer)
    engineer.roll_out(first, Stage(Scope(station=None, line="Line 2")))
    for station in (one, two):
        station.look()
    with CentralConnection(engineer.place, engineer.password) as connection:
        found = runs(connection, content(connection))
    assert [(r.station.name, r.revision and r.revision.row, r.state) for r in found] == [
        ("Station a", second.row, RunState.CURRENT),
        ("Station b", first.row, RunState.CURRENT),
    ]


def test_a_withdrawn_revision_is_left_for_the_last_good_one(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a", following=Following(FollowMode.ASK))
    first, second = two_released(engineer)
    station.set(AUTO)
    station.look()
    assert times(station) == 1.2
    station.set(Following(FollowMode.ASK))  # nobody is asked: it must not judge any longer
    engineer.withdraw(second)
    sentence = str(station.look().news[0])
    assert "r0002" in sentence
    assert "misses scratches" in sentence
    assert times(station) == 1.1
    engineer.withdraw(first, "lamp was wrong")
    (left,) = station.look().products
    assert left.state is RunState.WITHDRAWN
    assert "the line goes on with it" in str(left.sentence)
    assert times(station) == 1.1


def test_offline_it_runs_on_what_it_has(engineer: Engineer, new_station: NewStation) -> None:
    station = new_station("a")
    engineer.release(engineer.publish(1.1))
    station.look()
    port = station.place.port
    station.through(free_port())
    report = station.look()
    assert report.offline is not None
    assert "cannot be reached" in str(report.news[0])
    assert station.look().news == ()  # said once
    assert times(station) == 1.1
    station.through(port)
    assert station.look().offline is None


def test_a_revision_that_scores_otherwise_here_is_refused(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a")
    first = engineer.release(engineer.publish(1.1))
    station.look()
    store = open_store(engineer.folder)
    profile = store.load(NAME)
    golden = tuple(GoldenImage(g.name, g.pixels, 3 * g.score + 1) for g in profile.golden)
    store.save(replace(profile, golden=golden))
    bad = engineer.release(engineer.publish())
    (report,) = station.look().products
    assert report.state is RunState.TROUBLE
    assert "does not reproduce its scores" in str(report.sentence)
    assert times(station) == 1.1
    assert (report.target, report.running) == (bad, engineer.fresh(first))
    fresh = new_station("b")
    (report,) = fresh.look().products  # nothing is here yet: the last good one comes
    assert "the last good one" in str(report.sentence)
    assert times(fresh) == 1.1


def test_a_revision_of_the_pc_is_no_silent_fork(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a")
    first = engineer.release(engineer.publish(1.1))
    station.look()
    save_limits(station.store, station.store.load(NAME), 1.7)
    (report,) = station.look().products
    assert (report.state, report.running, times(station)) == (RunState.OWN, None, 1.7)
    assert "saved on this PC" in str(report.sentence)
    engineer.roll_out(first, Stage())
    assert "instead of the revision" in str(station.look().news[0])
    assert times(station) == 1.1


def test_four_eyes_are_the_servers_rule(
    engineer: Engineer, owner: CentralConnection, login: Login
) -> None:
    revision = engineer.publish(1.1)
    with (
        CentralConnection(engineer.place, engineer.password) as mine,
        pytest.raises(CentralError) as refused,
    ):
        set_four_eyes(mine, True)
    assert refused.value.trouble is Trouble.RIGHTS
    set_four_eyes(owner, True)
    second = Engineer(*login("deeprx_engineer"), engineer.folder)
    for person, name in ((engineer, "Sato"), (engineer, "Ito"), (second, " SATO ")):
        with pytest.raises(RequestError, match="second person"):
            replace(person, name=name).release(revision)
    second.name = "Ito"
    assert second.release(revision).state is RevisionState.RELEASED


def test_states_go_one_way_and_rows_are_only_added(engineer: Engineer) -> None:
    draft = engineer.publish(1.1)
    with pytest.raises(RequestError, match="Release it first"):
        engineer.roll_out(draft, Stage())
    with pytest.raises(RequestError, match="reason"):
        engineer.withdraw(draft, " ")
    revision = engineer.release(draft)
    with pytest.raises(RequestError, match="already"):
        engineer.release(revision)
    engineer.withdraw(revision)
    with pytest.raises(RequestError, match="already"):
        engineer.release(revision)
    with pytest.raises(RequestError, match="already"):
        engineer.publish()  # the same state once more
    for sql in (
        "UPDATE library_revisions SET name = 'x'",
        "DELETE FROM library_states",
        "UPDATE library_rollouts SET revision = 1",
        "DELETE FROM library_pieces",
    ):
        with pytest.raises(CentralError) as refused:
            engineer.do(lambda c, sql=sql: c.run(sql))  # type: ignore[misc]
        assert refused.value.trouble is Trouble.RIGHTS
    add = "INSERT INTO library_pieces VALUES (:r, 99, 'x')"
    with pytest.raises(CentralError):
        engineer.do(lambda c: c.run(add, r=revision.row))


def test_a_station_reads_what_is_released_and_nothing_else(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a")
    draft, released = engineer.publish(1.1), engineer.release(engineer.publish(1.2))
    station.look()
    with CentralConnection(station.place, station.password) as connection:
        assert connection.run("SELECT number FROM library_revisions") == [[released.row]]
        rows = connection.run("SELECT DISTINCT revision FROM library_pieces")
        assert rows == [[released.row]] != [[draft.row]]
        for sql in (
            "INSERT INTO library_products (lineage, name) VALUES (repeat('a', 32), 'x')",
            "INSERT INTO library_states (revision, state, who) VALUES (1, 'released', 'x')",
            "UPDATE limit_proposals SET state = 'accepted'",
        ):
            with pytest.raises(CentralError) as refused:
                connection.run(sql)
            assert refused.value.trouble is Trouble.RIGHTS
