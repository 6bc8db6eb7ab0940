"""The tables come step by step, a connection says what is wrong, a station writes its own rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace, Tls, Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.paths import resources_dir
from tests.central.postgres_server import OWNER_PASSWORD, free_port

STEPS = migrations.steps(resources_dir() / "central")
Login = Callable[[str], tuple[CentralPlace, str]]


def test_steps_are_numbered_without_gaps() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))


def test_an_empty_database_is_set_up_once(empty_place: CentralPlace) -> None:
    with CentralConnection(empty_place, OWNER_PASSWORD) as connection:
        with pytest.raises(CentralError) as caught:
            migrations.check(connection, STEPS)
        assert caught.value.trouble is Trouble.NOT_SET_UP
        assert migrations.migrate(connection, STEPS) == STEPS
        assert migrations.migrate(connection, STEPS) == ()
        migrations.check(connection, STEPS)


def test_a_failed_step_leaves_nothing_behind(empty_place: CentralPlace) -> None:
    bad = migrations.Step(2, "bad", "CREATE TABLE deeprx.half (a int); SELECT 1 / 0;")
    with CentralConnection(empty_place, OWNER_PASSWORD) as connection:
        with pytest.raises(CentralError):
            migrations.migrate(connection, (STEPS[0], bad))
        assert migrations.ran(connection) == 1
        assert connection.run("SELECT to_regclass('deeprx.half')")[0][0] is None


def test_older_and_newer_tables_are_said(owner: CentralConnection) -> None:
    owner.run(
        "UPDATE deeprx.steps SET number = number + 1000 WHERE number = :n", n=STEPS[-1].number
    )
    with pytest.raises(CentralError) as newer:
        migrations.check(owner, STEPS)
    assert newer.value.trouble is Trouble.NEWER
    with pytest.raises(CentralError):
        migrations.migrate(owner, STEPS)
    owner.run("DELETE FROM deeprx.steps WHERE number > 1000")
    owner.run("INSERT INTO deeprx.steps VALUES (1, 'x', 'x') ON CONFLICT DO NOTHING")
    one_more = migrations.Step(STEPS[-1].number + 1, "more", "SELECT 1")
    with pytest.raises(CentralError) as older:
        migrations.check(owner, (*STEPS, one_more))
    assert older.value.trouble is Trouble.OLDER
    assert not older.value.passes


def test_a_step_that_another_edition_ran_differently_is_said(owner: CentralConnection) -> None:
    owner.run("UPDATE deeprx.steps SET sha256 = 'x' WHERE number = 2")
    with pytest.raises(CentralError, match="step 2 differs") as other:
        migrations.check(owner, STEPS)
    assert other.value.trouble is Trouble.OLDER


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"port": 1}, Trouble.UNREACHABLE),
        ({"database": "nothing_here"}, Trouble.NO_DATABASE),
        ({"user": "nobody_here"}, Trouble.PASSWORD),
        ({"tls": Tls.VERIFY}, Trouble.CERTIFICATE),
    ],
)
def test_what_is_wrong_with_a_connection_is_said(
    central_place: CentralPlace, change: dict[str, object], trouble: Trouble
) -> None:
    place = replace(central_place, **change)  # type: ignore[arg-type]
    if "port" in change:
        place = replace(place, port=free_port())
    with pytest.raises(CentralError) as caught:
        CentralConnection(place, OWNER_PASSWORD)
    assert caught.value.trouble is trouble
    assert place.host in str(caught.value) or place.database in str(caught.value)


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_said(central_place: CentralPlace, password: str) -> None:
    with pytest.raises(CentralError) as caught:
        CentralConnection(central_place, password)
    assert caught.value.trouble is Trouble.PASSWORD
    assert "wrong" not in str(caught.value)


def _station(connection: CentralConnection, id_: str) -> int:
    rows = connection.run(
        "INSERT INTO stations (id, name, installation) VALUES (:id, 'A', 'x') RETURNING number",
        id=id_,
    )
    return int(rows[0][0])


def _verdict(
    connection: CentralConnection, station: int, product: int, at: str = "2026-11-05T10:20:00Z"
) -> None:
    context = connection.run(
        "INSERT INTO contexts (digest, station, product, profile, revision, review, ng, promise,"
        " runtime, source, station_name, operator, method) VALUES (:digest, :station, :product,"
        " 'p', 1, 1, 2, '', '', '', '', '', '') RETURNING number",
        digest=secrets.token_bytes(32), station=station, product=product,
    )[0][0]  # fmt: skip
    connection.run("SELECT make_month('2026-11-05T10:00:00Z')")
    connection.run(
        "INSERT INTO verdicts (at, uid, station, product, context, row, verdict, times)"
        " VALUES (:at, gen_random_uuid(), :station, :product, :context, 1, 0, .5)",
        at=at, station=station, product=product, context=context,
    )  # fmt: skip


def test_a_station_writes_and_counts_its_own_rows_only(
    owner: CentralConnection, login: Login
) -> None:
    first, second = login("deeprx_station"), login("deeprx_station")
    with CentralConnection(*first) as one, CentralConnection(*second) as other:
        mine = _station(one, "a" * 32)
        theirs = _station(other, "b" * 32)
        product = one.run(
            "INSERT INTO products (profile_id, name) VALUES ('p', 'P') RETURNING number"
        )
        _verdict(one, mine, product[0][0])
        with pytest.raises(CentralError) as caught:
            _verdict(one, theirs, product[0][0])
        assert caught.value.trouble is Trouble.RIGHTS
        for never in ("infinity", "-infinity", "10000-01-01T00:00:00Z", "1969-12-31T23:59:59Z"):
            with pytest.raises(CentralError) as odd:  # no PC could show it: History would end
                _verdict(one, mine, product[0][0], never)
            assert odd.value.trouble is Trouble.REFUSED
            assert "at_check" in str(odd.value)
        assert other.run("SELECT count(*) FROM verdicts")[0][0] == 0
        for forbidden in ("DELETE FROM verdicts", "UPDATE verdicts SET verdict = 0", "TABLE hours"):
            with pytest.raises(CentralError) as refused:
                one.run(forbidden)
            assert refused.value.trouble is Trouble.RIGHTS
    assert owner.run("SELECT verdict, parts FROM hours") == [[0, 1]]
    assert owner.run("SELECT bin, parts FROM ok_scores") == [[100, 1]]


def test_a_reader_reads_all_and_changes_nothing(owner: CentralConnection, login: Login) -> None:
    with CentralConnection(*login("deeprx_station")) as station:
        number = _station(station, "c" * 32)
        product = station.run(
            "INSERT INTO products (profile_id, name) VALUES ('p', 'P') RETURNING number"
        )
        _verdict(station, number, product[0][0])
    with CentralConnection(*login("deeprx_reader")) as reader:
        assert reader.run("SELECT count(*) FROM verdicts")[0][0] == 1
        with pytest.raises(CentralError):
            reader.run("UPDATE stations SET name = 'B'")


PLACE = CentralPlace("db.example", "station_1", authority="ca.pem", line="Line 3")


def test_the_place_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "central.json"
    assert central_settings.load(file) is None
    central_settings.save(PLACE, file)
    assert central_settings.load(file) == PLACE
    assert "password" not in file.read_text(encoding="utf-8")
    central_settings.save(None, file)
    assert central_settings.load(file) is None


def test_without_tls_only_this_pc_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="TLS"):
        central_settings.save(replace(PLACE, tls=Tls.OFF), tmp_path / "central.json")
    central_settings.save(replace(PLACE, tls=Tls.OFF, host="127.0.0.1"), tmp_path / "central.json")
