"""Picture files of a folder as sources need them: one file's trouble apart from the folder's."""

from __future__ import annotations

import os
from pathlib import Path

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.capture.files import read_bytes
from deeprx_gui.capture.folder import find_images
from deeprx_gui.domain.errors import ImageError, SourceError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say

_UNCHECKED = (b"BM", b"II", b"MM")
_END = 256
_IN_USE = (32, 33)
"""Windows: sharing violation, lock violation."""


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return the pictures of a folder (or the one file) in natural order.

    Raises RequestError with a sentence when it is not there or holds no picture.
    """
    return tuple(find_images([folder]))


def read_picture(path: Path, folder: Path) -> Frame | ImageError:
    """Return a picture, or why this one cannot be read.

    Raises SourceError when it is not the file that is amiss but the whole folder.
    """
    data = read_data(path, folder)
    return decode_data(data, path) if isinstance(data, bytes) else data


def read_data(path: Path, folder: Path) -> bytes | ImageError:
    """Return the bytes of a file, or why this one cannot be read; raises as ``read_picture``."""
    try:
        return read_bytes(path)
    except ImageError as error:
        if isinstance(error.__cause__, OSError):
            check_folder(folder)
        return error


def decode_data(data: bytes, path: Path) -> Frame | ImageError:
    """Return the picture in the bytes of a file, or why there is none."""
    try:
        return decode_bytes(data, str(path))
    except ImageError as error:
        return error


def may_be_filling(data: bytes) -> bool:
    """Whether a file may have its final size while its end is still to come.

    Who copies a file often reserves its room first: what is missing reads as zeros. Formats with
    a check of their own are refused until they are whole; these are not.
    """
    return data.startswith(_UNCHECKED) and not any(data[-_END:])


def check_folder(folder: Path) -> None:
    """Raise SourceError unless the folder (or the one file) answers now."""
    try:
        if os.path.isfile(openable(folder)):  # noqa: PTH113 - \\?\ paths do not survive Path
            return
        with os.scandir(openable(folder)) as entries:
            next(entries, None)
    except (OSError, ValueError) as error:
        raise folder_gone(folder) from error


def folder_gone(folder: Path) -> SourceError:
    """Say that a folder cannot be reached."""
    return SourceError(
        say(
            "The folder {folder} cannot be reached. Check whether it was deleted or renamed, its "
            "drive and the network connection. Pictures that arrive meanwhile are judged "
            "afterwards.",
            folder=str(folder),
        )
    )


def in_use(error: ImageError) -> bool:
    """Whether another program holds the file: on Windows, whoever is still writing it."""
    return getattr(error.__cause__, "winerror", None) in _IN_USE
