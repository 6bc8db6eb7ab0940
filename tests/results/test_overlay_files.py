"""Overlay pictures: right heat, right names, nothing foreign overwritten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.heat import overlay_rgb
from deeprx_gui.results.encode import stretch_map
from deeprx_gui.results.overlay_files import OverlayWriter, overlay_picture
from tests.results.conftest import LIMITS, result


@pytest.fixture
def frame(picture: ByteImage) -> Frame:
    return Frame(picture, "x")


def writer(folder: Path, suffix: str = ".png", *, caption: bool = False) -> OverlayWriter:
    return OverlayWriter(folder, LIMITS, LIMITS.review, suffix=suffix, caption=caption)


def test_the_overlay_is_the_picture_with_colour_only_above_the_limit(
    tmp_path: Path, frame: Frame
) -> None:
    hot = result("hot.png", 30.0)
    assert hot.score is not None
    path = writer(tmp_path).write(hot, frame)
    found = decode(path).pixels
    grown = stretch_map(hot.score.map, 80, 100)
    assert np.array_equal(found, overlay_rgb(frame.pixels, grown, LIMITS, 10.0, 0.6))
    changed = (found != frame.pixels).any(axis=2)
    assert np.array_equal(changed, grown > LIMITS.review)
    assert changed[25, 75]


def test_a_normal_part_has_no_colour(tmp_path: Path, frame: Frame) -> None:
    path = writer(tmp_path).write(result("cold.png", 9.9), frame)
    assert np.array_equal(decode(path).pixels, frame.pixels)


def test_a_result_without_score_is_the_plain_picture(tmp_path: Path, frame: Frame) -> None:
    broken = result("broken.png", None)
    assert overlay_picture(frame.pixels, broken, LIMITS, 10.0) is frame.pixels
    path = writer(tmp_path, caption=True).write(broken, frame)
    assert np.array_equal(decode(path).pixels[:80], frame.pixels)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_the_file_is_a_whole_picture_that_every_reader_opens(
    tmp_path: Path, frame: Frame, suffix: str
) -> None:
    path = writer(tmp_path, suffix, caption=True).write(result("部品 1.bmp", 30.0), frame)
    assert path.name == f"部品 1_overlay{suffix}"
    height = decode(path).height
    assert height > 80
    with Image.open(path) as image:
        image.load()
        assert image.size == (100, height)
        assert "Deep RX Inspector" in str(image.info)


def test_pictures_of_the_same_name_get_names_of_their_own(tmp_path: Path, frame: Frame) -> None:
    out = writer(tmp_path)
    paths = ["a/1.png", "b/1.png", "b/1.jpg", "c/B/1.png", "B/1.PNG"]
    written = [out.write(result(Path("/x") / p, 5.0), frame) for p in paths]
    assert [p.name for p in written] == [
        "1_overlay.png", "1_b_overlay.png", "1_b_2_overlay.png", "1_B_3_overlay.png",
        "1_B_4_overlay.png",
    ]  # fmt: skip
    assert (
        len({p.name.casefold() for p in written}) == len(written) == len(list(tmp_path.iterdir()))
    )


def test_the_same_export_again_replaces_its_own_files(tmp_path: Path, frame: Frame) -> None:
    paths = [Path("/x/a/1.png"), Path("/x/b/1.png")]
    first = [writer(tmp_path).write(result(p, 5.0), frame) for p in paths]
    again = writer(tmp_path)
    second = [again.write(result(p, 30.0), frame) for p in reversed(paths)]
    assert second == first[::-1]
    assert len(list(tmp_path.iterdir())) == 2
    assert not np.array_equal(decode(first[0]).pixels, frame.pixels)  # replaced by the hot one


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_foreign_files_are_never_overwritten(tmp_path: Path, frame: Frame, suffix: str) -> None:
    foreign = tmp_path / f"1_overlay{suffix}"
    Image.fromarray(np.zeros((5, 5, 3), np.uint8)).save(foreign)
    before = foreign.read_bytes()
    (tmp_path / f"1_a_overlay{suffix}").mkdir()
    path = writer(tmp_path, suffix).write(result(Path("/x/a/1.png"), 5.0), frame)
    assert path.name == f"1_a_2_overlay{suffix}"
    assert foreign.read_bytes() == before


def test_a_picture_is_safe_when_exported_beside_itself(tmp_path: Path, frame: Frame) -> None:
    source = tmp_path / "1.png"
    Image.fromarray(frame.pixels).save(source)
    path = writer(tmp_path).write(result(source, 30.0), frame)
    assert path != source
    assert np.array_equal(decode(source).pixels, frame.pixels)


@pytest.mark.parametrize(
    "name",
    ["x" * 250 + ".png", "部" * 80 + ".png", 'a<b>:"|?*\n.png', "..png", "con.png", "=1+1.png"],
)
def test_odd_names_are_made_fit_for_every_file_system(
    tmp_path: Path, frame: Frame, name: str
) -> None:
    path = writer(tmp_path).write(result(Path("/deep") / name, 5.0), frame)
    assert path.parent == tmp_path
    assert path.is_file()
    assert len(path.name.encode()) < 200
    assert not set('<>:"/\\|?*\n') & set(path.name)


def test_other_suffixes_are_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.jpg or \.png"):
        writer(tmp_path, ".bmp")
