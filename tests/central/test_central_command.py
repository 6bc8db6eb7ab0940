"""``deeprx central``: from an empty database to the second station, as an IT department does it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.cli.central_place import known_steps
from deeprx_gui.cli.main import main
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.progress import Progress
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.records.store_check import StoreCheck, check_store
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.made_record import made_record


def finished(job: Generator[Progress, None, StoreCheck]) -> StoreCheck:
    try:
        while True:
            next(job)
    except StopIteration as stop:
        found: StoreCheck = stop.value
        return found


VARIABLE = "DEEPRX_CENTRAL_PASSWORD"


class Deeprx:
    """Runs commands in a data folder; the answer is the JSON object."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self.code = 0

    def __call__(self, data: Path, password: str, *words: str) -> dict[str, Any]:
        self._monkeypatch.setenv(VARIABLE, password)
        self._capsys.readouterr()
        self.code = main(["central", *words, "--json", "--lang", "en", "--data-dir", str(data)])
        answer: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return answer


@pytest.fixture
def deeprx(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Deeprx:
    return Deeprx(capsys, monkeypatch)


def where(place: CentralPlace, user: str | None = None) -> list[str]:
    return [
        "--host", place.host, "--port", str(place.port), "--database", place.database,
        "--login", user or place.user, "--no-tls",
    ]  # fmt: skip


def judged(data: Path, first: int, when: datetime | None = None) -> None:
    with closing(RecordStore(Paths(data).results)) as store:
        for number in range(first, first + 4):
            changes = {} if when is None else {"when": when}
            store.add(made_record(number, uid=f"{number:032x}", **changes))


def test_from_an_empty_database_to_the_second_station(
    deeprx: Deeprx, empty_place: CentralPlace, tmp_path: Path
) -> None:
    owner, desk = where(empty_place), tmp_path / "desk"
    assert deeprx(desk, OWNER_PASSWORD, "status") == {"connected": False}
    assert "set it up" in deeprx(desk, OWNER_PASSWORD, "check", *owner)["remarks"][0].lower()
    assert deeprx.code == 2
    assert deeprx(desk, OWNER_PASSWORD, "init", *owner)["step"] == known_steps()[-1].number
    assert deeprx(desk, OWNER_PASSWORD, "migrate", *owner)["ran"] == []
    suffix = empty_place.database
    lines = [f"line_1_{suffix}", f"line_2_{suffix}"]
    for number, line in enumerate(lines):
        made = deeprx(desk, OWNER_PASSWORD, "station", "add", line, *owner)
        data = tmp_path / line
        judged(data, 1 + 10 * number)
        secret = made["password"]
        host, *options = where(empty_place, line)[1:]
        found = deeprx(data, secret, "connect", host, *options, "--line", str(number + 1))
        assert found["connected"], found
        place = central_settings.load(Paths(data).central_file)
        assert place is not None
        assert (place.line, place.tls) == (str(number + 1), Tls.OFF)
        assert secret not in Paths(data).central_file.read_text()
        assert deeprx(data, secret, "check")["roles"] == ["station"]
        before = deeprx(data, secret, "status")
        assert (before["here"]["waiting"], before["sizes"]) == (4, None)
        assert deeprx(data, secret, "send") == {
            "sent": 4, "recorded": 4, "waiting": 0, "put_aside": 0,
            "clock_ahead": pytest.approx(0, abs=20),
        }  # fmt: skip
    all_of_them = deeprx(desk, OWNER_PASSWORD, "status", *owner)
    assert [(s["line"], s["login"], s["verdicts"]) for s in all_of_them["stations"]] == [
        ("1", lines[0], 4), ("2", lines[1], 4),
    ]  # fmt: skip
    assert all_of_them["sizes"]["counted"] == 8

    # A station's PC is replaced: another login goes on, and the old one may not any more.
    deeprx(desk, OWNER_PASSWORD, "station", "add", f"spare_{suffix}", *owner)
    old = all_of_them["stations"][0]["id"]
    handed = deeprx(desk, OWNER_PASSWORD, "station", "hand-over", old, f"spare_{suffix}", *owner)
    assert handed["stations"][0]["login"] == f"spare_{suffix}"
    renewed = deeprx(desk, OWNER_PASSWORD, "station", "password", lines[0], *owner)["password"]
    judged(tmp_path / lines[0], 21)
    refused = deeprx(tmp_path / lines[0], renewed, "send")
    assert "new-id" in refused["error"]
    taken = deeprx(tmp_path / lines[0], renewed, "new-id")["id"]
    assert taken != old
    assert deeprx(tmp_path / lines[0], renewed, "send")["sent"] == 8
    retired = deeprx(desk, OWNER_PASSWORD, "station", "retire", lines[1], *owner)
    assert retired["stations"][0]["retired"]
    who = central_settings.load(Paths(tmp_path / lines[1]).central_file)
    assert who is not None
    may = "SELECT rolcanlogin FROM pg_roles WHERE rolname = :name"
    with CentralConnection(empty_place, OWNER_PASSWORD) as connection:
        assert connection.run(may, name=who.user) == [[False]]
    assert deeprx(tmp_path / lines[1], "", "disconnect") == {"connected": False}
    assert central_settings.load(Paths(tmp_path / lines[1]).central_file) is None


def test_retention_says_what_goes_and_keeps_the_counts(
    deeprx: Deeprx,
    owner: CentralConnection,
    login: Callable[[str], tuple[CentralPlace, str]],
    tmp_path: Path,
) -> None:
    place, password = login("deeprx_station")
    now = datetime.now(UTC)
    judged(tmp_path, 1, datetime(now.year - 2, 5, 20, tzinfo=UTC))
    judged(tmp_path, 11, now)
    assert deeprx(tmp_path, password, "send", *where(place))["sent"] == 8
    by, secret = login("deeprx_admin")
    asked = deeprx(tmp_path, secret, "prune", "--keep-months", "12", *where(by))
    assert [(m["month"], m["verdicts"]) for m in asked["months"]] == [(f"{now.year - 2}-05", 4)]
    assert (asked["deleted"], owner.run("SELECT count(*) FROM verdicts")) == (False, [[8]])
    done = deeprx(tmp_path, secret, "prune", "--keep-months", "12", "--yes", *where(by))
    assert done["deleted"]
    assert owner.run("SELECT count(*) FROM verdicts") == [[4]]
    assert owner.run("SELECT sum(parts) FROM hours") == [[8]]
    assert deeprx(tmp_path, secret, "prune", "--keep-months", "12", *where(by))["months"] == []
    deeprx(tmp_path, password, "prune", "--keep-months", "12", *where(place))
    assert deeprx.code == 2, "a station deletes nothing"


def test_the_printed_script_does_what_init_does(
    deeprx: Deeprx, empty_place: CentralPlace, postgres: Server, tmp_path: Path
) -> None:
    psql = postgres.binaries / "psql"
    if not psql.is_file() and shutil.which("psql") is None:
        pytest.skip("psql is not installed")
    file = tmp_path / "set-up.sql"
    file.write_text(deeprx(tmp_path, "", "init", "--print-sql")["sql"], encoding="utf-8")
    url = (
        f"postgresql://{empty_place.user}:{OWNER_PASSWORD}@{empty_place.host}:{empty_place.port}"
        f"/{empty_place.database}"
    )
    subprocess.run([psql, "-q", url, "-f", file], check=True, capture_output=True)
    with CentralConnection(empty_place, OWNER_PASSWORD) as connection:
        migrations.check(connection, known_steps())
        assert migrations.migrate(connection, known_steps()) == ()


def test_a_station_lets_go_of_what_the_centre_has_and_of_nothing_else(
    deeprx: Deeprx,
    owner: CentralConnection,
    login: Callable[[str], tuple[CentralPlace, str]],
    tmp_path: Path,
) -> None:
    place, password = login("deeprx_station")
    now = datetime.now(UTC)
    long_ago = datetime(now.year - 2, 5, 20, tzinfo=UTC)
    judged(tmp_path, 1, long_ago)
    still_there = tmp_path / "part.png"
    still_there.touch()
    folder = Paths(tmp_path).results
    with closing(RecordStore(folder)) as store:
        store.decide(2, Decision.NG, who="佐藤")
        store.add(made_record(5, uid="5" * 32, when=long_ago, item=f"{still_there}|1|2"))
        store.add(made_record(6, uid="6" * 32, when=long_ago))
        store.decide(6, Decision.NG, who="佐藤")
    judged(tmp_path, 11, now)
    assert deeprx(tmp_path, password, "send", *where(place))["sent"] == 10
    owner.run("DELETE FROM verdicts WHERE row = 3")
    owner.run("DELETE FROM decisions WHERE verdict_uid = CAST(:uid AS uuid)", uid="6" * 32)
    words = ("prune-here", "--keep-months", "3", *where(place))
    asked = deeprx(tmp_path, password, *words)
    assert (asked["deleted"], asked["verdicts"]) == (False, 3)
    assert (asked["not_sent"], asked["files_there"]) == (2, 1)
    with closing(RecordStore(folder)) as store:
        refused = deeprx(tmp_path, password, *words, "--yes")
        assert "Close it" in refused["error"]
        assert store.count(RecordQuery()) == 10
    assert deeprx(tmp_path, password, *words, "--yes")["deleted"]
    with closing(RecordStore(folder)) as store:
        assert [r.number for r in store.rows(RecordQuery())] == [3, 5, 6, 7, 8, 9, 10]
        assert store.known(f"{still_there}|1|2")
        kept = store.get(6)
        assert kept is not None
        assert kept.decision is Decision.NG
        assert store.add(made_record(20, uid="20" * 16)).number == 11
        with store.reading() as connection:
            assert connection.execute("SELECT sum(parts) FROM pruned_hours").fetchone() == (3,)
        assert finished(check_store(store)).sound
    again = deeprx(tmp_path, password, *words)
    assert (again["verdicts"], again["not_sent"]) == (0, 2)
    assert deeprx(tmp_path, password, "send", *where(place))["waiting"] == 0
    assert deeprx(tmp_path, password, *words, "--yes")["verdicts"] == 1, "the row that was lacking"
    assert deeprx(tmp_path, password, "send", "--all", *where(place))["waiting"] == 0
    assert owner.run("SELECT count(*) FROM verdicts WHERE row = 3") == [[1]]
    assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[11, 11]]
