"""Which files of a watched folder are new, whole, and next: the bookkeeping, without reading."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from deeprx_gui.capture.folder import natural_order
from deeprx_gui.capture.sources.file_stamp import FileStamp, item_name

YOUNG = 6.0
"""Seconds in which another picture may get the same stamp from a disk that keeps 2 s."""
COMPARED_AT_ONCE = 4
SURELY_MISSED = 3
ASKED_AT_ONCE = 1000
"""So many files are looked up in the store at a look; the others when it is their turn."""
MANY = 2000


@dataclass
class WatchedFile:
    """A file of the folder, by its full ``name``.

    ``since``: when it was first seen as it is now (monotonic seconds). ``digest``: what was read of
    it, where its stamp cannot be trusted; ``doubt``: its entry has changed since though its stamp
    has not; ``compared``: when it was last read again. ``whole_since``: when a file that may still
    be being filled was first read as ``seen``.
    """

    name: str
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
    def path(self) -> Path:
        """Where it lies."""
        return Path(self.name)

    @property
    def item(self) -> str:
        """The name under which it is remembered."""
        return item_name(self.name, self.stamp, self.digest)

    @property
    def seen_at(self) -> tuple[int, int]:
        """The poll that saw it first, and its time of change."""
        return self.poll, self.stamp.changed


def in_order_of_arrival(files: Iterable[WatchedFile]) -> list[WatchedFile]:
    """Sort by the poll that saw them first, then by time of change, then naturally by name."""
    ordered = sorted(files, key=attrgetter("seen_at"))
    places = [found.seen_at for found in ordered]
    start = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or places[end] != places[start]:
            if end - start > 1:
                same = ordered[start:end]
                same.sort(key=lambda f: natural_order(os.path.basename(f.name)))  # noqa: PTH119
                ordered[start:end] = same
            start = end
    return ordered


class RestingFiles:
    """Judged files that lie still and are not asked for at each look, by key and by folder."""

    def __init__(self) -> None:
        self.files: dict[str, WatchedFile] = {}
        self._names: dict[str, set[str]] = {}

    def add(self, key: str, found: WatchedFile) -> None:
        """Let a file rest."""
        folder, name = os.path.split(found.name)
        self.files[key] = found
        self._names.setdefault(folder, set()).add(name)

    def in_folder(self, folder: str) -> set[str]:
        """Return the names of those in a folder."""
        return self._names.get(folder, set())

    def folders(self) -> list[str]:
        """Return the folders in which any lie."""
        return list(self._names)

    def stamp_of(self, name: str) -> FileStamp:
        """Return the stamp of the one with this full name."""
        return self.files[_key(name)].stamp

    def wake(self, keys: Iterable[str]) -> None:
        """Take out those that are looked at again."""
        for key in self.files.keys() & keys if self.files else ():
            self._forget(self.files.pop(key).name)

    def gone(self, folder: str, names: Iterable[str]) -> None:
        """Take out those that lie there no more."""
        for name in list(names):
            full = os.path.join(folder, name)  # noqa: PTH118 - as it was split
            self.files.pop(_key(full), None)
            self._forget(full)

    def _forget(self, full: str) -> None:
        folder, name = os.path.split(full)
        names = self._names.get(folder, set())
        names.discard(name)
        if not names:
            self._names.pop(folder, None)


@dataclass
class WatchedFiles:
    """What is known of the files of a folder, and for as long as they lie there.

    ``known`` says whether a file's verdict is stored; such a file is not handed out again, nor is
    one of ``unrecorded``: handed out, its verdict not stored yet. A file whose stamp cannot be
    trusted is asked for when it is read, by its content. ``overwritten`` counts pictures that
    another one replaced before they could be judged, by name. ``resting``: judged files that lie
    still, where there are very many; none of them is in ``files``.
    """

    known: Callable[[str], bool]
    unrecorded: set[str] = field(default_factory=set)
    files: dict[str, WatchedFile] = field(default_factory=dict)
    resting: RestingFiles = field(default_factory=RestingFiles)
    polls: int = 0
    overwritten: Counter[str] = field(default_factory=Counter)

    def look(self, listed: Iterable[tuple[Path | str, FileStamp]], now: float) -> list[WatchedFile]:
        """Take in one listing; return what has become known to be judged before.

        Of what rests only what has changed is listed.
        """
        self.polls += 1
        files: dict[str, WatchedFile] = {}
        judged = []
        asked = 0
        for path, stamp in listed:
            name = os.fspath(path)
            key = _key(name)
            found = self.files.get(key) or self.resting.files.get(key)
            if found is None or found.stamp != stamp:
                first = self.polls if found is None or found.handed else found.poll
                missed = 0 if found is None else self._missed(found, stamp)
                found = WatchedFile(name, stamp, now, first, missed=missed)
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
        self.resting.wake(files)
        return judged

    @property
    def waiting(self) -> int:
        """How many are still to be judged, as far as that is known."""
        open_ones = [f for f in self.files.values() if not f.handed]
        asked = sum(f.asked for f in open_ones)
        few_judged = len(self.files) - len(open_ones) + len(self.resting.files) <= asked
        return len(open_ones) if few_judged else asked

    def unsteady(self) -> list[WatchedFile]:
        """Return what was seen only once as it is now, in order."""
        return in_order_of_arrival(f for f in self.files.values() if not f.steady)

    def rest(self, now: float) -> None:
        """Let files rest that were judged a while ago, where there are very many.

        Not all of them need be asked for at each look.
        """
        if len(self.files) + len(self.resting.files) < MANY:
            return
        for key, f in list(self.files.items()):
            if f.handed and f.steady and not f.digest and (f.poll == 1 or now - f.since > YOUNG):
                self.resting.add(key, self.files.pop(key))

    def ready(self, now: float) -> list[WatchedFile]:
        """Return what did not change over two looks and was not handed out, in order."""
        waiting = (f for f in self.files.values() if f.steady and not f.handed)
        return in_order_of_arrival(f for f in waiting if f.next_check <= now)

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
        key = _key(found.name)
        self.files[key] = WatchedFile(found.name, found.stamp, now, self.polls)

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


def _key(name: str) -> str:
    return os.path.normcase(name) if os.name == "nt" else name
