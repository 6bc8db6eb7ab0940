"""The wire format of ONNX files (Protocol Buffers), read without believing anything.

Ours, a hundred lines, because a foreign file must cost no more than it is large: every length is
checked against what is left, nothing is nested that is not asked for, and no library follows a
path that is written inside the file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST_VARINT = 10
MOST_FIELDS = 4_000_000
"""So many fields of one message; more are made to cost time."""


class DamagedOnnxError(Exception):
    """The bytes are no ONNX file; the text says what is wrong, for the log."""


@dataclass(frozen=True)
class WireField:
    """One field of a message: ``number`` is its int, or the bits of its float; else ``data``."""

    key: int
    number: int
    data: memoryview | None

    def bytes(self) -> memoryview:
        """Return the contents of a field that has a length."""
        if self.data is None:
            raise DamagedOnnxError(f"field {self.key} is a number")
        return self.data

    def text(self) -> str:
        """Return a field's text."""
        try:
            return str(self.bytes(), "utf-8")
        except UnicodeDecodeError:
            raise DamagedOnnxError(f"field {self.key} is no text") from None

    def real(self) -> float:
        """Return a float of four bytes."""
        return float(struct.unpack("<f", struct.pack("<I", self.number & 0xFFFFFFFF))[0])

    def ints(self) -> list[int]:
        """Return whole numbers, packed or single."""
        if self.data is None:
            return [self.number]
        found, at = [], 0
        while at < len(self.data):
            value, at = _varint(self.data, at)
            found.append(value)
        return found

    def floats(self) -> list[float]:
        """Return floats, packed or single."""
        if self.data is None:
            return [self.real()]
        if len(self.data) % 4:
            raise DamagedOnnxError(f"field {self.key} is cut off")
        return [value for (value,) in struct.iter_unpack("<f", self.data)]


def fields(message: memoryview) -> Iterator[WireField]:
    """Return the fields of one message; raises DamagedOnnxError when it is none."""
    at, count = 0, 0
    while at < len(message):
        count += 1
        if count > MOST_FIELDS:
            raise DamagedOnnxError("too many fields")
        tag, at = _varint(message, at)
        key, kind = tag >> 3, tag & 7
        if key < 1:
            raise DamagedOnnxError("a field without a number")
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield WireField(key, value, None)
        elif kind == _BYTES:
            length, at = _varint(message, at)
            if not 0 <= length <= len(message) - at:
                raise DamagedOnnxError("a field is longer than the file")
            yield WireField(key, 0, message[at : at + length])
            at += length
        elif kind in (_FOUR, _EIGHT):
            width = 4 if kind == _FOUR else 8
            if len(message) - at < width:
                raise DamagedOnnxError("the file is cut off")
            yield WireField(key, int.from_bytes(message[at : at + width], "little"), None)
            at += width
        else:
            raise DamagedOnnxError(f"a field of kind {kind}")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a whole number (64 bits, signed) and where the next thing begins."""
    value = 0
    for step in range(_LONGEST_VARINT):
        if at + step >= len(data):
            raise DamagedOnnxError("the file is cut off")
        byte = data[at + step]
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            value &= (1 << 64) - 1
            return value - (1 << 64) if value >> 63 else value, at + step + 1
    raise DamagedOnnxError("a number is too long")
