"""What retention let go in the centre stays away; whose decision about a part counts."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.forwarding import Row
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.recorded_values import micros
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.forward_rows import ForwardRows
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.forward_files import MARK, read_aside
from tests.central.sending_station import START, Login, Station

LATER = START + timedelta(days=40)


def drop_month(owner: CentralConnection) -> None:
    owner.run("SELECT drop_month(:month)", month=f"{START:%Y-%m}")


def counts(owner: CentralConnection) -> list[int]:
    """Return verdicts, decisions, decided parts, counted parts, counted OK scores."""
    asked = ("count(*) FROM verdicts", "count(*) FROM decisions", "count(*) FROM decided",
             "sum(parts) FROM hours", "sum(parts) FROM ok_scores")  # fmt: skip
    return [int(owner.run(f"SELECT {each}")[0][0]) for each in asked]


def recorded(station: Station) -> tuple[list[Row], list[Row]]:
    with ForwardRows(station.paths.results).look() as look:
        assert look is not None
        return list(look.verdicts(0, 1000).verdicts), list(look.decisions(0, 1000))


def test_a_dropped_month_does_not_come_back_whatever_is_sent_again(
    station: Station, owner: CentralConnection
) -> None:
    station.record(10)
    station.store.decide(7, Decision.OK, who="a")
    station.send()
    before = counts(owner)
    drop_month(owner)
    after = [0, 0, 0, *before[3:]]
    assert counts(owner) == after, "the counters outlive the verdicts"
    station.send()  # a sign-in: the newest verdict is asked for, the last decisions go once more
    assert counts(owner) == after
    (station.paths.results / MARK).unlink()  # as “send --all”, or another name of the server
    state = station.send().state
    assert counts(owner) == after
    assert (state.waiting, state.put_aside) == (0, 0)
    station.record(2, 11, when=LATER)
    station.send()
    assert counts(owner)[0] == 2


def test_a_month_dropped_while_a_station_sends_is_passed_over(
    station: Station, owner: CentralConnection
) -> None:
    station.record(5)
    setup = station.setup()
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        work.one_pass(session)
        drop_month(owner)
        station.record(5, 6)
        station.record(1, 11, when=LATER)
        while work.one_pass(session):
            pass
        session.send_picture({"at": micros(START), "uid": "0" * 32, "name": "a.jpg"}, b"x")
    assert (work.state.waiting, read_aside(station.paths.results)) == (0, ())
    assert owner.run("SELECT row FROM verdicts") == [[11]]
    assert owner.run("SELECT count(*) FROM pictures") == [[0]]


def test_a_partition_lost_in_the_middle_is_made_again(
    station: Station, owner: CentralConnection
) -> None:
    station.record(3)
    setup = station.setup()
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        work.one_pass(session)
        owner.run(f"DROP TABLE verdicts_{START:%Y_%m}, pictures_{START:%Y_%m}")
        station.record(4, 4)
        while work.one_pass(session):
            pass
    assert read_aside(station.paths.results) == ()
    assert owner.run("SELECT min(row), count(*) FROM verdicts") == [[4, 4]]


def test_a_station_may_let_go_of_what_retention_let_go(
    station: Station, owner: CentralConnection
) -> None:
    station.record(7)
    station.store.decide(7, Decision.OK, who="a")
    station.send()
    drop_month(owner)
    verdicts, decisions = recorded(station)
    with station.setup().session() as session:
        assert session.arrived(verdicts) == {row["uid"] for row in verdicts}
        assert session.decisions_arrived(decisions) == {row["uid"] for row in decisions}
        other = [{**verdicts[0], "at": micros(LATER)}]
        assert not session.arrived(other), "nobody dropped that month"


def test_a_corrected_decision_counts_although_the_clock_was_set_back(
    station: Station, owner: CentralConnection
) -> None:
    station.record(2)
    station.store.decide(1, Decision.OK, who="a")
    station.send()
    with station.setup().session() as session:
        _, (first,) = recorded(station)
        corrected = {**first, "uid": "c" * 32, "row": 2, "decision": 1, "at": 1}
        session.send_decisions([corrected])
    assert owner.run("SELECT decision, row FROM decided") == [[1, 2]]


def test_a_decision_that_comes_before_its_verdict_counts_with_it(
    station: Station, owner: CentralConnection
) -> None:
    station.record(3)
    station.store.decide(2, Decision.NG, who="a")
    _, decisions = recorded(station)
    with station.setup().session() as session:
        session.send_decisions(decisions)
    assert owner.run("SELECT count(*) FROM decided") == [[0]]
    station.send()
    assert owner.run("SELECT decision, who FROM decided") == [[1, "a"]]


def test_another_station_neither_decides_nor_stands_in_for_the_owner(
    station: Station, owner: CentralConnection, login: Login
) -> None:
    station.record(3)
    station.store.decide(2, Decision.NG, who="owner")
    station.send()
    verdicts, (said,) = recorded(station)
    paths = Paths(station.paths.data.parent / "other")
    with closing(RecordStore(paths.results)) as store:
        other = Station(paths, *login("deeprx_station"), store)
        other.record(1, 4, when=datetime(2026, 11, 23, 7, tzinfo=UTC))
        other.record(1, 2, when=LATER)  # the same uid as one of the owner's at another time
        other.store.decide(2, Decision.OK, who="stranger")
        other.send()
        late = micros(datetime(2027, 1, 1, tzinfo=UTC))
        with other.setup().session() as session:
            session.send_decisions([
                {**said, "uid": "d" * 32, "row": 99, "decision": 0, "who": "stranger", "at": late}
            ])  # fmt: skip
            assert not session.arrived(verdicts), "they are another station's"
    mine = owner.run(
        "SELECT d.decision, d.who FROM decided d JOIN verdicts v ON v.at = d.verdict_at"
        " AND v.uid = d.verdict_uid JOIN stations s ON s.number = v.station WHERE s.id = :id",
        id=station.setup().identity.id,
    )
    assert mine == [[1, "owner"]]
    station.record(1, 5, uid=f"{4:032x}", when=datetime(2026, 11, 23, 7, tzinfo=UTC))
    station.send()  # the other station has a row of the same time and uid: it takes no place
    with station.setup().session() as session:
        rows, _ = recorded(station)
        assert session.arrived(rows) == {f"{n:032x}" for n in (1, 2, 3, 4)}


def test_what_a_copied_file_has_of_the_original_counts_once(
    station: Station, owner: CentralConnection, login: Login
) -> None:
    """A copy with an id of its own sends what only it recorded, and what nobody else has sent."""
    original = station.setup().identity.id
    station.record(5, station_id=original)
    station.send()
    paths = Paths(station.paths.data.parent / "copy")
    with closing(RecordStore(paths.results)) as store:
        copy = Station(paths, *login("deeprx_station"), store)
        copy.record(6, station_id=original)  # the sixth was lost at the original
        copy.record(2, 7, station_id=copy.setup().identity.id)
        assert copy.send().state.sent == 8
        station.send()  # it says that it has no sixth
        copy.send()
    assert owner.run(
        "SELECT s.id, count(*), min(v.row) FROM verdicts v JOIN stations s ON s.number = v.station"
        " GROUP BY 1 ORDER BY 3"
    ) == [[original, 5, 1], [copy.setup().identity.id, 3, 6]]
    assert owner.run("SELECT sum(parts) FROM days") == [[8]]
