"""Which files of a watched folder are new, whole, and next: the bookkeeping, without reading."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deeprx_gui.capture.folder import (
    NameKey,
    is_hidden,
    is_image_name,
    is_writable_name,
    left_out_suffix,
    natural_order,
    why_left_out,
)
from deeprx_gui.capture.sources.file_stamp import FileStamp, item_name, stamp_from
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.long_path import openable

YOUNG = 6.0
"""Seconds in which another picture may get the same stamp from a disk that keeps 2 s."""
COMPARED_AT_ONCE = 4
SURELY_MISSED = 3


@dataclass
class WatchedFile:
    """A file of the folder. ``since``: when it was first seen as it is now (monotonic seconds).

    ``digest``: what was read of it, where its stamp cannot be trusted; ``doubt``: its entry has
    changed since though its stamp has not; ``compared``: when it was last read again.
    ``whole_since``: when a file that may still be being filled was first read as ``seen``.
    """

    path: Path
    stamp: FileStamp
    since: float
    poll: int
    steady: bool = False
    handed: bool = False
    next_check: float = 0.0
    digest: str = ""
    doubt: bool = False
    compared: float = 0.0
    seen: str = ""
    whole_since: float = 0.0
    missed: int = 0

    @property
    def item(self) -> str:
        """The name under which it is remembered."""
        return item_name(self.path, self.stamp, self.digest)

    @property
    def place(self) -> tuple[int, int, NameKey]:
        """In order of arrival: poll that saw it first, time of change, natural order of names."""
        return self.poll, self.stamp.changed, natural_order(self.path.name)


@dataclass
class WatchedFiles:
    """What is known of the files of a folder, and for as long as they lie there.

    ``known`` says whether a file's verdict is stored; such a file is not handed out again, nor is
    one of ``unrecorded``: handed out, its verdict not stored yet. A file whose stamp cannot be
    trusted is asked for when it is read, by its content. ``overwritten`` counts pictures that
    another one replaced before they could be judged, by name.
    """

    known: Callable[[str], bool]
    unrecorded: set[str] = field(default_factory=set)
    files: dict[str, WatchedFile] = field(default_factory=dict)
    polls: int = 0
    overwritten: Counter[str] = field(default_factory=Counter)

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
                missed = 0 if found is None else self._missed(found, stamp)
                found = WatchedFile(path, stamp, now, first, missed=missed)
                if stamp.trusted:
                    if found.item in self.unrecorded:
                        found.handed = True
                    elif self.known(found.item):
                        found.handed = True
                        judged.append(found)
            elif not found.steady:
                found.steady = True
            elif found.stamp.hint != stamp.hint:
                found.stamp, found.doubt = stamp, True
            files[key] = found
        self.files = files  # only now: ``known`` may have failed halfway
        return judged

    def unsteady(self) -> list[WatchedFile]:
        """Return what was seen only once as it is now."""
        return [f for f in self.files.values() if not f.steady]

    def ready(self, now: float) -> list[WatchedFile]:
        """Return what did not change over two looks and was not handed out, in order."""
        waiting = (f for f in self.files.values() if f.steady and not f.handed)
        return sorted((f for f in waiting if f.next_check <= now), key=lambda f: f.place)

    def doubtful(self, now: float) -> list[WatchedFile]:
        """Return judged files whose stamps cannot be trusted, those to be read again first first.

        While a stamp is young, another picture may get the same one; later only where the clock
        that made it stands still, so then a few are read again at a time.
        """
        soon: list[WatchedFile] = []
        rest: list[WatchedFile] = []
        for found in self.files.values():
            if found.handed and found.digest:
                young = now - found.since < YOUNG
                (soon if found.doubt or young else rest).append(found)
        rest.sort(key=lambda f: f.compared)
        return soon + rest[:COMPARED_AT_ONCE]

    def replaced(self, found: WatchedFile, now: float) -> None:
        """Note that another picture lies under the name and stamp of a judged one."""
        key = os.path.normcase(found.path)
        self.files[key] = WatchedFile(found.path, found.stamp, now, self.polls)

    def changed(self, found: WatchedFile, stamp: FileStamp, now: float) -> None:
        """Note that a file is still being written: it must stand still once more."""
        found.missed = self._missed(found, stamp)
        found.stamp, found.since, found.steady = stamp, now, False

    def _missed(self, found: WatchedFile, stamp: FileStamp) -> int:
        """Count a picture that was replaced before it was judged; one that grows is none.

        Where the disk does not number its files, whoever fills a file looks like whoever writes
        it anew: only what goes on and on counts then.
        """
        if found.handed or stamp.size > found.stamp.size:
            return 0
        numbers = (found.stamp.hint[0], stamp.hint[0])
        if found.steady or (0 not in numbers and numbers[0] != numbers[1]):
            self.overwritten[found.path.name] += 1
            return found.missed
        missed = found.missed + 1
        if missed >= SURELY_MISSED:
            self.overwritten[found.path.name] += missed if missed == SURELY_MISSED else 1
        return missed


def list_pictures(
    folder: Path, *, below: bool, leave_out: Path | None, left_out: list[LeftOut] | None = None
) -> list[tuple[Path, FileStamp]]:
    """Return the pictures of a folder with their stamps; raises OSError when it is gone.

    ``below``: with the folders inside, ``leave_out`` excepted (where judged files are moved).
    What cannot be looked at and what is no picture by its name is added to ``left_out``.
    """
    found: list[tuple[Path, FileStamp]] = []
    aside: list[LeftOut] = [] if left_out is None else left_out
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(openable(inside)) as entries:
                for entry in entries:
                    _sort(entry, inside, found, waiting if below else None, aside)
        except FileNotFoundError:
            if inside == folder:
                raise
        except OSError as error:
            if inside == folder:
                raise
            os.stat(openable(folder))  # noqa: PTH116 - the whole folder may be gone
            aside.append(LeftOut(inside, why_left_out(error)))
        if leave_out in waiting:
            waiting.remove(leave_out)
    return found


def _sort(
    entry: os.DirEntry[str],
    inside: Path,
    found: list[tuple[Path, FileStamp]],
    folders: list[Path] | None,
    left_out: list[LeftOut],
) -> None:
    """Put one entry where it belongs: one question to a network share for all of it on Windows.

    What vanishes while it is looked at is left out.
    """
    name = entry.name
    if is_hidden(name):
        return
    try:
        if entry.is_dir(follow_symlinks=False):
            if folders is not None:
                folders.append(inside / name)
        elif not is_writable_name(name):
            left_out.append(LeftOut(inside / name, LeftOutReason.NAME))
        elif is_image_name(name):
            found.append((inside / name, stamp_from(entry.stat())))
        elif left_out_suffix(name) is not None:
            left_out.append(LeftOut(inside / name, LeftOutReason.SUFFIX))
    except FileNotFoundError:
        return
    except OSError as error:
        left_out.append(LeftOut(inside / name, why_left_out(error)))
