"""A station that has heard who may sign in, and clocks that can be moved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from deeprx_gui import central_settings
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.domain.people import PeopleList, PeopleRules, Person, Role
from deeprx_gui.paths import Paths
from deeprx_gui.people import people_copy, secret_hash, tries
from deeprx_gui.people.people_copy import Mark
from deeprx_gui.people.station_people import StationPeople

PLACE = CentralPlace(host="127.0.0.1", user="station_1", tls=Tls.OFF)
OPERATOR, ENGINEER, ADMINISTRATOR = "Sato", "田中", "Admin"
SECRETS = {OPERATOR: "4711", ENGINEER: "271828", ADMINISTRATOR: "correct horse"}
RULES = PeopleRules()
Open = Callable[..., StationPeople]


class Clocks:
    """The PC's clock, which may be set, and the one that runs since the PC was started."""

    def __init__(self) -> None:
        self.wall = 1_780_000_000.0
        self.steady = 500.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def passes(self, *, days: float = 0.0, seconds: float = 0.0) -> None:
        """Let time go by while the PC runs."""
        self.wall += days * 86_400 + seconds
        self.steady += days * 86_400 + seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    fake = SimpleNamespace(time=made.time, monotonic=made.monotonic)
    for module in (people_copy, tries):
        monkeypatch.setattr(module, "time", fake)
    return made


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hash, "COST", (2, 8, 1))
    monkeypatch.setattr(people_copy, "_COST", 2)


def everybody(*retired: str, rules: PeopleRules = RULES) -> PeopleList:
    """The three of the tests, as the centre says it."""
    names = {OPERATOR: Role.OPERATOR, ENGINEER: Role.ENGINEER, ADMINISTRATOR: Role.ADMINISTRATOR}
    people = tuple(
        Person(n, name, role, secret_hash.hashed(SECRETS[name]), name in retired)
        for n, (name, role) in enumerate(names.items(), start=1)
    )
    return PeopleList(people, rules)


@pytest.fixture
def open_people(tmp_path: Path) -> Open:
    """Start the station's program anew over the same data folder."""

    def make(
        password: str = "of the station",  # noqa: S107
        *,
        alone: bool = False,
        mark: Mark | None = None,
    ) -> StationPeople:
        paths = Paths(tmp_path / "データ")
        if not alone:
            central_settings.save(PLACE, paths.central_file)
        return StationPeople.open(paths, lambda _place: password, mark=mark)

    return make


@pytest.fixture
def station(open_people: Open, clocks: Clocks) -> StationPeople:
    """A station that has just heard from the centre."""
    made = open_people()
    made.hear(everybody())
    return made
