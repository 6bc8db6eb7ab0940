"""TIFF: from strips or tiles to pixels, whatever the depth, layout or packing.

Done here and not by a library because libraries guess: they read planes as pixels, take missing
rows for black, and print what they think of it on the console. Only LZW and Zstandard are unpacked
by libtiff, which sees each as plain rows of bytes.
"""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deeprx_gui.capture.formats import tiff
from deeprx_gui.capture.formats.header import Damaged, Unsupported
from deeprx_gui.capture.formats.ifd import Tags, byte_order
from deeprx_gui.domain.arrays import ByteImage

Samples = NDArray[np.unsignedinteger[Any]]
"""(h, w, samples) with 8 or 16 bits, as stored."""

_NONE, _FAX4, _LZW, JPEG, _DEFLATE, _PACKBITS = 1, 4, 5, 7, 8, 32773
_OLD_DEFLATE, _LZMA, _ZSTD = 32946, 34925, 50000
_PLANES = 2
_MOST_SAMPLES = 16
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class _Layout:
    """Strips are tiles as wide as the picture; ``planes``: each sample lies by itself."""

    width: int
    height: int
    samples: int
    bits: int
    tile_width: int
    tile_height: int
    planes: int
    padded: bool

    @property
    def row_bytes(self) -> int:
        """Bytes of one row of a tile."""
        return (self.tile_width * (self.samples // self.planes) * self.bits + 7) // 8

    @property
    def across(self) -> int:
        return -(-self.width // self.tile_width)

    @property
    def down(self) -> int:
        return -(-self.height // self.tile_height)

    def rows(self, number: int) -> int:
        """Return the rows of a tile; strips end with the picture."""
        if self.padded:
            return self.tile_height
        above = number % self.down * self.tile_height
        return min(self.tile_height, self.height - above)


def read_samples(data: bytes, tags: Tags, read_jpeg: Callable[[bytes], Samples]) -> Samples:
    """Return all samples of a page, not yet turned or coloured; 9 to 16 bits come as 16.

    ``read_jpeg`` returns the RGB of a JPEG file, or refuses it as one that stands by itself.
    Raises ``Damaged`` where bytes are missing or do not unpack, ``Unsupported`` for other packings.
    """
    layout = _layout(tags)
    order = byte_order(data)
    predictor = tags.get(tiff.PREDICTOR, (1,))[0]
    if predictor not in (1, 2) or (predictor == 2 and layout.bits not in (8, 16)):
        raise Unsupported(f"predictor {predictor} with {layout.bits} bits")
    stored = _segments(data, tags, layout)
    if tags.get(tiff.COMPRESSION, (_NONE,))[0] == JPEG:
        pieces = [_jpeg(piece, tags, layout, read_jpeg) for piece in stored]
        _refuse_short(pieces, layout)
    else:
        pieces = _unpack(stored, tags, layout)
    shape = (layout.down * layout.tile_height, layout.across * layout.tile_width, layout.samples)
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    whole: Samples = np.zeros(shape, kind)
    for number, piece in enumerate(pieces):
        rows = layout.rows(number)
        tile = _numbers(piece, rows, layout, order)
        if predictor == 2:
            tile = np.cumsum(tile, axis=1, dtype=tile.dtype)
        plane, place = divmod(number, layout.across * layout.down)
        down, across = divmod(place, layout.across)
        top, left = down * layout.tile_height, across * layout.tile_width
        chosen = slice(plane, plane + 1) if layout.planes > 1 else slice(None)
        whole[top : top + rows, left : left + layout.tile_width, chosen] = tile
    return whole[: layout.height, : layout.width]


def _layout(tags: Tags) -> _Layout:
    width, height = tags[tiff.WIDTH][0], tags[tiff.HEIGHT][0]
    samples = tags.get(tiff.SAMPLES, (len(tags.get(tiff.BITS, (1,))),))[0]
    if not 1 <= samples <= _MOST_SAMPLES:
        raise Unsupported(f"{samples} samples")
    planes = samples if tags.get(tiff.PLANAR, (1,))[0] == _PLANES else 1
    bits = tags.get(tiff.BITS, (1,))[0]
    if tiff.TILE_WIDTH in tags:
        tile = (tags[tiff.TILE_WIDTH][0], tags.get(tiff.TILE_HEIGHT, (0,))[0])
        if not (0 < tile[0] <= 65_536 and 0 < tile[1] <= 65_536):
            raise Damaged(f"tiles of {tile}")
        if tile[0] * tile[1] > 4 * width * height + (1 << 24):
            raise Damaged(f"tiles of {tile}")
        return _Layout(width, height, samples, bits, *tile, planes, padded=True)
    rows = min(tags.get(tiff.ROWS_PER_STRIP, (height,))[0] or height, height)
    return _Layout(width, height, samples, bits, width, rows, planes, padded=False)


def _segments(data: bytes, tags: Tags, layout: _Layout) -> list[bytes]:
    """Return the stored bytes of every strip or tile."""
    tiled = layout.padded and tiff.TILE_OFFSETS in tags
    offsets = tags.get(tiff.TILE_OFFSETS if tiled else tiff.STRIP_OFFSETS, ())
    sizes = tags.get(tiff.TILE_SIZES if tiled else tiff.STRIP_SIZES, ())
    wanted = layout.across * layout.down * layout.planes
    if len(offsets) < wanted:
        raise Damaged(f"{len(offsets)} of {wanted} strips")
    plain = tags.get(tiff.COMPRESSION, (_NONE,))[0] == _NONE
    found = []
    for number in range(wanted):
        needed = layout.rows(number) * layout.row_bytes
        size = sizes[number] if number < len(sizes) else 0
        if size == 0 and (plain or wanted == 1):  # old writers leave it out
            size = needed if plain else len(data) - offsets[number]
        if size <= 0 or offsets[number] + size > len(data):
            raise Damaged("a strip outside the file")
        found.append(data[offsets[number] : offsets[number] + size])
    if tags.get(tiff.FILL_ORDER, (1,))[0] == 2:
        found = [piece.translate(_REVERSED) for piece in found]
    return found


def _unpack(pieces: list[bytes], tags: Tags, layout: _Layout) -> list[bytes]:
    packing = tags.get(tiff.COMPRESSION, (_NONE,))[0]
    needed = [layout.rows(n) * layout.row_bytes for n in range(len(pieces))]
    if packing in (_LZW, _ZSTD):
        rows = [layout.rows(n) for n in range(len(pieces))]
        pieces = _by_libtiff(pieces, packing, layout.row_bytes, rows)
    elif packing == _FAX4:
        if layout.bits != 1 or layout.samples != 1:
            raise Unsupported("fax packing of more than one bit")
        rows = [layout.rows(n) for n in range(len(pieces))]
        pieces = [_fax(p, layout.tile_width, r) for p, r in zip(pieces, rows, strict=True)]
    else:
        unpack = _UNPACK.get(packing)
        if unpack is None:
            raise Unsupported(f"compression {packing}")
        pieces = [unpack(piece, size) for piece, size in zip(pieces, needed, strict=True)]
    _refuse_short(pieces, layout)
    return pieces


def _refuse_short(pieces: Sequence[bytes], layout: _Layout) -> None:
    for number, piece in enumerate(pieces):
        size = layout.rows(number) * layout.row_bytes
        if len(piece) < size:
            raise Damaged(f"{len(piece)} of {size} bytes in a strip")


def _jpeg(
    piece: bytes, tags: Tags, layout: _Layout, read_jpeg: Callable[[bytes], Samples]
) -> bytes:
    """Unpack a strip that is a JPEG whose tables may stand in a tag of the page."""
    each = layout.samples // layout.planes
    colour = _JPEG_COLOURS.get((tags.get(tiff.PHOTOMETRIC, (1,))[0], each))
    if colour is None or layout.bits != 8:
        raise Unsupported("JPEG strips of other colours or depths")
    tables = bytes(tags.get(tiff.JPEG_TABLES, ()))
    if piece[:2] != b"\xff\xd8" or (tables and tables[-2:] != b"\xff\xd9"):
        raise Damaged("a strip that is no JPEG")
    pixels = read_jpeg(piece[:2] + colour + tables[2:-2] + piece[2:])
    if pixels.shape[1] != layout.tile_width:
        raise Damaged("a JPEG of another width than its strip")
    return pixels[:, :, :each].tobytes()


def _inflate(piece: bytes, size: int) -> bytes:
    return _to_the_end(zlib.decompressobj(), piece, size)


def _unpack_lzma(piece: bytes, size: int) -> bytes:
    return _to_the_end(lzma.LZMADecompressor(), piece, size)


def _to_the_end(stream: zlib._Decompress | lzma.LZMADecompressor, piece: bytes, size: int) -> bytes:
    """Unpack to the end of the stream, where its checksum stands; a longer strip is padding."""
    try:
        found = stream.decompress(piece, 2 * size + 65_536)
    except (zlib.error, lzma.LZMAError) as error:
        raise Damaged("a strip does not unpack") from error
    if not stream.eof:
        raise Damaged("a strip ends too early")
    return found


def _unpack_bits(piece: bytes, size: int) -> bytes:
    """PackBits: runs and literals, which must end exactly where the strip does."""
    found = bytearray()
    at, end = 0, len(piece)
    while at < end and len(found) < size:
        count = piece[at]
        at += 1
        if count < 128:
            found += piece[at : at + count + 1]
            at += count + 1
        elif count > 128:
            found += piece[at : at + 1] * (257 - count)
            at += 1
    if len(found) != size or at > end:
        raise Damaged("PackBits that do not fill the strip")
    return bytes(found)


_UNPACK: dict[int, Callable[[bytes, int], bytes]] = {
    _NONE: lambda piece, _: piece,
    _DEFLATE: _inflate,
    _OLD_DEFLATE: _inflate,
    _LZMA: _unpack_lzma,
    _PACKBITS: _unpack_bits,
}


def _adobe(transform: int) -> bytes:
    """The segment that tells a JPEG reader how the colours are coded."""
    return b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + bytes((transform,))


_JPEG_COLOURS = {(0, 1): b"", (1, 1): b"", (2, 3): _adobe(0), (6, 3): _adobe(1)}
"""By photometric and samples: as stored, or luminance and two colour differences."""


def _by_libtiff(
    pieces: list[bytes], packing: int, row_bytes: int, rows: Sequence[int]
) -> list[bytes]:
    """Unpack strips as what every reader agrees on: grey rows of bytes, strips of one height."""
    found: list[bytes] = []
    start = 0  # of the strips that go into one file
    while start < len(pieces):
        # As many as have the same height, and the shorter one that may follow.
        stop = start + 1
        while stop < len(pieces) and rows[stop - 1] == rows[start] >= rows[stop]:
            stop += 1
        heights = rows[start:stop]
        data = _rows_file(pieces[start:stop], packing, row_bytes, sum(heights), heights[0])
        try:
            with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
                unpacked = image.tobytes()
        except MemoryError:
            raise
        except Exception as error:
            raise Damaged("a strip does not unpack") from error
        at = 0
        for height in heights:
            found.append(unpacked[at : at + height * row_bytes])
            at += height * row_bytes
        start = stop
    return found


def _rows_file(
    pieces: Sequence[bytes], packing: int, width: int, height: int, rows: int, *, bits: int = 8
) -> bytes:
    """Return a TIFF file of one sample per pixel around strips that are packed already."""
    entries = 9
    lists = 8 + 2 + 12 * entries + 4
    body = lists + 8 * len(pieces)
    offsets, at = [], body
    for piece in pieces:
        offsets.append(at)
        at += len(piece)
    sizes = [len(piece) for piece in pieces]
    many = len(pieces) > 1
    tags = [
        (tiff.WIDTH, 1, width), (tiff.HEIGHT, 1, height), (tiff.BITS, 1, bits),
        (tiff.COMPRESSION, 1, packing), (tiff.PHOTOMETRIC, 1, 1),
        (tiff.STRIP_OFFSETS, len(pieces), lists if many else offsets[0]), (tiff.SAMPLES, 1, 1),
        (tiff.ROWS_PER_STRIP, 1, rows),
        (tiff.STRIP_SIZES, len(pieces), lists + 4 * len(pieces) if many else sizes[0]),
    ]  # fmt: skip
    directory = b"".join(struct.pack("<HHLL", tag, 4, count, value) for tag, count, value in tags)
    head = b"II*\0" + struct.pack("<LH", 8, entries) + directory + bytes(4)
    return head + struct.pack(f"<{2 * len(pieces)}L", *offsets, *sizes) + b"".join(pieces)


def _fax(piece: bytes, width: int, rows: int) -> bytes:
    """Unpack one strip of T.6, and prove it: packed again, it must give the same bytes.

    The decoder fills up what it cannot read with white; T.6 leaves an encoder no choice.
    """
    data = _rows_file([piece], _FAX4, width, rows, rows, bits=1)
    try:
        with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
            image.load()
            stream = io.BytesIO()
            image.save(stream, "TIFF", compression="group4", tiffinfo={tiff.ROWS_PER_STRIP: rows})
            unpacked = image.tobytes()
    except Exception as error:
        raise Damaged("fax rows do not unpack") from error
    again = stream.getvalue()
    tags = tiff.all_tags(again, tiff.page_of(tiff.pages(again)))
    packed = b"".join(
        again[at : at + size]
        for at, size in zip(tags[tiff.STRIP_OFFSETS], tags[tiff.STRIP_SIZES], strict=True)
    )
    if not piece.startswith(packed.rstrip(b"\0")[:-4]):  # the end mark and padding are optional
        raise Damaged("fax rows that no encoder writes")
    return unpacked


def _numbers(piece: bytes, rows: int, layout: _Layout, order: str) -> Samples:
    """Return one tile's samples (rows, width, samples of its plane)."""
    each = layout.samples // layout.planes
    shape = (rows, layout.tile_width, each)
    size = rows * layout.row_bytes
    if layout.bits == 8:
        return np.frombuffer(piece, np.uint8, size).reshape(shape)
    if layout.bits == 16:
        return np.frombuffer(piece, order + "u2", size // 2).astype(np.uint16).reshape(shape)
    raw = np.frombuffer(piece, np.uint8, size).reshape(rows, layout.row_bytes)
    loose = np.unpackbits(raw, axis=1, count=layout.tile_width * each * layout.bits)
    loose = loose.reshape(rows, layout.tile_width * each, layout.bits)
    kind = np.uint8 if layout.bits <= 8 else np.uint16
    numbers = np.zeros(loose.shape[:2], kind)
    for bit in range(layout.bits):
        numbers = (numbers << 1 | loose[:, :, bit]).astype(kind)
    return numbers.reshape(shape)


def full_range(samples: Samples, bits: int) -> Samples:
    """Return fewer than 8 bits as 8: 0 stays 0 and the largest number becomes 255."""
    if bits >= 8:
        return samples
    return (samples.astype(np.uint16) * 255 // ((1 << bits) - 1)).astype(np.uint8)


def palette(tags: Tags, bits: int) -> ByteImage:
    """Return the colours of a palette page, (2 ** bits, 3)."""
    table = tags.get(tiff.COLOUR_MAP, ())
    if len(table) != 3 << bits:
        raise Damaged("no palette, or one of another size")
    return (np.asarray(table, np.uint16).reshape(3, -1).T >> 8).astype(np.uint8)
