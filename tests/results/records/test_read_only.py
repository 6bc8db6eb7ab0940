"""History is read where nothing can be written, and verify tells a kill from a loss."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Keep, KeepRule
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records import recorder as recorders
from deeprx_gui.results.records.picture_mark import PictureMark, named_pictures
from deeprx_gui.results.records.pictures import PictureKeeper
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
from tests.results.records.conftest import inspected, record
from tests.results.records.test_killed import ROOT, checked, shown_until_killed

posix = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
READER = """
import os, sys
from pathlib import Path
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.results.records.store import FILE_NAME, RecordStore
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for read_only in (True, False):
    store = RecordStore(Path(sys.argv[1]), read_only=read_only)
    assert not store.writable
    print(len(list(store.rows(RecordQuery()))), store.count(RecordQuery()))
    store.close()
"""


@pytest.fixture
def locked(folder: Path) -> Iterator[Path]:
    """A folder that the test makes unwritable; it can be removed afterwards."""
    folder.mkdir(parents=True)
    yield folder
    folder.chmod(0o755)


def read_without_rights(folder: Path) -> list[str]:
    """Read the verdicts as somebody who may write nothing there."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    for parent in folder.parents:  # pytest's own folders are for their owner alone
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    ran = subprocess.run(
        [sys.executable, "-c", READER, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def named(store: RecordStore) -> list[tuple[int, str]]:
    """Numbers and pictures that should be there."""
    with store.reading() as connection:
        return named_pictures(connection, 0)


@posix
def test_a_file_that_was_closed_is_read(locked: Path) -> None:
    store = RecordStore(locked)
    for number in range(5):
        store.add(record(number))
    store.close()
    assert not (locked / "records.sqlite-wal").exists()
    assert read_without_rights(locked) == ["5 5", "5 5"]


@posix
@pytest.mark.parametrize("beside", [True, False])
def test_the_newest_verdicts_are_read_too_when_the_program_was_killed(
    locked: Path, tmp_path: Path, beside: bool
) -> None:
    """They lie in the write-ahead log; the shared memory beside it may be there or not."""
    store = RecordStore(tmp_path / "running")
    for number in range(5):
        store.add(record(number))
    for file in (tmp_path / "running").glob("records.sqlite*"):
        if beside or not file.name.endswith("-shm"):
            shutil.copy(file, locked / file.name)
    store.close()
    assert read_without_rights(locked) == ["5 5", "5 5"]


def test_pictures_a_killed_program_did_not_write_are_no_loss(folder: Path) -> None:
    shown_until_killed(folder, 0, 30)
    store = RecordStore(folder, read_only=True)
    (mark,) = [PictureMark(folder).read()]
    assert mark == 0, "nothing was settled yet"
    wanted = named(store)
    for _, picture in wanted[-5:]:  # as if the queue had been longer
        (folder / picture).unlink(missing_ok=True)
    found = checked(store)
    assert found.sound
    assert found.unwritten >= 5
    assert found.pictures + found.unwritten == len(wanted)
    store.close()

    store = RecordStore(folder)
    recorder = Recorder(store, PictureKeeper(folder, KeepRule(Keep.ALL)))
    found = checked(store)
    assert (found.sound, found.unwritten) == (True, 0), "noted at the next start"
    recorder.close()
    (_, picture), *_ = named(store)
    (folder / picture).unlink()
    found = checked(store)
    assert (found.sound, found.missing_count) == (False, 1), "a loss is a loss"
    store.close()


def test_what_was_settled_long_ago_is_missed_after_a_kill(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "MARK_SECONDS", 0.0)
    store = RecordStore(folder)
    keeper = PictureKeeper(folder, KeepRule(Keep.ALL))
    recorder = Recorder(store, keeper)
    newest = 0
    for number in range(3):
        newest = recorder.record(inspected(record(number, Verdict.NG))).record.number
        while not keeper.settled:
            pass
    mark = PictureMark(folder).read()
    assert mark == 2, "the pictures of all parts before the last"
    (first, name), *_ = named(store)
    (folder / name).unlink()
    found = checked(store)
    assert [m.number for m in found.missing] == [first]
    recorder.close()
    assert PictureMark(folder).read() == newest
    store.close()


def test_empty_days_go_at_the_next_start(folder: Path) -> None:
    (folder / "pictures" / "2026-01-01").mkdir(parents=True)
    (folder / "pictures" / "2026-01-02").mkdir()
    (folder / "pictures" / "2026-01-02" / "x.jpg").write_bytes(b"x")
    (folder / "pictures" / "mine").mkdir()
    PictureKeeper(folder, KeepRule(Keep.ALL)).close()
    assert sorted(p.name for p in (folder / "pictures").iterdir()) == ["2026-01-02", "mine"]


def test_a_store_from_before_the_mark_counts_as_settled(folder: Path) -> None:
    store = RecordStore(folder)
    store.add(record(1, Verdict.NG, picture="pictures/2026-01-01/none.jpg"))
    found = checked(store)
    assert (found.missing_count, found.unwritten) == (1, 0)
    Recorder(store, PictureKeeper(folder, KeepRule(Keep.ALL))).close()
    assert PictureMark(folder).read() == 1
    assert checked(store).missing_count == 1
    assert len(list(store.rows(RecordQuery()))) == 1
    store.close()


def test_a_file_that_another_program_is_just_making_is_an_empty_history(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with closing(sqlite3.connect(file)) as making:
        making.execute("PRAGMA journal_mode = WAL").fetchall()
    with closing(RecordStore(tmp_path, read_only=True)) as looking:
        assert looking.count(RecordQuery()) == 0
        with closing(RecordStore(tmp_path)) as recording:
            recording.add(record(1))
            assert looking.count(RecordQuery()) == 1
            assert looking.notice is recording.notice is None
