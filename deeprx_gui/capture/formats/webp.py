"""WebP: a RIFF container (RFC 9649)."""

from __future__ import annotations

import struct

from deeprx_gui.capture.formats.header import Damaged, Header, Kind
from deeprx_gui.capture.formats.ifd import exif_orientation

SIGNATURE = b"RIFF"
_ANIMATED, _ALPHA = 0x02, 0x10


def header(data: bytes) -> Header:
    """Read size and orientation; needs the whole file (EXIF follows the pixels)."""
    try:
        return _read(data)
    except (struct.error, IndexError) as error:
        raise Damaged("ends inside the header") from error


def _read(data: bytes) -> Header:
    end = 8 + struct.unpack_from("<L", data, 4)[0]
    if end > len(data):
        raise Damaged("shorter than it says")
    size: tuple[int, int] | None = None
    orientation, animated, alpha, pictures, at = 1, False, False, 0, 12
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sL", data, at)
        body = data[at + 8 : min(at + 8 + length, end)] if name != b"ALPH" else b""
        if name == b"VP8X":
            size = (_three(body, 4) + 1, _three(body, 7) + 1)
            animated = bool(body[0] & _ANIMATED)
            alpha = bool(body[0] & _ALPHA)
        elif name == b"VP8 " and size is None:
            w, h = struct.unpack_from("<HH", body, 6)
            size = (w & 0x3FFF, h & 0x3FFF)
        elif name == b"VP8L" and size is None:
            (packed,) = struct.unpack_from("<L", body, 1)
            size = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
            alpha = bool(packed >> 28 & 1)
        elif name == b"ANMF":
            pictures += 1
        elif name == b"EXIF":
            orientation = exif_orientation(body)
        at += 8 + length + (length & 1)
    if size is None:
        raise Damaged("no picture inside")
    return Header(
        Kind.WEBP, *size, orientation, plain=not animated, pages=max(pictures, 1), alpha=alpha
    )


def _three(body: bytes, at: int) -> int:
    return body[at] | body[at + 1] << 8 | body[at + 2] << 16


def check(data: bytes) -> None:
    """Nothing to compare: WebP has no checksum, and its length was checked with the header."""
