"""Files of kept pictures that go with their verdicts: found and deleted below one folder only.

Names come from a database that others write into. One that leads anywhere else is left alone, and
so is whatever lies behind a link.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from deeprx_gui.atomic import reporting
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say

Folder = tuple[str, ...]
"""Names of folders below the base, the outermost first."""
_NOT_A_FOLDER: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""Not there, or a link; every other error says that the share is in trouble."""
_BY_HANDLE: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether folders can be held open, so that none can be exchanged for a link meanwhile."""
_LINK_ON_WINDOWS: Final = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)


@dataclass(frozen=True)
class FoundPictures:
    """Files that are there; ``bytes``: of all together."""

    names: Mapping[Folder, tuple[str, ...]] = field(default_factory=dict)
    bytes: int = 0

    @property
    def files(self) -> int:
        """How many."""
        return sum(map(len, self.names.values()))


def find_pictures(base: Path, names: Iterable[str]) -> FoundPictures:
    """Return which of the names, relative to ``base``, are files there and may be deleted.

    Raises StorageError where the folder cannot be looked into, or where a folder with pictures of
    these may not be changed: so that it is known before anything is deleted.
    """
    wanted: dict[Folder, set[str]] = defaultdict(set)
    for name in names:
        if parts := _parts(name):
            wanted[parts[:-1]].add(parts[-1])
    found: dict[Folder, tuple[str, ...]] = {}
    size = 0
    for folder, files in sorted(wanted.items()):
        with reporting(base.joinpath(*folder)), _opened(base, folder) as there:
            if there is None:
                continue
            sizes = {
                entry.name: entry.stat(follow_symlinks=False).st_size
                for entry in os.scandir(there)
                if entry.name in files and entry.is_file(follow_symlinks=False)
            }
            if sizes and not os.access(base.joinpath(*folder), os.W_OK):
                raise PermissionError(f"{base.joinpath(*folder)}")
        if sizes:
            found[folder] = tuple(sorted(sizes))
            size += sum(sizes.values())
    return FoundPictures(found, size)


def delete_pictures(base: Path, found: FoundPictures) -> Generator[int]:
    """Delete files, yielding how many are gone; folders that are empty then go as well.

    Raises StorageError at the first that cannot be deleted.
    """
    gone = 0
    for folder, names in found.names.items():
        path = base.joinpath(*folder)
        with reporting(path), _opened(base, folder) as there:
            if there is None:
                raise StorageError(
                    say("{folder} is no longer there. Nothing more was deleted.", folder=path)
                )
            for name in names:
                _delete(there, name)
                gone += 1
                yield gone
        if folder:
            _drop_if_empty(base, folder)


def _parts(name: str) -> Folder:
    """Return a name in parts, empty for one that could lead out of the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or any(mark in name for mark in "\\:\0") or ".." in path.parts:
        return ()
    return path.parts


@contextmanager
def _opened(base: Path, folder: Folder) -> Iterator[int | Path | None]:
    """Give a folder below the base, ``None``: it is not there, or a link stands in the way.

    As a handle where the system has them. Raises OSError where the base itself is not there.
    """
    if not _BY_HANDLE:
        os.scandir(base).close()
        yield _checked(base, folder)
        return
    handle = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folder:
            try:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            except OSError as error:
                if error.errno not in _NOT_A_FOLDER:
                    raise
                yield None
                return
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _checked(base: Path, folder: Folder) -> Path | None:
    for part in folder:
        base /= part
        try:
            found = base.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISDIR(found.st_mode) or _is_link(found):
            return None
    return base


def _is_link(found: os.stat_result) -> bool:
    return bool(getattr(found, "st_file_attributes", 0) & _LINK_ON_WINDOWS)


def _delete(there: int | Path, name: str) -> None:
    try:
        if isinstance(there, int):
            os.unlink(name, dir_fd=there)
        else:
            (there / name).unlink()
    except FileNotFoundError:
        return  # somebody else was faster


def _drop_if_empty(base: Path, folder: Folder) -> None:
    with _opened(base, folder[:-1]) as there:
        if there is None:
            return
        try:
            if isinstance(there, int):
                os.rmdir(folder[-1], dir_fd=there)
            else:
                (there / folder[-1]).rmdir()
        except OSError:
            return  # something else lies in it
