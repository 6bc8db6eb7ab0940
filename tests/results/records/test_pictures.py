"""Pictures are kept by rule, nobody waits for them, and no NG is ever deleted for room."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, InspectedPart, Keep, KeepRule
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.results import writing
from deeprx_gui.results.records import disk_space, pictures
from deeprx_gui.results.records.disk_space import DiskSpaceGuard
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import frame, inspected, record

MB = 1 << 20
ROOMY = 100_000 * MB


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DiskSpaceGuard, "PAUSE", 0.0)
    monkeypatch.setattr(pictures, "LOOK_SECONDS", 0.02)


class Keepers:
    """Makes keepers and closes them in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[PictureKeeper] = []

    def __call__(self, keep: Keep = Keep.ALL, **options: Any) -> PictureKeeper:
        rule = KeepRule(keep, **{k: options.pop(k) for k in ("nth", "png") if k in options})
        options.setdefault("free", lambda _: ROOMY)
        keeper = PictureKeeper(self.folder, rule, **options)
        self.made.append(keeper)
        return keeper


@pytest.fixture
def keepers(folder: Path) -> Iterator[Keepers]:
    made = Keepers(folder)
    yield made
    for keeper in made.made:
        keeper.close()


def kept(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_names_tell_when_what_and_which(keepers: Keepers) -> None:
    part = record(1, Verdict.NG)
    local = part.when.astimezone()
    name = keepers().name_for(part)
    assert name == f"pictures/{local:%Y-%m-%d}/{local:%H%M%S}000_NG_uid00001.jpg"
    assert keepers(png=True).name_for(part).endswith("_NG_uid00001.png")
    strange = keepers().name_for(replace(part, uid="../../etc/passwd"))
    assert strange.startswith(f"pictures/{local:%Y-%m-%d}/")
    assert strange.count("/") == 2


@pytest.mark.parametrize(
    ("keep", "wanted"),
    [
        (Keep.NONE, []),
        (Keep.BAD, ["REVIEW", "NG", "ERROR"] * 3),
        (Keep.ALL, ["OK", "REVIEW", "NG", "ERROR"] * 3),
        (Keep.EVERY, ["OK", "REVIEW", "NG", "ERROR", *["REVIEW", "NG", "ERROR"] * 2]),
    ],
)
def test_the_rule_says_which(keepers: Keepers, keep: Keep, wanted: list[str]) -> None:
    keeper = keepers(keep, nth=5)
    parts = [record(n, VERDICTS[n % 4]) for n in range(12)]
    assert [p.verdict for p in parts if keeper.name_for(p)] == wanted


@pytest.mark.parametrize("png", [False, True])
def test_a_recorded_part_has_its_picture_in_a_folder_with_any_name(
    store: RecordStore,
    keepers: Keepers,
    png: bool,
) -> None:
    recorder = Recorder(store, keepers(png=png))
    picture = frame(200)
    shown = recorder.record(inspected(record(1, Verdict.NG), picture))
    assert shown.record.number == 1
    recorder.close()
    (there,) = store.page(RecordQuery())
    assert there == shown.record
    read = decode(store.folder / there.picture)
    assert np.abs(read.pixels.astype(int) - picture.pixels).max() <= (0 if png else 3)
    keeper = recorder.keeper
    assert keeper is not None
    assert (keeper.state().kept, keeper.state().waiting, keeper.state().problem) == (1, 0, None)


def test_no_picture_no_name(store: RecordStore, keepers: Keepers) -> None:
    recorder = Recorder(store, keepers())
    assert recorder.record(InspectedPart(record(1, Verdict.ERROR), None, None)).record.picture == ""
    assert Recorder(store).record(inspected(record(2))).record.picture == ""


def test_a_part_that_is_known_keeps_its_first_picture(store: RecordStore, keepers: Keepers) -> None:
    recorder = Recorder(store, keepers())
    first = recorder.record(inspected(record(1, item="a|1|2"))).record
    again = recorder.record(inspected(record(2, Verdict.NG, item="a|1|2"))).record
    assert again == first
    recorder.close()
    assert kept(store.folder / "pictures") == [first.picture.removeprefix("pictures/")]


class Stuck:
    """A disk that does not answer until it is let."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.busy = threading.Event()
        write = writing.write_file

        def slow(*args: Any, **options: Any) -> None:
            self.busy.set()
            assert self.go.wait(60)
            write(*args, **options)

        monkeypatch.setattr(pictures, "write_file", slow)


def test_a_slow_disk_delays_nobody_and_memory_stays_bounded(
    store: RecordStore, keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Stuck(monkeypatch)
    keeper = keepers(most_megabytes=4)
    recorder = Recorder(store, keeper)
    large = frame(height=512, width=682)  # 1 MB
    for number in range(10):
        recorder.record(inspected(record(number), large))
        assert disk.busy.wait(60)
    for number in range(10, 20):
        recorder.record(inspected(record(number, Verdict.NG), large))
    state = keeper.state()
    assert "slower than the line" in str(state.problem)
    assert state.waiting <= 4
    assert state.missed == 20 - state.waiting
    assert store.count(RecordQuery()) == 20  # every verdict is there
    disk.go.set()
    recorder.close()
    verdicts = [name.split("_")[1] for name in kept(store.folder / "pictures")]
    assert sorted(verdicts) == ["NG", "NG", "OK", "OK"]  # OK ones leave half to the others
    with store.reading() as connection:
        noted = connection.execute("SELECT count(*) FROM pictures_gone").fetchone()[0]
    assert noted == 16  # so that nobody looks for them


def test_a_full_disk_is_said_and_the_next_picture_is_kept(
    store: RecordStore, keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(store, keepers())
    keeper = recorder.keeper
    assert keeper is not None

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("deeprx_gui.results.writing.os.replace", full)
        recorder.record(inspected(record(1, Verdict.NG)))
        _until(lambda: keeper.state().missed == 1)
        assert "disk is full" in str(keeper.state().problem)
    assert kept(store.folder / "pictures") == []
    recorder.record(inspected(record(2, Verdict.NG)))
    recorder.close()
    assert keeper.state().problem is None
    assert len(kept(store.folder / "pictures")) == 1


def _until(true: Any) -> None:
    event = threading.Event()
    for _ in range(1000):
        if true():
            return
        event.wait(0.01)
    raise AssertionError("it never came true")


class Disk:
    """A disk that holds so many pictures of one megabyte, and what lies on it."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self.megabytes = folder, megabytes

    def free(self, _folder: Path) -> int:
        used = sum(1 for p in self.folder.rglob("*") if p.suffix in {".jpg", ".png"})
        return max(0, self.megabytes - used) * MB


def laid(store: RecordStore, verdicts: Sequence[tuple[Verdict, Decision | None]]) -> None:
    """Record parts, an hour apart, with pictures on the disk."""
    for number, (verdict, decision) in enumerate(verdicts):
        part = record(number, verdict)
        part = replace(part, when=part.when + number * timedelta(hours=7))
        local = part.when.astimezone()
        name = f"pictures/{local:%Y-%m-%d}/{local:%H%M%S}000_{verdict.value}_{part.uid}.jpg"
        stored = store.add(replace(part, picture=name))
        if decision is not None:
            store.decide(stored.number, decision, who="佐藤")
        file = store.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"picture")


parts = st.lists(
    st.tuples(st.sampled_from(VERDICTS), st.sampled_from([None, None, *Decision])), max_size=30
)


@settings(max_examples=40)
@given(given_parts=parts, room_for=st.integers(0, 40), limit=st.integers(0, 30))
def test_what_is_ng_is_never_deleted_for_room(
    tmp_path_factory: pytest.TempPathFactory,
    given_parts: list[tuple[Verdict, Decision | None]],
    room_for: int,
    limit: int,
) -> None:
    store = RecordStore(tmp_path_factory.mktemp("room"))
    laid(store, given_parts)
    disk = Disk(store.folder, room_for)
    short = limit - disk.free(store.folder) // MB
    guard = DiskSpaceGuard(store.folder / "pictures", limit, disk.free)
    guard._limit = limit * MB
    guard.check_room(store)
    gone = {r.number for r in store.rows(RecordQuery()) if not (store.folder / r.picture).exists()}
    may_go = [
        number + 1
        for number, (verdict, decision) in enumerate(given_parts)
        if verdict is Verdict.OK and decision is not Decision.NG
    ]
    assert gone <= set(may_go)
    assert guard.thinned == len(gone)
    if short <= 0:
        assert not gone
    else:  # the oldest first; a batch may be a little more than was needed
        assert sorted(gone) == may_go[: len(gone)]
        assert len(gone) >= min(short, len(may_go))
        assert guard.problem is not None or disk.free(store.folder) >= limit * MB
    store.close()


def test_the_guard_warns_thins_and_stops_in_this_order(store: RecordStore) -> None:
    laid(store, [(Verdict.OK, None), (Verdict.NG, None), (Verdict.OK, Decision.NG)])
    free = [5000, 2500, 1000, 1000, 400, 3000]
    now = iter(free)
    current = [0]

    def measure(_: Path) -> int:
        current[0] = next(now)
        return current[0] * MB

    guard = DiskSpaceGuard(store.folder / "pictures", 2048, measure)
    guard.check_room(store)
    assert guard.problem is None
    guard.check_room(store)
    assert "getting full: 2500 MB are free" in str(guard.problem)
    assert guard.thinned == 0
    guard.check_room(store)  # measured before and after
    assert guard.thinned == 1
    assert "pictures of OK parts are not kept any more" in str(guard.problem)
    assert [guard.for_ok, guard.for_any] == [False, True]
    names = kept(store.folder / "pictures")
    assert [name.split("_")[1] for name in names] == ["NG", "OK"]
    guard._reserve = 500 * MB
    guard.check_room(store)
    assert "only verdicts" in str(guard.problem)
    guard.check_room(store)
    assert "getting full" in str(guard.problem)
    assert [guard.for_ok, guard.for_any] == [True, True]


def test_when_none_is_left_the_pictures_are_not_looked_through_at_every_look(
    store: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid(store, [(Verdict.NG, None)] * 3)
    guard = DiskSpaceGuard(store.folder / "pictures", 2048, lambda _: 1000 * MB)
    walks: list[int] = []
    oldest = guard._oldest

    def walk() -> Iterator[tuple[str, Path]]:
        walks.append(1)
        return oldest()

    monkeypatch.setattr(guard, "_oldest", walk)
    for _ in range(5):
        guard.check_room(store)
    assert len(walks) == 1
    assert not guard.for_ok


def test_thinned_pictures_are_no_damage(store: RecordStore) -> None:
    laid(store, [(Verdict.OK, None)] * 3)
    DiskSpaceGuard(store.folder / "pictures", 2048, lambda _: 0).check_room(store)
    assert kept(store.folder / "pictures") == []
    assert not list((store.folder / "pictures").iterdir())  # empty days go as well
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM pictures_gone").fetchone() == (3,)


def test_pictures_nobody_knows_are_left_alone(store: RecordStore) -> None:
    """Of a file of verdicts that was put aside: what people decided is not known."""
    day = store.folder / "pictures" / "2026-11-01"
    day.mkdir(parents=True)
    mine = ["060000000_OK_unknown.jpg", "holiday.jpg", "060000000_OK_x y.jpg"]
    for name in mine:
        (day / name).write_bytes(b"x")
    DiskSpaceGuard(store.folder / "pictures", 2048, lambda _: 0).check_room(store)
    assert sorted(p.name for p in day.iterdir()) == sorted(mine)


def test_nothing_is_thinned_before_somebody_knows_the_decisions(folder: Path) -> None:
    day = folder / "pictures" / "2026-11-01"
    day.mkdir(parents=True)
    (day / "060000000_OK_uid1.jpg").write_bytes(b"x")
    guard = DiskSpaceGuard(folder / "pictures", 2048, lambda _: 0)
    guard.check_room(None)
    assert (day / "060000000_OK_uid1.jpg").exists()
    assert not guard.for_ok


def test_a_run_on_a_nearly_full_disk_goes_on(store: RecordStore, keepers: Keepers) -> None:
    disk = Disk(store.folder, 2048 + 6)
    recorder = Recorder(store, keepers(free=disk.free))
    for number in range(30):
        verdict = Verdict.NG if number % 10 == 9 else Verdict.OK
        recorder.record(inspected(record(number, verdict)))
    recorder.close()
    names = [name.split("_")[1] for name in kept(store.folder / "pictures")]
    assert names.count("NG") == 3
    assert store.count(RecordQuery()) == 30


def test_the_disk_is_measured_where_the_folder_will_be(tmp_path: Path) -> None:
    assert disk_space.free_bytes(tmp_path / "not" / "yet") > 0


def test_leftovers_of_a_kill_are_cleaned_up(store: RecordStore, keepers: Keepers) -> None:
    recorder = Recorder(store, keepers())
    part = record(1)
    day = store.folder / f"pictures/{part.when.astimezone():%Y-%m-%d}"
    day.mkdir(parents=True)
    old = day / ".0123456789ab.part"
    old.write_bytes(b"half")
    os.utime(old, (1, 1))
    recorder.record(inspected(part))
    recorder.close()
    assert not old.exists()
