"""A station that belongs to another central database from now on, or reaches its own otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.people import Role
from deeprx_gui.people.station_people import StationPeople
from tests.people.conftest import ENGINEER, PLACE, SECRETS, Clocks, Open, everybody


def test_another_line_of_the_same_centre_signs_nobody_out(station: StationPeople) -> None:
    station.sign_in(ENGINEER, SECRETS[ENGINEER], wanted=Role.ENGINEER)
    moved = replace(PLACE, line="Line 3", user="station_2")
    station.move(moved)
    assert (station.granted, station.place) == (True, moved)
    station.move(replace(PLACE, port=5433))
    assert station.signed_in is None
    last = station.audit.waiting().entries[-1]
    assert (last.what, last.who) == ("signed out", ENGINEER)


def test_an_old_round_does_not_bring_the_people_of_the_centre_before(
    open_people: Open, clocks: Clocks
) -> None:
    station = open_people()
    for now in (replace(PLACE, database="another"), None):
        station.move(now)
        with pytest.raises(CentralError, match="does not belong"):
            station.hear(everybody(), PLACE)
        assert not station.active
    station.move(replace(PLACE, line="Line 3"))
    station.hear(everybody(), PLACE)
    assert station.active
