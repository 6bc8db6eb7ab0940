"""Which files of a watched folder are new, whole, and next: the bookkeeping, without reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deeprx_gui.capture.folder import NameKey, is_image, natural_order
from deeprx_gui.capture.sources.file_stamp import FileStamp, item_name
from deeprx_gui.domain.long_path import openable


@dataclass
class WatchedFile:
    """A file of the folder. ``since``: when it was first seen as it is now (monotonic seconds)."""

    path: Path
    stamp: FileStamp
    since: float
    poll: int
    steady: bool = False
    handed: bool = False
    next_check: float = 0.0

    @property
    def item(self) -> str:
        """The name under which it is remembered."""
        return item_name(self.path, self.stamp)

    @property
    def place(self) -> tuple[int, int, NameKey]:
        """In order of arrival: poll that saw it first, time of change, natural order of names."""
        return self.poll, self.stamp.changed, natural_order(self.path.name)


@dataclass
class WatchedFiles:
    """What is known of the files of a folder, and for as long as they lie there.

    ``known`` says whether a file's verdict is stored; such a file is not handed out again, nor is
    one of ``unrecorded``: handed out, its verdict not stored yet.
    """

    known: Callable[[str], bool]
    unrecorded: set[str] = field(default_factory=set)
    files: dict[str, WatchedFile] = field(default_factory=dict)
    polls: int = 0

    def look(self, listed: list[tuple[Path, FileStamp]], now: float) -> list[WatchedFile]:
        """Take in one listing; return what has become known to be judged before."""
        self.polls += 1
        files: dict[str, WatchedFile] = {}
        judged = []
        for path, stamp in listed:
            key = os.path.normcase(path)
            found = self.files.get(key)
            if found is None or found.stamp != stamp:
                first = self.polls if found is None or found.handed else found.poll
                found = WatchedFile(path, stamp, now, first)
                if found.item in self.unrecorded:
                    found.handed = True
                elif self.known(found.item):
                    found.handed = True
                    judged.append(found)
            elif not found.steady:
                found.steady = True
            files[key] = found
        self.files = files  # only now: ``known`` may have failed halfway
        return judged

    def ready(self, now: float) -> list[WatchedFile]:
        """Return what did not change over two looks and was not handed out, in order."""
        waiting = (f for f in self.files.values() if f.steady and not f.handed)
        return sorted((f for f in waiting if f.next_check <= now), key=lambda f: f.place)

    @staticmethod
    def changed(found: WatchedFile, stamp: FileStamp, now: float) -> None:
        """Note that a file is still being written: it must stand still once more."""
        found.stamp, found.since, found.steady = stamp, now, False


def list_pictures(
    folder: Path, *, below: bool, leave_out: Path | None
) -> list[tuple[Path, FileStamp]]:
    """Return the pictures of a folder with their stamps; raises OSError when it is gone.

    ``below``: with the folders inside, ``leave_out`` excepted (where judged files are moved).
    """
    found = []
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        for entry, is_folder, stamp in _entries(inside, top=inside == folder):
            path = inside / entry
            if is_folder:
                if below and not entry.startswith(".") and path != leave_out:
                    waiting.append(path)
            elif stamp is not None and is_image(path):
                found.append((path, stamp))
    return found


def _entries(folder: Path, *, top: bool) -> Iterator[tuple[str, bool, FileStamp | None]]:
    """Name, whether it is a folder, and stamp of what a folder holds.

    One question to a network share for all of it on Windows. What vanishes while it is looked at
    is left out; only the watched folder itself must be there.
    """
    try:
        with os.scandir(openable(folder)) as entries:
            for entry in entries:
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    info = None if is_folder else entry.stat()
                except FileNotFoundError:
                    continue
                yield entry.name, is_folder, info and FileStamp(info.st_size, info.st_mtime_ns)
    except FileNotFoundError:
        if top:
            raise
