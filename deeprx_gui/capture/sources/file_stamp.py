"""What a file is known by: its path, size and time of change."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.long_path import openable


@dataclass(frozen=True)
class FileStamp:
    """Size in bytes and time of the last change in nanoseconds."""

    size: int
    changed: int


def stamp_of(path: Path) -> FileStamp:
    """Ask the disk itself; listings on Windows lag behind while a file grows. Raises OSError."""
    info = os.stat(openable(path))  # noqa: PTH116 - \\?\ paths do not survive Path
    return FileStamp(info.st_size, info.st_mtime_ns)


def item_name(path: Path, stamp: FileStamp) -> str:
    """Return the name under which a file is remembered: the same content is never judged twice."""
    full = os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - absolute() keeps ".."
    return f"{full}|{stamp.size}|{stamp.changed}"


def item_of(path: Path) -> str:
    """Return the name of a file as it is now, empty when it cannot be asked."""
    try:
        return item_name(path, stamp_of(path))
    except (OSError, ValueError):
        return ""
