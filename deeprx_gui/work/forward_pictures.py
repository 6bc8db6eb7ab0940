"""Kept pictures that follow their verdicts to the central database, or to a share beside it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from deeprx_gui.atomic import make_folder, reporting, write_over
from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.central import CentralPlace, PictureRule, Trouble
from deeprx_gui.domain.errors import CentralError, StorageError
from deeprx_gui.domain.forwarding import ForwardMark, Row
from deeprx_gui.domain.message import Message
from deeprx_gui.results.records.forward_rows import ForwardLook

_PATIENCE: Final = 120.0
"""A picture not there so many seconds after its verdict will not come."""
_LARGEST: Final = 32 << 20
_FREE, _LIVE = 20, 2
_REST: Final = 60.0
_log = logging.getLogger(__name__)


class PictureSender:
    """Sends pictures as the rule says; used by one thread.

    ``folder``: of the results. ``live``: whether parts are inspected just now. ``problem``: what
    keeps pictures from the share.
    """

    def __init__(self, place: CentralPlace, folder: Path, live: Callable[[], bool]) -> None:
        self._place, self._folder, self._live = place, folder, live
        self._next = 0.0
        self._missing = (0, 0.0)
        self.problem: Message | None = None

    def due(self, mark: ForwardMark) -> bool:
        """Whether there may be pictures to send now."""
        wanted = self._place.pictures is not PictureRule.NONE and mark.picture < mark.verdict
        return wanted and time.monotonic() >= self._next

    def find(self, look: ForwardLook, mark: ForwardMark, own: str) -> Sequence[Row]:
        """Return the next pictures of verdicts that ``own`` recorded and that are in the centre."""
        bad = self._place.pictures is PictureRule.BAD
        count = _LIVE if self._live() else _FREE
        return look.pictures(mark.picture, mark.verdict, count, bad_only=bad, own=own)

    def between(self, look: ForwardLook, after: int, until: int) -> Sequence[Row]:
        """Return the wanted pictures of verdicts numbered above ``after``, at most ``until``."""
        if self._place.pictures is PictureRule.NONE:
            return ()
        bad = self._place.pictures is PictureRule.BAD
        return look.pictures(after, until, until - after, bad_only=bad)

    def send(self, session: StationSession, row: Row, newest: int) -> bool:
        """Send a picture; False when it has to be tried again later. Raises CentralError.

        ``newest``: number of the newest verdict that is in the centre.
        """
        name = str(row["name"])
        file = self._folder / name
        try:
            data = file.read_bytes() if file.stat().st_size <= _LARGEST else None
        except (OSError, ValueError):
            if self._may_come(row, newest):
                self._next = time.monotonic() + 1.0
                return False  # it is written after its verdict
            data = None  # deleted, or never written
        try:
            if data is not None:
                self._write(session, row, name, data)
        except StorageError as error:  # the share is away: verdicts go on
            _log.warning("%s", error)
            self._next = time.monotonic() + _REST
            self.problem = error.message
            return False
        self.problem = None
        return True

    def _may_come(self, row: Row, newest: int) -> bool:
        """Whether a missing picture may still be written.

        By the clock only where that says it is too old: a verdict of the future (the clock was set
        back since) is waited for no longer than any other, and all there are by then at once.
        """
        if time.time() - int(str(row["at"])) / 1e6 >= _PATIENCE:
            return False
        now = time.monotonic()
        if int(str(row["row"])) > self._missing[0]:
            self._missing = (newest, now)
        return now - self._missing[1] < _PATIENCE

    def _write(self, session: StationSession, row: Row, name: str, data: bytes) -> None:
        if not self._place.picture_folder:
            try:
                session.send_picture(row, data)
            except CentralError as error:
                if error.trouble is not Trouble.REFUSED:
                    raise
                _log.warning("a picture was refused: %s", error)
            return
        folder = Path(self._place.picture_folder)  # a share: it is never made here
        *between, last = (f"station-{session.station}", *Path(name).parts[1:])
        with reporting(folder):
            for part in between:
                folder /= part
                if not folder.is_dir():
                    with suppress(FileExistsError):
                        make_folder(folder)
            target = folder / last
            there = target.is_file()
        if not there:
            write_over(target, data)
