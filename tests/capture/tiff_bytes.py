"""Hand-made TIFF files: the varieties that no library at hand can write."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def tiff(
    order: str,
    size: tuple[int, int],
    pixels: bytes,
    *,
    bits: int,
    white_is_zero: bool = False,
    extra: Sequence[tuple[int, int]] = (),
) -> bytes:
    """A one-channel, one-strip, uncompressed TIFF; ``order`` is ``<`` or ``>``."""
    width, height = size
    short, long = 3, 4
    tags = [
        (256, short, width), (257, short, height), (258, short, bits), (259, short, 1),
        (262, short, 0 if white_is_zero else 1), (273, long, 8), (277, short, 1),
        (278, short, height), (279, long, len(pixels)),
        *((tag, short, value) for tag, value in extra),
    ]  # fmt: skip
    directory = struct.pack(order + "H", len(tags))
    for tag, kind, value in sorted(tags):
        directory += struct.pack(order + "HHL", tag, kind, 1)
        directory += struct.pack(order + ("HH" if kind == short else "L"), *_fill(kind, value))
    padded = pixels + b"\0" * (len(pixels) % 2)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    start = struct.pack(order + "L", 8 + len(padded))
    return mark + start + padded + directory + bytes(4)


def _fill(kind: int, value: int) -> tuple[int, ...]:
    return (value, 0) if kind == 3 else (value,)
