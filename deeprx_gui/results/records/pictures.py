"""``PictureKeeper``: pictures beside the verdicts, kept by rule, off the hot path."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import clean_leftovers
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import PictureKeeperState
from deeprx_gui.domain.inspection import Keep, KeepRule, Record
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.encode import encode_jpeg, encode_png
from deeprx_gui.results.records.disk_space import DiskSpaceGuard, ThinnableRecords, free_bytes
from deeprx_gui.results.writing import write_file

FOLDER: Final = "pictures"
MOST_MEGABYTES: Final = 256
QUALITY: Final = 92
_PLAIN_UID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_CLOSE_SECONDS: Final = 30.0
_DAYS_CLEANED: Final = 3
LOOK_SECONDS = 1.0
"""Seconds without pictures after which the disk is looked at all the same."""

_log = logging.getLogger(__name__)


class PictureKeeper:
    """Encodes and writes pictures in a thread of its own; nobody waits for it.

    ``folder`` is the store's. Pictures that wait take at most ``most_megabytes``, OK ones half of
    that, so that NG always find room; what does not fit is not kept, counted and said. ``free``
    measures the room on the disk in bytes. Nothing is ever thinned before ``attach`` told who
    knows what people decided.
    """

    def __init__(
        self,
        folder: Path,
        rule: KeepRule,
        *,
        most_megabytes: int = MOST_MEGABYTES,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._folder, self._rule = folder, rule
        self._most = most_megabytes << 20
        self._room = DiskSpaceGuard(folder / FOLDER, rule.free_megabytes, free)
        self._ledger: ThinnableRecords | None = None
        self._changed = threading.Condition()
        self._queue: deque[tuple[str, Frame]] = deque()
        self._bytes = self._ok_seen = self._kept = self._missed = 0
        self._writing = self._closed = False
        self._trouble: Message | None = None
        self._absent: list[str] = []
        self._cleaned = ""
        self._thread = threading.Thread(target=self._run, name="pictures", daemon=True)
        self._thread.start()

    def attach(self, ledger: ThinnableRecords) -> None:
        """Say who knows which pictures may be thinned, and wants to know which are not there."""
        self._ledger = ledger

    def name_for(self, record: Record) -> str:
        """Return where the picture of this record is to be kept, relative to the store's folder.

        Empty when the rule says no, or while there is no room for it.
        """
        if not self._wanted(record.verdict):
            return ""
        local = record.when.astimezone()
        uid = record.uid
        if _PLAIN_UID.fullmatch(uid) is None:
            uid = hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        suffix = "png" if self._rule.png else "jpg"
        time = f"{local:%H%M%S}{local.microsecond // 1000:03d}"
        return f"{FOLDER}/{local:%Y-%m-%d}/{time}_{record.verdict.value}_{uid}.{suffix}"

    def keep(self, name: str, frame: Frame) -> None:
        """Have a picture written under a name from ``name_for``; returns at once, never raises."""
        size = frame.pixels.nbytes
        with self._changed:
            most = self._most // 2 if _is_ok(name) else self._most
            if self._closed or (self._queue and self._bytes + size > most):
                self._miss(name)
            else:
                self._queue.append((name, frame))
                self._bytes += size
            self._changed.notify_all()

    def state(self) -> PictureKeeperState:
        """Return how it goes; cheap enough for every frame."""
        with self._changed:
            return PictureKeeperState(
                kept=self._kept,
                waiting=len(self._queue) + self._writing,
                missed=self._missed,
                thinned=self._room.thinned,
                free_megabytes=self._room.free_megabytes,
                problem=self._room.problem or self._trouble,
            )

    @property
    def settled(self) -> bool:
        """Whether every picture so far is written, or noted as not there."""
        with self._changed:
            return not (self._queue or self._writing or self._absent)

    def close(self, timeout: float = _CLOSE_SECONDS) -> None:
        """Write what waits, up to ``timeout`` seconds, and stop; may be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(timeout)
        if self._thread.is_alive():
            _log.error("%d pictures not written: the disk does not answer", len(self._queue))

    def _wanted(self, verdict: Verdict) -> bool:
        keep = self._rule.keep
        if keep is Keep.NONE:
            return False
        if not self._room.for_any:
            with self._changed:
                self._missed += verdict is not Verdict.OK or keep is Keep.ALL
            return False
        if verdict is not Verdict.OK:
            return True
        if keep is Keep.BAD or not self._room.for_ok:
            return False
        with self._changed:
            seen = self._ok_seen
            self._ok_seen += 1
        return keep is Keep.ALL or seen % max(1, self._rule.nth) == 0

    # In the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._remove_empty_days()
        self._look()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed, LOOK_SECONDS)
                item = self._queue.popleft() if self._queue else None
                self._writing = item is not None
                if item is None and self._closed:
                    break
            if item is not None:
                self._write(*item)
            self._look()
            self._tell()
        self._tell()

    def _look(self) -> None:
        try:
            self._room.check_room(self._ledger)
        except (OSError, StorageError) as error:
            _log.warning("no look at the room on the disk: %s", error)

    def _write(self, name: str, frame: Frame) -> None:
        trouble: Message | None = None
        try:
            if not self._room.has_for(ok=_is_ok(name)):
                raise StorageError(self._room.problem or say("There is no room on the disk."))
            png = name.endswith(".png")
            data = encode_png(frame.pixels) if png else encode_jpeg(frame.pixels, QUALITY)
            # There is always another OK part; an NG one must survive a power cut.
            write_file(self._folder / name, data, flush=not _is_ok(name))
            self._clean(name)
        except StorageError as error:
            trouble = error.message
        except (ValueError, MemoryError) as error:
            _log.exception("%s", name)
            trouble = say(
                "A picture could not be kept ({reason}). Its verdict is. If this happens again,"
                " send the log file to support.",
                reason=type(error).__name__,
            )
        with self._changed:
            self._bytes -= frame.pixels.nbytes
            self._writing = False
            if trouble is None:
                self._kept += 1
                self._trouble = None
            else:
                _log.warning("%s not kept: %s", name, trouble)
                self._miss(name, trouble)

    def _remove_empty_days(self) -> None:
        """Remove folders of earlier days with nothing in them, and half-written files there.

        Only this program writes below them, and only into today's.
        """
        today = f"{datetime.now().astimezone():%Y-%m-%d}"
        days = sorted(p for p in (self._folder / FOLDER).glob("????-??-??") if p.name != today)
        for folder in days[-_DAYS_CLEANED:]:
            clean_leftovers(folder)
        for folder in days:
            with suppress(OSError):  # it holds pictures
                folder.rmdir()

    def _clean(self, name: str) -> None:
        """Remove what a killed program left half-written, once for each day's folder."""
        folder = (self._folder / name).parent
        if folder.name != self._cleaned:
            self._cleaned = folder.name
            clean_leftovers(folder)

    def _miss(self, name: str, why: Message | None = None) -> None:
        """Count a picture that is not kept; the lock is held."""
        self._missed += 1
        self._absent.append(name)
        self._trouble = why or say_n(
            "The disk is slower than the line: {n} picture was not kept. Its verdict is. Keep fewer"
            " pictures, or use a faster disk.",
            "The disk is slower than the line: {n} pictures were not kept. Their verdicts are. Keep"
            " fewer pictures, or use a faster disk.",
            n=self._missed,
        )

    def _tell(self) -> None:
        """Let the ledger know which pictures are not there; tried again if it cannot write."""
        with self._changed:
            absent, self._absent = self._absent, []
        if not absent or self._ledger is None:
            return
        try:
            self._ledger.pictures_gone(absent)
        except StorageError as error:
            _log.warning("missing pictures not noted: %s", error)
            with self._changed:
                self._absent = (absent + self._absent)[-10_000:]


def _is_ok(name: str) -> bool:
    return f"_{Verdict.OK.value}_" in name
