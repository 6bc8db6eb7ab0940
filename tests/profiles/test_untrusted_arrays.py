"""Statistics and pictures inside a file that lie about themselves."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.profiles.png import read_png, write_png
from deeprx_gui.profiles.tensors import read_arrays, write_arrays
from tests.profiles.factory import assert_same_array, picture


def tensors(header: Any, body: bytes = b"", *, size: int | None = None) -> bytes:
    """Safetensors bytes with any header at all."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + body


def entry(dtype: Any = "F32", shape: Any = (2,), offsets: Any = (0, 8), **more: Any) -> Any:
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1234567",
        tensors({}, size=2**63),
        tensors({}, size=10**9),
        tensors({}, size=1),
        tensors({}, b"trailing"),
        tensors(b"[]"),
        tensors(b"not json"),
        tensors(b'{"a":1,"a":2}'),
        tensors({"a": 1}),
        tensors({"a": {}}),
        tensors(entry(), bytes(7)),
        tensors(entry(), bytes(9)),
        tensors(entry(dtype="F8_E4M3"), bytes(8)),
        tensors(entry(dtype="BF16", offsets=(0, 4)), bytes(4)),
        tensors(entry(dtype="C64", shape=(1,)), bytes(8)),
        tensors(entry(dtype=4), bytes(8)),
        tensors(entry(shape=(-2,)), bytes(8)),
        tensors(entry(shape=(2.0,)), bytes(8)),
        tensors(entry(shape=(True, 2)), bytes(8)),
        tensors(entry(shape=2), bytes(8)),
        tensors(entry(shape=[1] * 9 + [2]), bytes(8)),
        tensors(entry(shape=(2**31, 2**31, 2**31)), bytes(8)),
        tensors(entry(shape=(2**62, 4)), bytes(8)),
        tensors(entry(shape=(0, 2**50), offsets=(0, 0))),
        tensors(entry(offsets=(8, 0)), bytes(8)),
        tensors(entry(offsets=(0, 2**40)), bytes(8)),
        tensors(entry(offsets=(4, 12)), bytes(12)),
        tensors(entry(offsets=(-4, 4)), bytes(8)),
        tensors(entry(offsets=(0, 8, 8)), bytes(8)),
        tensors({**entry(), "b": entry()["a"]}, bytes(8)),
        tensors({**entry(), "b": entry(offsets=(4, 12))["a"]}, bytes(12)),
        tensors({**entry(), "b": entry(offsets=(12, 20))["a"]}, bytes(20)),
        tensors({"__metadata__": {"x": "y"}, **entry()}, bytes(8)),
        tensors({"n" * 201: entry()["a"]}, bytes(8)),
        tensors(entry(), np.array([1, np.nan], "<f4").tobytes()),
        tensors(entry(dtype="F64", shape=(1,)), np.array([-np.inf]).tobytes()),
        tensors(entry(dtype="F16", shape=(4,)), np.array([1, 2, 3, np.inf], "<f2").tobytes()),
        tensors(entry(dtype="BOOL", shape=(8,)), bytes([0, 1, 2, 0, 0, 0, 0, 0])),
    ],
    ids=range(39),
)
def test_arrays_that_lie(data: bytes) -> None:
    with pytest.raises(ProfileError):
        read_arrays(data)


def test_arrays_may_lie_at_odd_places() -> None:
    header = {**entry("U8", (3,), (0, 3)), "b": entry("F64", (1,), (3, 11))["a"]}
    arrays = read_arrays(tensors(header, b"abc" + np.array([2.5]).tobytes()))
    assert arrays["b"] == 2.5
    assert bytes(arrays["a"]) == b"abc"


def test_no_arrays_at_all_are_fine() -> None:
    assert read_arrays(write_arrays({})) == {}


def png(header: bytes, body: bytes, *, ending: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
        + ending
    )


def size(width: int, height: int, *kind: int) -> bytes:
    return struct.pack(">IIBBBBB", width, height, *(kind or (8, 2, 0, 0, 0)))


ROW = zlib.compress(b"\x00abc")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        write_png(picture())[:-1],
        write_png(picture()) + b"x",
        png(size(1, 1)[:-1], ROW),
        png(size(0, 1), ROW),
        png(size(60_000, 60_000), ROW),
        png(size(1, 5_000_000), ROW),
        png(size(1, 1, 16, 2, 0, 0, 0), ROW),
        png(size(1, 1, 8, 3, 0, 0, 0), ROW),
        png(size(1, 1, 8, 6, 0, 0, 0), ROW),
        png(size(1, 1, 8, 2, 0, 0, 1), ROW),
        png(size(2, 1), ROW),
        png(size(1, 1), zlib.compress(bytes(30_000_000))),
        png(size(1, 1), ROW + b"more"),
        png(size(1, 1), ROW[:-2]),
        png(size(1, 1), b"not packed"),
        png(size(1, 1), zlib.compress(b"\x04abc")),
    ],
    ids=range(18),
)
def test_pictures_that_lie(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_png(data, most_pixels=1_000_000)


def test_a_flipped_bit_in_a_picture_is_seen() -> None:
    data = write_png(picture())
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0x10
        with pytest.raises(ValueError, match=r".+"):
            read_png(bytes(broken), most_pixels=1_000_000)


@pytest.mark.parametrize(
    "pixels",
    [
        picture(40, 5),
        np.zeros((1, 1, 3), np.uint8),
        np.full((7, 1, 3), 255, np.uint8),
        np.random.default_rng(0).integers(0, 256, (31, 17, 3), np.uint8),
        np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3),
        picture(20)[::2, ::-1],
    ],
    ids=range(6),
)
def test_pictures_come_back_exactly(pixels: Any) -> None:
    data = write_png(pixels)
    assert data == write_png(pixels.copy())
    assert_same_array(read_png(data, most_pixels=10_000), pixels)


def test_other_programs_can_look_at_the_pictures() -> None:
    """The reader of the image door, an independent decoder, sees the same pixels."""
    decode_bytes = pytest.importorskip("deeprx_gui.capture.decode").decode_bytes
    pixels = picture(40, 5)
    assert_same_array(decode_bytes(write_png(pixels), "golden").pixels, pixels)
