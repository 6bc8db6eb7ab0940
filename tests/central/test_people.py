"""People and the audit trail in a real PostgreSQL: rights, refusals, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import audit, migrations, people
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.audit import AuditEntry, AuditEvent, AuditQuery
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.people import PeopleRules, Person, Role
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.people import people_copy, secret_hash
from deeprx_gui.people.station_people import SignedIn, SignInRefused, StationPeople
from deeprx_gui.work.central_sync import CentralRound, synchronise

STEPS = migrations.steps(resources_dir() / "central")
Login = Callable[[str], tuple[CentralPlace, str]]
PIN = "314159"


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hash, "COST", (2, 8, 1))
    monkeypatch.setattr(people_copy, "_COST", 2)


def person(name: str, role: Role = Role.ENGINEER) -> Person:
    return Person(0, name, role, secret_hash.hashed(PIN))


def fill(connection: CentralConnection) -> None:
    people.add(connection, person("Admin", Role.ADMINISTRATOR), who="it")
    people.add(connection, person("Tanaka"), who="Admin")
    people.add(connection, person("Sato", Role.OPERATOR), who="Admin")


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(RequestError) as caught:
        call()
    return str(caught.value)


def trouble(call: Callable[[], object]) -> Trouble:
    with pytest.raises(CentralError) as caught:
        call()
    return caught.value.trouble


def test_an_administrator_adds_changes_and_retires_and_each_is_written_down(
    owner: CentralConnection, login: Login
) -> None:
    with CentralConnection(*login("deeprx_admin")) as admin:
        said = refusal(lambda: people.add(admin, person("Tanaka"), who="it"))
        assert "first person is an administrator" in said
        fill(admin)
        assert people.set_role(admin, "sato", Role.ENGINEER, who="Admin").role is Role.ENGINEER
        people.set_secret(admin, "Sato", secret_hash.hashed("999888"), who="Admin")
        people.retire(admin, "Tanaka", who="Admin")
        people.set_rules(admin, PeopleRules(3.5, 20), who="Admin")
        found = people.listed(admin)
        assert found.rules == PeopleRules(3.5, 20)
        assert {(p.name, p.role.value, p.retired, p.secret) for p in found.people} == {
            ("Admin", "administrator", False, ""),
            ("Sato", "engineer", False, ""),
            ("Tanaka", "engineer", True, ""),
        }
        rows = audit.rows(admin, AuditQuery())
        assert [row.entry.what for row in reversed(rows)] == [
            *["person added"] * 3, "role changed", "secret changed", "person retired",
            "people rules changed",
        ]  # fmt: skip
        assert {row.entry.who for row in rows} == {"it", "Admin"}
        assert {row.login for row in rows} == {admin.place.user}
        assert all("scrypt" not in str(row.entry.more) for row in rows)


def test_two_people_never_share_a_name_and_nobody_comes_back(owner: CentralConnection) -> None:
    fill(owner)
    assert "already" in refusal(lambda: people.add(owner, person("ｔａｎａｋａ"), who="Admin"))
    people.retire(owner, "Tanaka", who="Admin")
    assert "retired" in refusal(lambda: people.add(owner, person("Tanaka"), who="Admin"))
    assert "retired" in refusal(
        lambda: people.set_role(owner, "Tanaka", Role.OPERATOR, who="Admin")
    )
    assert "Nobody" in refusal(lambda: people.retire(owner, "x" * 5000, who="Admin"))
    for call in (
        lambda: people.retire(owner, "Admin", who="Admin"),
        lambda: people.set_role(owner, "Admin", Role.ENGINEER, who="Admin"),
    ):
        assert "only administrator" in refusal(call)
    for sql in (
        "DELETE FROM people",
        "UPDATE people SET retired = NULL WHERE name = 'Tanaka'",
        "UPDATE people SET name = 'X' WHERE name = 'Sato'",
        "UPDATE audit SET who = 'X'",
        "DELETE FROM audit",
    ):
        assert trouble(lambda sql=sql: owner.run(sql)) is Trouble.RIGHTS  # type: ignore[misc]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "a\nb"}, {"name": "a\x1b[0m"}, {"name": "x" * 61}, {"name": " a"}, {"name": ""},
        {"role": "king"}, {"secret": "4711"}, {"secret": "scrypt$2$8$1$x$y"},
    ],
)  # fmt: skip
def test_the_server_refuses_nonsense_whoever_sends_it(
    owner: CentralConnection, values: dict[str, str]
) -> None:
    row = {"name": "Abe", "role": "operator", "secret": secret_hash.hashed(PIN), **values}
    sql = "INSERT INTO people (name, name_key, role, secret) VALUES (:name, :name, :role, :secret)"
    assert trouble(lambda: owner.run(sql, **row)) is Trouble.REFUSED


def test_the_servers_rights_decide_who_may_what(owner: CentralConnection, login: Login) -> None:
    fill(owner)
    for role in ("deeprx_station", "deeprx_reader", "deeprx_engineer"):
        with CentralConnection(*login(role)) as other:
            for call in (
                lambda c: people.add(c, person("Mallory"), who="x"),
                lambda c: c.run("UPDATE people SET role = 'administrator'"),
                lambda c: c.run("DELETE FROM people"),
                lambda c: c.run("UPDATE people_rules SET offline_days = 300"),
                lambda c: c.run("DELETE FROM audit"),
            ):
                assert trouble(lambda: call(other)) is Trouble.RIGHTS  # noqa: B023
            if role != "deeprx_station":
                assert trouble(lambda: people.read(other)) is Trouble.RIGHTS
                assert len(people.listed(other).people) == 3
    with CentralConnection(*login("deeprx_admin")) as admin:
        assert trouble(lambda: admin.run("DELETE FROM people")) is Trouble.RIGHTS
        assert trouble(lambda: admin.run("UPDATE people SET name = 'X'")) is Trouble.RIGHTS


# -- a station -----------------------------------------------------------------------------------


def register(connection: CentralConnection, station_id: str, name: str = "Line 3") -> int:
    rows = connection.run(
        "INSERT INTO stations (id, name, line, installation) VALUES (:id, :name, 'L3', 'x')"
        " RETURNING number",
        id=station_id, name=name,
    )  # fmt: skip
    return int(rows[0][0])


@pytest.fixture
def station(tmp_path: Path, login: Login) -> tuple[StationPeople, CentralRound]:
    """A station with a login of its own, registered in the centre."""
    paths = Paths(tmp_path / "data")
    place, password = login("deeprx_station")
    central_settings.save(place, paths.central_file)
    made = StationPeople.open(paths, lambda _place: password)
    station_id = (tmp_path / "data" / "station-id.txt").read_text().strip()
    with CentralConnection(place, password) as connection:
        register(connection, station_id)
    return made, CentralRound(place, password, station_id, STEPS)


def test_a_station_hears_people_and_sends_each_entry_once(
    owner: CentralConnection, station: tuple[StationPeople, CentralRound]
) -> None:
    here, order = station
    assert not here.active
    fill(owner)
    synchronise(order, here, here.audit)
    assert isinstance(here.sign_in("Tanaka", PIN, wanted=Role.ENGINEER), SignedIn)
    here.audit.note(AuditEntry("product saved", "Tanaka", "engineer", "Bracket", 7))
    batch = here.audit.waiting()
    assert synchronise(order, here, here.audit) == 2
    with CentralConnection(order.place, order.password) as again:  # as after a kill in between
        number = audit.station_number(again, order.station_id)
        assert number is not None
        audit.add(again, number, batch.entries)
    people.retire(owner, "Tanaka", who="Admin")
    assert synchronise(order, here, here.audit) == 0
    assert "retired" in str(here.look(0))
    assert synchronise(order, here, here.audit) == 1
    rows = audit.rows(owner, AuditQuery(station="Line 3"))
    assert [row.entry.what for row in reversed(rows)] == [
        "signed in", "product saved", "signed out",
    ]  # fmt: skip
    assert (rows[1].entry.product, rows[1].entry.revision, rows[1].line) == ("Bracket", 7, "L3")
    assert rows[0].login == order.place.user
    for query, count in (
        (AuditQuery(who="Tanaka", station="Line 3"), 3),
        (AuditQuery(what="product"), 1),
        (AuditQuery(product="Bracket", since=batch.entries[0].at), 1),
        (AuditQuery(until=batch.entries[0].at, station="Line 3"), 1),
        (AuditQuery(limit=2), 2),
        (AuditQuery(who="'; DROP TABLE audit; --"), 0),
    ):
        assert len(audit.rows(owner, query)) == count, query


def test_a_station_writes_no_entry_for_another(
    owner: CentralConnection, login: Login, station: tuple[StationPeople, CentralRound]
) -> None:
    _, order = station
    with CentralConnection(*login("deeprx_station")) as other:
        register(other, "b" * 32, "Other")
        own = audit.station_number(owner, order.station_id)
        assert own is not None
        entry = AuditEntry(AuditEvent.SIGNED_IN, "Tanaka")
        assert trouble(lambda: audit.add(other, own, [entry])) is Trouble.RIGHTS
        assert other.run("SELECT count(*) FROM stations")[0][0] == 1
        assert trouble(lambda: other.run("SELECT * FROM audit")) is Trouble.RIGHTS


def test_an_entry_the_server_refuses_holds_up_no_other(
    owner: CentralConnection, station: tuple[StationPeople, CentralRound], tmp_path: Path
) -> None:
    here, order = station
    for number in range(3):
        here.audit.note(AuditEntry(AuditEvent.DECIDED, f"p{number}"))
    file = tmp_path / "data" / "audit.jsonl"
    file.write_text(file.read_text().replace('"decided"', '""', 1))
    assert synchronise(order, here, here.audit) == 3
    assert [r.entry.who for r in audit.rows(owner, AuditQuery())] == ["p2", "p1"]
    assert '"p0"' in (tmp_path / "data" / "audit-refused.jsonl").read_text()
    assert here.audit.waiting().entries == ()


def test_away_older_and_newer_centres_are_said_and_nothing_is_lost(
    owner: CentralConnection, station: tuple[StationPeople, CentralRound]
) -> None:
    here, order = station
    fill(owner)
    synchronise(order, here, here.audit)
    here.audit.note(AuditEntry(AuditEvent.DECIDED, "Sato"))
    away = replace(order, place=replace(order.place, port=1))
    older = replace(order, steps=(*STEPS, migrations.Step(STEPS[-1].number + 1, "more", "")))
    newer = replace(order, steps=STEPS[:-1])
    wrong = replace(order, password="wrong")  # noqa: S106 - a test
    for changed, expected in (
        (away, Trouble.UNREACHABLE),
        (older, Trouble.OLDER),
        (newer, Trouble.NEWER),
        (wrong, Trouble.PASSWORD),
    ):
        assert trouble(lambda c=changed: synchronise(c, here, here.audit)) is expected  # type: ignore[misc]
        assert isinstance(here.sign_in("Sato", PIN), SignedIn), "from the copy"
    assert isinstance(here.sign_in("Sato", "0000"), SignInRefused)
    assert synchronise(order, here, here.audit) > 0
    assert here.audit.waiting().entries == ()


def test_decisions_and_corrections_are_in_the_trail_once(
    owner: CentralConnection, station: tuple[StationPeople, CentralRound]
) -> None:
    _, order = station
    with CentralConnection(order.place, order.password) as line:
        number = audit.station_number(line, order.station_id)
        register(line, "d" * 32)
        copy = audit.station_number(line, "d" * 32)  # has the same in its file
        product = line.run(
            "INSERT INTO products (profile_id, name) VALUES ('p', 'Bracket') RETURNING number"
        )[0][0]
        for each in (number, number, copy):
            line.run(
                "INSERT INTO decisions (uid, verdict_uid, verdict_at, station, row, decision, who,"
                " at, note) VALUES ('00000000-0000-4000-8000-000000000001', gen_random_uuid(),"
                " now(), :station, 1, 1, 'Sato', now(), 'scratch') ON CONFLICT DO NOTHING",
                station=each,
            )
            line.run(
                "INSERT INTO corrections (uid, station, product, kind, name, who, at)"
                " VALUES ('c1', :station, :product, 'was-ok', 'a.png', 'Sato',"
                " '2026-11-05T10:20:00Z') ON CONFLICT DO NOTHING",
                station=each, product=product,
            )  # fmt: skip
    found = {r.entry.what: r.entry for r in audit.rows(owner, AuditQuery(who="Sato"))}
    assert found["decided"].more["decision"] == "NG"
    assert found["decided"].more["note"] == "scratch"
    assert (found["corrected"].product, found["corrected"].more["name"]) == ("Bracket", "a.png")
    assert len(audit.rows(owner, AuditQuery())) == 2


def test_before_the_station_is_known_entries_wait(
    owner: CentralConnection, login: Login, tmp_path: Path
) -> None:
    paths = Paths(tmp_path / "data")
    place, password = login("deeprx_station")
    central_settings.save(place, paths.central_file)
    here = StationPeople.open(paths, lambda _place: password)
    here.audit.note(AuditEntry(AuditEvent.DECIDED, "Sato"))
    order = CentralRound(place, password, "c" * 32, STEPS)
    assert synchronise(order, here, here.audit) == 0
    with CentralConnection(place, password) as connection:
        register(connection, "c" * 32)
    assert synchronise(order, here, here.audit) == 1


def test_the_owner_may_still_delete_what_the_law_says(
    owner: CentralConnection, station: tuple[StationPeople, CentralRound]
) -> None:
    fill(owner)
    owner.script("ALTER TABLE deeprx.audit DISABLE TRIGGER audit_stays")
    owner.run("DELETE FROM audit")
    assert audit.rows(owner, AuditQuery()) == ()
