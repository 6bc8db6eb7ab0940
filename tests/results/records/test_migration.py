"""Files of every schema number there ever was open, and a step in between is safe."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.history import RecordedStation, RecordQuery
from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.locks import try_hold
from deeprx_gui.results.records import schema, store_file
from deeprx_gui.results.records.store import LOCK_NAME, RecordStore
from deeprx_gui.results.records.store_check import StoreCheck, check_store
from tests.results.records.conftest import Open, record

FROZEN = Path(__file__).resolve().parents[2] / "data" / "records"
NEXT = schema.SCHEMA + 1
STEP = {
    **schema.MIGRATIONS,
    schema.SCHEMA: "ALTER TABLE records ADD COLUMN lot TEXT NOT NULL DEFAULT 'unknown';",
}
MIGRATOR = """
import sys
from pathlib import Path
from deeprx_gui.results.records.store import RecordStore
print("ready", flush=True)
sys.stdin.readline()
RecordStore(Path(sys.argv[1])).close()
"""
ROOT = Path(__file__).resolve().parents[3]
KILLS = 12
ROWS = 20_000


@pytest.fixture
def frozen(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return Path(shutil.copy(FROZEN / "v1.sqlite", folder / "records.sqlite"))


def test_there_is_a_frozen_file_of_every_number() -> None:
    assert {p.name for p in FROZEN.glob("v*.sqlite")} == {
        f"v{number}.sqlite" for number in range(1, schema.SCHEMA + 1)
    }
    assert set(schema.MIGRATIONS) == set(range(1, schema.SCHEMA))


def test_the_frozen_v1_opens_with_everything_in_it(opened: Open, frozen: Path) -> None:
    store = opened()
    assert store.notice is None
    ok, review, ng, error = store.rows(RecordQuery())
    assert [r.verdict for r in (ok, review, ng, error)] == list(Verdict)
    assert (ok.profile, ok.source) == ("ギア <A&B>", "replay:C:\\部品")
    assert ng.serial == "SN-0003"
    assert ng.causes == (Cause.DARK,)
    assert (ng.decision, ng.decided_by, ng.note) == (Decision.OK, "佐藤", "ほこり")
    assert str(error.error) == "a.png is gone."
    assert ok.limits == record(1).limits
    assert store.known("review.png|1|2")
    assert store.summary(RecordQuery()).false_calls == 1
    assert store.add(record(9)).number == 5
    assert {(r.station, r.station_id, r.operator, r.method) for r in (ok, review, ng, error)} == {
        ("", "", "", "")
    }
    assert finished(check_store(store)).sound


def test_the_frozen_v2_opens_with_everything_in_it(opened: Open, folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(FROZEN / "v2.sqlite", folder / "records.sqlite")
    store = opened()
    assert store.notice is None
    ok, _review, ng, error = store.rows(RecordQuery())
    assert (ng.decision, ng.decided_by, ng.note) == (Decision.OK, "佐藤", "ほこり")
    assert ng.causes == (Cause.DARK,)
    assert str(error.error) == "a.png is gone."
    assert (ok.station, ok.station_id) == ("ライン 3", "0123456789abcdef0123456789abcdef")
    assert (ok.operator, ok.method) == ("佐藤", "patchcore · efficientnet-lite0")
    assert store.stations() == (RecordedStation(ok.station_id, ok.station),)
    assert finished(check_store(store)).sound


def test_the_frozen_v3_opens_with_everything_in_it(opened: Open, folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copy(FROZEN / "v3.sqlite", folder / "records.sqlite")
    store = opened()
    assert store.notice is None
    ok, _review, ng, _error = store.rows(RecordQuery())
    assert ng.places == "[[0.25, 0.5, 0.004, 20.0], [0.75, 0.125, 0.001, 12.5]]"
    assert (ok.places, ok.operator) == ("", "佐藤")
    assert finished(check_store(store)).sound


def test_a_migrated_file_is_what_a_new_one_is(opened: Open, frozen: Path, tmp_path: Path) -> None:
    opened()
    RecordStore(tmp_path / "new").close()
    assert shape(frozen) == shape(tmp_path / "new" / "records.sqlite")


def test_what_is_added_later_keeps_its_station_apart(opened: Open, frozen: Path) -> None:
    store = opened()
    first = store.add(record(9, station="A", station_id="a" * 32, operator="佐藤"))
    other = store.add(record(10, station="A", station_id="a" * 32, operator="鈴木"))
    assert [store.get(r.number) for r in (first, other)] == [first, other]
    assert [r.number for r in store.rows(RecordQuery(station_id="a" * 32))] == [5, 6]
    with (
        closing(sqlite3.connect(frozen)) as tool,
        pytest.raises(sqlite3.Error, match="never changed"),
    ):
        tool.execute("UPDATE records SET serial = 'x' WHERE number = 1")


def test_a_program_that_only_looks_brings_an_older_file_up_to_date(
    opened: Open, frozen: Path
) -> None:
    store = opened(read_only=True)
    assert not store.writable
    assert store.count(RecordQuery()) == 4
    assert opened().notice is None, "and the lock is free again"


def test_an_older_file_that_somebody_records_into_is_left_alone(opened: Open, frozen: Path) -> None:
    before = frozen.read_bytes()
    held = try_hold(frozen.parent / LOCK_NAME)
    assert held is not None
    with closing(held), pytest.raises(StorageError, match="Close it, then try again"):
        opened(read_only=True)
    assert frozen.read_bytes() == before


@pytest.mark.timeout(100)
def test_a_migration_that_is_killed_goes_on_with_the_next_start(
    opened: Open, frozen: Path, tmp_path: Path
) -> None:
    swell(frozen, ROWS)
    swollen = shutil.copy(frozen, tmp_path / "swollen.sqlite")
    whole = {1: shape(frozen)}
    for version in range(2, schema.SCHEMA + 1):  # each step is whole or not, so any of them is left
        with closing(sqlite3.connect(tmp_path / f"{version}.sqlite")) as new:
            new.executescript(schema.create(version))
        whole[version] = shape(tmp_path / f"{version}.sqlite")
    assert whole[1] != whole[2]
    seen = set()
    for kill in range(KILLS):
        shutil.copy(swollen, frozen)
        kill_within(frozen.parent, kill * 0.012)
        with closing(sqlite3.connect(frozen)) as left:
            version = left.execute("PRAGMA user_version").fetchone()[0]
            assert left.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert shape(frozen) == whole[version], "whole in one of the schemas, nothing between"
        seen.add(version)
        store = opened()
        assert store.notice is None
        assert store.count(RecordQuery()) == ROWS
        assert finished(check_store(store)).problems == ()
        assert store.add(record(ROWS + 1, item="new|1|2", station="A")).number == ROWS + 1
        store.close()
    assert 1 in seen, "the first one is killed before it can begin"
    assert not list(frozen.parent.glob("records-damaged-*"))
    assert not list(frozen.parent.glob(".records-*")), "no half a copy stays"
    for copy in frozen.parent.glob("records-schema1-*.sqlite"):
        with closing(sqlite3.connect(copy)) as kept:
            assert kept.execute("SELECT count(*) FROM records").fetchone() == (ROWS,)


def swell(file: Path, rows: int) -> None:
    """Let a file of schema 1 hold ``rows`` verdicts."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany(
            "INSERT INTO records (uid, at, product, context, verdict, score, times, milliseconds,"
            " latency, serial, item, picture, error, causes)"
            " VALUES (?, 1795413604000000 + ?, 1, 1, 0, 5.0, 0.5, 1.0, 2.0, '', '', '', '', '')",
            [(f"more{n}", n) for n in range(5, rows + 1)],
        )
        connection.commit()


def kill_within(folder: Path, seconds: float) -> None:
    """Let a program open (and so migrate) a store, and kill it after so long at most."""
    with subprocess.Popen(
        [sys.executable, "-c", MIGRATOR, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.stdin.write("\n")
        program.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            program.wait(seconds)
        program.kill()


def shape(file: Path) -> dict[str, object]:
    """What the tables, indexes, triggers and views of a file are, whatever the order of columns."""
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        columns = {
            name: sorted(row[1:] for row in connection.execute(f"PRAGMA table_info({name})"))
            for kind, name, _ in found
            if kind == "table"
        }
    other = {name: sql for kind, name, sql in found if kind != "table"}
    return {**columns, **other}


def finished(job: Generator[Progress, None, StoreCheck]) -> StoreCheck:
    while True:
        try:
            next(job)
        except StopIteration as stop:
            found: StoreCheck = stop.value
            return found


def test_a_step_migrates_and_keeps_a_copy(frozen: Path) -> None:
    before = frozen.read_bytes()
    with closing(store_file.connect(frozen, 1.0, writes=True)) as connection:
        store_file.migrate(connection, frozen, steps=STEP, newest=NEXT)
        assert connection.execute("PRAGMA user_version").fetchone() == (NEXT,)
        assert connection.execute("SELECT DISTINCT lot FROM records").fetchall() == [("unknown",)]
    (copy,) = frozen.parent.glob("records-schema1-*.sqlite")
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert kept.execute("SELECT count(*) FROM records").fetchone() == (4,)
    assert len(before) > 0


def test_a_step_that_fails_changes_nothing(frozen: Path) -> None:
    broken = {1: STEP[1] + "INSERT INTO nowhere VALUES (1);"}  # noqa: S608 - our words
    before = shape(frozen)
    with (
        closing(store_file.connect(frozen, 1.0, writes=True)) as connection,
        pytest.raises(sqlite3.Error, match="nowhere"),
    ):
        store_file.migrate(connection, frozen, steps=broken, newest=2)
    with closing(sqlite3.connect(frozen)) as left:
        assert left.execute("PRAGMA user_version").fetchone() == (1,)
        columns = [row[1] for row in left.execute("PRAGMA table_info(contexts)")]
    assert "station" not in columns
    assert shape(frozen) == before


def test_a_number_there_is_no_way_from_is_put_aside(opened: Open, frozen: Path) -> None:
    with closing(sqlite3.connect(frozen)) as tool:
        tool.execute("PRAGMA user_version = 0")
        tool.commit()
    store = opened()
    assert "kept as" in str(store.notice)
    assert store.count(RecordQuery()) == 0


def test_an_older_program_refuses_what_a_step_made(opened: Open, frozen: Path) -> None:
    with closing(store_file.connect(frozen, 1.0, writes=True)) as connection:
        store_file.migrate(connection, frozen, steps=STEP, newest=NEXT)
    with pytest.raises(StorageError, match="newer version"):
        opened()
