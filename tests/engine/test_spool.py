"""The spool: feature maps on disk come back as they were, and the file never stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.disks import full_disk
from tests.engine.oracles import made_taps

PICTURES = [
    made_taps([(6, 4, 4), (5, 8, 8)], 1),
    made_taps([(6, 1, 16), (5, 2, 32)], 2),
    made_taps([(6, 3, 3), (5, 6, 5)], 3),
]
PLENTY = 1 << 40


class Usage(NamedTuple):
    """What ``shutil.disk_usage`` answers."""

    total: int
    used: int
    free: int


def assert_same(a: TapMaps, b: TapMaps) -> None:
    assert all(np.array_equal(x, y) for x, y in zip(a.maps, b.maps, strict=True))


def test_maps_come_back_in_any_order(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for picture in PICTURES:
            spool.append(picture)
        assert len(spool) == 3
        for index in (2, 0, 1, 1):
            assert_same(spool.read(index), PICTURES[index])
        spool.append(PICTURES[0])  # writing goes on after reading
        assert_same(spool.read(3), PICTURES[0])
        assert_same(spool.read(2), PICTURES[2])


def test_maps_that_are_not_contiguous_come_back_too(tmp_path: Path) -> None:
    turned = TapMaps((PICTURES[0].maps[0].transpose(0, 2, 1),))
    with Spool(tmp_path) as spool:
        spool.append(turned)
        assert_same(spool.read(0), turned)


def test_the_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "作業 用" / "scratch"
    with Spool(folder) as spool:
        spool.append(PICTURES[0])
    assert not list(folder.iterdir())


def test_the_file_is_gone_after_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        with Spool(tmp_path) as spool:
            spool.append(PICTURES[0])
            raise KeyError("something else went wrong")

    with pytest.raises(KeyError):
        fail()
    assert not list(tmp_path.iterdir())


def test_a_nearly_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = 64 * 1024**2 + 5000
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(PLENTY, PLENTY, left))
    with Spool(tmp_path) as spool:
        spool.append(made_taps([(5, 4, 4)]))
        with pytest.raises(
            StorageError, match=r"room for temporary files.*Free some space.*learn again"
        ):
            spool.append(made_taps([(50, 20, 20)]))


def test_a_disk_that_fills_up_while_writing_is_a_sentence(tmp_path: Path) -> None:
    large = made_taps([(64, 32, 32)])
    with Spool(tmp_path) as spool:
        spool.append(large)
        with (
            full_disk(large.maps[0].nbytes + 1000),
            pytest.raises(StorageError, match="temporary files"),
        ):
            spool.append(large)
        assert_same(spool.read(0), large)
    assert not list(tmp_path.iterdir())


def test_a_small_rest_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    def write_and_read() -> None:
        with Spool(tmp_path) as spool:
            spool.append(PICTURES[0])  # small enough to stay in the buffer for now
            spool.read(0)

    with full_disk(100), pytest.raises(StorageError, match="temporary files"):
        write_and_read()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="temporary files"):
        Spool(tmp_path / "taken")


def test_a_file_that_lost_its_end_is_a_sentence(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append(PICTURES[0])
        spool.read(0)
        spool._file.truncate(10)
        with pytest.raises(StorageError, match="shorter than it was"):
            spool.read(0)
