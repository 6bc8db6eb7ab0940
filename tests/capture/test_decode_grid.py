"""The same pixels in every container, depth, packing, layout and turn are the same to the last bit.

``docs/faults.md`` says how large the grid is and what is refused.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.domain.errors import ImageError
from tests.capture import grid_files as grid
from tests.capture.conftest import Bytes, encoded
from tests.capture.test_decode_orientation import TURNS, turned

HEIGHT, WIDTH = 21, 26
DAMAGED = "is incomplete or damaged"
RARE = "is a rare kind of picture that cannot be read here"


def numbers(bits: int, samples: int) -> grid.Numbers:
    """A picture that uses all of its range and looks different each way."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    waves = [0.5 + 0.5 * np.sin(x / (5 + c)) * np.cos(y / (7 - c)) for c in range(samples)]
    most = (1 << bits) - 1
    found: grid.Numbers = np.rint(np.stack(waves, axis=2) * most).astype(np.uint16)
    found[0, 0], found[0, 1], found[-1, 2] = 0, most, most // 2 + 1
    return found


def eight(values: NDArray[Any], bits: int) -> Bytes:
    """What the program must see of numbers of a depth: grey of one sample, three as they are."""
    scaled = (
        values.astype(np.uint32) * 255 // ((1 << bits) - 1) if bits < 8 else values >> (bits - 8)
    )
    found = scaled[:, :, :3].astype(np.uint8)
    return np.repeat(found[:, :, :1], 3, axis=2) if found.shape[2] < 3 else found


def seen(data: bytes) -> Bytes:
    return decode_bytes(data, "picture").pixels


def refusal(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode_bytes(data, "picture")
    return str(caught.value)


BITS = (1, 2, 4, 8, 10, 12, 14, 16)
PACKINGS = (grid.NONE, grid.LZW, grid.DEFLATE, grid.OLD_DEFLATE, grid.PACKBITS, grid.LZMA,
            grid.ZSTD, grid.FAX4)  # fmt: skip
LAYOUTS: tuple[dict[str, Any], ...] = ({}, {"rows": 5}, {"tile": 16})
COLOURS = ("white", "black", "palette", "grey+alpha", "rgb", "rgb+alpha", "cmyk")
_SAMPLES = {"grey+alpha": 2, "rgb": 3, "rgb+alpha": 4, "cmyk": 4}
_PHOTOMETRIC = {"white": 0, "black": 1, "grey+alpha": 1, "palette": 3, "cmyk": 5}


def tiff_cases(bits: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for colour, packing, layout, planar, predictor, order in itertools.product(
        COLOURS, PACKINGS, LAYOUTS, (False, True), (1, 2), "<>"
    ):
        if packing == grid.FAX4 and (bits != 1 or colour not in ("white", "black")):
            continue
        if predictor == 2 and (bits not in (8, 16) or packing in (grid.NONE, grid.FAX4)):
            continue
        if colour == "palette" and bits > 8:
            continue
        if bits in (10, 14) and packing not in (grid.NONE, grid.LZW, grid.DEFLATE):
            continue
        if order == ">" and bits != 16 and packing in (grid.OLD_DEFLATE, grid.LZMA, grid.ZSTD):
            continue
        if planar and _SAMPLES.get(colour, 1) == 1:
            continue
        if colour == "cmyk" and bits not in (8, 16):
            continue
        yield colour, packing, {**layout, "planar": planar, "predictor": predictor, "order": order}


@pytest.mark.parametrize("bits", BITS)
def test_every_tiff_is_the_picture_it_was_made_from(bits: int) -> None:
    table = np.random.default_rng(bits).integers(0, 256, (1 << min(bits, 8), 3))
    made = 0
    for number, (colour, packing, options) in enumerate(tiff_cases(bits)):
        values = numbers(bits, _SAMPLES.get(colour, 1))
        turn = number % 8 + 1
        tags: list[tuple[int, int, Any]] = [(274, 3, (turn,))]
        if colour.endswith("alpha"):
            tags.append((338, 3, (2,)))
        if colour == "palette":
            tags.append((320, 3, [int(v) * 257 for v in table.T.ravel()]))
        data = grid.tiff_file(
            values, bits, photometric=_PHOTOMETRIC.get(colour, 2), compression=packing,
            big=number % 3 == 0, fill=1 + (number % 5 == 0 and packing != grid.FAX4), tags=tags,
            **options,
        )  # fmt: skip
        wanted = _wanted(values, bits, colour, table)
        assert np.array_equal(seen(data), TURNS[turn](wanted)), (colour, packing, options, turn)
        made += 1
    assert made >= 90


def _wanted(values: grid.Numbers, bits: int, colour: str, table: NDArray[Any]) -> Bytes:
    if colour == "palette":
        return np.asarray(table[values[:, :, 0]], np.uint8)
    if colour == "cmyk":
        whole = (values >> (bits - 8)).astype(np.uint8)
        return np.asarray(Image.fromarray(whole, "CMYK").convert("RGB"))
    if colour == "white":
        return eight(((1 << bits) - 1 - values).astype(np.uint16), bits)
    return eight(values, bits)


_PNG_COLOURS = {0: (1, (1, 2, 4, 8, 16)), 2: (3, (8, 16)), 3: (1, (1, 2, 4, 8)), 4: (2, (8, 16)),
                6: (4, (8, 16))}  # fmt: skip


@pytest.mark.parametrize("colour", _PNG_COLOURS)
def test_every_png_is_the_picture_it_was_made_from(colour: int) -> None:
    samples, depths = _PNG_COLOURS[colour]
    number = 0
    for bits, interlaced, filtering, split, key in itertools.product(
        depths, (False, True), range(5), (False, True), (False, True)
    ):
        if key and colour in (4, 6):
            continue
        values = numbers(bits, samples)
        table = np.random.default_rng(bits).integers(0, 256, (1 << min(bits, 8), 3))
        turn = number % 8 + 1
        number += 1
        before = chunk_palette(table) if colour == 3 else b""
        if key:
            body = bytes(range(1 << min(bits, 6))) if colour == 3 else bytes(2 * samples)
            before += grid.chunk(b"tRNS", body)
        exif = grid.chunk(b"eXIf", turned(turn).tobytes().removeprefix(b"Exif\0\0"))
        data = grid.png_file(values, bits, colour, interlaced=interlaced, filtering=filtering,
                             split=split, before=before, after=exif)  # fmt: skip
        wanted = (
            np.asarray(table[values[:, :, 0]], np.uint8) if colour == 3 else eight(values, bits)
        )
        place = (bits, interlaced, filtering, split, key)
        assert np.array_equal(seen(data), TURNS[turn](wanted)), place
    assert number >= 40


def chunk_palette(table: NDArray[Any]) -> bytes:
    return grid.chunk(b"PLTE", table.astype(np.uint8).tobytes())


def _rgb_numbers(rgb: Bytes) -> NDArray[np.uint32]:
    wide = rgb.astype(np.uint32)
    return np.asarray(wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2], np.uint32)


@pytest.mark.parametrize("header", [12, 40, 52, 56, 64, 108, 124])
def test_every_bitmap_is_the_picture_it_was_made_from(header: int) -> None:
    made = 0
    for bits, top_down in itertools.product((1, 4, 8, 24, 32), (False, True)):
        if header == 12 and (bits == 32 or top_down):
            continue
        values = numbers(min(bits, 8), 3 if bits > 8 else 1)
        if bits <= 8:
            table = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3))
            data = grid.bmp_file(values[:, :, 0], bits, header=header, palette=table,
                                 top_down=top_down)  # fmt: skip
            wanted = np.asarray(table[values[:, :, 0]], np.uint8)
        else:
            wanted = eight(values, 8)
            data = grid.bmp_file(_rgb_numbers(wanted), bits, header=header, top_down=top_down)
        assert np.array_equal(seen(data), wanted), (bits, top_down)
        made += 1
    assert made >= 4


@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
@pytest.mark.parametrize("said", [None, 0, 54])
def test_bitmaps_with_masks_wherever_they_say_the_pixels_lie(header: int, said: int | None) -> None:
    rgb = eight(numbers(8, 3), 8)
    for masks in (
        (0xFF0000, 0xFF00, 0xFF),
        (0xFF, 0xFF00, 0xFF0000),
        (0xFF000000, 0xFF0000, 0xFF00),
    ):
        shifts = [(mask & -mask).bit_length() - 1 for mask in masks]
        stored = sum(rgb[:, :, c].astype(np.uint32) << shifts[c] for c in range(3))
        given = (*masks, 0) if header >= 56 else masks
        data = grid.bmp_file(np.asarray(stored), 32, header=header, masks=given, offset=said)
        assert np.array_equal(seen(data), rgb)
    five = (rgb >> 3).astype(np.uint32)
    stored16 = five[:, :, 0] << 11 | (five[:, :, 1] << 1) << 5 | five[:, :, 2]
    masks16 = (0xF800, 0x7E0, 0x1F, 0) if header >= 56 else (0xF800, 0x7E0, 0x1F)
    found = seen(grid.bmp_file(stored16, 16, header=header, masks=masks16, offset=said))
    assert np.array_equal(found[:, :, 0], (five[:, :, 0] * 255 // 31).astype(np.uint8))
    assert np.array_equal(found[:, :, 1], (five[:, :, 1] * 2 * 255 // 63).astype(np.uint8))


@pytest.mark.parametrize("said", [0, 14, 54])
@pytest.mark.parametrize("top_down", [False, True])
def test_a_bitmap_that_names_a_wrong_place_is_read_by_its_length(said: int, top_down: bool) -> None:
    grey = numbers(8, 1)
    ramp = np.repeat(np.arange(256)[:, None], 3, axis=1)
    wanted = eight(grey, 8)
    with_palette = grid.bmp_file(grey[:, :, 0], 8, palette=ramp, offset=said, top_down=top_down)
    without = grid.bmp_file(grey[:, :, 0], 8, offset=said, top_down=top_down)
    used = grid.bmp_file(grey[:, :, 0], 8, palette=ramp, offset=said, used=256, top_down=top_down)
    for data in (with_palette, without, used):
        assert np.array_equal(seen(data), wanted)
    four = numbers(4, 1)
    table = np.random.default_rng(4).integers(0, 256, (16, 3))
    data = grid.bmp_file(four[:, :, 0], 4, palette=table, offset=said, top_down=top_down)
    assert np.array_equal(seen(data), np.asarray(table[four[:, :, 0]], np.uint8))
    colour = eight(numbers(8, 3), 8)
    data = grid.bmp_file(_rgb_numbers(colour), 24, offset=said, top_down=top_down)
    assert np.array_equal(seen(data), colour)
    # Neither with nor without a palette: nobody can say where the pixels lie.
    assert RARE in refusal(with_palette + bytes(7))
    assert DAMAGED in refusal(without[:-1])


def test_a_bitmap_with_a_number_its_palette_lacks_is_damaged() -> None:
    grey = numbers(8, 1)[:, :, 0]
    ramp = np.repeat(np.arange(100)[:, None], 3, axis=1)
    assert DAMAGED in refusal(grid.bmp_file(grey, 8, palette=ramp, used=100))
    assert seen(grid.bmp_file(np.minimum(grey, 99), 8, palette=ramp, used=100)).max() == 99


@pytest.mark.parametrize("bits", [4, 8])
def test_runs_of_a_bitmap(bits: int) -> None:
    values = numbers(bits, 1)[:, :, 0]
    table = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3))
    body = b""
    for row in values[::-1]:
        at = 0
        for value, same in itertools.groupby(row.tolist()):
            count = len(list(same))
            body += bytes((count, value * 17 if bits == 4 else value))
            at += count
        body += b"\0\0"
    data = grid.bmp_file(
        values, bits, palette=table, compression=3 - bits // 4, body=body + b"\0\1"
    )
    assert np.array_equal(seen(data), np.asarray(table[values], np.uint8))
    for cut in (len(data) - 40, len(data) - 300):
        assert DAMAGED in refusal(data[:cut])


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_jpeg_is_what_another_reader_makes_of_it(scene: Bytes, mode: str) -> None:
    image = Image.fromarray(scene).convert(mode)
    made = 0
    for quality, sampling, progressive, restart, turn in itertools.product(
        (60, 95), (0, 1, 2), (False, True), (0, 1, 7), range(1, 9)
    ):
        if mode == "L" and sampling:
            continue
        data = encoded(image, "JPEG", quality=quality, subsampling=sampling,
                       progressive=progressive, restart_marker_blocks=restart,
                       exif=turned(turn))  # fmt: skip
        with Image.open(io.BytesIO(data)) as again:
            wanted = np.asarray(again.convert("RGB"))
        place = (quality, sampling, progressive, restart, turn)
        assert np.array_equal(seen(data), TURNS[turn](wanted)), place
        made += 1
    assert made >= 96


@pytest.mark.parametrize("mode", ["L", "RGB", "YCbCr"])
@pytest.mark.parametrize("layout", [{}, {"rows": 16}, {"tile": 16}])
def test_jpeg_strips_of_a_tiff_are_the_jpegs_they_are(mode: str, layout: dict[str, Any]) -> None:
    def pack(part: grid.Numbers) -> bytes:
        image = Image.fromarray(
            part.astype(np.uint8) if mode != "L" else part[:, :, 0].astype(np.uint8)
        )
        return encoded(image, "JPEG", quality=95, keep_rgb=mode == "RGB")

    values = numbers(8, 1 if mode == "L" else 3)
    photometric = {"L": 1, "RGB": 2, "YCbCr": 6}[mode]
    found = seen(
        grid.tiff_file(values, 8, photometric=photometric, compression=7, pack=pack, **layout)
    )
    whole = np.zeros((32, 32, 3), np.uint8)
    step = layout.get("tile") or WIDTH
    rows = layout.get("tile") or layout.get("rows") or HEIGHT
    padded = np.zeros((32, 32, values.shape[2]), np.uint16)
    padded[:HEIGHT, :WIDTH] = values
    for top in range(0, HEIGHT, rows):
        for left in range(0, WIDTH, step):
            bottom = top + rows if "tile" in layout else min(top + rows, HEIGHT)
            part = pack(padded[top:bottom, left : left + step])
            whole[top:bottom, left : left + step] = seen(part)
    assert np.array_equal(found, whole[:HEIGHT, :WIDTH])


@pytest.mark.parametrize("alpha", [False, True])
def test_every_lossless_webp_is_the_picture_it_was_made_from(scene: Bytes, alpha: bool) -> None:
    layer = np.full(scene.shape[:2], 255, np.uint8)
    layer[3:9] = 40
    stored = np.dstack([scene, layer]) if alpha else scene
    for turn, method in itertools.product(range(1, 9), (0, 4, 6)):
        data = encoded(stored, "WEBP", lossless=True, exact=True, method=method, exif=turned(turn))
        assert np.array_equal(seen(data), TURNS[turn](scene))
