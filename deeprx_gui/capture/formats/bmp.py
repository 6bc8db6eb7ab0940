"""BMP: the Windows bitmap, read here because its headers are wrong so often.

Where the pixels lie is written at the start of the file, and many cameras write 0 or 54 whatever
palette or colour masks stand between. The length of the file then says which of the two is meant;
where it does not, the file is refused.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import cv2
import numpy as np

from deeprx_gui.capture.formats.bmp_runs import unpack_runs
from deeprx_gui.capture.formats.header import Damaged, Header, Kind, Unsupported
from deeprx_gui.capture.formats.stored import Pixels, Stored
from deeprx_gui.domain.arrays import ByteImage

SIGNATURE = b"BM"
_OS2_HEADER, _HEADER = 12, 40
_FILE_HEADER = 14
_RGB, _RUNS_8, _RUNS_4, _MASKS, _MASKS_ALPHA = 0, 1, 2, 3, 6
_BITS = {
    _RGB: (1, 4, 8, 16, 24, 32), _RUNS_8: (8,), _RUNS_4: (4,), _MASKS: (16, 32),
    _MASKS_ALPHA: (16, 32),
}  # fmt: skip
_MASKS_UNSAID = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}


@dataclass(frozen=True)
class _Info:
    width: int
    height: int
    top_down: bool
    bits: int
    packing: int
    offset: int
    colours: int
    colour_bytes: int
    palette_at: int
    masks: tuple[int, ...]

    @property
    def row_bytes(self) -> int:
        return (self.width * self.bits + 31) // 32 * 4


def header(data: bytes) -> Header:
    """Read the size."""
    found = _info(data)
    return Header(Kind.BMP, found.width, found.height, plain=False)


def check(data: bytes) -> None:
    """Nothing to compare here: BMP has no checksum, and ``read`` refuses missing rows."""


def _info(data: bytes) -> _Info:
    try:
        offset, length = struct.unpack_from("<LL", data, 10)
        if length == _OS2_HEADER:
            width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
            colours = 1 << bits if bits <= 8 else 0
            return _Info(width, height, False, bits, _RGB, offset, colours, 3, 26,
                         _MASKS_UNSAID.get(bits, ()))  # fmt: skip
        if length < _HEADER:
            raise Unsupported(f"a header of {length} bytes")
        width, height, _, bits, packing = struct.unpack_from("<llHHL", data, 18)
        (used,) = struct.unpack_from("<L", data, 46)
        after, masks = _masks(data, length, bits, packing)
    except struct.error as error:
        raise Damaged("ends inside the header") from error
    colours = min(used or 1 << bits, 1 << bits) if bits <= 8 else 0
    return _Info(max(width, 0), abs(height), height < 0, bits, packing, offset, colours, 4, after,
                 masks)  # fmt: skip


def _masks(data: bytes, length: int, bits: int, packing: int) -> tuple[int, tuple[int, ...]]:
    """Return where the palette begins, and the masks of red, green, blue and alpha."""
    after = _FILE_HEADER + length
    if packing not in (_MASKS, _MASKS_ALPHA):
        return after, _MASKS_UNSAID.get(bits, ())
    count = 4 if packing == _MASKS_ALPHA or length >= 56 else 3
    masks = struct.unpack_from(f"<{count}L", data, _FILE_HEADER + _HEADER)
    if length == _HEADER:
        after += 4 * count
    return after, (*masks, 0)[:4]


def read(data: bytes) -> Stored:
    """Return the pixels; raises ``Damaged`` or ``Unsupported``."""
    info = _info(data)
    if info.bits not in _BITS.get(info.packing, ()):
        raise Unsupported(f"{info.bits} bits, compression {info.packing}")
    if info.packing in (_RUNS_8, _RUNS_4):
        if info.top_down:
            raise Unsupported("runs from the top down")
        at, palette = _place(data, info, None)
        return Stored(
            _coloured(unpack_runs(data[at:], info.width, info.height, info.bits), palette)
        )
    at, palette = _place(data, info, info.height * info.row_bytes)
    rows = np.frombuffer(data, np.uint8, info.height * info.row_bytes, at)
    rows = rows.reshape(info.height, info.row_bytes)
    rows = rows if info.top_down else rows[::-1]
    if info.bits <= 8:
        return Stored(_coloured(_indices(rows, info.width, info.bits), palette))
    if info.bits == 24:
        bgr = np.ascontiguousarray(rows[:, : 3 * info.width])
        return Stored(_rgb(bgr.reshape(info.height, info.width, 3), cv2.COLOR_BGR2RGB))
    return _masked(np.ascontiguousarray(rows), info)


def _place(data: bytes, info: _Info, size: int | None) -> tuple[int, ByteImage]:
    """Return where the pixels begin, and the palette before them."""
    behind = info.palette_at + info.colours * info.colour_bytes
    place = info.offset
    if place < behind:
        place = _contradiction(data, info, behind, size)
    if size is not None and place + size > len(data):
        raise Damaged("ends before its last row")
    if info.bits > 8:
        return place, np.zeros((0, 3), np.uint8)
    if place < behind:  # there is no room for a palette: the numbers themselves are grey
        ramp = np.arange(256, dtype=np.uint8)
        return place, np.repeat(ramp[:, None], 3, axis=1)
    table = np.frombuffer(data, np.uint8, info.colours * info.colour_bytes, info.palette_at)
    return place, table.reshape(info.colours, info.colour_bytes)[:, 2::-1]


def _contradiction(data: bytes, info: _Info, behind: int, size: int | None) -> int:
    """Return where the pixels of a file lie that says they begin inside its own header.

    The length decides, to the byte. A palette that is shorter than announced is one, too.
    """
    if size is None:
        raise Unsupported("pixels inside the header")
    if len(data) < info.palette_at + size:
        raise Damaged("ends before its last row")
    if len(data) == behind + size:
        return behind
    if info.bits == 8 and len(data) == info.palette_at + size:
        return info.palette_at
    raise Unsupported("pixels inside the header")


def _indices(rows: ByteImage, width: int, bits: int) -> ByteImage:
    if bits == 8:
        return rows[:, :width]
    loose = np.unpackbits(rows, axis=1, count=width * bits).reshape(len(rows), width, bits)
    return np.asarray(np.packbits(loose, axis=2)[:, :, 0] >> (8 - bits), np.uint8)


def _coloured(numbers: ByteImage, palette: ByteImage) -> Pixels:
    if numbers.size and int(numbers.max()) >= len(palette):
        raise Damaged("a colour that its palette does not have")
    if (palette == np.arange(len(palette))[:, None]).all():
        return _rgb(np.ascontiguousarray(numbers), cv2.COLOR_GRAY2RGB)
    return palette[numbers]


def _masked(rows: ByteImage, info: _Info) -> Stored:
    if info.bits == 32 and info.masks[:3] == _MASKS_UNSAID[32][:3] and not info.masks[3]:
        return Stored(_rgb(rows.reshape(info.height, info.width, 4), cv2.COLOR_BGRA2RGB))
    kind = "<u2" if info.bits == 16 else "<u4"
    numbers = rows.view(kind)[:, : info.width].astype(np.uint32)
    channels = [_channel(numbers, mask) for mask in info.masks]
    if any(channel is None for channel in channels[:3]):
        raise Unsupported("a colour without a mask")
    alpha = channels[3]
    # A writer that knows of no transparency leaves every alpha 0.
    transparent = alpha is not None and bool((alpha != 255).any()) and bool(alpha.any())
    return Stored(np.dstack([c for c in channels[:3] if c is not None]), transparent)


def _channel(
    numbers: np.ndarray[tuple[int, ...], np.dtype[np.uint32]], mask: int
) -> ByteImage | None:
    """Return one colour: its largest number becomes 255."""
    if not mask:
        return None
    shift = (mask & -mask).bit_length() - 1
    most = mask >> shift
    if most & (most + 1):
        raise Unsupported("a mask with gaps")
    found = ((numbers & mask) >> shift).astype(np.uint64) * 255 // most
    return found.astype(np.uint8)


def _rgb(pixels: ByteImage, code: int) -> ByteImage:
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)
