"""A judged file arrives whole under a free name, on any disk."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from deeprx_gui.capture.sources.move_file import move_into


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "done").mkdir()
    file = tmp_path / "部品 1.png"
    file.write_bytes(b"new")
    return file, tmp_path / "done"


def _fails_with(number: int) -> object:
    def fail(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture(params=["plain", "no hard links", "another disk"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", _fails_with(errno.EPERM))
    elif request.param == "another disk":
        real = os.link

        def link(source: str, target: str) -> None:
            if not source.endswith(".part"):
                raise OSError(errno.EXDEV, "another disk")
            real(source, target)

        monkeypatch.setattr(os, "link", link)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses a taken name itself")
@pytest.mark.usefixtures("disk")
def test_a_taken_name_is_numbered(places: tuple[Path, Path]) -> None:
    file, done = places
    for expected in ("部品 1.png", "部品 1 (2).png", "部品 1 (3).png"):
        file.write_bytes(expected.encode())
        assert move_into(file, done) == done / expected
        assert not file.exists()
    assert {f.name: f.read_text("utf-8") for f in done.iterdir()} == {
        name: name for name in ("部品 1.png", "部品 1 (2).png", "部品 1 (3).png")
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses a taken name itself")
def test_a_full_disk_leaves_the_file_where_it_is(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, done = places
    monkeypatch.setattr(os, "link", _fails_with(errno.EXDEV))
    monkeypatch.setattr("shutil.copy2", _fails_with(errno.ENOSPC))
    with pytest.raises(OSError, match="No space"):
        move_into(file, done)
    assert file.read_bytes() == b"new"
    assert not list(done.iterdir())
