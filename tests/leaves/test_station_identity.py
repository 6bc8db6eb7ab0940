"""A station keeps its id for ever, and is called what a person chose."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deeprx_gui.station_identity import identity


def test_the_id_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "データ" / "station-id.txt"
    first = identity(file, " ライン 3 ")
    assert (len(first.id), first.name) == (32, "ライン 3")
    again = identity(file, "")
    assert (again.id, again.name) == (first.id, platform.node())


def test_two_installations_are_told_apart(tmp_path: Path) -> None:
    assert identity(tmp_path / "a", "x").id != identity(tmp_path / "b", "x").id


def test_programs_that_start_at_once_agree(tmp_path: Path) -> None:
    file = tmp_path / "station-id.txt"
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: identity(file, "").id, range(32)))
    assert len(ids) == 1
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("text", [b"", b"no id", b"\xff\xfe", b"0" * 31])
def test_a_damaged_id_is_made_anew(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "station-id.txt"
    file.write_bytes(text)
    first = identity(file, "")
    assert len(first.id) == 32
    assert identity(file, "") == first


def test_where_nothing_can_be_written_there_is_no_id_and_the_line_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    assert identity(tmp_path / "a file" / "station-id.txt", "A").id == ""
