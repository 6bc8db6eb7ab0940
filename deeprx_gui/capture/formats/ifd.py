"""The directories of numbered tags that TIFF files and EXIF blocks share."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from deeprx_gui.capture.formats.header import Damaged

Tags = Mapping[int, tuple[int, ...]]

_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "L", 7: "B", 13: "L", 16: "Q"}
_MOST_VALUES = 64
"""No tag of a header has more; a damaged count must not make us read megabytes."""

ORIENTATION = 274


@dataclass(frozen=True)
class Directory:
    """The tags asked for, and where the next directory lies (0: there is none)."""

    tags: Tags
    next: int


def read_ifd(
    data: bytes, tags: Collection[int], at: int | None = None, most: int = _MOST_VALUES
) -> Directory:
    """Return the whole numbers stored under ``tags`` in a directory, where present.

    ``data`` starts with the byte order (``II`` or ``MM``); classic TIFF and BigTIFF. ``at`` is
    where the directory lies, the first one unless given; tags of more than ``most`` values are
    left out. Raises ``Damaged`` when the directory is not inside ``data``.
    """
    order = byte_order(data)
    try:
        return _read(data, order, tags, at, most)
    except (struct.error, OverflowError) as error:  # an offset beyond the file, or beyond 2^63
        raise Damaged("tag directory outside the file") from error


def byte_order(data: bytes) -> str:
    """Return ``<`` or ``>``; raises ``Damaged`` when the data does not start with either."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise Damaged("no byte order mark")
    return order


def _read(data: bytes, order: str, tags: Collection[int], at: int | None, most: int) -> Directory:
    (magic,) = struct.unpack_from(order + "H", data, 2)
    if magic == 43:  # BigTIFF
        offset_code, count_code, room = "Q", "Q", 8
        (start,) = struct.unpack_from(order + "Q", data, 8)
    elif magic == 42:
        offset_code, count_code, room = "L", "H", 4
        (start,) = struct.unpack_from(order + "L", data, 4)
    else:
        raise Damaged("neither TIFF nor BigTIFF")
    start = start if at is None else at
    (entries,) = struct.unpack_from(order + count_code, data, start)
    first = start + struct.calcsize(order + count_code)
    entry = struct.Struct(order + "HH" + offset_code)
    found: dict[int, tuple[int, ...]] = {}
    # Sixteen bits of entries is what classic TIFF can count; more is damage.
    for i in range(min(entries, 0xFFFF)):
        at = first + i * (entry.size + room)
        tag, kind, count = entry.unpack_from(data, at)
        code = _WHOLE_NUMBERS.get(kind)
        if tag not in tags or code is None or not 0 < count <= most:
            continue
        values = struct.Struct(order + str(count) + code)
        place = at + entry.size
        if values.size > room:
            (place,) = struct.unpack_from(order + offset_code, data, place)
        found[tag] = values.unpack_from(data, place)
    after = first + entries * (entry.size + room)
    try:
        (following,) = struct.unpack_from(order + offset_code, data, after)
    except struct.error:
        following = 0  # cut off right behind the last directory: nothing is missing but the end
    return Directory(found, following)


def exif_orientation(block: bytes) -> int:
    """Return how an EXIF block says the picture must be turned, 1..8.

    1 (as stored) when it does not say or cannot be read: EXIF is a remark beside the picture, and a
    damaged remark is no reason to refuse an undamaged picture.
    """
    try:
        found = read_ifd(block.removeprefix(b"Exif\0\0"), (ORIENTATION,))
    except Damaged:
        return 1
    return turn(found.tags)


def turn(found: Tags) -> int:
    """Return the orientation among the tags read, 1 unless it is a number from 1 to 8."""
    value = found.get(ORIENTATION, (1,))[0]
    return value if 1 <= value <= 8 else 1
