"""A copied disk: what the original recorded is its own; the copy sends what nobody else has."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deeprx_gui.central import admin
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.central import PictureRule
from deeprx_gui.domain.forwarding import VerdictBatch
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.paths import Paths
from deeprx_gui.results.records import pruning
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.forward_files import INSTALLATION, read_mark
from tests.central.sending_station import START, Login, Station


class Plant:
    """A station, and copies of its disk that become stations of their own."""

    def __init__(self, station: Station, login: Login, stores: ExitStack) -> None:
        self._login, self._stores = login, stores
        self.original = replace(station, place=replace(station.place, pictures=PictureRule.ALL))

    def copy(self, name: str) -> Station:
        """Copy the disk and give the copy a login of its own; it still has the original's id."""
        paths = Paths(self.original.paths.data.parent / name)
        shutil.copytree(self.original.paths.data, paths.data)
        store = self._stores.enter_context(closing(RecordStore(paths.results)))
        place, password = self._login("deeprx_station")
        return Station(paths, replace(place, pictures=PictureRule.ALL), password, store)


@pytest.fixture
def plant(station: Station, login: Login) -> Iterator[Plant]:
    with ExitStack() as stores:
        yield Plant(station, login, stores)


def judge(station: Station, number: int, uid: str = "") -> None:
    """Judge a part and keep its picture."""
    name = f"pictures/2026-11-23/{uid or number}.jpg"
    file = station.paths.results / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"JPEG")
    changes = {"uid": uid} if uid else {}
    station.record(1, number, picture=name, station_id=station.setup().identity.id, **changes)


def new_id(station: Station) -> None:
    station.paths.station_id_file.unlink()
    (station.paths.data / INSTALLATION).unlink(missing_ok=True)


def who_has(owner: CentralConnection, table: str = "verdicts") -> Counter[str]:
    """Count a table's rows by the id of their station; fails where a uid is there twice."""
    rows = owner.run(
        f"SELECT s.id, t.uid FROM {table} t"  # noqa: S608 - a table of ours
        " JOIN stations s ON s.number = t.station"
    )
    assert len({uid for _, uid in rows}) == len(rows), "there twice"
    return Counter(station for station, _ in rows)


def prunable(station: Station) -> tuple[list[int], int]:
    """Return the numbers that the station may let go, and how many wait."""
    with station.setup().session() as session:
        steps = pruning.plan(
            station.paths.results,
            START + timedelta(days=1),
            verdicts=session.arrived,
            decisions=session.decisions_arrived,
            pictures_sent=(1000, read_mark(station.paths.results).copied),
            station=station.setup().identity.id,
        )
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return list(done.value.gone), done.value.unsent


def test_each_verdict_decision_and_picture_is_there_once(
    plant: Plant, owner: CentralConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = plant.original
    for number in range(1, 7):
        judge(original, number)
    original.store.decide(3, Decision.NG, who="a")
    original.send()
    judge(original, 7)  # not sent yet when the disk is copied
    original.store.decide(7, Decision.OK, who="a")
    copy = plant.copy("copy")
    judge(original, 8)
    judge(copy, 8, "c" * 32)  # recorded under the original's id, which does not have it
    new_id(copy)
    judge(copy, 9, "d" * 32)
    x, y = original.setup().identity.id, copy.setup().identity.id

    state = copy.send().state
    assert "another station" in str(state.remarks)
    assert who_has(owner) == {x: 6, y: 1}, "7 may be the original's, so it waits"
    assert prunable(copy) == ([1, 2, 3, 4, 5, 6], 2)

    original.send()
    assert copy.send().state.remarks == ()
    assert who_has(owner) == who_has(owner, "pictures") == {x: 8, y: 2}
    assert who_has(owner, "decisions") == {x: 2}
    assert owner.run("SELECT sum(parts) FROM hours") == [[10]]
    assert prunable(copy) == ([1, 2, 3, 4, 5, 6, 7, 8], 0)

    def nothing(_session: StationSession, batch: VerdictBatch) -> int:
        raise AssertionError(batch)

    monkeypatch.setattr(StationSession, "send_verdicts", nothing)
    copy.send()  # a sign-in finds back where it was and sends nothing again


def test_what_a_copy_decides_about_copied_parts_arrives_and_can_be_pruned(
    plant: Plant, owner: CentralConnection
) -> None:
    original = plant.original
    judge(original, 1)
    judge(original, 2)
    original.send()
    copy = plant.copy("copy")
    new_id(copy)
    judge(copy, 3)
    copy.send()
    copy.store.decide(1, Decision.NG, who="b")
    assert prunable(copy) == ([2], 1)
    copy.send()
    assert prunable(copy) == ([1, 2], 0)
    assert owner.run("SELECT count(*) FROM decided") == [[0]], "it was judged at the original"


def test_a_retired_original_leaves_what_it_did_not_send_to_its_copy(
    plant: Plant, owner: CentralConnection
) -> None:
    original = plant.original
    judge(original, 1)
    original.send()
    judge(original, 2)
    copy = plant.copy("copy")
    new_id(copy)
    copy.send()
    assert list(who_has(owner).values()) == [1]
    ((number,),) = owner.run(
        "SELECT number FROM stations WHERE id = :id", id=original.setup().identity.id
    )
    admin.retire(owner, number, retired=True)
    copy.send()
    assert who_has(owner)[copy.setup().identity.id] == 1


def test_copies_of_a_pc_that_was_never_connected_send_what_it_recorded_once(
    plant: Plant, owner: CentralConnection, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        judge(plant.original, number)
    copies = [plant.copy(name) for name in ("a", "b")]
    for copy in copies:
        new_id(copy)
        judge(copy, 4, copy.setup().identity.id)
        copy.send()
    assert sorted(who_has(owner).values()) == [1, 4]
    assert who_has(owner, "pictures") == who_has(owner)
