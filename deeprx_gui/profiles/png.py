"""PNG for the few small pictures inside a profile: 8-bit RGB, nothing else.

Why not OpenCV: the same pixels must give the same bytes whatever library version is installed, a
picture from a foreign file must not reach a C decoder, and inflating must stop at the announced
size. The rows use the filters None, Sub and Up of the PNG specification (ISO/IEC 15948, clause 9).
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Bytes2D

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_RGB8 = (8, 2, 0, 0, 0)
_SUB, _UP = 1, 2
_MOST_SIDE = 16384


def write_png(pixels: ByteImage) -> bytes:
    """Encode RGB ``uint8`` of shape (h, w, 3), loss-free; the same pixels give the same bytes.

    Raises ValueError for any other array.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"a picture is RGB uint8 (h, w, 3), not {pixels.dtype} {pixels.shape}")
    height, width = pixels.shape[:2]
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", _HEADER.pack(width, height, *_RGB8)),
            _chunk(b"IDAT", zlib.compress(_filtered(pixels).tobytes(), 6)),
            _chunk(b"IEND", b""),
        )
    )


def read_png(data: bytes, *, most_pixels: int) -> ByteImage:
    """Decode what :func:`write_png` wrote: RGB ``uint8`` (h, w, 3), read-only.

    Raises ValueError for anything damaged, of another kind, or above ``most_pixels``; never
    inflates more than the size the header announces.
    """
    header, packed = _chunks(data)
    width, height, *kind = _HEADER.unpack(header)
    if tuple(kind) != _RGB8:
        raise ValueError("not an 8-bit RGB picture")
    if not 0 < width * height <= most_pixels or max(width, height) > _MOST_SIDE:
        raise ValueError(f"{width} x {height} pixels")
    expected = height * (1 + 3 * width)
    inflater = zlib.decompressobj()
    try:
        rows = inflater.decompress(packed, expected + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(rows) != expected or not inflater.eof or inflater.unused_data:
        raise ValueError("the picture data does not have the announced size")
    return _unfiltered(np.frombuffer(rows, np.uint8).reshape(height, 1 + 3 * width))


def png_size(data: bytes) -> tuple[int, int]:
    """Return width and height of what :func:`write_png` wrote, checked but not unpacked.

    Raises ValueError for anything damaged or of another kind.
    """
    header, _packed = _chunks(data)
    width, height, *kind = _HEADER.unpack(header)
    if tuple(kind) != _RGB8 or not 0 < max(width, height) <= _MOST_SIDE or 0 in (width, height):
        raise ValueError("not an 8-bit RGB picture")
    return width, height


def _filtered(pixels: ByteImage) -> Bytes2D:
    """Filter byte and filtered bytes per row, shape (h, 1 + 3w)."""
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels).reshape(height, 3 * width)
    candidates = np.stack((rows, rows, rows))
    candidates[_SUB, :, 3:] -= rows[:, :-3]
    candidates[_UP, 1:] -= rows[:-1]
    # The usual heuristic: the filter with the smallest sum of signed magnitudes packs best.
    cost = np.abs(candidates.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = cost.argmin(axis=0)
    out = np.empty((height, 1 + 3 * width), np.uint8)
    out[:, 0] = best
    out[:, 1:] = candidates[best, np.arange(height)]
    return out


def _unfiltered(rows: Bytes2D) -> ByteImage:
    height, width = rows.shape[0], (rows.shape[1] - 1) // 3
    out = np.empty((height, width, 3), np.uint8)
    for y in range(height):
        row = rows[y, 1:].reshape(width, 3)
        match rows[y, 0]:
            case 0:
                out[y] = row
            case 1:
                np.cumsum(row, axis=0, dtype=np.uint8, out=out[y])
            case 2:
                np.add(row, out[y - 1] if y else 0, out=out[y])
            case other:
                raise ValueError(f"row filter {other}")
    out.flags.writeable = False
    return out


def _chunk(name: bytes, body: bytes) -> bytes:
    return b"".join(
        (struct.pack(">I", len(body)), name, body, struct.pack(">I", zlib.crc32(name + body)))
    )


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The header and the packed rows; every checksum is checked."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("not a PNG picture")
    at, seen = len(_SIGNATURE), list[tuple[bytes, bytes]]()
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        crc = int.from_bytes(data[at + 8 + size : at + 12 + size], "big")
        if len(body) != size or crc != zlib.crc32(name + body):
            raise ValueError("a damaged PNG picture")
        seen.append((name, body))
        at += 12 + size
    if at != len(data) or [name for name, _ in seen] != [b"IHDR", b"IDAT", b"IEND"]:
        raise ValueError("not a PNG picture as profiles hold it")
    header, packed = seen[0][1], seen[1][1]
    if len(header) != _HEADER.size:
        raise ValueError("a damaged PNG picture")
    return header, packed
