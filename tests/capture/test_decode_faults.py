"""Damage is refused as damage, other kinds as other kinds; what a file holds beside is told."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.capture.sources.genicam_pixels import genicam_frame, genicam_rgb
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Stored
from deeprx_gui.domain.picture_facts import PicturesSeen, picture_causes, range_remark
from tests.capture import grid_files as grid
from tests.capture.conftest import Bytes, encoded
from tests.capture.test_decode_grid import (
    DAMAGED,
    HEIGHT,
    PACKINGS,
    RARE,
    WIDTH,
    _rgb_numbers,
    eight,
    numbers,
    refusal,
    seen,
)


def _samples() -> dict[str, bytes]:
    """One file of each packing, large enough to be damaged in its middle."""
    rgb = np.random.default_rng(1).integers(0, 256, (60, 70, 3)).astype(np.uint16)
    found = {
        f"tiff {packing}": grid.tiff_file(rgb, 8, photometric=2, compression=packing, rows=9)
        for packing in PACKINGS[:-1]
    }
    found["png"] = grid.png_file(rgb, 8, 2, filtering=4)
    found["bmp"] = grid.bmp_file(_rgb_numbers(rgb.astype(np.uint8)), 24)
    return found


@pytest.mark.parametrize("name", _samples())
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_cut_file_is_damaged_and_says_so(name: str, share: float) -> None:
    data = _samples()[name]
    assert DAMAGED in refusal(data[: int(len(data) * share)])


CHECKED = [f"tiff {grid.DEFLATE}", f"tiff {grid.OLD_DEFLATE}", f"tiff {grid.LZMA}", "png"]
"""What carries a checksum of its pixels."""


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9])
def test_one_wrong_bit_under_a_checksum_is_damage_wherever_it_lies(name: str, share: float) -> None:
    data = bytearray(_samples()[name])
    data[int(len(data) * share)] ^= 0x10
    assert DAMAGED in refusal(bytes(data))


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_jpeg_that_lost_a_restart_interval_is_damaged(scene: Bytes, lost: int) -> None:
    data = encoded(np.tile(scene, (3, 3, 1)), "JPEG", quality=95, restart_marker_blocks=2)
    marks = [i for i in range(len(data) - 1) if data[i] == 0xFF and 0xD0 <= data[i + 1] <= 0xD7]
    assert np.array_equal(seen(data).shape[:2], (111, 159))
    assert DAMAGED in refusal(data[: marks[lost - 1]] + data[marks[lost] :])
    swapped = bytearray(data)
    swapped[marks[lost] + 1] ^= 1
    assert DAMAGED in refusal(bytes(swapped))
    eight_lost = data[: marks[lost]] + data[marks[lost + 8] :]  # the numbers are in order again
    assert DAMAGED in refusal(eight_lost)
    emptied = (
        data[: marks[lost] + 2] + data[marks[lost + 1] :]
    )  # its marker stands, its data is gone
    assert DAMAGED in refusal(emptied)


RARE_TIFFS: dict[str, Callable[[], bytes]] = {
    "colour filter": lambda: grid.tiff_file(numbers(8, 1), 8, photometric=32803),
    "Lab": lambda: grid.tiff_file(numbers(8, 3), 8, photometric=8),
    "luminance and differences": lambda: grid.tiff_file(numbers(8, 3), 8, photometric=6),
    "fax of group 3": lambda: grid.tiff_file(
        numbers(1, 1), 1, compression=3, pack=lambda part: bytes(400)
    ),
    "WebP strips": lambda: grid.tiff_file(
        numbers(8, 1), 8, compression=50001, pack=lambda part: bytes(400)
    ),
    "old JPEG": lambda: grid.tiff_file(
        numbers(8, 1), 8, compression=6, pack=lambda part: bytes(400)
    ),
    "predictor of 4 bits": lambda: grid.tiff_file(numbers(4, 1), 4, compression=8, predictor=2),
    "mixed with transparency": lambda: grid.tiff_file(
        numbers(8, 4), 8, photometric=2, tags=[(338, 3, (1,))]
    ),
    "palette of 16 bits": lambda: grid.tiff_file(numbers(16, 1), 16, photometric=3),
}


@pytest.mark.parametrize("name", RARE_TIFFS)
def test_a_whole_file_of_another_kind_is_not_called_damaged(name: str) -> None:
    assert RARE in refusal(RARE_TIFFS[name]())


def test_fax_rows_that_are_damaged_are_not_filled_up_with_white() -> None:
    values = np.random.default_rng(2).integers(0, 2, (64, 200, 1)).astype(np.uint16)
    data = bytearray(grid.tiff_file(values, 1, compression=grid.FAX4))
    assert np.array_equal(seen(bytes(data)), eight(values, 1))
    wrong = 0
    for at in range(200, len(data) - 400, 97):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        try:
            found = seen(bytes(broken))
        except ImageError:
            wrong += 1
            continue
        # Another whole picture: T.6 has no checksum. Never one with rows filled up.
        assert found.shape == (64, 200, 3)
    assert wrong


@pytest.mark.parametrize("all_marked", [False, True])
def test_the_thumbnail_in_front_is_not_the_picture(scene: Bytes, all_marked: bool) -> None:
    stream = io.BytesIO()
    small = Image.fromarray(scene[::4, ::4])
    small.save(stream, "TIFF", save_all=True, append_images=[Image.fromarray(scene)],
               tiffinfo={254: 1})  # fmt: skip
    data = bytearray(stream.getvalue())
    if not all_marked:  # Pillow marks both pages; the second mark is the later one
        mark = struct.pack("<HHLL", 254, 4, 1, 1)
        at = data.rindex(mark)
        assert at > data.index(mark)
        data[at + 8] = 0
    frame = decode_bytes(bytes(data), "picture")
    assert np.array_equal(frame.pixels, scene)
    assert frame.stored.pages == 1


def test_a_second_page_and_hidden_places_are_told(scene: Bytes) -> None:
    two = encoded(scene, "TIFF", save_all=True, append_images=[Image.fromarray(255 - scene)])
    assert decode_bytes(two, "picture").stored == Stored(pages=2)
    layer = np.full(scene.shape[:2], 255, np.uint8)
    lossless: dict[str, Any] = {"lossless": True, "exact": True}
    for form, options in (("PNG", {}), ("TIFF", {}), ("WEBP", lossless)):
        opaque = encoded(np.dstack([scene, layer]), form, **options)
        assert decode_bytes(opaque, "picture").stored == Stored()
        hidden = layer.copy()
        hidden[4, 5] = 254
        data = encoded(np.dstack([scene, hidden]), form, **options)
        assert decode_bytes(data, "picture").stored == Stored(transparent=True)


def test_how_much_of_16_bits_is_used_is_told() -> None:
    for bits, share in ((10, 64), (12, 16), (14, 4), (16, 1)):
        values = numbers(bits, 1)
        for data in (grid.tiff_file(values, 16), grid.png_file(values, 16, 0)):
            assert decode_bytes(data, "picture").stored.share == share
    assert decode_bytes(grid.tiff_file(numbers(12, 1), 12), "picture").stored.share == 1


def test_the_largest_number_a_tiff_names_is_white() -> None:
    for bits in (10, 12, 14):
        values = numbers(bits, 1)
        named = [(281, 3, ((1 << bits) - 1,))]
        assert np.array_equal(seen(grid.tiff_file(values, 16, tags=named)), eight(values, bits))
        beyond = values.copy()
        beyond[3, 3] = 1 << bits
        assert RARE in refusal(grid.tiff_file(beyond, 16, tags=named))
        # The same numbers straight from the camera are the same picture.
        camera = genicam_rgb(values.ravel(), f"Mono{bits}", WIDTH, HEIGHT)
        assert camera is not None
        assert np.array_equal(camera, eight(values, bits))
    # Any other number is what this one picture happens to have: a scale for nothing.
    values = numbers(12, 1)
    assert np.array_equal(
        seen(grid.tiff_file(values, 16, tags=[(281, 3, (4000,))])), eight(values, 16)
    )


def test_the_same_16_bit_numbers_are_the_same_picture_from_a_file_and_from_a_camera() -> None:
    """Without a tag nobody knows what is white: both are as dark, and both are told so."""
    for bits, share in ((10, 64), (12, 16), (14, 4), (16, 1)):
        values = numbers(bits, 1)
        file = decode_bytes(grid.tiff_file(values, 16), "file")
        padded = np.pad(values[:, :, 0], ((0, 2), (0, 3)), constant_values=65535)
        camera = genicam_frame(padded.ravel(), "Mono16", WIDTH, HEIGHT, 2, source="camera")
        assert camera is not None
        assert np.array_equal(camera.pixels, file.pixels)
        assert camera.stored == file.stored == Stored(share=share)
        named = genicam_frame(values.ravel(), f"Mono{bits}", WIDTH, HEIGHT, source="camera")
        assert named is not None
        assert named.stored == Stored(), "a format that says its bits uses all of them"
        learnt = PicturesSeen()
        learnt.add(file)
        assert picture_causes(camera, learnt.learnt()) == ()
        assert (range_remark(learnt.learnt()) is None) == (share == 1)


def test_harmless_remarks_of_a_file_change_nothing(
    scene: Bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    profile = encoded(scene, "PNG", icc_profile=b"not a colour profile" * 9)
    assert np.array_equal(seen(profile), scene)
    assert capfd.readouterr().err == ""
    jpeg = encoded(scene, "JPEG")
    assert np.array_equal(seen(jpeg[:-2] + bytes(50) + jpeg[-2:]), seen(jpeg))
