"""What a file is known by: its path, size and time of change, and its content where need be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from deeprx_gui.domain.long_path import openable

_COARSEST_TRUSTED = 10_000_000
"""Nanoseconds. FAT keeps 2 s, exFAT 10 ms, a camera without a clock always the same second."""
_BLOCK = 1 << 20


class FileStamp(NamedTuple):
    """Size in bytes and time of the last change in nanoseconds; stamps are equal if these are.

    ``hint``: number of the file and time of its entry's change, where the disk has them; another
    hint may mean another file, or nothing. A tuple, because 100,000 are made at a look.
    """

    size: int
    changed: int
    hint: tuple[int, int] = (0, 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileStamp) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])

    @property
    def trusted(self) -> bool:
        """Whether the time is so fine that another picture must have another one."""
        return self.changed % _COARSEST_TRUSTED != 0


def stamp_from(info: os.stat_result) -> FileStamp:
    """Return the stamp in what a disk says of a file."""
    return FileStamp(info.st_size, info.st_mtime_ns, (info.st_ino, info.st_ctime_ns))


def stamp_of(path: Path) -> FileStamp:
    """Ask the disk itself; listings on Windows lag behind while a file grows. Raises OSError."""
    return stamp_from(os.stat(openable(path)))  # noqa: PTH116 - \\?\ paths do not survive Path


def digest_of(data: bytes) -> str:
    """Return a short name of what a file holds."""
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def digest_at(path: Path) -> str:
    """Return ``digest_of`` what a file holds now. Raises OSError."""
    digest = hashlib.blake2b(digest_size=12)
    with open(openable(path), "rb") as stream:  # noqa: PTH123 - as above
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def item_name(path: Path | str, stamp: FileStamp, digest: str = "") -> str:
    """Return the name under which a file is remembered: the same content is never judged twice.

    ``digest`` counts where the stamp cannot be trusted.
    """
    full = os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - absolute() keeps ".."
    name = f"{full}|{stamp.size}|{stamp.changed}"
    return name if stamp.trusted or not digest else f"{name}|{digest}"


def item_at(path: Path) -> str:
    """Return the name of a file as it is now; raises OSError when it cannot be asked."""
    stamp = stamp_of(path)
    return item_name(path, stamp, "" if stamp.trusted else digest_at(path))


def item_of(path: Path) -> str:
    """Return the name of a file as it is now, empty when it cannot be asked."""
    try:
        return item_at(path)
    except (OSError, ValueError):
        return ""
