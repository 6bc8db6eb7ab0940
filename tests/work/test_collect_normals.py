"""The tray takes each picture once, whatever it is called."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.collect_normals import CollectedNormals, collect_normals

T = TypeVar("T")


def result(steps: Generator[Progress, None, T]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_new_pictures_come_in_natural_order(tmp_path: Path) -> None:
    ten = write(tmp_path, "10.png", b"ten")
    two = write(tmp_path, "2.png", b"two")
    assert result(collect_normals([tmp_path], ())) == CollectedNormals((two, ten), 0, ())


def test_pictures_of_the_tray_are_counted_not_repeated(tmp_path: Path) -> None:
    old = write(tmp_path, "a.png", b"old")
    new = write(tmp_path, "b.png", b"new")
    assert result(collect_normals([tmp_path], (old,))) == CollectedNormals((new,), 1, ())


def test_copies_under_other_names_are_left_out(tmp_path: Path) -> None:
    first = write(tmp_path, "a.png", b"same")
    again = write(tmp_path, "部品/b.png", b"same")
    other = write(tmp_path, "c.png", b"else")
    found = result(collect_normals([tmp_path], ()))
    assert set(found.new) == {first, other}
    assert found.copies == ((again, first),)


def test_a_copy_of_what_is_in_the_tray_is_left_out(tmp_path: Path) -> None:
    known = write(tmp_path / "x", "a.png", b"same")
    copy = write(tmp_path / "y", "b.png", b"same")
    assert result(collect_normals([tmp_path / "y"], (known,))) == CollectedNormals(
        (), 0, ((copy, known),)
    )


def test_copies_already_in_the_tray_are_not_the_question(tmp_path: Path) -> None:
    a = write(tmp_path / "x", "a.png", b"same")
    b = write(tmp_path / "x", "b.png", b"same")
    new = write(tmp_path / "y", "c.png", b"other")
    assert result(collect_normals([tmp_path / "y"], (a, b))) == CollectedNormals((new,), 0, ())


def test_an_empty_folder_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No pictures were found"):
        result(collect_normals([tmp_path], ()))


def test_empty_files_are_not_copies_of_each_other(tmp_path: Path) -> None:
    a, b = write(tmp_path, "a.png", b""), write(tmp_path, "b.png", b"")
    assert result(collect_normals([tmp_path], ())) == CollectedNormals((a, b), 0, ())


def test_bad_parts_and_defect_masks_never_enter_the_tray(tmp_path: Path) -> None:
    good = write(tmp_path, "parts/良品/1.png", b"good")
    ng = write(tmp_path, "parts/NG/1.png", b"bad")
    mask = write(tmp_path, "parts/ground_truth/scratch/1_mask.png", b"mask")
    found = result(collect_normals([tmp_path / "parts"], ()))
    assert found.new == (good,)
    assert set(found.bad) == {ng, mask}


def test_of_a_data_set_only_the_normal_images_are_taken(tmp_path: Path) -> None:
    good = write(tmp_path, "set/train/good/1.png", b"good")
    write(tmp_path, "set/test/good/1.png", b"test")
    write(tmp_path, "set/test/scratch/1.png", b"bad")
    assert result(collect_normals([tmp_path / "set"], ())) == CollectedNormals((good,), 0, ())
