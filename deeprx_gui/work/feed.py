"""SourceFeed: one thread that reads a source; the newest picture for the preview.

Chosen ones in a queue.

A triggered picture is never dropped: when the queue is full the thread waits, and ``late`` says
that the line is faster than this PC. Without a trigger ("continuous") there is no queue: whoever is
free takes the newest picture. Sources of files deliver one picture for each part: all are taken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass

from deeprx_gui.capture.sources.base import Source, SourceEnded
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.work.trigger import TriggerRule, picture_selector

_READ_SECONDS = 0.1
_JOIN_SECONDS = 2.0
_AHEAD = 4
"""So many files are read ahead: enough to keep the engine busy."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TriggeredPicture:
    """One picture of a part: ``moment`` is ``time.perf_counter()`` at the trigger."""

    captured: CapturedImage
    serial: str
    moment: float

    @property
    def size(self) -> int:
        return 0 if self.captured.frame is None else self.captured.frame.pixels.nbytes


class SourceFeed:
    """Reads ``source`` in a thread of its own between ``start`` and ``stop``.

    All methods but ``start`` and ``stop`` may be called from any thread.
    """

    def __init__(self, source: Source, rule: TriggerRule, *, most_megabytes: int = 256) -> None:
        self._source = source
        self._chooser = picture_selector(rule)
        self._queued = not source.lossy or rule.trigger is not Trigger.CONTINUOUS
        self._most = most_megabytes << 20
        self._changed = threading.Condition()
        self._queue: deque[TriggeredPicture] = deque()
        self._bytes = 0
        self._presses: deque[tuple[float, str]] = deque()
        self._serial = ""
        self._newest: CapturedImage | None = None
        self._fresh: CapturedImage | None = None
        self._late = self._ended = self._stopping = self._closing = False
        self._failure: Message | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    # Beginning and end ----------------------------------------------------------------------

    def start(self) -> None:
        """Open the source and begin to read, both in the feed's own thread."""
        self._thread.start()

    def close_triggers(self) -> None:
        """Choose nothing more; what was triggered stays in the queue to be taken."""
        with self._changed:
            self._closing = True
            self._fresh = None
            if not self._source.lossy:
                self._queue.clear()  # read ahead, not triggered: the files are still there
            self._presses.clear()
            self._changed.notify_all()

    def stop(self) -> None:
        """End the thread and close the source; a driver that hangs is left behind."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is None:
            return
        self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            _log.warning("the source does not answer; its thread is left behind")

    # What others ask ------------------------------------------------------------------------

    def newest(self) -> CapturedImage | None:
        """Return the newest picture, for the preview; never waits."""
        return self._newest

    def fire(self, serial: str = "") -> None:
        """Take the first picture that arrives from now on.

        Of files every one is taken anyway: there only the serial number counts.
        """
        with self._changed:
            if not self._source.lossy:
                self._serial = serial or self._serial
            elif not self._closing:
                self._presses.append((time.perf_counter(), serial))

    def set_serial(self, serial: str) -> None:
        """Give the next part this serial number."""
        with self._changed:
            self._serial = serial

    def rearm(self) -> None:
        """Take the scene as it is for the empty one."""
        with self._changed:
            self._chooser.rearm()

    def take(self, timeout: float) -> TriggeredPicture | None:
        """Return the next picture to be judged, ``None`` when none came within ``timeout`` s."""
        with self._changed:
            self._changed.wait_for(self._something, timeout)
            if self._queue:
                chosen = self._queue.popleft()
                self._bytes -= chosen.size
                self._late = self._late and self._bytes > self._most // 2
                self._changed.notify_all()
                return self._named(chosen) if not self._source.lossy else chosen
            if self._fresh is None:
                return None
            captured, self._fresh = self._fresh, None
            return TriggeredPicture(captured, self._next_serial(), captured.moment)

    def done(self, captured: CapturedImage) -> None:
        """Its verdict is recorded: let the source know."""
        self._source.done(captured)

    @property
    def late(self) -> bool:
        """Whether triggers come faster than pictures are taken: the line waits for this PC."""
        return self._late

    @property
    def waiting(self) -> int:
        """Pictures that were triggered and not yet taken."""
        return len(self._queue)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come: the source has ended and all was taken."""
        with self._changed:
            return self._ended and not self._something_left()

    @property
    def failure(self) -> Message | None:
        """Why the source ended, ``None`` when it simply had no more."""
        return self._failure

    # The thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._source.open()
            while not self._stopping:
                captured = self._source.read(_READ_SECONDS)
                if captured is not None:
                    self._sort(captured)
        except SourceEnded as over:
            self._failure = over.problem
        except DeepRxError as error:
            _log.warning("the source broke: %s", error)
            self._failure = error.message
        except Exception as error:  # noqa: BLE001 - a driver may raise anything; the run hears of it
            _log.exception("the source failed")
            self._failure = _unexpected(error)
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            # files read ahead are still being judged: the source is told of each before it closes
            self._changed.wait_for(lambda: self._stopping)
        try:
            self._source.close()
        except Exception:  # noqa: BLE001 - the run is over; the log tells
            _log.exception("the source could not be closed")

    def _sort(self, captured: CapturedImage) -> None:
        if captured.frame is not None:
            self._newest = captured
        elif self._source.lossy:
            return  # a broken picture of a stream shows no part; the source's state tells of it
        with self._changed:
            chosen = None if self._closing else self._choose(captured)
        if chosen is not None:
            self._put(chosen)

    def _choose(self, captured: CapturedImage) -> TriggeredPicture | None:
        """Return what is to be queued of a picture, if anything. The lock is held."""
        if not self._source.lossy:
            return TriggeredPicture(captured, "", captured.moment)
        wanted = self._chooser.wants(captured)
        if self._presses and captured.moment >= self._presses[0][0]:
            moment, serial = self._presses.popleft()  # each press gets a picture of its own
            return TriggeredPicture(captured, serial or self._next_serial(), moment)
        if wanted:
            return TriggeredPicture(captured, self._next_serial(), captured.moment)
        if not self._queued:
            self._fresh = captured
            self._changed.notify_all()
        return None

    def _put(self, chosen: TriggeredPicture) -> None:
        """Queue a picture; wait while there is no room."""
        while True:
            with self._changed:
                if self._stopping or (self._closing and not self._source.lossy):
                    return
                if self._closing or self._room(chosen):
                    self._queue.append(chosen)
                    self._bytes += chosen.size
                    self._changed.notify_all()
                    return
                self._late = self._source.lossy
                self._changed.wait()

    def _room(self, chosen: TriggeredPicture) -> bool:
        if not self._queue:
            return True
        if not self._source.lossy and len(self._queue) >= _AHEAD:
            return False
        return self._bytes + chosen.size <= self._most

    # With the lock held -----------------------------------------------------------------------

    def _something(self) -> bool:
        return self._ended or self._something_left()

    def _something_left(self) -> bool:
        return bool(self._queue) or self._fresh is not None

    def _next_serial(self) -> str:
        serial, self._serial = self._serial, ""
        return serial

    def _named(self, chosen: TriggeredPicture) -> TriggeredPicture:
        """Files wait read ahead: the serial number belongs to the one that is taken now."""
        return TriggeredPicture(chosen.captured, self._next_serial(), chosen.moment)


def _unexpected(error: Exception) -> Message:
    return say(
        "The source of pictures failed ({reason}). Check its cable and settings, then start again.",
        reason=f"{type(error).__name__}: {error}",
    )
