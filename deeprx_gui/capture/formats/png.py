"""PNG: chunks with a checksum each (PNG specification, third edition, W3C 2025)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from deeprx_gui.capture.formats.header import Damaged, Header, Kind
from deeprx_gui.capture.formats.ifd import exif_orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_WITH_ALPHA = (4, 6)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each chunk's content up to IEND; raises ``Damaged``."""
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise Damaged("ends before IEND")
        length, name = struct.unpack_from(">L4s", data, at)
        start = at + 8
        if start + length + 4 > len(data):
            raise Damaged("ends inside a chunk")
        yield name, start, start + length
        if name == b"IEND":
            return
        at = start + length + 4


def header(data: bytes) -> Header:
    """Read size, depth and orientation; needs the whole file (EXIF may follow the pixels)."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise Damaged("does not start with IHDR")
    _compare(data, 16, 29)  # a flipped bit must not be reported as a gigantic picture
    width, height, bits, colour = struct.unpack_from(">LLBB", data, 16)
    orientation, pictures, alpha = 1, 1, colour in _WITH_ALPHA
    for name, start, end in _chunks(data):
        if name == b"eXIf":
            orientation = exif_orientation(data[start:end])
        elif name == b"acTL" and end - start >= 4:
            (pictures,) = struct.unpack_from(">L", data, start)
        alpha = alpha or name == b"tRNS"
    return Header(
        Kind.PNG, width, height, orientation, max(bits, 8), pages=max(pictures, 1), alpha=alpha
    )


def check(data: bytes) -> None:
    """Compare the checksum of every chunk that matters to the pixels; raises ``Damaged``."""
    for name, start, end in _chunks(data):
        critical = name[:1].isupper()
        if critical:
            _compare(data, start, end)


def bare(data: bytes) -> bytes:
    """Return the file with nothing but what makes its pixels.

    A library would read the rest as well, say on the console what it dislikes about a colour
    profile, and take the further pictures of an animation for one picture.
    """
    if all(name in _PIXELS for name, _, _ in _chunks(data)):
        return data
    kept = [data[start - 8 : end + 4] for name, start, end in _chunks(data) if name in _PIXELS]
    return SIGNATURE + b"".join(kept)


def _compare(data: bytes, start: int, end: int) -> None:
    """Compare a chunk's checksum, which covers its name and content and follows it."""
    if zlib.crc32(memoryview(data)[start - 4 : end]) != struct.unpack_from(">L", data, end)[0]:
        raise Damaged("wrong checksum")
