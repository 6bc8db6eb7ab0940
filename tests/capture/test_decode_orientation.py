"""A picture taken with the camera on its side is judged upright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from deeprx_gui.capture.decode import decode, decode_mask, read_size, thumbnail
from tests.capture.conftest import Bytes, encoded
from tests.capture.tiff_bytes import tiff

ORIENTATION = 274
TURNS: dict[int, Callable[[Bytes], Bytes]] = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.rot90(np.fliplr(a)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.fliplr(a), -1),
    8: np.rot90,
}


def turned(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = number
    return exif


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize(
    ("form", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]
)
def test_all_eight_orientations(
    save: Callable[..., Path], scene: Bytes, number: int, form: str, options: dict[str, Any]
) -> None:
    path = save("side.x", scene, form, exif=turned(number), **options)
    wanted = TURNS[number](scene)
    assert np.array_equal(decode(path).pixels, wanted)
    assert read_size(path) == wanted.shape[1::-1]


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_all_eight_orientations_of_jpeg(
    save: Callable[..., Path], scene: Bytes, number: int, mode: str
) -> None:
    image = Image.fromarray(scene).convert(mode)
    path = save("side.jpg", image, exif=turned(number))
    with Image.open(path) as stored:
        wanted = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    assert np.array_equal(decode(path).pixels, wanted)
    assert read_size(path) == wanted.shape[1::-1]


@pytest.mark.parametrize("number", range(1, 9))
def test_all_eight_orientations_of_16_bit_tiff(tmp_path: Path, grey: Bytes, number: int) -> None:
    path = tmp_path / "deep.tif"
    deep = (grey.astype(np.uint16) << 8).astype("<u2").tobytes()
    path.write_bytes(tiff("<", (53, 37), deep, bits=16, extra=[(ORIENTATION, number)]))
    assert np.array_equal(decode(path).pixels[:, :, 0], TURNS[number](grey))


@pytest.mark.parametrize("number", range(1, 9))
def test_thumbnails_and_masks_turn_with_the_picture(save: Callable[..., Path], number: int) -> None:
    big = np.zeros((240, 320, 3), np.uint8)
    big[:60, :40] = 255  # one corner
    path = save("corner.jpg", big, exif=turned(number), quality=95)
    small = thumbnail(path, 32)
    wanted = TURNS[number](big)[::10, ::10]
    assert small.shape == wanted.shape
    assert np.abs(small.astype(int) - wanted).mean() < 2  # the same one corner
    assert np.array_equal(
        decode_mask(save("corner.png", big, exif=turned(number))), TURNS[number](big)[:, :, 0] > 0
    )


@pytest.mark.parametrize("number", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_means_as_stored(
    save: Callable[..., Path], scene: Bytes, number: int
) -> None:
    assert np.array_equal(decode(save("odd.png", scene, exif=turned(number))).pixels, scene)


@pytest.mark.parametrize(
    "remark",
    [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"garbage all over"],
)
def test_a_damaged_remark_beside_the_picture_is_no_reason_to_refuse_it(
    tmp_path: Path, scene: Bytes, remark: bytes
) -> None:
    data = encoded(scene, "JPEG")
    block = b"Exif\0\0" + remark
    path = tmp_path / "remark.jpg"
    path.write_bytes(
        data[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + data[2:]
    )
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(data)
    assert np.array_equal(decode(path).pixels, decode(plain).pixels)
