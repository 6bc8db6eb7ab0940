"""Every format and mode gives the pixels that Pillow, or the array it was made from, gives."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeprx_gui.capture.decode import decode, decode_bytes
from tests.capture.conftest import Bytes, encoded
from tests.capture.tiff_bytes import tiff

LOSSLESS_WEBP: dict[str, Any] = {"lossless": True, "exact": True}


def pixels(data: bytes) -> Bytes:
    return decode_bytes(data, "picture").pixels


def by_pillow(data: bytes) -> Bytes:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def three(grey: NDArray[Any]) -> Bytes:
    return np.repeat(grey[:, :, None], 3, axis=2)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("TIFF", {"compression": "packbits"}),
        ("TIFF", {"big_tiff": True}),
        ("WEBP", LOSSLESS_WEBP),
    ],
)
def test_lossless_colour_and_grey_come_back_as_they_were(
    scene: Bytes, grey: Bytes, form: str, options: dict[str, Any]
) -> None:
    assert np.array_equal(pixels(encoded(scene, form, **options)), scene)
    assert np.array_equal(pixels(encoded(grey, form, **options)), three(grey))


@pytest.mark.parametrize("quality", [60, 95])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_gives_the_pixels_that_pillow_gives(
    scene: Bytes, quality: int, subsampling: int, progressive: bool
) -> None:
    data = encoded(scene, "JPEG", quality=quality, subsampling=subsampling, progressive=progressive)
    assert np.array_equal(pixels(data), by_pillow(data))


def test_grey_and_rgb_coded_and_restarting_jpeg(scene: Bytes, grey: Bytes) -> None:
    for data in (
        encoded(grey, "JPEG"),
        encoded(scene, "JPEG", keep_rgb=True),
        encoded(scene, "JPEG", restart_marker_blocks=2),
    ):
        assert np.array_equal(pixels(data), by_pillow(data))


def test_lossy_webp_gives_the_pixels_that_pillow_gives(scene: Bytes) -> None:
    data = encoded(scene, "WEBP", quality=80)
    assert np.array_equal(pixels(data), by_pillow(data))


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
def test_one_bit_pictures_are_black_and_white(grey: Bytes, form: str) -> None:
    image = Image.fromarray(grey).convert("1")
    found = pixels(encoded(image, form))
    assert np.array_equal(found, three(np.asarray(image.convert("L"))))
    assert set(np.unique(found)) == {0, 255}


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("colours", [2, 4, 16, 200])
def test_palettes_become_their_colours(scene: Bytes, form: str, colours: int) -> None:
    image = Image.fromarray(scene).quantize(colours)
    assert np.array_equal(pixels(encoded(image, form)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(
    ("form", "options"),
    [("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", LOSSLESS_WEBP)],
)
def test_transparency_is_dropped_and_the_colours_below_it_are_kept(
    scene: Bytes, form: str, options: dict[str, Any]
) -> None:
    alpha = np.zeros(scene.shape[:2], np.uint8)
    alpha[:, 20:] = 255
    alpha[5:9] = 77
    assert np.array_equal(pixels(encoded(np.dstack([scene, alpha]), form, **options)), scene)


def test_transparent_grey_palette_and_single_colours_in_png(scene: Bytes, grey: Bytes) -> None:
    palette = Image.fromarray(scene).quantize(16)
    assert np.array_equal(pixels(encoded(np.dstack([grey, 255 - grey]), "PNG")), three(grey))
    assert np.array_equal(pixels(encoded(grey, "PNG", transparency=int(grey[0, 0]))), three(grey))
    assert np.array_equal(
        pixels(encoded(palette, "PNG", transparency=bytes(range(0, 160, 10)))),
        np.asarray(palette.convert("RGB")),
    )


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(scene: Bytes, form: str) -> None:
    data = encoded(Image.fromarray(scene).convert("CMYK"), form, quality=95)
    found = pixels(data)
    assert np.array_equal(found, by_pillow(data))
    assert np.abs(found.astype(int) - scene).mean() < 4  # not inverted, not grey


@pytest.fixture
def deep() -> NDArray[np.uint16]:
    """16-bit RGB covering the whole range, every low byte different from its high byte."""
    return np.random.default_rng(3).integers(0, 65536, (31, 45, 3)).astype(np.uint16)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bits_keep_their_upper_8(deep: NDArray[np.uint16], suffix: str, channels: int) -> None:
    alpha = deep[:, :, :1] // 2
    stored = {1: deep[:, :, 0], 3: deep[:, :, ::-1], 4: np.dstack([deep[:, :, ::-1], alpha])}
    ok, data = cv2.imencode(suffix, np.ascontiguousarray(stored[channels]))
    assert ok
    upper = (deep >> 8).astype(np.uint8)
    wanted = three(upper[:, :, 0]) if channels == 1 else upper
    assert np.array_equal(pixels(data.tobytes()), wanted)


def test_a_dim_16_bit_picture_stays_dim() -> None:
    # A stretch to what the picture uses would make the same part score differently every time.
    dim = np.full((8, 8), 4095, np.uint16)
    assert np.unique(pixels(encoded(dim, "PNG"))).tolist() == [15]
    assert np.unique(pixels(encoded(dim, "TIFF"))).tolist() == [15]


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_tiff_of_either_byte_order(deep: NDArray[np.uint16], order: str) -> None:
    grey = deep[:, :, 0]
    data = tiff(order, (45, 31), grey.astype(order + "u2").tobytes(), bits=16)
    assert np.array_equal(pixels(data), three((grey >> 8).astype(np.uint8)))


def test_tiff_where_zero_is_white(deep: NDArray[np.uint16]) -> None:
    grey = deep[:, :, 0]
    low = (grey & 255).astype(np.uint8)
    eight = tiff("<", (45, 31), low.tobytes(), bits=8, white_is_zero=True)
    sixteen = tiff("<", (45, 31), grey.astype("<u2").tobytes(), bits=16, white_is_zero=True)
    assert np.array_equal(pixels(eight), three(255 - low))
    assert np.array_equal(pixels(sixteen), three(((65535 - grey) >> 8).astype(np.uint8)))


def test_12_bits_packed_in_a_tiff_use_the_range_of_12_bits(deep: NDArray[np.uint16]) -> None:
    values = (deep[:, :44, 0] >> 4).astype(np.uint32)
    pairs = values[:, 0::2] << 12 | values[:, 1::2]
    packed = np.stack([pairs >> 16, pairs >> 8 & 255, pairs & 255], axis=2).astype(np.uint8)
    data = tiff("<", (44, 31), packed.tobytes(), bits=12)
    assert np.array_equal(pixels(data), three((values >> 4).astype(np.uint8)))


@pytest.mark.parametrize(
    ("form", "options"), [("TIFF", {}), ("PNG", {}), ("WEBP", {"lossless": True})]
)
def test_the_first_page_or_picture_counts(scene: Bytes, form: str, options: dict[str, Any]) -> None:
    second = Image.fromarray(255 - scene[:20, :30])
    if form != "TIFF":
        second = Image.fromarray(255 - scene)
    data = encoded(scene, form, save_all=True, append_images=[second], **options)
    assert np.array_equal(pixels(data), scene)


def _bmp(size: tuple[int, int], bits: int, packing: int, rest: bytes) -> bytes:
    info = struct.pack("<LllHHLLllLL", 40, *size, 1, bits, packing, len(rest), 0, 0, 256, 0)
    palette = b"".join(bytes((i, 255 - i, i // 2, 0)) for i in range(256)) if bits == 8 else b""
    offset = 14 + len(info) + len(palette)
    return struct.pack("<2sLLL", b"BM", offset + len(rest), 0, offset) + info + palette + rest


def test_bitmap_stored_top_down(scene: Bytes) -> None:
    cut = np.ascontiguousarray(scene[:, :52])
    rows = cut[:, :, ::-1].tobytes()  # 52 x 3 bytes is a multiple of 4: rows need no padding
    assert np.array_equal(pixels(_bmp((52, -37), 24, 0, rows)), cut)


def test_run_length_packed_bitmap() -> None:
    # Two rows of 6: bottom 4 x 9, 2 x 200; top 6 x 30.
    runs = bytes([4, 9, 2, 200, 0, 0, 6, 30, 0, 0, 0, 1])
    found = pixels(_bmp((6, 2), 8, 1, runs))
    index = np.array([[30] * 6, [9] * 4 + [200] * 2])
    wanted = np.stack([index // 2, 255 - index, index], axis=2)  # the palette is stored blue first
    assert np.array_equal(found, wanted)


def test_the_content_decides_not_the_suffix(save: Callable[..., Path], scene: Bytes) -> None:
    path = save("really_a_bitmap.png", scene, "BMP")
    assert np.array_equal(decode(path).pixels, scene)


def test_what_follows_a_whole_jpeg_is_ignored(scene: Bytes) -> None:
    data = encoded(scene, "JPEG")
    assert np.array_equal(pixels(data + b"\0" * 100 + b"vendor notes"), by_pillow(data))


def test_a_preview_inside_a_jpeg_is_not_the_picture(scene: Bytes) -> None:
    preview = encoded(255 - scene[:8, :8], "JPEG")
    exif = b"Exif\0\0" + preview  # a whole JPEG, its end marker included, before the real one
    data = encoded(scene, "JPEG")
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    assert np.array_equal(pixels(data[:2] + segment + data[2:]), by_pillow(data))


def test_the_smallest_picture(save: Callable[..., Path]) -> None:
    for suffix in ("png", "bmp", "tif"):
        path = save(f"dot.{suffix}", np.array([[[7, 8, 9]]], np.uint8))
        assert decode(path).pixels.tolist() == [[[7, 8, 9]]]


def test_a_frame_is_read_only_and_says_where_it_came_from(
    save: Callable[..., Path], scene: Bytes
) -> None:
    path = save("部品 写真.png", scene)
    frame = decode(path)
    assert frame.source == str(path)
    assert (frame.width, frame.height) == (53, 37)
    assert frame.pixels.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 0
