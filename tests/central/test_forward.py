"""A station's verdicts reach the centre once, whatever happens to either of them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deeprx_gui.central import migrations, sending
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace, PictureRule, Trouble
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.forwarding import ForwardPhase
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.verdict_fields import Kept, stored
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.station_identity import identity
from deeprx_gui.work.forward import Forwarder, ForwardSetup, Pauses
from deeprx_gui.work.forward_files import INSTALLATION, MARK, read_aside
from deeprx_gui.work.forward_pass import ForwardWork
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.made_record import made_record

STEPS = migrations.steps(resources_dir() / "central")
Login = Callable[[str], tuple[CentralPlace, str]]
QUICK = Pauses(0.05, 0.2, 0.2)
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass
class Station:
    """A data folder with a store, and how it comes into the centre."""

    paths: Paths
    place: CentralPlace
    password: str
    store: RecordStore

    def setup(self, **changes: object) -> ForwardSetup:
        made = ForwardSetup(
            self.place,
            lambda: self.password,
            identity(self.paths.station_id_file, "Line 3 – 左"),
            self.paths.data,
            self.paths.results,
            self.paths.profiles,
            STEPS,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def record(self, count: int, first: int = 1, **changes: object) -> None:
        """Judge parts: every seventh is NG, one a second."""
        for number in range(first, first + count):
            verdict = Verdict.NG if number % 7 == 0 else Verdict.OK
            when = START + timedelta(seconds=number)
            given = {"uid": f"{number:032x}", "when": when, "serial": f"S{number}", **changes}
            self.store.add(made_record(number, verdict, **given))

    def send(self, setup: ForwardSetup | None = None) -> ForwardWork:
        """Send all there is, in this thread."""
        setup = setup or self.setup()
        work = setup.work()
        with setup.session() as session:
            work.begin(session)
            while work.one_pass(session):
                pass
            work.report(session)
        work.keep_mark()
        return work


@pytest.fixture
def station(tmp_path: Path, login: Login) -> Iterator[Station]:
    paths = Paths(tmp_path / "data")
    place, password = login("deeprx_station")
    with closing(RecordStore(paths.results)) as store:
        yield Station(paths, replace(place, line="Line 3"), password, store)


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_every_stored_field_of_a_verdict_has_its_place_in_the_centre() -> None:
    known = {*sending.VERDICT_COLUMNS, *sending.CONTEXT_COLUMNS, "station_id"}
    assert {field.stored_as for field in stored(Kept.PART, Kept.CONTEXT)} <= known


def test_what_a_station_recorded_is_in_the_centre_as_it_was(
    station: Station, owner: CentralConnection
) -> None:
    station.record(20)
    station.record(1, 99, serial="a\0b", places="[[0.5, 0.25, 0.01, 12.0]]", milliseconds=2.5)
    station.store.decide(7, Decision.OK, who="佐藤", note="ほこり")
    station.store.decide(7, Decision.NG, who="鈴木")
    station.store.decide(14, Decision.OK, who="鈴木")
    station.store.decide(14, None, who="鈴木")
    state = station.send().state
    assert (state.sent, state.recorded, state.waiting) == (21, 21, 0)
    assert state.phase is ForwardPhase.UP_TO_DATE
    rows = owner.run(
        "SELECT v.row, v.uid::text, v.at, v.verdict, v.score, v.times, v.serial, v.places, c.profile,"
        " c.revision, p.profile_id, s.name, s.line FROM verdicts v JOIN contexts c ON"
        " c.number = v.context JOIN products p ON p.number = v.product JOIN stations s"
        " ON s.number = v.station ORDER BY v.row"
    )
    assert [row[0] for row in rows] == list(range(1, 22))
    for row in rows[:20]:
        kept = station.store.get(row[0])
        assert kept is not None
        assert row[1].replace("-", "") == kept.uid
        assert (row[2], VERDICTS[row[3]], row[4]) == (kept.when, kept.verdict, kept.score)
        assert row[5] == pytest.approx(kept.times, rel=1e-6)
        assert row[8:] == ["Bracket", 1, "bracket-1", "Line 3 – 左", "Line 3"]
    assert rows[20][6:8] == ["a␀b", "[[0.5, 0.25, 0.01, 12.0]]"]
    assert owner.run("SELECT verdict, sum(parts) FROM hours GROUP BY 1 ORDER BY 1") == [
        [0, 19], [2, 2],
    ]  # fmt: skip
    assert owner.run(
        "SELECT d.decision, d.who FROM decided d JOIN verdicts v ON v.uid = d.verdict_uid"
        " ORDER BY v.row"
    ) == [[1, "鈴木"], [None, "鈴木"]]
    assert owner.run("SELECT count(*) FROM decisions")[0][0] == 4
    (seen,) = owner.run("SELECT newest_row, waiting, put_aside, clock_ahead_ms FROM stations")
    assert seen[:3] == [21, 0, 0]
    assert abs(seen[3]) < 5000


def test_what_is_sent_twice_is_there_once(station: Station, owner: CentralConnection) -> None:
    station.record(30)
    station.store.decide(7, Decision.OK, who="a")
    station.send()
    (station.paths.results / MARK).unlink()
    station.record(5, 31)
    assert station.send().state.sent == 35
    assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[35, 35]]
    assert owner.run("SELECT sum(parts) FROM hours") == [[35]]
    assert owner.run("SELECT count(*) FROM decisions") == [[1]]


def test_another_file_with_the_same_numbers_is_sent_from_its_beginning(
    station: Station, owner: CentralConnection
) -> None:
    station.record(10)
    station.send()
    station.store.close()
    for file in station.paths.results.glob("records.sqlite*"):
        file.unlink()
    with closing(RecordStore(station.paths.results)) as store:
        station.store = store
        station.record(12, 101)
        station.send()
    assert owner.run("SELECT count(*) FROM verdicts") == [[22]]


def test_a_restored_server_gets_what_it_lacks(station: Station, owner: CentralConnection) -> None:
    station.record(50)
    station.send()
    owner.run("DELETE FROM verdicts WHERE row > 20")
    station.record(1, 51)
    station.send()
    assert owner.run("SELECT count(*), max(row) FROM verdicts") == [[51, 51]]


def test_corrections_follow_and_can_be_taken_back(
    station: Station, owner: CentralConnection, made_profiles: ProfileStore
) -> None:
    profiles = made_profiles
    (card,) = profiles.list()
    one = profiles.corrections.add(
        card.id, CorrectionKind.WAS_OK, b"picture", name="a.png", who="佐藤", uid="f" * 32
    )
    other = profiles.corrections.add(
        card.id, CorrectionKind.MISSED, b"another", name="b.png", who="佐藤"
    )
    station.send()
    profiles.corrections.take_back(card.id, [one.id])
    profiles.corrections.applied(card.id, [other.id], 2)
    station.send()
    assert owner.run("SELECT kind, name, state, who FROM corrections ORDER BY name") == [
        ["was-ok", "a.png", "taken-back", "佐藤"],
        ["missed", "b.png", "must-find", "佐藤"],
    ]


@pytest.fixture
def made_profiles(station: Station) -> ProfileStore:
    from tests.made_profile import made_profile

    store = ProfileStore(station.paths.profiles)
    store.save(made_profile(id="a" * 32))
    return store


@pytest.mark.parametrize("folder", ["", "share"])
def test_kept_pictures_follow_by_rule(
    station: Station, owner: CentralConnection, tmp_path: Path, folder: str
) -> None:
    share = str(tmp_path / folder) if folder else ""
    (tmp_path / "share").mkdir()
    station.place = replace(station.place, pictures=PictureRule.BAD, picture_folder=share)
    for number, verdict in ((1, Verdict.OK), (2, Verdict.NG), (3, Verdict.NG)):
        name = f"pictures/2026-11-23/{number}.jpg"
        made = made_record(number, verdict, uid=f"{number:032x}", picture=name)
        station.store.add(made)
        file = station.paths.results / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if number < 3:  # the third was deleted by hand, long ago
            file.write_bytes(b"JPEG" * number)
    for _ in range(2):
        assert station.send().state.sent == 3
    if folder:
        (file,) = (f for f in (tmp_path / folder).rglob("*") if f.is_file())
        assert file.read_bytes() == b"JPEG" * 2
        assert file.parent.name == "2026-11-23"
    else:
        assert owner.run("SELECT uid::text, data FROM pictures") == [
            ["00000000-0000-0000-0000-000000000002", b"JPEG" * 2]
        ]


def test_a_row_the_server_refuses_is_put_aside_and_the_others_go_on(
    station: Station, owner: CentralConnection
) -> None:
    owner.run("ALTER TABLE verdicts ADD CONSTRAINT no_bad CHECK (serial <> 'S13')")
    station.record(40)
    state = station.send().state
    assert (state.sent, state.put_aside) == (40, 1)
    assert len(state.remarks) == 1
    (aside,) = read_aside(station.paths.results)
    assert (aside.kind, aside.row) == ("verdict", 13)
    assert "no_bad" in aside.reason
    assert owner.run("SELECT count(*) FROM verdicts") == [[39]]
    assert owner.run("SELECT put_aside FROM stations") == [[1]]
    owner.run("ALTER TABLE verdicts DROP CONSTRAINT no_bad")
    setup = station.setup()
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        assert work.retry_refused(session) == 1
    assert (work.state.put_aside, read_aside(station.paths.results)) == (0, ())
    assert owner.run("SELECT count(*) FROM verdicts") == [[40]]


def test_when_every_row_is_refused_nothing_more_is_put_aside(
    station: Station, owner: CentralConnection
) -> None:
    owner.run("ALTER TABLE verdicts ADD CONSTRAINT never CHECK (false) NOT VALID")
    station.record(60)
    with pytest.raises(CentralError) as caught:
        station.send()
    assert caught.value.trouble is Trouble.REFUSED
    assert not caught.value.passes
    assert len(read_aside(station.paths.results)) <= 31


def _trouble(state_of: Forwarder) -> str:
    return "" if state_of.state.problem is None else str(state_of.state.problem)


@pytest.fixture
def forwarder(station: Station) -> Iterator[Forwarder]:
    made = Forwarder(station.setup(), pauses=QUICK)
    yield made
    assert made.stop(30)


def test_a_server_killed_in_the_middle_gets_the_rest_when_it_is_back(
    station: Station, forwarder: Forwarder, postgres: Server
) -> None:
    station.record(3000)
    forwarder.start()
    wait_for(lambda: forwarder.state.sent >= 1000)
    postgres.stop("immediate")
    try:
        station.record(500, 3001)
        wait_for(lambda: forwarder.state.phase is ForwardPhase.WAITING)
        assert "127.0.0.1" in _trouble(forwarder)
        wait_for(lambda: forwarder.state.recorded == 3500)
        assert forwarder.state.waiting > 0
    finally:
        postgres.start()
    wait_for(lambda: forwarder.state.sent == 3500)
    assert forwarder.state.problem is None
    place = postgres.place_of(station.place.database)
    with CentralConnection(place, OWNER_PASSWORD) as owner:
        # Without fsync a killed server may lose what it said it had: it is asked what it has.
        assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[3500, 3500]]
        assert owner.run("SELECT sum(parts) FROM hours") == [[3500]]


FULL = """
CREATE FUNCTION deeprx.no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON deeprx.verdicts
  FOR EACH STATEMENT EXECUTE FUNCTION deeprx.no_room();
"""
PASSING = {
    "full": (FULL, "DROP TRIGGER no_room ON deeprx.verdicts", "no room left"),
    "read-only": (
        "ALTER DATABASE {db} SET default_transaction_read_only = on",
        "ALTER DATABASE {db} SET default_transaction_read_only = off",
        "takes no entries",
    ),
    "locked": (
        "ALTER ROLE {user} SET lock_timeout = '100ms'; BEGIN; LOCK TABLE deeprx.stations",
        "ROLLBACK",
        "too much to do",
    ),
}


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_by_itself_is_said_and_waited_for(
    station: Station, forwarder: Forwarder, owner: CentralConnection, kind: str
) -> None:
    begin, end, words = PASSING[kind]
    names = {"{db}": station.place.database, "{user}": station.place.user}
    for name, value in names.items():
        begin, end = begin.replace(name, value), end.replace(name, value)
    owner.script(begin)
    station.record(10)
    forwarder.start()
    wait_for(lambda: words in _trouble(forwarder))
    assert forwarder.state.phase is ForwardPhase.WAITING
    assert forwarder.state.waiting == 10
    owner.script(f"SET default_transaction_read_only = off; {end}" if kind == "read-only" else end)
    wait_for(lambda: forwarder.state.sent == 10 and forwarder.state.problem is None)
    assert owner.run("SELECT count(*) FROM verdicts") == [[10]]


LASTING = {
    "password": ("ALTER ROLE {user} PASSWORD 'other'", "ALTER ROLE {user} PASSWORD '{password}'"),
    "rights": ("REVOKE deeprx_station FROM {user}", "GRANT deeprx_station TO {user}"),
    "older": ("DELETE FROM deeprx.steps WHERE number = {last}",
              "INSERT INTO deeprx.steps VALUES ({last}, 'x', 'x')"),
    "newer": ("INSERT INTO deeprx.steps VALUES (9000, 'x', 'x')",
              "DELETE FROM deeprx.steps WHERE number = 9000"),
    "retired": ("UPDATE deeprx.stations SET retired = now()",
                "UPDATE deeprx.stations SET retired = NULL"),
}  # fmt: skip
SAYS = {
    "password": "Enter the password again",
    "rights": "right",
    "older": "deeprx central migrate",
    "newer": "newer version",
    "retired": "retired",
}


@pytest.mark.parametrize("kind", LASTING)
def test_what_somebody_has_to_mend_is_said_and_tried_slowly(
    station: Station, forwarder: Forwarder, owner: CentralConnection, kind: str
) -> None:
    station.record(5)
    station.send()
    begin, end = (
        sql.replace("{user}", station.place.user)
        .replace("{password}", station.password)
        .replace("{last}", str(STEPS[-1].number))
        for sql in LASTING[kind]
    )
    steps = (STEPS[0], *STEPS[1:])
    if kind == "older" and len(steps) == 1:
        begin, end = "SELECT 1", "SELECT 1"
        forwarder._setup = station.setup(
            steps=(*STEPS, migrations.Step(STEPS[-1].number + 1, "more", "SELECT 1"))
        )
    owner.script(begin)
    station.record(5, 6)
    forwarder.start()
    wait_for(lambda: SAYS[kind] in _trouble(forwarder))
    assert forwarder.state.phase is ForwardPhase.STOPPED
    assert (forwarder.state.sent, forwarder.state.waiting) == (5, 5)
    owner.script(end)
    forwarder._setup = station.setup()
    forwarder.try_now()
    wait_for(lambda: forwarder.state.sent == 10 and forwarder.state.problem is None)


def test_a_copied_disk_is_refused_and_goes_on_with_an_id_of_its_own(
    station: Station, owner: CentralConnection, tmp_path: Path, login: Login
) -> None:
    station.record(10)
    station.send()
    shutil.copytree(station.paths.data, tmp_path / "copy")
    copy = Paths(tmp_path / "copy")
    station.record(1, 11)
    for _ in range(2):
        station.send()
    with closing(RecordStore(copy.results)) as store:
        clone = Station(copy, station.place, station.password, store)
        clone.record(1, 500)
        with pytest.raises(CentralError) as caught:
            clone.send()
        assert caught.value.trouble is Trouble.CLONED
        assert "central new-id" in str(caught.value)
        assert owner.run("SELECT count(*) FROM verdicts WHERE serial = 'S500'") == [[0]]
        station.send()  # the original is not disturbed
        copy.station_id_file.unlink()
        (copy.data / INSTALLATION).unlink()
        clone.send()
        stolen = Station(copy, *login("deeprx_station"), store)
        copy.station_id_file.write_text(station.paths.station_id_file.read_text())
        with pytest.raises(CentralError) as other:
            stolen.send()
        assert other.value.trouble is Trouble.CLONED
    assert owner.run("SELECT count(*), count(DISTINCT station) FROM verdicts") == [[12, 2]]


def test_a_data_folder_that_moves_to_another_pc_goes_on(
    station: Station, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.record(3)
    station.send()
    monkeypatch.setattr("uuid.getnode", lambda: 0x0050_5600_0001)
    station.record(3, 4)
    station.send()
    assert owner.run("SELECT count(*) FROM verdicts") == [[6]]


def test_a_clock_that_is_wrong_is_said_and_the_verdicts_are_taken(
    station: Station, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr("deeprx_gui.central.sending.time.time", lambda: now() + 3600)
    station.record(1, 1, when=datetime(1970, 1, 2, tzinfo=UTC))
    station.record(1, 2, when=datetime(2199, 1, 2, tzinfo=UTC))
    state = station.send().state
    assert state.clock_ahead == pytest.approx(3600, abs=20)
    assert "clock" in str(state.remarks[0])
    assert owner.run("SELECT count(*) FROM verdicts") == [[2]]
    assert owner.run("SELECT clock_ahead_ms BETWEEN 3580000 AND 3620000 FROM stations") == [[True]]
