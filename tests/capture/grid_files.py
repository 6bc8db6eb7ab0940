"""Writers of picture files, by hand: every variety that we claim to read, without our readers.

They share nothing with ``deeprx_gui.capture``. Pillow packs LZW, Zstandard and fax rows.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Numbers = NDArray[np.uint16]
"""(h, w, samples), each below 2 ** bits."""

NONE, FAX4, LZW, DEFLATE, PACKBITS, LZMA, OLD_DEFLATE, ZSTD = (
    1, 4, 5, 8, 32773, 34925, 32946, 50000
)  # fmt: skip
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Every byte with its bits in the other order."""
_BY_LIBTIFF = {LZW: "tiff_lzw", ZSTD: "zstd", PACKBITS: "packbits"}


def bits_of(rows: NDArray[Any], bits: int, order: str = ">") -> bytes:
    """Rows of numbers as packed bytes, each row filled up to a whole byte."""
    flat = rows.reshape(len(rows), -1).astype(np.uint16)
    if bits == 8:
        return flat.astype(np.uint8).tobytes()
    if bits == 16:
        return flat.astype(order + "u2").tobytes()
    loose = (flat[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(loose.reshape(len(rows), -1).astype(np.uint8), axis=1).tobytes()


@lru_cache(maxsize=4096)
def _pack(raw: bytes, rows: int, compression: int, width: int) -> bytes:
    if compression == NONE:
        return raw
    if compression in (DEFLATE, OLD_DEFLATE):
        return zlib.compress(raw)
    if compression == LZMA:
        return lzma.compress(raw, preset=0)  # the usual one prepares for many megabytes
    each = len(raw) // rows
    if compression == FAX4:
        bits = np.unpackbits(np.frombuffer(raw, np.uint8).reshape(rows, each), axis=1)[:, :width]
        return _strip(Image.fromarray(bits.astype(bool)), "group4", rows)
    grey = Image.fromarray(np.frombuffer(raw, np.uint8).reshape(rows, each))
    return _strip(grey, _BY_LIBTIFF[compression], rows)


def _strip(image: Image.Image, compression: str, rows: int) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "TIFF", compression=compression, tiffinfo={278: rows})
    data = stream.getvalue()
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack_from(order + "L", data, 4)
    (count,) = struct.unpack_from(order + "H", data, start)
    values = {}
    for place in range(start + 2, start + 2 + 12 * count, 12):
        number, kind, held = struct.unpack_from(order + "HHL", data, place)
        if number in (273, 279):
            assert held == 1, "one strip was asked for"
            (values[number],) = struct.unpack_from(order + {3: "H", 4: "L"}[kind], data, place + 8)
    return data[values[273] : values[273] + values[279]]


def tiff_file(
    numbers: Numbers,
    bits: int,
    *,
    photometric: int = 1,
    compression: int = NONE,
    rows: int = 0,
    tile: int = 0,
    planar: bool = False,
    predictor: int = 1,
    order: str = "<",
    big: bool = False,
    fill: int = 1,
    tags: Sequence[tuple[int, int, Sequence[int]]] = (),
    pack: Any = None,
) -> bytes:
    """A TIFF of one page. ``tags``: further ones as (number, type, values)."""
    height, width, samples = numbers.shape
    planes = [numbers[:, :, i : i + 1] for i in range(samples)] if planar else [numbers]
    pieces = []
    for plane in planes:
        for part in _parts(plane, rows or height, tile):
            part_numbers = part
            if predictor == 2:
                part_numbers = part.copy()
                part_numbers[:, 1:] -= part[:, :-1]  # modulo 2 ** 16; of 8 bits the rest is cut
                part_numbers &= (1 << bits) - 1
            raw = bits_of(part_numbers, bits, order)
            packed = pack(part) if pack else _pack(raw, len(part), compression, part.shape[1])
            if fill == 2:
                packed = packed.translate(_TURNED)
            pieces.append(packed)
    sizes = [len(piece) for piece in pieces]
    strips = [(273, 4, pieces), (278, 3, (rows or height,)), (279, 4, sizes)]
    tiles = [(324, 4, pieces), (322, 3, (tile,)), (323, 3, (tile,)), (325, 4, sizes)]
    where: list[tuple[int, int, Any]] = tiles if tile else strips
    entries = [
        (256, 3, (width,)), (257, 3, (height,)), (258, 3, (bits,) * samples),
        (259, 3, (compression,)), (262, 3, (photometric,)), (277, 3, (samples,)),
        (284, 3, (2 if planar else 1,)), (317, 3, (predictor,)), (266, 3, (fill,)), *where, *tags,
    ]  # fmt: skip
    return _directory(sorted(entries, key=lambda entry: entry[0]), order, big)


def _parts(plane: Numbers, rows: int, tile: int) -> list[Numbers]:
    height, width = plane.shape[:2]
    if not tile:
        return [plane[top : top + rows] for top in range(0, height, rows)]
    whole = np.zeros(
        (-(-height // tile) * tile, -(-width // tile) * tile, plane.shape[2]), np.uint16
    )
    whole[:height, :width] = plane
    return [
        whole[y : y + tile, x : x + tile]
        for y in range(0, height, tile)
        for x in range(0, width, tile)
    ]


def _directory(entries: Sequence[tuple[int, int, Any]], order: str, big: bool) -> bytes:
    """Pixels first, then the directory: values that are bytes become where these bytes lie."""
    room, offset, count = (8, "Q", "Q") if big else (4, "L", "H")
    head = 16 if big else 8
    body = b""
    rows = []
    for number, kind, values in entries:
        plain = []
        for value in values:
            if isinstance(value, bytes):
                plain.append(head + len(body))
                body += value + b"\0" * (len(value) % 2)
            else:
                plain.append(value)
        raw = b"".join(
            struct.pack(order + {1: "B", 3: "H", 4: "L", 7: "B"}[kind], v) for v in plain
        )
        if len(raw) > room:
            at = head + len(body)
            body += raw + b"\0" * (len(raw) % 2)
            raw = struct.pack(order + offset, at)
        row = struct.pack(order + "HH" + offset, number, kind, len(plain))
        rows.append(row + raw.ljust(room, b"\0"))
    mark = b"II" if order == "<" else b"MM"
    start = head + len(body)
    first = (
        struct.pack(order + "HHHQ", 43, 8, 0, start)
        if big
        else struct.pack(order + "HL", 42, start)
    )
    directory = struct.pack(order + count, len(rows)) + b"".join(rows) + bytes(room)
    return mark + first + body + directory


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ADAM7 = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png_file(
    numbers: Numbers, bits: int, colour: int, *, interlaced: bool = False, filtering: int = 0,
    split: bool = False, before: bytes = b"", after: bytes = b"",
) -> bytes:  # fmt: skip
    """A PNG; ``before`` and ``after``: further chunks on either side of the pixels."""
    height, width, samples = numbers.shape
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    raw = b"".join(
        _filtered(numbers[y::dy, x::dx], bits, filtering, max(1, samples * bits // 8))
        for y, x, dy, dx in passes
        if y < height and x < width
    )
    packed = zlib.compress(raw)
    cut = len(packed) // 3 if split else len(packed)
    data = chunk(b"IDAT", packed[:cut]) + (chunk(b"IDAT", packed[cut:]) if split else b"")
    head = struct.pack(">LLBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    return PNG_SIGNATURE + chunk(b"IHDR", head) + before + data + after + chunk(b"IEND", b"")


def _filtered(numbers: NDArray[Any], bits: int, kind: int, step: int) -> bytes:
    rows = np.frombuffer(bits_of(numbers, bits), np.uint8).reshape(len(numbers), -1).astype(int)
    found = b""
    above = np.zeros_like(rows[0])
    for row in rows:
        left = np.concatenate([np.zeros(step, int), row])[: len(row)]
        corner = np.concatenate([np.zeros(step, int), above])[: len(row)]
        guess = (0, left, above, (left + above) // 2, _paeth(left, above, corner))[kind]
        found += bytes([kind]) + ((row - guess) & 255).astype(np.uint8).tobytes()
        above = row
    return found


def _paeth(a: NDArray[Any], b: NDArray[Any], c: NDArray[Any]) -> NDArray[Any]:
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return np.where((pa <= pb) & (pa <= pc), a, np.where(pb <= pc, b, c))


def bmp_file(
    numbers: NDArray[Any], bits: int, *, header: int = 40, palette: NDArray[Any] | None = None,
    masks: Sequence[int] = (), top_down: bool = False, offset: int | None = None, used: int = 0,
    compression: int | None = None, body: bytes | None = None,
) -> bytes:  # fmt: skip
    """A bitmap of numbers (h, w); ``offset``: what it says of where the pixels lie, true or not."""
    height, width = numbers.shape
    packing = compression if compression is not None else 3 if masks else 0
    rows = numbers if top_down else numbers[::-1]
    kind = {16: "<u2", 32: "<u4"}
    if bits in kind:
        lines = [row.astype(kind[bits]).tobytes() for row in rows]
    elif bits == 24:
        lines = [row.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes() for row in rows]
    else:
        lines = [bits_of(row[None, :, None], bits) for row in rows]
    stored = b"".join(line + bytes(-len(line) % 4) for line in lines) if body is None else body
    table = b""
    if palette is not None:
        table = b"".join(bytes((b, g, r)) + (b"" if header == 12 else b"\0") for r, g, b in palette)
    if header == 12:
        info = struct.pack("<LHHHH", 12, width, height, 1, bits)
    else:
        signed = -height if top_down else height
        info = struct.pack(
            "<LllHHLLllLL", header, width, signed, 1, bits, packing, 0, 0, 0, used, 0
        )
        packed_masks = struct.pack(f"<{len(masks)}L", *masks)
        info = info + packed_masks if header == 40 else (info + packed_masks).ljust(header, b"\0")
    begins = 14 + len(info) + len(table)
    said = begins if offset is None else offset
    return b"BM" + struct.pack("<LLL", begins + len(stored), 0, said) + info + table + stored
