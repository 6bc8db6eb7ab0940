"""Masks of every depth, colour and shape: read rightly, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeprx_gui.capture.decode import decode_mask
from deeprx_gui.capture.masks import MaskMismatch, covers_the_rim, looks_like_mask, mask_for
from deeprx_gui.domain.arrays import ByteImage

MARKED = np.zeros((20, 30), bool)
MARKED[3:9, 4:20] = True


def _coloured(colour: tuple[int, int, int]) -> ByteImage:
    return np.where(MARKED[..., None], np.array(colour, np.uint8), np.uint8(0)).astype(np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        MARKED,
        MARKED.astype(np.uint8),
        MARKED.astype(np.uint8) * 200,
        MARKED.astype(np.uint16) * 65535,
        MARKED.astype(np.uint16) * 3,
        _coloured((128, 0, 0)),
        _coloured((0, 64, 0)),
        _coloured((255, 255, 0)),
    ],
)
def test_any_depth_and_colour_marks_the_same(tmp_path: Path, pixels: NDArray[Any]) -> None:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    assert np.array_equal(decode_mask(tmp_path / "mask.png"), MARKED)


def test_classes_beside_a_bright_one_count(tmp_path: Path) -> None:
    classes = MARKED.astype(np.uint8) * 100
    classes[15:18] = 255
    Image.fromarray(classes).save(tmp_path / "mask.png")
    assert np.array_equal(decode_mask(tmp_path / "mask.png"), classes > 0)


def _picture(path: Path, size: tuple[int, int], orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(path, exif=exif)
    return path


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_a_mask_drawn_before_turning_is_turned_with_its_picture(
    tmp_path: Path, orientation: int, turn: Image.Transpose
) -> None:
    picture = _picture(tmp_path / "1.jpg", (30, 20), orientation)
    drawn = Image.fromarray(MARKED)
    drawn.save(tmp_path / "before.png")
    drawn.transpose(turn).save(tmp_path / "after.png")
    wanted = np.asarray(drawn.transpose(turn))
    assert np.array_equal(mask_for(picture, (tmp_path / "before.png",)), wanted)
    assert np.array_equal(mask_for(picture, (tmp_path / "after.png",)), wanted)


def test_a_mask_of_another_shape_is_refused_one_of_another_size_is_not(tmp_path: Path) -> None:
    picture = _picture(tmp_path / "1.png", (60, 40))
    Image.fromarray(MARKED).save(tmp_path / "half.png")
    assert mask_for(picture, (tmp_path / "half.png",)).shape == (20, 30)
    Image.fromarray(MARKED.T).save(tmp_path / "turned.png")
    with pytest.raises(MaskMismatch):
        mask_for(picture, (tmp_path / "turned.png",))


def test_an_inverted_mask_is_noticed() -> None:
    assert covers_the_rim(~MARKED)
    assert not covers_the_rim(MARKED)


def test_a_mask_is_told_from_a_photograph(tmp_path: Path) -> None:
    Image.fromarray(MARKED.astype(np.uint8) * 255).resize(
        (300, 200), Image.Resampling.NEAREST
    ).save(tmp_path / "m.jpg")
    Image.fromarray(_coloured((128, 0, 0))).save(tmp_path / "c.png")
    assert looks_like_mask(tmp_path / "m.jpg")
    assert looks_like_mask(tmp_path / "c.png")
    assert not looks_like_mask(_picture(tmp_path / "p.png", (30, 20)))
    assert not looks_like_mask(tmp_path / "gone.png")
