"""A copied disk, a retired PC and a slow centre: what the library and the people do."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central import admin, migrations, people
from deeprx_gui.central import password as passwords
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.people import Person, Role
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.people import secret_hash
from deeprx_gui.people.station_people import StationPeople
from deeprx_gui.work.central_sync import CentralRound, hear_station, synchronise
from deeprx_gui.work.forward_files import Installation
from tests.central.plant import Engineer, Station

NewStation = Callable[..., Station]
Login = Callable[[str], tuple[CentralPlace, str]]


def installation(folder: Path, word: str) -> Installation:
    made = Installation(folder)
    made.word, made.next_word = word, word + " next"
    return made


def test_a_copied_disk_neither_follows_nor_writes_the_audit_trail(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection, tmp_path: Path
) -> None:
    station = new_station("a")
    station.look()
    owner.run("UPDATE stations SET installation = 'new', machine = 'another'")
    engineer.release(engineer.publish(1.1))
    copy = installation(tmp_path, "old")
    original = installation(tmp_path, "new")
    station.follower = replace(station.follower, words=lambda: copy)
    assert "is a copy" in str(station.look().offline)
    assert station.runs() is None
    assert not owner.run("SELECT * FROM station_runs")

    here = StationPeople(Paths(tmp_path), station.place, lambda: station.id, lambda: "secret")
    here.note("settings changed", "Ito")
    steps = migrations.steps(resources_dir() / "central")
    order = CentralRound(station.place, station.password, station.id, steps, copy)
    with pytest.raises(CentralError) as refused:
        synchronise(order, here, here.audit)
    assert refused.value.trouble is Trouble.CLONED
    assert owner.run("SELECT count(*) FROM audit WHERE station IS NOT NULL") == [[0]]
    assert synchronise(replace(order, words=original), here, here.audit) == 1
    station.follower = replace(station.follower, words=lambda: original)
    assert station.look().changed


def test_a_retired_pc_reads_nothing_and_does_not_come_back_under_another_id(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection
) -> None:
    secret = secret_hash.hashed("correct horse")
    people.add(owner, Person(0, "Admin", Role.ADMINISTRATOR, secret, False), who="x")
    station = new_station("a")
    with CentralConnection(station.place, station.password) as connection:
        assert len(people.read(connection).people) == 1  # a new PC, before it is entered
    engineer.release(engineer.publish(1.1))
    assert station.look().changed
    ((number,),) = owner.run("SELECT number FROM stations")
    admin.retire(owner, number, retired=True)
    with CentralConnection(station.place, station.password) as connection:
        assert people.read(connection).people == ()
        assert not connection.run("SELECT number FROM library_revisions")
        assert not connection.run("SELECT piece FROM library_pieces")
        add = "INSERT INTO stations (id, name, installation) VALUES (repeat('e', 32), 'x', '')"
        with pytest.raises(CentralError) as refused:
            connection.run(add)
        assert refused.value.trouble is Trouble.RIGHTS
    admin.retire(owner, number, retired=False)
    with CentralConnection(station.place, station.password) as connection:
        assert len(people.read(connection).people) == 1
        assert len(connection.run("SELECT number FROM library_revisions")) == 1


def test_signing_in_hears_the_people_and_leaves_the_audit_trail_for_later(
    login: Login, owner: CentralConnection, tmp_path: Path
) -> None:
    secret = secret_hash.hashed("correct horse")
    people.add(owner, Person(0, "Admin", Role.ADMINISTRATOR, secret, False), who="x")
    place, password = login("deeprx_station")
    paths = Paths(tmp_path)
    central_settings.save(place, paths.central_file)
    here = StationPeople.open(paths, lambda _place: password)
    here.note("settings changed", "Ito")
    hear_station(here, resources_dir() / "central", seconds=60)
    assert [person.name for person in here.names()] == ["Admin"]
    assert len(here.audit.waiting().entries) == 1


def test_signing_in_waits_no_longer_than_it_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        place = CentralPlace("127.0.0.1", "x", port=silent.getsockname()[1])
        here = StationPeople(Paths(tmp_path), place, lambda: "a" * 32, lambda: "secret")
        begun = time.monotonic()
        with pytest.raises(CentralError) as late:
            hear_station(here, resources_dir() / "central", seconds=0.3)
        assert time.monotonic() - begun < 30
        assert late.value.trouble is Trouble.UNREACHABLE


PLACE = CentralPlace("127.0.0.1", "x")


def test_the_environment_does_not_outrank_the_credential_store_for_the_seal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(passwords.VARIABLE, "of somebody")
    monkeypatch.setattr("keyring.get_password", lambda *_: "of the station")
    assert (passwords.read(PLACE), passwords.sealing(PLACE)) == ("of somebody", "of the station")
    monkeypatch.setattr("keyring.get_password", lambda *_: None)
    assert passwords.sealing(PLACE) == "of somebody"
