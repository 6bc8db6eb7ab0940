"""Thumbnails, masks and sizes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deeprx_gui.capture import files
from deeprx_gui.capture.decode import decode, decode_bytes, decode_mask, read_size, thumbnail
from tests.capture.conftest import Bytes, encoded


@pytest.fixture
def large() -> Bytes:
    y, x = np.mgrid[0:600, 0:800].astype(np.float64)
    return np.asarray(np.stack([x / 4, y / 3, 128 + 100 * np.sin(x / 40)], axis=2), np.uint8)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "webp"])
def test_a_thumbnail_fits_the_square_and_looks_like_the_picture(
    save: Callable[..., Path], large: Bytes, suffix: str
) -> None:
    path = save(f"large.{suffix}", large)
    small = thumbnail(path, 100)
    assert small.shape == (75, 100, 3)
    averaged = decode(path).pixels.reshape(75, 8, 100, 8, 3).mean(axis=(1, 3))
    assert np.abs(small - averaged).mean() < 1.5


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_fine_stripes_average_to_grey_instead_of_moire(
    save: Callable[..., Path], suffix: str
) -> None:
    stripes = np.zeros((400, 400), np.uint8)
    stripes[:, ::2] = 255
    small = thumbnail(save(f"stripes.{suffix}", stripes), 50)
    assert np.abs(small.astype(int) - 127).max() <= 3


def test_a_small_picture_is_not_blown_up(save: Callable[..., Path], scene: Bytes) -> None:
    assert np.array_equal(thumbnail(save("small.png", scene), 160), scene)
    assert np.array_equal(thumbnail(save("exact.png", scene), 53), scene)


def test_extreme_proportions_keep_at_least_one_pixel(save: Callable[..., Path]) -> None:
    line = np.full((2, 3000), 77, np.uint8)
    assert thumbnail(save("line.png", line), 100).shape == (1, 100, 3)
    assert thumbnail(save("line.jpg", line), 100).shape == (1, 100, 3)


def test_16_bit_and_cmyk_thumbnails(save: Callable[..., Path], large: Bytes) -> None:
    deep = thumbnail(save("deep.png", np.full((90, 90), 0x8040, np.uint16)), 30)
    assert np.unique(deep).tolist() == [0x80]
    assert thumbnail(save("ink.jpg", Image.fromarray(large).convert("CMYK")), 80).shape == (
        60,
        80,
        3,
    )


@pytest.mark.parametrize(
    ("form", "options"),
    [("PNG", {}), ("JPEG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}),
     ("WEBP", {}), ("WEBP", {"lossless": True}), ("TIFF", {"big_tiff": True})],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "CMYK"])
def test_the_size_is_that_of_the_decoded_picture(
    save: Callable[..., Path], scene: Bytes, form: str, options: dict[str, Any], mode: str
) -> None:
    if (mode == "CMYK" and form != "JPEG") or (mode == "RGBA" and form == "JPEG"):
        pytest.skip("this format has no such mode")
    assert read_size(save("x.bin", Image.fromarray(scene).convert(mode), form, **options)) == (
        53,
        37,
    )


def test_the_size_of_a_large_file_is_read_from_its_beginning(
    save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (700, 900, 3), np.uint8)
    asked: list[int | None] = []
    real = files.read_bytes

    def counted(path: Path, most: int | None = None) -> bytes:
        asked.append(most)
        return real(path, most)

    monkeypatch.setattr("deeprx_gui.capture.decode.read_bytes", counted)
    assert read_size(save("noise.jpg", noise, quality=98)) == (900, 700)
    assert read_size(save("noise.bmp", noise)) == (900, 700)
    assert None not in asked  # the whole file was never asked for
    assert read_size(save("noise.png", noise)) == (900, 700)  # orientation may follow the pixels


def test_a_mask_of_black_and_white(save: Callable[..., Path]) -> None:
    mask = np.zeros((20, 30), bool)
    mask[3:9, 4:20] = True
    for suffix in ("png", "bmp", "tif"):
        path = save(f"mask.{suffix}", mask.astype(np.uint8) * 255)
        assert np.array_equal(decode_mask(path), mask)
    assert np.array_equal(decode_mask(save("bit.png", Image.fromarray(mask))), mask)


def test_a_mask_of_class_numbers(save: Callable[..., Path]) -> None:
    classes = np.zeros((20, 30), np.uint8)
    classes[2:5], classes[8:10] = 1, 3
    assert np.array_equal(decode_mask(save("classes.png", classes)), classes > 0)
    deep = classes.astype(np.uint16)  # would vanish if 16 bits were cut to 8 first
    assert np.array_equal(decode_mask(save("deep.png", deep)), classes > 0)
    assert np.array_equal(decode_mask(save("deep.tif", deep)), classes > 0)


def test_a_mask_that_was_resized_is_cut_at_mid_grey(save: Callable[..., Path]) -> None:
    soft = np.tile(np.array([0, 60, 127, 128, 200, 255], np.uint8), (4, 1))
    wanted = [False, False, False, True, True, True]
    assert decode_mask(save("soft.png", soft))[0].tolist() == wanted


def test_an_empty_mask_marks_nothing(save: Callable[..., Path]) -> None:
    assert not decode_mask(save("empty.png", np.zeros((9, 9), np.uint8))).any()


def test_many_threads_decode_the_same_pixels(large: Bytes) -> None:
    files_ = [
        encoded(large, form, **options)
        for form, options in (
            ("PNG", {}), ("JPEG", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {}),
        )
    ] * 6  # fmt: skip
    alone = [decode_bytes(data, "x").pixels for data in files_[:4]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda data: decode_bytes(data, "x").pixels, files_))
    for i, pixels in enumerate(found):
        assert np.array_equal(pixels, alone[i % 4])


def test_real_pictures_match_pillow(shared_data: Path) -> None:
    paths = [p for s in ("circuitboard", "magnetic_tile", "cookie")
             for p in sorted((shared_data / s / "train" / "good").iterdir())[:3]]  # fmt: skip
    for path in paths:
        with Image.open(path) as image:
            assert np.array_equal(decode(path).pixels, np.asarray(image.convert("RGB")))
