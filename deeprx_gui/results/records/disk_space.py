"""Disk space guard: warns, then deletes the oldest OK images, then stops saving images.

Pictures of parts that are NG, to be reviewed or could not be judged are never deleted, nor those of
OK parts that a person decided are NG.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, Protocol

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.verdict import Verdict

_OURS: Final = re.compile(rf"\d{{9}}_{Verdict.OK.value}_([A-Za-z0-9-]{{1,64}})\.(jpg|png)")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MEGABYTE: Final = 1 << 20
_BATCH: Final = 32
_MOST_AT_ONCE: Final = 256
"""So many pictures go at most before the next one is written."""
_REST_SECONDS: Final = 60.0
"""Before all pictures are looked through again when there was none left to delete."""
_RESERVE_MEGABYTES: Final = 64
"""Left to the verdicts themselves: they matter more than pictures."""

_log = logging.getLogger(__name__)


class ThinnableRecords(Protocol):
    """Who knows the verdicts and what people decided (``RecordStore``)."""

    def thinnable(self, uids: Sequence[str]) -> frozenset[str]:
        """Return those whose picture may be deleted."""

    def pictures_gone(self, names: Sequence[str]) -> None:
        """Note that pictures are not there, and that this is no damage."""


def free_bytes(folder: Path) -> int:
    """Return the free room on the disk that holds ``folder``, which need not exist yet."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


class DiskSpaceGuard:
    """Looks at the disk now and then, and acts. Used by the keeper's thread; read by any."""

    PAUSE: ClassVar[float] = 1.0
    """Seconds between two looks."""

    def __init__(self, folder: Path, free_megabytes: int, free: Callable[[Path], int]) -> None:
        self._folder, self._free = folder, free
        self._limit = max(0, free_megabytes) * _MEGABYTE
        self._reserve = min(_RESERVE_MEGABYTES * _MEGABYTE, self._limit // 4)
        self._looked = -self.PAUSE
        self._rest_until = 0.0
        self._to_stay: set[str] = set()
        self.thinned = 0
        self.free_megabytes = -1
        self.problem: Message | None = None
        self.for_ok = self.for_any = True

    def has_for(self, *, ok: bool) -> bool:
        """Say whether a picture may be written now."""
        return self.for_ok if ok else self.for_any

    def check_room(self, ledger: ThinnableRecords | None) -> None:
        """Measure the room if it is time to, and make some where it is short.

        Raises OSError when the disk does not answer, StorageError when the ledger does not.
        """
        if time.monotonic() - self._looked < self.PAUSE:
            return
        self._looked = time.monotonic()
        free = self._measure()
        nothing_left = ledger is None
        if free < self._limit and ledger is not None:
            free, nothing_left = self._thin(ledger, free)
        self.for_any = free >= self._reserve
        if free >= self._limit:
            self.for_ok = True
            self._rest_until = 0.0
        elif nothing_left:
            self.for_ok = False
        self.problem = self._sentence(free)

    def _measure(self) -> int:
        free = self._free(self._folder)
        self.free_megabytes = free // _MEGABYTE
        return free

    def _sentence(self, free: int) -> Message | None:
        values = {"free": free // _MEGABYTE, "folder": self._folder}
        if not self.for_any:
            return say(
                "Only {free} MB are free on the disk of “{folder}”: no pictures are kept any more,"
                " only verdicts. Free some space.",
                **values,
            )
        if not self.for_ok:
            return say(
                "Only {free} MB are free on the disk of “{folder}”: pictures of OK parts are not"
                " kept any more. Pictures of NG parts are, and none was deleted. Free some space.",
                **values,
            )
        if free < self._limit:
            return say(
                "Only {free} MB are free on the disk of “{folder}”: the oldest pictures of OK parts"
                " are being deleted ({n} so far), none of NG parts. Free some space.",
                n=self.thinned,
                **values,
            )
        if free < self._limit * 3 // 2:
            return say(
                "The disk of “{folder}” is getting full: {free} MB are free. Below {limit} MB the"
                " oldest pictures of OK parts are deleted. Free some space.",
                limit=self._limit // _MEGABYTE,
                **values,
            )
        return None

    def _thin(self, ledger: ThinnableRecords, free: int) -> tuple[int, bool]:
        """Delete the oldest OK pictures until there is room or enough for now.

        Returns the room, and whether there is no such picture left.
        """
        if time.monotonic() < self._rest_until:
            return free, True
        found, gone = self._oldest(), 0
        while gone < _MOST_AT_ONCE:
            batch = list(islice(found, _BATCH))
            if not batch:
                self._rest_until = time.monotonic() + _REST_SECONDS
                return free, True
            may_go = ledger.thinnable([uid for uid, _ in batch])
            names = [self._name(path) for uid, path in batch if uid in may_go]
            if names:  # noted first: one that stays after all is no harm, one that is missed is
                ledger.pictures_gone(names)
            done = [uid for uid, path in batch if uid in may_go and _delete(path)]
            self._to_stay.update({uid for uid, _ in batch}.difference(done))
            for day in {path.parent for _, path in batch}:
                with suppress(OSError):  # an empty day goes, one with NG pictures stays
                    day.rmdir()
            gone += len(done)
            self.thinned += len(done)
            free = self._measure()
            _log.warning("thinned %d OK pictures, %d MB are free", len(done), self.free_megabytes)
            if free >= self._limit:
                break
        return free, False

    def _oldest(self) -> Iterator[tuple[str, Path]]:
        """Yield uid and path of OK pictures, the oldest first."""
        if not self._folder.is_dir():
            return
        days = sorted(d for d in self._folder.iterdir() if _DAY.fullmatch(d.name) and d.is_dir())
        for day in days:
            names = sorted(path.name for path in day.iterdir())
            for name in names:
                match = _OURS.fullmatch(name)
                if match is not None and match[1] not in self._to_stay:
                    yield match[1], day / name

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder.parent).as_posix()


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except OSError as error:
        _log.warning("%s stays: %s", path, error)
        return False
    return True
