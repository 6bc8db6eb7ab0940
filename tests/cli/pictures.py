"""Small pictures of made-up parts, good and bad, as files."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.results.encode import encode_png


def part(seed: int, *, defect: bool = False, height: int = 96, width: int = 96) -> ByteImage:
    """Return a ribbed plate with noise; the defect is a scratch."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    plate = 128 + 40 * np.sin(x / 7.0) * np.cos(y / 11.0) + rng.normal(0, 4, (height, width))
    if defect:
        plate[30:60, 40:46] = 5
        plate[42:48, 20:76] = 250
    grey = np.clip(plate, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def write(file: Path, pixels: ByteImage) -> Path:
    """Write a PNG and return where."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encode_png(pixels))
    return file


def write_parts(folder: Path, count: int, *, first: int = 0, defect: bool = False) -> list[Path]:
    """Write parts 1.png, 2.png, … and return where."""
    return [write(folder / f"{n + 1}.png", part(first + n, defect=defect)) for n in range(count)]


def huge_png(file: Path, side: int) -> Path:
    """Write a picture whose header claims ``side`` x ``side`` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        )

    head = struct.pack(">LLBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    return file
