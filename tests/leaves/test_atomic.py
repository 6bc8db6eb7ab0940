"""Files come into place whole, however it ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

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
