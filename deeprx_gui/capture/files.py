"""Bytes of a picture file; every way in which a disk or a network can fail gets a sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from deeprx_gui.capture import image_errors
from deeprx_gui.domain.long_path import openable

_GIGABYTE = 1 << 30


def short_name(source: str) -> str:
    """Return how sentences call a source: the file name without its folders."""
    return Path(source).name or source


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Return the bytes of a picture file, or its first ``most`` bytes; never empty.

    Raises ImageError when it is not there, not a file, empty, absurdly big or cannot be read.
    """
    name = short_name(str(path))
    try:
        _look(path, name)
        with open(openable(path), "rb") as stream:  # noqa: PTH123 - \\?\ paths do not survive Path
            data = stream.read() if most is None else stream.read(most)
    except OSError as error:
        raise image_errors.cannot_open(error, name) from error
    except ValueError as error:  # a null character in the path
        raise image_errors.not_a_file(name) from error
    except MemoryError as error:
        raise image_errors.no_memory(name) from error
    if not data:
        raise image_errors.is_empty(name)
    return data


def _look(path: Path, name: str) -> None:
    """Refuse what must not be opened: reading a pipe would wait for ever."""
    info = os.stat(openable(path))  # noqa: PTH116
    if stat.S_ISDIR(info.st_mode):
        raise image_errors.is_a_folder(name)
    if not stat.S_ISREG(info.st_mode):
        raise image_errors.not_a_file(name)
    if info.st_size == 0:
        raise image_errors.is_empty(name)
    if info.st_size > image_errors.MOST_GIGABYTES * _GIGABYTE:
        raise image_errors.file_too_big(name, info.st_size / _GIGABYTE)
