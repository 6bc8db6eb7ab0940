"""What goes wrong between a station and the centre: said, waited for, nothing lost or doubled."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.forwarding import ForwardPhase
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.forward_rows import FILE_NAME
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.forward import Forwarder, Pauses
from deeprx_gui.work.forward_files import INSTALLATION
from tests.central.cutting_proxy import cutting_proxy
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.central.sending_station import STEPS, Login, Station, wait_for

QUICK = Pauses(0.05, 0.2, 0.2)


def _trouble(state_of: Forwarder) -> str:
    return "" if state_of.state.problem is None else str(state_of.state.problem)


Start = Callable[..., Forwarder]


@pytest.fixture
def start(station: Station) -> Iterator[Start]:
    """Starts forwarders of the station; they end with the test."""
    made: list[Forwarder] = []

    def begin(**changes: object) -> Forwarder:
        made.append(Forwarder(station.setup(**changes), pauses=QUICK))
        made[-1].start()
        return made[-1]

    yield begin
    for each in made:
        assert each.stop(30)


def test_a_server_killed_in_the_middle_gets_the_rest_when_it_is_back(
    station: Station, start: Start, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.work.forward_pass.FREE_BATCH", 7)
    station.record(300)
    forwarder = start()
    wait_for(lambda: forwarder.state.sent >= 7)
    postgres.stop("immediate")
    try:
        station.record(50, 301)
        wait_for(lambda: forwarder.state.phase is ForwardPhase.WAITING)
        assert "127.0.0.1" in _trouble(forwarder)
        wait_for(lambda: forwarder.state.recorded == 350)
        assert forwarder.state.waiting >= 50
    finally:
        postgres.start()
    wait_for(lambda: forwarder.state.sent == 350)
    assert forwarder.state.problem is None
    place = postgres.place_of(station.place.database)
    with CentralConnection(place, OWNER_PASSWORD) as owner:
        # Without fsync a killed server may lose what it said it had: it is asked what it has.
        assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[350, 350]]
        assert owner.run("SELECT sum(parts) FROM hours") == [[350]]


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
        "BEGIN; LOCK TABLE deeprx.stations",
        "ROLLBACK",
        "too much to do",
    ),
}


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_by_itself_is_said_and_waited_for(
    station: Station,
    start: Start,
    owner: CentralConnection,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin, end, words = PASSING[kind]
    names = {"{db}": station.place.database, "{user}": station.place.user}
    for name, value in names.items():
        begin, end = begin.replace(name, value), end.replace(name, value)
    monkeypatch.setattr("deeprx_gui.work.forward.LOCK_SECONDS", 1)
    owner.script(begin)
    station.record(10)
    forwarder = start()
    wait_for(lambda: words in _trouble(forwarder))
    assert forwarder.state.phase is ForwardPhase.WAITING
    assert forwarder.state.waiting == 10
    station.record(5, 11)  # the line does not wait for the server
    wait_for(lambda: forwarder.state.waiting == 15)
    owner.script(f"SET default_transaction_read_only = off; {end}" if kind == "read-only" else end)
    wait_for(lambda: forwarder.state.sent == 15 and forwarder.state.problem is None)
    assert owner.run("SELECT count(*) FROM verdicts") == [[15]]


def test_a_server_that_takes_the_call_and_says_nothing_holds_up_no_line(
    station: Station, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.work.forward.TIMEOUT_SECONDS", 0.3)
    station.record(10)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        forwarder = start(place=replace(station.place, port=silent.getsockname()[1]))
        wait_for(lambda: "127.0.0.1" in _trouble(forwarder))
        station.record(5, 11)
        wait_for(lambda: forwarder.state.waiting == 15)
        assert forwarder.state.phase is ForwardPhase.WAITING
    assert station.send().state.sent == 15


def test_a_wire_cut_in_the_middle_of_a_batch_costs_nothing(
    station: Station, start: Start, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deeprx_gui.work.forward_pass.FREE_BATCH", 7)
    station.record(100)
    with cutting_proxy(station.place.port, 3000) as (port, cut):
        forwarder = start(place=replace(station.place, port=port))
        wait_for(lambda: forwarder.state.sent == 100)
        assert cut.cuts == 1, cut.passed
        assert forwarder.stop()
    assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[100, 100]]
    assert owner.run("SELECT sum(parts) FROM hours") == [[100]]


LASTING = {
    "password": ("ALTER ROLE {user} PASSWORD 'other'", "ALTER ROLE {user} PASSWORD '{password}'"),
    "rights": ("REVOKE deeprx_station FROM {user}", "GRANT deeprx_station TO {user}"),
    "older": ("SELECT 1", "INSERT INTO deeprx.steps VALUES ({last} + 1, 'more', '{more}')"),
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
    station: Station, start: Start, owner: CentralConnection, kind: str
) -> None:
    station.record(5)
    station.send()
    one_more = migrations.Step(STEPS[-1].number + 1, "more", "SELECT 1")
    begin, end = (
        sql.replace("{user}", station.place.user)
        .replace("{more}", one_more.sha256)
        .replace("{password}", station.password)
        .replace("{last}", str(STEPS[-1].number))
        for sql in LASTING[kind]
    )
    owner.script(begin)
    station.record(5, 6)
    forwarder = start(steps=(*STEPS, one_more) if kind == "older" else STEPS)
    wait_for(lambda: SAYS[kind] in _trouble(forwarder))
    assert forwarder.state.phase is ForwardPhase.STOPPED
    assert (forwarder.state.sent, forwarder.state.waiting) == (5, 5)
    owner.script(end)
    forwarder.try_now()
    wait_for(lambda: forwarder.state.sent == 10 and forwarder.state.problem is None)


def test_a_file_that_cannot_be_looked_at_is_said_and_ends_nothing(
    station: Station, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_file, away = Path.is_file, OSError(errno.EIO, "the drive is away")

    def look(path: Path, **how: bool) -> bool:
        if path.name == FILE_NAME:
            raise away
        return is_file(path, **how)

    station.record(5)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "is_file", look)
        forwarder = start()
        wait_for(lambda: "the drive is away" in _trouble(forwarder))
        assert forwarder.state.phase is ForwardPhase.WAITING
    wait_for(lambda: forwarder.state.sent == 5 and forwarder.state.problem is None)


def test_whatever_happens_the_thread_goes_on_and_says_it(
    station: Station, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object) -> None:
        raise ValueError("nobody thought of this")

    station.record(5)
    with monkeypatch.context() as patched:
        patched.setattr("deeprx_gui.work.forward_files.hold", burst)
        forwarder = start()
        wait_for(lambda: "nobody thought of this" in _trouble(forwarder))
    wait_for(lambda: forwarder.state.sent == 5 and forwarder.state.problem is None)


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


KILLED = """
import sys
from pathlib import Path
from deeprx_gui.central import migrations
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.station_identity import identity
from deeprx_gui.work import forward, forward_pass
forward_pass.FREE_BATCH = 3
data, user, database, port = sys.argv[1:5]
paths = Paths(Path(data))
forward.Forwarder(
    forward.ForwardSetup(
        CentralPlace("127.0.0.1", user, database, int(port), Tls.OFF),
        sys.stdin.readline().strip,
        identity(paths.station_id_file, "A"),
        paths.data,
        paths.results,
        paths.profiles,
        migrations.steps(resources_dir() / "central"),
    )
).start()
sys.stdin.read()
"""


def test_a_killed_forwarder_leaves_nothing_out_and_nothing_twice(
    station: Station, owner: CentralConnection
) -> None:
    station.record(200)
    place = station.place
    words = [str(station.paths.data), place.user, place.database, str(place.port)]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, *words], stdin=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdin is not None
        killed.stdin.write(f"{station.password}\n")
        killed.stdin.flush()
        wait_for(lambda: owner.run("SELECT count(*) FROM verdicts")[0][0] > 3)
        killed.kill()
    there = owner.run("SELECT count(*) FROM verdicts")[0][0]
    assert station.send().state.sent == 200
    assert there <= 200
    assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[200, 200]]
    assert owner.run("SELECT sum(parts) FROM hours") == [[200]]
