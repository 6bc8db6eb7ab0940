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
ASKED_AT_ONCE = 1000
"""So many files are looked up in the store at a look; the others when it is their turn."""
MANY = 2000
_IN_TURN = 8
"""Of very many judged files that stay, one in so many is asked for at a look."""


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
    asked: bool = False
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
        asked = 0
        for path, stamp in listed:
            key = _key(path)
            found = self.files.get(key)
            if found is not None and found.stamp is stamp and found.steady:
                files[key] = found
                continue
            if found is None or found.stamp != stamp:
                first = self.polls if found is None or found.handed else found.poll
                missed = 0 if found is None else self._missed(found, stamp)
                found = WatchedFile(path, stamp, now, first, missed=missed)
                if stamp.trusted and asked < ASKED_AT_ONCE:
                    asked += 1
                    found.asked = True
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
        """Return what was seen only once as it is now, in order."""
        return sorted((f for f in self.files.values() if not f.steady), key=lambda f: f.place)

    def settled(self, now: float) -> frozenset[str]:
        """Return the paths of files that were judged a while ago, where there are very many.

        Not all of them need be asked for at each look.
        """
        if len(self.files) < MANY:
            return frozenset()
        return frozenset(
            key
            for key, f in self.files.items()
            if f.handed and f.steady and not f.digest and (f.poll == 1 or now - f.since > YOUNG)
        )

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
        key = _key(found.path)
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


def _key(path: Path) -> str:
    return os.path.normcase(path) if os.name == "nt" else str(path)


@dataclass
class FolderListing:
    """What a folder held at the last look, so that not every file need be asked for at each.

    ``settled``: paths of files that were judged and lie still; a network or a disk is asked for the
    stamp of one in ``_IN_TURN`` of them at a look.
    """

    settled: frozenset[str] = frozenset()
    last: dict[str, tuple[Path, FileStamp]] = field(default_factory=dict)
    turn: int = 0


def list_pictures(
    folder: Path,
    *,
    below: bool,
    leave_out: Path | None,
    left_out: list[LeftOut] | None = None,
    listing: FolderListing | None = None,
) -> list[tuple[Path, FileStamp]]:
    """Return the pictures of a folder with their stamps; raises OSError when it is gone.

    ``below``: with the folders inside, ``leave_out`` excepted (where judged files are moved).
    What cannot be looked at and what is no picture by its name is added to ``left_out``.
    """
    found: dict[str, tuple[Path, FileStamp]] = {}
    aside: list[LeftOut] = [] if left_out is None else left_out
    before = listing or FolderListing()
    before.turn = (before.turn + 1) % _IN_TURN
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        try:
            _list_one(inside, found, waiting if below else None, aside, before)
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
    before.last = found if listing is not None else {}
    return list(found.values())


def _list_one(
    folder: Path,
    found: dict[str, tuple[Path, FileStamp]],
    folders: list[Path] | None,
    left_out: list[LeftOut],
    before: FolderListing,
) -> None:
    """List one folder: one question to a network share for all of it on Windows."""
    settled, last, turn = before.settled, before.last, before.turn
    prefix = os.path.join(folder, "")  # noqa: PTH118 - joined 100,000 times
    number = 0
    with os.scandir(openable(folder)) as entries:
        for entry in entries:
            key = prefix + entry.name
            number += 1
            if key in settled and number % _IN_TURN != turn:
                known = last.get(key)
                if known is not None:
                    found[key] = known
                    continue
            stamped = _sort(entry, folder, folders, left_out)
            if stamped is not None:
                known = last.get(key)
                found[key] = known if known is not None and _same(known[1], stamped[1]) else stamped


def _same(one: FileStamp, other: FileStamp) -> bool:
    return one == other and one.hint == other.hint


def _sort(
    entry: os.DirEntry[str], inside: Path, folders: list[Path] | None, left_out: list[LeftOut]
) -> tuple[Path, FileStamp] | None:
    """Return a picture with its stamp; note what else is of interest.

    What vanishes while it is looked at is left out.
    """
    name = entry.name
    try:
        if entry.is_dir(follow_symlinks=False):
            if folders is not None and not is_hidden(name):
                folders.append(inside / name)
        elif is_image_name(name):
            if is_writable_name(name):
                return inside / name, stamp_from(entry.stat())
            left_out.append(LeftOut(inside / name, LeftOutReason.NAME))
        elif left_out_suffix(name) is not None:
            left_out.append(LeftOut(inside / name, LeftOutReason.SUFFIX))
    except FileNotFoundError:
        return None
    except OSError as error:
        left_out.append(LeftOut(inside / name, why_left_out(error)))
    return None
