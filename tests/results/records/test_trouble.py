"""Two programs, damaged and foreign files, a locked file, a full disk: said, and nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.results.records import schema, store_file
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import Open, record

ROOT = Path(__file__).resolve().parents[3]


def test_the_second_program_only_looks_and_takes_over_later(opened: Open) -> None:
    first = opened()
    first.add(record(1))
    second = opened()
    assert first.writable
    assert first.notice is None
    assert not second.writable
    assert "already records into this data folder" in str(second.notice)
    with pytest.raises(StorageError, match="already records"):
        second.add(record(2))
    with pytest.raises(StorageError, match="already records"):
        second.decide(1, Decision.OK, who="佐藤")
    first.add(record(3))
    assert second.count(RecordQuery()) == 2  # what the first one adds is seen at once
    second.close()
    first.close()
    third = opened()
    assert third.writable
    assert third.add(record(2)).number == 3


def test_another_process_holds_the_folder_until_it_dies(opened: Open, folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from deeprx_gui.results.records.store import RecordStore\n"
        "store = RecordStore(Path(sys.argv[1])); print(store.writable, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"True"
        assert not opened().writable
        other.kill()
        other.wait()
    assert opened().writable


def test_reading_where_nothing_was_ever_recorded(opened: Open, folder: Path) -> None:
    store = opened(read_only=True)
    assert store.page(RecordQuery()) == ()
    assert store.count(RecordQuery()) == 0
    assert store.notice is None
    assert not folder.exists()
    with pytest.raises(StorageError, match="reading only"):
        store.add(record(1))


def _other_tables(file: Path) -> None:
    with sqlite3.connect(file) as tool:
        tool.execute("CREATE TABLE customers (name TEXT)")
        tool.execute("INSERT INTO customers VALUES ('somebody')")
    tool.close()


def _says_it_is_ours(file: Path) -> None:
    _other_tables(file)
    with sqlite3.connect(file) as tool:
        tool.execute(f"PRAGMA application_id = {schema.APPLICATION}")
        tool.execute(f"PRAGMA user_version = {schema.SCHEMA}")
    tool.close()


def _strange_trigger(file: Path) -> None:
    RecordStore(file.parent).close()
    with sqlite3.connect(file) as tool:
        tool.execute(
            "CREATE TRIGGER evil AFTER INSERT ON hours BEGIN DELETE FROM pictures_gone; END"
        )
    tool.close()


def _noise_in_the_tables(file: Path) -> None:
    store = RecordStore(file.parent)
    for number in range(50):
        store.add(record(number))
    store.close()
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(bytes(data))


def _not_a_database(file: Path) -> None:
    file.write_bytes(b"<html>this is no database</html>" * 400)


def _cut_off(file: Path) -> None:
    _noise_in_the_tables(file)
    file.write_bytes(file.read_bytes()[:5000])


BAD = [
    _other_tables,
    _says_it_is_ours,
    _strange_trigger,
    _noise_in_the_tables,
    _not_a_database,
    _cut_off,
]


@pytest.mark.parametrize("spoil", BAD, ids=lambda spoil: spoil.__name__.strip("_"))
def test_a_bad_file_is_kept_aside_and_a_new_one_begun(
    opened: Open, folder: Path, spoil: Callable[[Path], None]
) -> None:
    folder.mkdir(parents=True)
    spoil(folder / "records.sqlite")
    before = (folder / "records.sqlite").read_bytes()
    with pytest.raises(StorageError):
        opened(read_only=True)  # who only looks changes nothing, and says it
    store = opened()
    assert store.writable
    (aside,) = folder.glob("records-damaged-*.sqlite")
    assert aside.read_bytes() == before
    assert str(aside) in str(store.notice)
    assert "nothing was deleted" in str(store.notice)
    assert store.add(record(1)).number == 1
    store.close()
    assert opened().notice is None


def test_an_empty_file_is_a_store_that_was_never_begun(opened: Open, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "records.sqlite").touch()
    store = opened()
    assert store.notice is None
    assert store.add(record(1)).number == 1


def test_damage_in_mid_run_does_not_stop_the_inspection(store: RecordStore, folder: Path) -> None:
    for number in range(50):
        store.add(record(number))
    connection = store._writing()._connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    data = bytearray(store.file.read_bytes())
    with store.file.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (len(data) - 4096))
    connection.execute("PRAGMA shrink_memory")
    store.add(record(100))
    assert store.notice is not None
    assert "kept as" in str(store.notice)
    assert [r.uid for r in store.page(RecordQuery())] == ["uid00100"]
    assert len(list(folder.glob("records-damaged-*.sqlite"))) == 1


def test_a_newer_file_is_refused_and_untouched(opened: Open, folder: Path) -> None:
    opened().close()
    with sqlite3.connect(folder / "records.sqlite") as tool:
        tool.execute("PRAGMA user_version = 99")
    tool.close()
    before = (folder / "records.sqlite").read_bytes()
    for read_only in (False, True):
        with pytest.raises(StorageError, match=r"newer version .* \(format 99, this one knows 3\)"):
            opened(read_only=read_only)
    assert (folder / "records.sqlite").read_bytes() == before
    assert not list(folder.glob("*damaged*"))


def test_a_file_locked_by_another_tool_is_said_and_waited_for_only_so_long(
    store: RecordStore, opened: Open
) -> None:
    store.add(record(1))
    tool = sqlite3.connect(store.file, isolation_level=None)
    tool.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="Another program has locked"):
        store.add(record(2))
    with pytest.raises(StorageError, match="Another program has locked"):
        store.decide(1, Decision.OK, who="佐藤")
    assert store.count(RecordQuery()) == 1
    tool.execute("ROLLBACK")
    tool.close()
    assert store.add(record(2)).number == 2


def test_a_file_locked_while_it_is_opened(opened: Open, folder: Path) -> None:
    opened().close()
    tool = sqlite3.connect(folder / "records.sqlite", isolation_level=None)
    tool.execute("PRAGMA locking_mode = EXCLUSIVE")
    tool.execute("BEGIN EXCLUSIVE")
    tool.execute("INSERT INTO pictures_gone VALUES ('x', 1)")
    with pytest.raises(StorageError, match="locked"):
        opened()
    tool.execute("ROLLBACK")
    tool.close()
    assert opened().writable  # the lock of the first attempt was let go
    assert not list(folder.glob("*damaged*"))


def _add_many(store: RecordStore) -> None:
    for number in range(2, 500):
        store.add(record(number, serial="x" * 200))


def test_a_full_disk_is_said_and_it_goes_on_when_there_is_room(store: RecordStore) -> None:
    store.add(record(1))
    connection = store._writing()._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match=r"disk is full: .* Free some space"):
        _add_many(store)
    count = store.count(RecordQuery())
    assert count == store.newest() < 499
    connection.execute("PRAGMA max_page_count = 1000000")
    assert store.add(record(1000)).number == count + 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files the POSIX way")
def test_a_disk_that_refuses_in_the_middle_of_a_write(folder: Path, opened: Open) -> None:
    """For real: the system cuts every file off at a size, then lets it grow again."""
    script = """
import resource, signal, sys
from pathlib import Path
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import record
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = RecordStore(Path(sys.argv[1]))
store.add(record(0))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
done, refused = [0], 0
for number in range(1, 60):
    try:
        store.add(record(number, serial="x" * 500))
        done.append(number)
    except StorageError as error:
        refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
done.append(store.add(record(1000)).number and 1000)
print(refused, *done)
"""
    command = [sys.executable, "-c", script, str(folder)]
    ran = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, text=True)
    assert ran.returncode == 0, ran.stderr
    refused, *done = map(int, ran.stdout.split())
    assert refused > 0
    uids = [r.uid for r in opened().rows(RecordQuery())]
    assert uids == [f"uid{number:05d}" for number in done]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        RecordStore(tmp_path / "file" / "results").add(record(1))


def test_names_of_files_put_aside_never_collide(tmp_path: Path) -> None:
    file = tmp_path / "records.sqlite"
    for content in (b"a", b"b", b"c"):
        file.write_bytes(content)
        store_file.put_aside(file)
    assert {p.read_bytes() for p in tmp_path.iterdir()} == {b"a", b"b", b"c"}


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody delete a file that is open")
@pytest.mark.parametrize("name", ["records.sqlite", "records.sqlite-wal"])
def test_a_file_that_is_deleted_or_replaced_under_the_program_records_nothing(
    tmp_path: Path, name: str
) -> None:
    """SQLite would go on writing into a file that nobody finds any more."""
    with closing(RecordStore(tmp_path)) as store:
        store.add(record(1))
        (tmp_path / name).rename(tmp_path / "away")
        with pytest.raises(StorageError, match="deleted or replaced"):
            store.add(record(2))
        with pytest.raises(StorageError, match="deleted or replaced"):
            store.check_file()
        (tmp_path / name).write_bytes(b"another file")
        with pytest.raises(StorageError, match="deleted or replaced"):
            store.add(record(2))
        (tmp_path / "away").replace(tmp_path / name)
        store.check_file()
        assert store.add(record(2)).number == 2, "it is the same file again"
    with closing(RecordStore(tmp_path)) as store:
        assert store.newest() == 2
