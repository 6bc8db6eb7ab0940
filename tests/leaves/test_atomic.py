"""Files come into place whole, however it ends."""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

import pytest

from deeprx_gui import atomic
from deeprx_gui.atomic import move_new, put_aside, whole_file, write_cache


def test_nothing_is_there_until_the_end_and_nothing_else_after(tmp_path: Path) -> None:
    file = tmp_path / "結果.bin"
    with whole_file(file) as stream:
        stream.write(b"one")
        assert not file.exists()
    assert file.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [file]


def test_a_body_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")

    def stopped() -> None:
        with whole_file(file) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_longest_name_a_disk_takes_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 255)
    with whole_file(file) as stream:
        stream.write(b"one")
    assert file.read_bytes() == b"one"


def test_a_cache_that_cannot_be_written_is_only_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    write_cache(tmp_path / "file" / "x", b"data")
    assert "could not be kept" in caplog.text
    write_cache(tmp_path / "new" / "x", b"data")
    assert (tmp_path / "new" / "x").read_bytes() == b"data"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses a taken name itself")
@pytest.mark.parametrize("links", [True, False])
def test_a_taken_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    with pytest.raises(FileExistsError):
        move_new(one, two)
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")
    move_new(one, tmp_path / "three")
    assert not one.exists()
    assert (tmp_path / "three").read_bytes() == b"1"


def test_a_bad_file_goes_aside_with_its_companions(tmp_path: Path) -> None:
    for name in ("a.db", "a.db-wal"):
        (tmp_path / name).write_text(name)
    aside = put_aside(tmp_path / "a.db", beside=("-wal", "-shm"))
    names = {aside.name: "a.db", f"{aside.name}-wal": "a.db-wal"}
    assert {f.name: f.read_text() for f in tmp_path.iterdir()} == names


def left_over(folder: Path, *, age: float) -> Path:
    """A half-written file that a killed writer left so many seconds ago."""
    part = folder / f".{'0123456789ab'}.part"
    part.write_bytes(b"half")
    then = time.time() - age
    os.utime(part, (then, then))
    return part


def test_what_a_killed_writer_left_is_cleared_soon(tmp_path: Path) -> None:
    young, old = tmp_path / "a", tmp_path / "b"
    for folder in (young, old):
        folder.mkdir()
    kept, gone = left_over(young, age=1.0), left_over(old, age=20.0)
    atomic.clean_leftovers(young, old, tmp_path / "none")
    assert (kept.exists(), gone.exists()) == (True, False)


def test_what_is_being_written_is_never_cleared(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    with atomic.whole_file(target) as file:
        file.write(b"x")
        file.flush()
        (part,) = tmp_path.glob(".*.part")
        os.utime(part, (time.time() - 600, time.time() - 600))
        atomic.clean_leftovers(tmp_path)
        file.write(b"y")
    assert target.read_bytes() == b"xy"


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_only_files_of_ours_are_cleared(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("x")
    (tmp_path / ".000000000000.part").symlink_to(mine)
    os.mkfifo(tmp_path / ".000000000001.part")
    (tmp_path / ".000000000002.part").mkdir()
    (tmp_path / ".holiday.part").write_text("of another program")
    for path in tmp_path.iterdir():
        os.utime(path, (time.time() - 600, time.time() - 600), follow_symlinks=False)
    before = sorted(tmp_path.iterdir())
    atomic.clean_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_only_a_folder_that_stays_empty_is_removed(tmp_path: Path) -> None:
    fresh, old, full = (tmp_path / name for name in ("fresh", "old", "full"))
    for folder in (fresh, old, full):
        folder.mkdir()
    (full / "x").write_text("x")
    left_over(old, age=60.0)
    for folder in (old, full):
        os.utime(folder, (time.time() - 600, time.time() - 600))
    for folder in (fresh, old, full, tmp_path / "none"):
        atomic.clean_folder(folder)
    assert (fresh.exists(), old.exists(), full.exists()) == (True, False, True)
