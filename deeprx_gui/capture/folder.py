"""Pictures in files and folders, in the order a person expects."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from pathlib import Path

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say

IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".jfi", ".jif", ".bmp", ".dib", ".tif", ".tiff",
     ".webp"}
)  # fmt: skip
"""Suffixes, in small letters, by which folders are searched; the content decides when read."""

_COMPANIONS = (
    ".txt .csv .tsv .json .jsonl .xml .yaml .yml .ini .cfg .toml .md .rst .html .htm .pdf .log .db "
    ".sqlite .xls .xlsx .doc .docx .ppt .pptx .py .ipynb .sh .bat .ps1 .exe .dll .zip .7z .gz .tar "
    ".tmp .part .partial .crdownload .lock .lnk .url .deeprx .npy .npz .pt .pth .onnx .md5 .sha256 "
    ".cff .bib"
)
_NO_PICTURES = frozenset(_COMPANIONS.split())
"""Companions of pictures that nobody takes for pictures; they are left out without a word."""

_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "$recycle.bin", "recycler",
                     "system volume information", "found.000", "lost+found"})  # fmt: skip
_DIGITS = re.compile(r"(\d+)")

_IN_THE_WAY = (LeftOutReason.UNREACHABLE, LeftOutReason.LINK_LOOP)

NameKey = tuple[tuple[str | int, ...], str]


@dataclass(frozen=True)
class FoundImage:
    """A picture, and the file or folder that was named to find it."""

    path: Path
    root: Path


@dataclass(frozen=True)
class FoundImages:
    """Pictures in natural order, none twice, and what was left out."""

    images: tuple[FoundImage, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Return the pictures among files and folders: as ``search_images``, without the rest."""
    return [image.path for image in search_images(paths).images]


def search_images(paths: Iterable[Path]) -> FoundImages:
    """Return the pictures among files and folders: ``2.png`` before ``10.png``, none twice.

    Folders are searched with everything below them, hidden entries and what operating systems leave
    behind excepted. A file named by itself is returned whatever its suffix, so that it is judged
    or reported, never lost. What cannot be opened, or is a folder without pictures, costs itself
    and is among what was left out. Raises RequestError when nothing was found.
    """
    given = list(paths)
    found = look_for_images(given)
    if not found.images:
        raise nothing_found(given, found.left_out)
    return found


def look_for_images(paths: Iterable[Path]) -> FoundImages:
    """As ``search_images``; where there are no pictures, only what was left out is returned."""
    found: dict[str, FoundImage] = {}
    left_out: list[LeftOut] = []
    for root in paths:
        told, empty = len(left_out), True
        for file in _expand(root, left_out):
            # One file reached twice (file and its folder, two spellings) is one picture.
            key = os.path.normcase(os.path.abspath(file))  # noqa: PTH100
            found.setdefault(key, FoundImage(file, root))
            empty = False
        if empty and told == len(left_out) and not _is_litter(root) and is_folder(root):
            left_out.append(LeftOut(root, LeftOutReason.EMPTY))
    folder_order = cache(_path_order)
    ordered = sorted(
        found.values(),
        key=lambda image: (*folder_order(image.path.parent), natural_order(image.path.name)),
    )
    return FoundImages(tuple(ordered), tuple(left_out))


def natural_order(name: str) -> NameKey:
    """Return a sort key that orders numbers by value: ``cell2`` before ``cell10``."""
    parts: list[str | int] = list(_DIGITS.split(name.casefold()))
    parts[1::2] = [int(p) for p in parts[1::2]]
    return tuple(parts), name  # the name itself decides between "a01" and "a1", always the same way


def is_image(path: Path) -> bool:
    """Whether a file in a folder counts as a picture, by its name."""
    return is_image_name(path.name)


def is_image_name(name: str) -> bool:
    """As ``is_image``, of a bare name: folders of 100,000 files are looked through with it."""
    dot = name.rfind(".")
    return dot > 0 and name[dot:].casefold() in IMAGE_SUFFIXES and not is_hidden(name)


def left_out_suffix(name: str) -> str | None:
    """Return the suffix of a file that may be a picture of a kind that is not read, else None."""
    suffix = os.path.splitext(name)[1].casefold()  # noqa: PTH122
    known = suffix in IMAGE_SUFFIXES or suffix in _NO_PICTURES
    return None if known or is_hidden(name) else suffix


def is_hidden(name: str) -> bool:
    """Whether an entry is hidden, or left behind by an operating system."""
    return name.startswith(".") or name.casefold() in _LITTER


def is_writable_name(name: str) -> bool:
    """Whether a name can be written down: one that is no Unicode cannot be recorded."""
    if name.isascii():
        return True
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _path_order(path: Path) -> tuple[NameKey, ...]:
    return tuple(natural_order(part) for part in path.parts)


def is_folder(path: Path) -> bool:
    """Whether a path is a folder; one that cannot be looked at is none, and that is no error."""
    return os.path.isdir(openable(path))  # noqa: PTH112 - Path.is_dir raises PermissionError


def _is_litter(path: Path) -> bool:
    return any(part.casefold() in _LITTER for part in path.parts)


def _expand(path: Path, left_out: list[LeftOut]) -> Iterator[Path]:
    if _is_litter(path):
        return
    try:
        info = os.stat(openable(path))  # noqa: PTH116
    except (OSError, ValueError) as error:
        left_out.append(LeftOut(path, why_left_out(error)))
        return
    if not stat.S_ISDIR(info.st_mode):
        if is_hidden(path.name):
            return
        if is_writable_name(str(path)):
            yield path
        else:
            left_out.append(LeftOut(path, LeftOutReason.NAME))
        return
    yield from _walk(path, {(info.st_dev, info.st_ino)}, left_out)


def _walk(top: Path, seen: set[tuple[int, int]], left_out: list[LeftOut]) -> Iterator[Path]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(openable(folder)) as entries:  # asks a network once, not once per file
                inside = list(entries)
        except OSError as error:
            left_out.append(LeftOut(folder, why_left_out(error)))
            continue
        for entry in inside:
            if is_hidden(entry.name):
                continue
            path = folder / entry.name
            try:
                kind = _kind_of(entry, path, seen)
            except OSError as error:
                kind = why_left_out(error)
            if kind is _Kind.FOLDER:
                waiting.append(path)
            elif kind is _Kind.IMAGE:
                yield path
            elif isinstance(kind, LeftOutReason):
                left_out.append(LeftOut(path, kind))


class _Kind(Enum):
    IMAGE = auto()
    FOLDER = auto()
    NOTHING = auto()


def _kind_of(
    entry: os.DirEntry[str], path: Path, seen: set[tuple[int, int]]
) -> _Kind | LeftOutReason:
    """Return what an entry is to a search. Raises OSError when it cannot be looked at."""
    if not is_writable_name(entry.name):
        return LeftOutReason.NAME
    if entry.is_dir():
        info = os.stat(openable(path))  # noqa: PTH116
        if (info.st_dev, info.st_ino) in seen:
            return _Kind.NOTHING  # a link or junction to a folder above would go round for ever
        seen.add((info.st_dev, info.st_ino))
        return _Kind.FOLDER
    if is_image_name(entry.name):
        if entry.is_symlink():
            _resolve(path)
        return _Kind.IMAGE
    return LeftOutReason.SUFFIX if left_out_suffix(entry.name) is not None else _Kind.NOTHING


def _resolve(path: Path) -> None:
    """Raise OSError for a link that leads to itself; a dead one is reported when it is read."""
    with suppress(FileNotFoundError):
        os.stat(openable(path))  # noqa: PTH116


def why_left_out(error: OSError | ValueError) -> LeftOutReason:
    """Return why an entry that cannot be looked at is left out."""
    loop = isinstance(error, OSError) and error.errno == errno.ELOOP
    return LeftOutReason.LINK_LOOP if loop else LeftOutReason.UNREACHABLE


def list_folder(folder: Path) -> list[tuple[Path, bool]]:
    """Return what a folder holds, in no order, and whether each is a folder itself.

    Raises RequestError when it cannot be opened.
    """
    try:
        with os.scandir(openable(folder)) as entries:  # asks a network once, not once per file
            return [(folder / entry.name, entry.is_dir()) for entry in entries]
    except OSError as error:
        raise _cannot_be_opened(folder) from error


def _cannot_be_opened(folder: Path) -> RequestError:
    return RequestError(
        say(
            "The folder {folder} cannot be opened. Ask for the right to read it, or check its "
            "drive and network connection.",
            folder=str(folder),
        )
    )


def nothing_found(given: Sequence[Path], left_out: Sequence[LeftOut]) -> RequestError:
    """Return the error that says what stood in the way where nothing was found."""
    unreachable = [item for item in left_out if item.reason in _IN_THE_WAY]
    if not unreachable:
        return _nothing_in(given)
    path = unreachable[0].path
    if path not in given or is_folder(path):
        return _cannot_be_opened(path)
    return RequestError(
        say(
            "{path} is not there or cannot be reached. Check the path, the drive and the "
            "network connection.",
            path=str(path),
        )
    )


def _nothing_in(given: Sequence[Path]) -> RequestError:
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
