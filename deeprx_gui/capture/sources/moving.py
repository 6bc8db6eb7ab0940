"""Moving a judged file away: never over another file, never half."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from deeprx_gui.domain.long_path import openable

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_MOST_NAMES = 10_000
_OTHER_DISK_WINDOWS = 17


def move_into(path: Path, folder: Path) -> Path:
    """Move a file into a folder and return where it is now; a name that is taken is numbered.

    ``part.png`` becomes ``part (2).png``, then ``part (3).png``. Raises OSError; then the file is
    still where it was.
    """
    for target in _names(folder, path):
        try:
            _move(path, target)
        except FileExistsError:
            continue
        return target
    raise FileExistsError(errno.EEXIST, "no free name", str(folder / path.name))


def _names(folder: Path, path: Path) -> Iterator[Path]:
    yield folder / path.name
    for number in range(2, _MOST_NAMES):
        yield folder / f"{path.stem} ({number}){path.suffix}"


def _move(path: Path, target: Path) -> None:
    """Move to a name that must be free; raises FileExistsError when it is not."""
    try:
        _rename(openable(path), openable(target))
    except OSError as error:
        other_disk = getattr(error, "winerror", None) == _OTHER_DISK_WINDOWS
        if error.errno != errno.EXDEV and not other_disk:
            raise
        _to_other_disk(path, target)


def _rename(path: str, target: str) -> None:
    if sys.platform == "win32":
        os.rename(path, target)  # noqa: PTH104 - Windows itself refuses a name that is taken
        return
    try:
        os.link(path, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim(target)  # a disk without hard links: an empty file holds the name, then is replaced
        try:
            os.replace(path, target)  # noqa: PTH105
        except OSError:
            os.unlink(target)  # noqa: PTH108
            raise
        return
    os.unlink(path)  # noqa: PTH108


def _to_other_disk(path: Path, target: Path) -> None:
    """Copy whole under another name, give it the free name, then take away the first."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copy2(openable(path), openable(part))
        _rename(openable(part), openable(target))
    except OSError:
        part.unlink(missing_ok=True)
        raise
    os.unlink(openable(path))  # noqa: PTH108


def _claim(target: str) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
