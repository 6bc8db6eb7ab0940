"""Files appear whole or not at all, and failures say what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.results.writing import write_file


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "結果" / "2025-11" / "table.csv"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, r"table\.csv could not be written because the disk is full\. Free some"),
        (errno.EACCES, r"Close it if it is open in another program such as Excel"),
        (errno.EROFS, r"or choose a folder you may write to"),
        (errno.EIO, r"could not be written to .*Check the disk or the network connection"),
    ],
)
@pytest.mark.parametrize("step", ["replace", "fsync", "makedirs"])
def test_a_failure_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str, step: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")

    def refuse(*args: Any, **named: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(f"deeprx_gui.results.writing.os.{step}", refuse)
    with pytest.raises(StorageError, match=says):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_are_taken_by_folders(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path in (tmp_path / "folder", tmp_path / "file" / "x.csv"):
        with pytest.raises(StorageError, match=r"cannot be a file: .*Choose another name"):
            write_file(path, b"data")
    with pytest.raises(StorageError, match="could not be written"):
        write_file(tmp_path / "a\0b.csv", b"data")
