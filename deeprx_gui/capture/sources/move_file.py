"""Moving a judged file away: never over another file, never half."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from deeprx_gui.atomic import move_new
from deeprx_gui.domain.long_path import openable

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
        move_new(path, target)
    except OSError as error:
        other_disk = getattr(error, "winerror", None) == _OTHER_DISK_WINDOWS
        if error.errno != errno.EXDEV and not other_disk:
            raise
        _to_other_disk(path, target)


def _to_other_disk(path: Path, target: Path) -> None:
    """Copy whole under another name, give it the free name, then take away the first."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copy2(openable(path), openable(part))
        move_new(part, target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    os.unlink(openable(path))  # noqa: PTH108
