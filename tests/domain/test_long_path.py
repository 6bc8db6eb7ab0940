"""Long paths on Windows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deeprx_gui.domain.long_path import extended, openable

DEEP = "\\".join(["フォルダー"] * 60) + "\\part.png"


def test_long_windows_paths_get_the_prefix() -> None:
    assert extended("C:\\" + DEEP) == "\\\\?\\C:\\" + DEEP
    assert extended("\\\\server\\share\\" + DEEP) == "\\\\?\\UNC\\server\\share\\" + DEEP


def test_short_and_already_prefixed_paths_stay() -> None:
    assert extended("C:\\parts\\1.png") == "C:\\parts\\1.png"
    assert extended("\\\\?\\C:\\" + DEEP) == "\\\\?\\C:\\" + DEEP


def test_a_long_path_is_really_opened(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["深いフォルダー"] * 18, "部品.png")
    os.makedirs(openable(path.parent))  # noqa: PTH103
    with open(openable(path), "w") as stream:  # noqa: PTH123
        stream.write("x")
    assert len(str(path)) > 150
    assert Path(openable(path)).stat().st_size == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows changes the path")
def test_elsewhere_nothing_changes() -> None:
    assert openable(Path("a/../b")) == "a/../b"
