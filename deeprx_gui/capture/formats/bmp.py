"""BMP: the Windows bitmap header."""

from __future__ import annotations

import struct

from deeprx_gui.capture.formats.header import Damaged, Header, Kind

SIGNATURE = b"BM"
_OS2_HEADER = 12


def header(data: bytes) -> Header:
    """Read the size; ``plain`` only where it is uncompressed with 8, 24 or 32 bits per pixel."""
    try:
        (length,) = struct.unpack_from("<L", data, 14)
        if length == _OS2_HEADER:
            width, height = struct.unpack_from("<HH", data, 18)
            return Header(Kind.BMP, width, height, plain=False)
        width, height, _, bits, packing = struct.unpack_from("<llHHL", data, 18)
    except struct.error as error:
        raise Damaged("ends inside the header") from error
    return Header(Kind.BMP, width, abs(height), plain=packing == 0 and bits in (8, 24, 32))


def check(data: bytes) -> None:
    """Nothing to compare: BMP has no checksum, and the decoder notices when rows are missing."""
