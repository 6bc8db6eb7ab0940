"""JPEG: marker segments around entropy-coded data (ITU-T T.81)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from deeprx_gui.capture.formats.header import Damaged, Header, Kind, Unsupported
from deeprx_gui.capture.formats.ifd import exif_orientation

SIGNATURE = b"\xff\xd8\xff"
_EXIF, _SCAN, _END, _START = 0xE1, 0xDA, 0xD9, 0xD8
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Inside a scan FF 00 is a data byte, FF D0..D7 restart it and FF FF is padding.
_NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's content up to the end-of-image marker.

    Raises ``Damaged`` when the data stops before that marker: the grey that decoders put in place
    of missing data must never pass for a picture.
    """
    at = 2
    while True:
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            raise Damaged("ends before the end-of-image marker")
        marker, at = found[1][0], found.end()
        if marker == _END:
            yield marker, at, at
            return
        if marker == _START:
            raise Damaged("a second picture starts before the first has ended")
        if marker < 0xC0:
            raise Damaged("a marker that no file has")
        if at + 2 > len(data):
            raise Damaged("ends inside a segment")
        end = at + struct.unpack_from(">H", data, at)[0]
        if end < at + 2 or end > len(data):
            raise Damaged("ends inside a segment")
        yield marker, at + 2, end
        at = end


def header(data: bytes) -> Header:
    """Read size and orientation; the segments up to the frame header are enough."""
    orientation: int | None = None
    for marker, start, end in _segments(data):
        if marker == _EXIF and orientation is None and data[start : start + 6] == b"Exif\0\0":
            orientation = exif_orientation(data[start:end])
        if marker in _FRAMES:
            if end - start < 6:
                raise Damaged("short frame header")
            bits, height, width, channels = struct.unpack_from(">BHHB", data, start)
            if bits != 8:
                raise Unsupported(f"JPEG with {bits} bits")
            return Header(
                Kind.JPEG,
                width,
                height,
                orientation or 1,
                plain=channels in (1, 3),
                progressive=marker in _PROGRESSIVE,
            )
        if marker in (_SCAN, _END):
            break
    raise Damaged("no frame header")


def check(data: bytes) -> None:
    """Walk all segments and scans to the end-of-image marker; raises ``Damaged``."""
    for _ in _segments(data):
        pass


def with_filler(data: bytes) -> bytes:
    """Return the file with meaningless coded data before its end.

    A decoder that had all its data ignores the filler; one that ran out of it decodes the filler,
    and the picture changes.
    """
    end = 0
    for marker, start, _ in _segments(data):
        if marker == _END:
            end = start - 2
    filler = bytes(1 + (i * 167 + 13) % 254 for i in range(4096))
    return data[:end] + filler + data[end:]
