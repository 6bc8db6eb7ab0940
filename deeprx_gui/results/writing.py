"""Files for people, in a folder they chose: each appears whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from deeprx_gui.atomic import clean_leftovers, whole_file
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import Message, say

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})

_cleaned: set[Path] = set()


def write_file(path: Path, data: bytes, *, flush: bool = True) -> None:
    """Write ``data`` beside ``path``, then put it in place; makes the folder where it is missing.

    ``flush``: wait until it is on the disk (not needed for files of which there are thousands and
    which can be made again). Raises StorageError; what was there before is then untouched.
    """
    with writing_whole(path, flush=flush) as stream:
        stream.write(data)


@contextmanager
def writing_whole(path: Path, *, flush: bool = True) -> Iterator[BinaryIO]:
    """Give a file to write to that gets its name when the body is done; else like ``write_file``.

    Whatever the body raises goes on to the caller; what was there before is then untouched.
    """
    try:
        os.makedirs(openable(path.parent), exist_ok=True)  # noqa: PTH103
        _clean_once(path.parent)
        with whole_file(path, flush=flush) as stream:
            yield stream
    except (OSError, ValueError) as error:
        raise StorageError(_why(error, path)) from error


def _clean_once(folder: Path) -> None:
    """Remove what a killed program left in a folder; once, for thousands of files follow."""
    if folder not in _cleaned:
        _cleaned.add(folder)
        clean_leftovers(folder)


def _why(error: OSError | ValueError, path: Path) -> Message:
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL:
        return say(
            "{name} could not be written because the disk is full. Free some space, or choose "
            "another folder.",
            name=path.name,
        )
    # Windows says "no permission" where a folder has the name.
    taken = isinstance(error, (NotADirectoryError, FileExistsError, IsADirectoryError))
    if taken or path.is_dir():
        return say(
            "{path} cannot be a file: there is a folder of that name, or a file where a folder is "
            "needed. Choose another name.",
            path=str(path),
        )
    if isinstance(error, PermissionError) or number == errno.EROFS:
        return say(
            "{name} could not be written. Close it if it is open in another program such as Excel, "
            "or choose a folder you may write to.",
            name=path.name,
        )
    return say(
        "{name} could not be written to {folder} ({reason}). Check the disk or the network "
        "connection, or choose another folder.",
        name=path.name,
        folder=str(path.parent),
        reason=(error.strerror if isinstance(error, OSError) else None) or type(error).__name__,
    )
