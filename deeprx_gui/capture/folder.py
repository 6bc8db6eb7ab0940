"""Pictures in files and folders, in the order a person expects."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".tif", ".tiff", ".webp"})
"""Suffixes, in small letters, by which folders are searched; the content decides when read."""

_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "$recycle.bin",
                     "system volume information"})  # fmt: skip
_DIGITS = re.compile(r"(\d+)")

NameKey = tuple[tuple[str | int, ...], str]


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Return the pictures among files and folders: ``2.png`` before ``10.png``, none twice.

    Folders are searched with everything below them, hidden entries and what operating systems leave
    behind excepted. A file named by itself is returned whatever its suffix, so that it is judged
    or reported, never lost. Raises RequestError when a path is not there, a folder cannot be
    opened, or nothing was found.
    """
    given = list(paths)
    found: dict[str, Path] = {}
    for path in given:
        for file in _expand(path):
            # One file reached twice (file and its folder, two spellings) is one picture.
            found.setdefault(os.path.normcase(os.path.abspath(file)), file)  # noqa: PTH100
    if not found:
        raise _nothing_in(given)
    return sorted(found.values(), key=_path_order)


def natural_order(name: str) -> NameKey:
    """Return a sort key that orders numbers by value: ``cell2`` before ``cell10``."""
    parts: list[str | int] = list(_DIGITS.split(name.casefold()))
    parts[1::2] = [int(p) for p in parts[1::2]]
    return tuple(parts), name  # the name itself decides between "a01" and "a1", always the same way


def is_image(path: Path) -> bool:
    """Whether a file in a folder counts as a picture, by its name."""
    return path.suffix.casefold() in IMAGE_SUFFIXES and not _hidden(path.name)


def _path_order(path: Path) -> tuple[NameKey, ...]:
    return tuple(natural_order(part) for part in path.parts)


def _expand(path: Path) -> Iterator[Path]:
    try:
        info = os.stat(openable(path))  # noqa: PTH116
    except (OSError, ValueError) as error:
        raise RequestError(
            say(
                "{path} is not there or cannot be reached. Check the path, the drive and the "
                "network connection.",
                path=str(path),
            )
        ) from error
    if not _is_folder(info):
        if not _hidden(path.name):
            yield path
        return
    yield from _walk(path, {(info.st_dev, info.st_ino)})


def _walk(top: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        for path, is_folder in list_folder(folder):
            if _hidden(path.name):
                continue
            if not is_folder:
                if is_image(path):
                    yield path
                continue
            info = os.stat(openable(path))  # noqa: PTH116
            # A link or junction to a folder above would go round for ever.
            if (info.st_dev, info.st_ino) not in seen:
                seen.add((info.st_dev, info.st_ino))
                waiting.append(path)


def list_folder(folder: Path) -> list[tuple[Path, bool]]:
    """Return what a folder holds, in no order, and whether each is a folder itself.

    Raises RequestError when it cannot be opened.
    """
    try:
        with os.scandir(openable(folder)) as entries:  # asks a network once, not once per file
            return [(folder / entry.name, entry.is_dir()) for entry in entries]
    except OSError as error:
        raise RequestError(
            say(
                "The folder {folder} cannot be opened. Ask for the right to read it, or check its "
                "drive and network connection.",
                folder=str(folder),
            )
        ) from error


def _is_folder(info: os.stat_result) -> bool:

    return stat.S_ISDIR(info.st_mode)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name.casefold() in _LITTER


def _nothing_in(given: list[Path]) -> RequestError:
    if not given:
        return RequestError(say("No pictures were given. Choose files or a folder."))
    where = str(given[0]) if len(given) == 1 else ", ".join(str(p) for p in given[:3])
    return RequestError(
        say(
            "No pictures were found in {where}. Choose a folder with PNG, JPEG, BMP, TIFF or WebP "
            "files.",
            where=where,
        )
    )
