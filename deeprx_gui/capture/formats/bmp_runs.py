"""BMP: rows packed as runs (RLE8, RLE4)."""

from __future__ import annotations

import numpy as np

from deeprx_gui.capture.formats.header import Damaged
from deeprx_gui.domain.arrays import ByteImage

_END_OF_ROW, _END, _JUMP = 0, 1, 2


def unpack_runs(data: bytes, width: int, height: int, bits: int) -> ByteImage:
    """Return palette numbers (h, w), the first row on top; raises ``Damaged``.

    What a file jumps over is colour 0. Runs beyond the end of a row, and data that ends before the
    end mark or the last pixel, are damage.
    """
    found = np.zeros((height, width), np.uint8)
    at = x = y = 0
    try:
        while True:
            count, value = data[at], data[at + 1]
            at += 2
            if count:
                _put(found, x, y, _numbers(bytes([value]) * ((count * bits + 7) // 8), count, bits))
                x += count
            elif value == _END_OF_ROW:
                x, y = 0, y + 1
            elif value == _END:
                break
            elif value == _JUMP:
                x, y = x + data[at], y + data[at + 1]
                at += 2
            else:
                size = (value * bits + 7) // 8
                _put(found, x, y, _numbers(data[at : at + size], value, bits))
                x += value
                at += size + size % 2
    except IndexError as error:
        if not (y >= height or (y == height - 1 and x >= width)):
            raise Damaged("ends before its last row") from error
    if y < height - 1 or (y == height - 1 and x not in (0, width)):
        raise Damaged("ends before its last row")
    return found[::-1]


def _numbers(data: bytes, count: int, bits: int) -> ByteImage:
    raw = np.frombuffer(data, np.uint8)
    if bits == 4:
        raw = np.stack([raw >> 4, raw & 15], axis=1).ravel()
    if len(raw) < count:
        raise Damaged("ends inside a run")
    return raw[:count]


def _put(found: ByteImage, x: int, y: int, numbers: ByteImage) -> None:
    if y >= found.shape[0] or x + len(numbers) > found.shape[1]:
        raise Damaged("a run beyond its row")
    found[y, x : x + len(numbers)] = numbers
