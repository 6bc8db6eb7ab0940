"""One PostgreSQL for the tests of a process; each test takes a fresh database from a template."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.results.records.store import RecordStore
from tests.central import postgres_server
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.central.sending_station import Station

TEMPLATE = "deeprx_template"
_number = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a running server whose owner is ``postgres``."""
    if postgres_server.binaries() is None:
        pytest.skip(postgres_server.MISSING)
    with postgres_server.running() as server:
        with CentralConnection(server.place, OWNER_PASSWORD) as connection:
            connection.script(f"CREATE DATABASE {TEMPLATE}")
        with CentralConnection(server.place_of(TEMPLATE), OWNER_PASSWORD) as connection:
            migrations.migrate(connection, migrations.steps(resources_dir() / "central"))
        yield server


@pytest.fixture
def empty_place(postgres: Server) -> CentralPlace:
    """Return an empty database and its owner."""
    return _database(postgres, "template1")


@pytest.fixture
def central_place(postgres: Server) -> CentralPlace:
    """Return a database with all tables and no rows, and its owner."""
    return _database(postgres, TEMPLATE)


@pytest.fixture
def owner(central_place: CentralPlace) -> Iterator[CentralConnection]:
    """Return a connection of the owner to a database with all tables and no rows."""
    with CentralConnection(central_place, OWNER_PASSWORD) as connection:
        yield connection


@pytest.fixture
def login(owner: CentralConnection, postgres: Server) -> Callable[[str], tuple[CentralPlace, str]]:
    """Return what makes a login of a role and says how it comes in."""

    def make(role: str) -> tuple[CentralPlace, str]:
        name, password = f"{role}_{next(_number)}", postgres_server.a_password()
        owner.script(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {role}")
        return postgres.place_of(owner.place.database, name), password

    return make


@pytest.fixture
def station(tmp_path: Path, login: Callable[[str], tuple[CentralPlace, str]]) -> Iterator[Station]:
    """Return a station that may send, with nothing recorded yet."""
    paths = Paths(tmp_path / "data")
    place, password = login("deeprx_station")
    with closing(RecordStore(paths.results)) as store:
        yield Station(paths, replace(place, line="Line 3"), password, store)


def _database(server: Server, template: str) -> CentralPlace:
    name = f"test_{next(_number)}"
    with CentralConnection(server.place, OWNER_PASSWORD) as connection:
        connection.script(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.place_of(name)
