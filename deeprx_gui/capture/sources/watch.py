"""A watched folder: every new picture is judged once, when it is written to its end.

It is looked through again and again instead of waiting for notifications, which network shares do
not give. Everything that touches the disk happens in a thread of its own, one thing after the
other, because a dead share may hang for a minute.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from deeprx_gui.capture.sources.base import CaptureNumbering, Known
from deeprx_gui.capture.sources.call_thread import CallThread, finished_within
from deeprx_gui.capture.sources.file_stamp import (
    FileStamp,
    digest_at,
    digest_of,
    item_at,
    item_name,
    stamp_of,
)
from deeprx_gui.capture.sources.folder_listing import FolderListing, Listed, list_pictures
from deeprx_gui.capture.sources.image_files import (
    check_folder,
    decode_data,
    folder_gone,
    in_use,
    may_be_filling,
    read_data,
)
from deeprx_gui.capture.sources.move_file import move_into
from deeprx_gui.capture.sources.watch_news import WatchNews
from deeprx_gui.capture.sources.watched_files import WatchedFile, WatchedFiles
from deeprx_gui.domain.errors import ImageError, SourceError
from deeprx_gui.domain.field import Field, FieldKind, Options
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.left_out import LeftOut
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceNews, SourceSpec

OPTIONS = (
    Field("every", say("Folder polling interval (s)"), FieldKind.NUMBER, default=0.5,
           unit="s", minimum=0.02, maximum=3600),
    Field("move_to", say("Folder for inspected images"), FieldKind.FOLDER),
    Field("below", say("Include subfolders"), FieldKind.SWITCH, default=False),
    Field("wait", say("Timeout for unreadable files (s)"), FieldKind.NUMBER,
           default=10.0, unit="s", minimum=0, maximum=86400),
)  # fmt: skip

MOVE_AGAIN = 30.0
"""Seconds until a file that could not be moved away is tried again."""

_MOVE_WITHIN = 2.0
_LOOK_AGAIN = 0.2
"""Seconds until what has just come is looked at a second time."""
_SHARE_OF_LOOKS = 3
_STEP_WITHIN = 1.0
_COMPARE_WITHIN = 0.1
_CONFIRM_WITHIN = 0.2
_FILLED_WITHIN = 1.0
_ROUNDED = 2_000_000_000
_log = logging.getLogger(__name__)


class WatchSource:
    """Hands out each picture once, in order of arrival, none lost.

    A picture is whole when its size and time stood still over two looks and it can be decoded; one
    that stands still but cannot be decoded for ``wait`` seconds is handed out as an error. What
    ``known`` calls judged is left alone, after a restart too; where time stamps are too coarse to
    tell two pictures apart, the content does. ``answers_within``: seconds after which a folder that
    does not answer counts as away.
    """

    lossy = False

    def __init__(
        self,
        spec: SourceSpec,
        chosen: Options,
        known: Known,
        *,
        clock: Callable[[], float] = time.monotonic,
        answers_within: float = 20.0,
    ) -> None:
        self.spec = spec
        self._folder = Path(spec.address)
        self._every = chosen.number("every")
        self._below = chosen.switch("below")
        self._patience = chosen.number("wait")
        given = chosen.text("move_to")
        self._move_to = self._folder / given if given else None
        self._clock = clock
        self._answers_within = answers_within
        self._arrivals = CaptureNumbering(spec.address)
        self._aside: CallThread | None = None
        self._pending: Future[CapturedImage | None] | None = None
        self._asked = 0.0
        self._next_look = 0.0
        self._next_full_look = 0.0
        self._closed = threading.Event()
        # Touched only by the thread aside:
        self._known = known
        self._arriving = WatchedFiles(known)
        self._ready: deque[WatchedFile] = deque()
        self._to_move: dict[str, tuple[Path, float]] = {}
        self._listing = FolderListing(self._arriving.resting)
        self._news = WatchNews(self._folder)

    def news(self) -> tuple[SourceNews, ...]:
        """Return what there is to tell beside pictures: left out, overwritten, waiting."""
        return self._news.take()

    def open(self) -> None:
        """See that the folder, and the one to move to, are there; raises SourceError."""
        if self._aside is not None and not self._aside.ended and not self._aside.end():
            raise self._no_answer()
        self._aside = CallThread("source watch")
        self._closed.clear()
        self._next_look = self._next_full_look = self._clock()
        checking = self._aside.start(self._check)
        if not finished_within(checking, self._answers_within):
            raise self._no_answer()
        checking.result()
        if self._pending is not None and self._pending.done() and self._pending.exception():
            self._pending = None  # an old complaint; a picture that came late is kept

    def _check(self) -> None:
        check_folder(self._folder)
        if self._move_to is not None:
            try:
                Path(openable(self._move_to)).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise SourceError(
                    say(
                        "The folder {folder}, to which judged pictures are moved, cannot be made "
                        "({reason}). Choose another one, or ask for the right to write there.",
                        folder=str(self._move_to),
                        reason=error.strerror or type(error).__name__,
                    )
                ) from error

    def read(self, timeout: float) -> CapturedImage | None:
        """Return the next whole picture; raises SourceError when the folder is away."""
        end = self._clock() + timeout
        while True:
            if self._pending is None and not self._ask(end):
                return None
            assert self._pending is not None
            if not finished_within(self._pending, end - self._clock()):
                if self._clock() - self._asked > self._answers_within:
                    raise self._no_answer()
                return None
            pending, self._pending = self._pending, None
            captured = pending.result()
            if captured is not None or self._clock() >= end:
                return captured

    def _ask(self, end: float) -> bool:
        """Start the next step when its time comes before ``end``."""
        if self._aside is None or self._closed.is_set():
            raise SourceError(say("The source is not open. Start it first."))
        if not self._ready:
            pause = self._next_look - self._clock()
            if pause > 0:
                self._closed.wait(max(0.0, min(pause, end - self._clock())))
            if self._next_look > self._clock() or self._closed.is_set():
                return False
        self._asked = self._clock()
        self._pending = self._aside.start(self._step)
        return True

    def _step(self) -> CapturedImage | None:
        """Look through the folder when nothing is ready; hand out one picture.

        Very many that were judged before take several steps: the folder does answer.
        """
        if not self._ready:
            self._look()
        end = self._clock() + _STEP_WITHIN
        while self._ready and self._clock() < end:
            found = self._ready[0]
            captured = self._take(found)  # a SourceError leaves it in its place
            self._ready.popleft()
            if captured is not None:
                found.handed = True
                self._arriving.unrecorded.add(found.item)
                return captured
        return None

    def _look(self) -> None:
        """Look at the whole folder, or only at what has just come, to see whether it is whole."""
        began = self._clock()
        if began >= self._next_full_look:
            self._look_at_all(began)
        else:
            for found in self._arriving.unsteady():
                found.steady = self._stands_still(found) or found.steady
                if self._clock() - began > _CONFIRM_WITHIN:
                    break  # of very many the first; the others when it is their turn
        self._ready.extend(self._arriving.ready(began))
        soon = not self._ready and any(not f.steady for f in self._arriving.files.values())
        pause = min(self._every, _LOOK_AGAIN) if soon else self._every
        self._next_look = min(self._clock() + pause, self._next_full_look)
        if not soon:
            self._next_look = self._next_full_look
        self._news.overwritten(self._arriving.overwritten)

    def _look_at_all(self, began: float) -> None:
        left_out: list[LeftOut] = []
        self._arriving.rest(began)
        listed = self._list(left_out)
        self._asked = self._clock()  # it answers: the rest takes long only for very many
        for judged in self._arriving.look(listed, began):
            self._plan_move(judged.path, judged.item)
        self._news.left_out(left_out)
        self._news.waiting(self._arriving.waiting)
        self._compare(began)
        for item, (path, when) in list(self._to_move.items()):
            if when <= began:
                self._move(path, item)
        took = self._clock() - began
        self._next_full_look = began + max(self._every, _SHARE_OF_LOOKS * took)  # a slow share

    def _compare(self, began: float) -> None:
        """Read judged files again whose stamps cannot be trusted: another may have come."""
        for found in self._arriving.doubtful(began):
            if self._clock() - began > _COMPARE_WITHIN:
                return
            try:
                digest = digest_at(found.path)
            except OSError:
                continue  # gone, or held by whoever writes it: the next look tells
            found.compared, found.doubt = began, False
            if digest != found.digest:
                self._arriving.replaced(found, began)

    def _list(self, left_out: list[LeftOut]) -> list[Listed]:
        try:
            return list_pictures(
                self._folder,
                below=self._below,
                leave_out=self._move_to,
                left_out=left_out,
                listing=self._listing,
            )
        except (OSError, ValueError) as error:
            raise folder_gone(self._folder) from error

    def _take(self, found: WatchedFile) -> CapturedImage | None:
        """Read one picture; ``None`` when it is still being written, gone, or was judged before."""
        if found.handed or not self._stands_still(found):
            return None
        if not found.asked and found.stamp.trusted and self._was_judged(found):
            return None
        began = self._clock()
        data = read_data(found.path, self._folder)
        if self._is_judged(found, data):
            return None
        picture = decode_data(data, found.path) if isinstance(data, bytes) else data
        took = self._clock() - began
        if not self._stands_still(found):
            return None
        if not isinstance(picture, Frame):
            return self._unreadable(found, picture, took)
        if isinstance(data, bytes) and self._is_filling(found, data):
            return None
        return self._arrivals.frame(picture, item=found.item, path=found.path)

    def _is_judged(self, found: WatchedFile, data: bytes | ImageError) -> bool:
        """Whether this content under this stamp was judged, where the stamp alone does not tell."""
        if found.stamp.trusted:
            return False
        read = b"" if found.stamp.size == 0 else data
        found.digest = digest_of(read) if isinstance(read, bytes) else ""
        found.compared = self._clock()
        return self._was_judged(found)

    def _was_judged(self, found: WatchedFile) -> bool:
        found.asked = True
        found.handed = found.item in self._arriving.unrecorded
        if not found.handed and self._known(found.item):
            found.handed = True
            self._plan_move(found.path, found.item)
        return found.handed

    def _is_filling(self, found: WatchedFile, data: bytes) -> bool:
        """Whether a file may still be being filled: then its content must stand still as well."""
        if not may_be_filling(data):
            return False
        now, digest = self._clock(), digest_of(data)
        if digest != found.seen:
            found.seen, found.whole_since = digest, now
        patience = min(_FILLED_WITHIN, self._patience)
        if now - found.whole_since >= patience:
            return False
        found.next_check = now + min(self._every, patience)
        return True

    def _stands_still(self, found: WatchedFile) -> bool:
        try:
            stamp = stamp_of(found.path)
        except FileNotFoundError:
            return False
        except OSError:
            check_folder(self._folder)
            return True  # the folder answers: reading the file tells what is the matter with it
        if stamp != found.stamp:
            self._arriving.changed(found, stamp, self._clock())
            return False
        return True

    def _unreadable(self, found: WatchedFile, why: ImageError, took: float) -> CapturedImage | None:
        """Give whoever writes it time to finish; then it is an error."""
        now = self._clock()
        waited = now - found.since
        if waited < self._patience or in_use(why):
            pause = max(self._every, waited / 4, 4 * took)  # a large file is not read in vain
            found.next_check = now + min(pause, max(self._every, self._patience - waited))
            return None
        _log.warning("%s stays unreadable: %s", found.path, why)
        return self._arrivals.error(why.message, item=found.item, path=found.path)

    def done(self, captured: CapturedImage) -> None:
        """Move the file away if that was asked for; waits no longer than a moment for it."""
        self._arriving.unrecorded.discard(captured.item)
        if self._move_to is None or captured.path is None:
            return
        path, item = captured.path, captured.item
        if self._aside is None or self._aside.ended:
            self._move(path, item)
            return
        moving = self._aside.start(lambda: self._move(path, item))
        if not finished_within(moving, _MOVE_WITHIN):
            _log.info("%s is moved as soon as its folder answers", path)

    def _plan_move(self, path: Path, item: str) -> None:
        if self._move_to is not None:
            self._to_move[item] = (path, 0.0)

    def _move(self, path: Path, item: str) -> None:
        """Move a judged file, unless another one has come under its name; later if need be."""
        assert self._move_to is not None
        try:
            stamp = stamp_of(path)
            if item == _item_now(path, stamp):
                target = move_into(path, self._move_to)
                if _is_other(target, stamp, item):
                    _log.warning("%s was replaced while it was moved; it is put back", path)
                    move_into(target, path.parent)
                else:
                    _log.info("%s was judged and is now %s", path, target)
        except FileNotFoundError:
            _log.info("%s was gone before it was moved", path)
        except OSError as error:
            _log.warning("%s could not be moved, it is tried again: %s", path, error)
            self._to_move[item] = (path, self._clock() + MOVE_AGAIN)
            return
        self._to_move.pop(item, None)

    def close(self) -> None:
        """Stop looking; what is known of the files is kept for the next ``open``."""
        self._closed.set()
        if self._aside is not None and not self._aside.end():
            _log.warning("%s does not answer while it is closed", self._folder)

    def _no_answer(self) -> SourceError:
        return SourceError(
            say(
                "The folder {folder} does not answer. Check its drive and the network connection. "
                "Pictures that arrive meanwhile are judged afterwards.",
                folder=str(self._folder),
            )
        )


def _item_now(path: Path, stamp: FileStamp) -> str:
    """Return the name of a file by its content now; one that may not be read has only its stamp."""
    try:
        return item_at(path)
    except PermissionError:
        return item_name(path, stamp)


def _is_other(target: Path, stamp: FileStamp, item: str) -> bool:
    """Whether another picture came under the name of ``item`` between the last look and the move.

    A time of change may have been rounded on another disk.
    """
    now = stamp_of(target)
    if now.size != stamp.size or abs(now.changed - stamp.changed) > _ROUNDED:
        return True
    return not stamp.trusted and not item.endswith((f"|{stamp.changed}", digest_at(target)))
