"""SourceFeed: one thread that reads a source; the newest picture for the preview.

Chosen ones in a queue.

A trigger from outside belongs to the part that lies there when it comes: a picture answers it, or
an ERROR does (``open_triggers``). A triggered picture is never dropped: when the queue is full the
thread waits, and ``late`` says that the line is faster than this PC. Without a trigger
("continuous") there is no queue: whoever is free takes the newest picture. Sources of files deliver
one picture for each part: all are taken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deeprx_gui.capture.sources.base import Source, SourceEnded
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.line_status import LineStatus, TriggerAnswer, TriggerCounts
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.redaction import redact_password
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.work.controls import NOT_RUNNING
from deeprx_gui.work.open_triggers import OpenTrigger, OpenTriggers
from deeprx_gui.work.trigger import TriggerRule, picture_selector

_READ_SECONDS = 0.1
_JOIN_SECONDS = 2.0
_AHEAD = 4
"""So many files are read ahead: enough to keep the engine busy."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TriggeredPicture:
    """One picture of a part: ``moment`` is ``time.perf_counter()`` at the trigger.

    ``trigger``: the number of the trigger it answers, 0 where none came from outside.
    """

    captured: CapturedImage
    serial: str
    moment: float
    trigger: int = 0

    @property
    def size(self) -> int:
        return 0 if self.captured.frame is None else self.captured.frame.pixels.nbytes


class SourceFeed:
    """Reads ``source`` in a thread of its own between ``start`` and ``stop``.

    All methods but ``start`` and ``stop`` may be called from any thread.
    """

    def __init__(
        self,
        source: Source,
        rule: TriggerRule,
        *,
        most_megabytes: int = 256,
        away: Callable[[], bool] = lambda: False,
        counts: TriggerCounts | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``away`` says whether the source delivers nothing now; ``counts``: of earlier runs.

        ``clock`` is the one that pictures' moments are told in.
        """
        self._source = source
        self._away = away
        self._within = rule.timing.answer_within
        self._triggers = OpenTriggers(rule.timing, self._blocked, counts=counts, clock=clock)
        self._chooser = picture_selector(rule)
        self._queued = not source.lossy or rule.trigger is not Trigger.CONTINUOUS
        self._most = most_megabytes << 20
        self._changed = threading.Condition()
        self._queue: deque[TriggeredPicture] = deque()
        self._bytes = 0
        self._serial = ""
        self._newest: CapturedImage | None = None
        self._fresh: CapturedImage | None = None
        self._late = self._ended = self._stopping = self._closing = False
        self._failure: Message | None = None
        self._records_problem: Message | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    # Beginning and end ----------------------------------------------------------------------

    def start(self) -> None:
        """Open the source and begin to read, both in the feed's own thread."""
        self._thread.start()

    def close_triggers(self) -> None:
        """Choose nothing more; what was triggered stays in the queue to be taken.

        A trigger without a picture gets its ERROR: none will come any more.
        """
        with self._changed:
            self._closing = True
            self._fresh = None
            if not self._source.lossy:  # read ahead, not triggered: the files are still there
                self._queue = deque(chosen for chosen in self._queue if chosen.trigger)
            self._miss(
                self._triggers.all_missed(),
                say("The inspection was stopped before a picture of this part came. Inspect it "
                    "again."),
            )  # fmt: skip
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

    def fire(self, serial: str = "", origin: str = "") -> TriggerAnswer:
        """Take the first picture that arrives from now on, or say why that is not possible.

        Of files every one is taken anyway: the next one answers, with this serial number.
        ``origin``: where triggers come from that may bounce; without one each counts.
        """
        with self._changed:
            before = self._triggers.counts.accepted
            answer = self._triggers.press(serial or self._serial, origin)
            if self._triggers.counts.accepted != before:
                self._serial = ""
                if not self._source.lossy:
                    self._name_a_file()
                self._changed.notify_all()
            return answer

    def set_serial(self, serial: str) -> None:
        """Give the next part this serial number."""
        with self._changed:
            self._serial = serial

    def block(self, problem: Message | None) -> None:
        """Refuse triggers for as long as verdicts cannot be recorded; ``None``: they can again."""
        with self._changed:
            self._records_problem = problem

    def answered(self, chosen: TriggeredPicture) -> None:
        """Its verdict was told."""
        if chosen.trigger:
            with self._changed:
                self._triggers.answer(chosen.trigger)

    def status(self) -> LineStatus:
        """Say how the triggers stand; never waits for the source."""
        with self._changed:
            triggers = self._triggers
            return LineStatus(
                running=not (self._closing or self._ended),
                source_away=self._away(),
                records_blocked=self._records_problem is not None,
                waiting=triggers.waiting,
                most=triggers.most,
                answered=triggers.answered,
                counts=triggers.counts,
            )

    @property
    def refusal(self) -> Message | None:
        """Why the latest trigger that was refused was."""
        return self._triggers.problem

    def rearm(self) -> None:
        """Take the scene as it is for the empty one."""
        with self._changed:
            self._chooser.rearm()

    def take(self, timeout: float) -> TriggeredPicture | None:
        """Return the next picture to be judged, ``None`` when none came within ``timeout`` s."""
        with self._changed:
            self._changed.wait_for(self._something, timeout)
            self._miss_late_ones()
            if self._queue:
                chosen = self._queue.popleft()
                self._bytes -= chosen.size
                self._late = self._late and self._bytes > self._most // 2
                self._changed.notify_all()
                named = self._source.lossy or chosen.trigger
                return chosen if named else replace(chosen, serial=self._next_serial())
            if self._fresh is None:
                return None
            captured, self._fresh = self._fresh, None
            return TriggeredPicture(captured, self._next_serial(), captured.moment)

    def done(self, captured: CapturedImage) -> None:
        """Its verdict is recorded: let the source know, unless the picture never came."""
        if captured.number:
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
                else:
                    with self._changed:
                        self._miss_late_ones()
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
            self._miss(
                self._triggers.all_missed(),
                say("The source ended before a picture of this part came."),
            )
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
            return self._answer(captured) or TriggeredPicture(captured, "", captured.moment)
        wanted = self._chooser.wants(captured)
        answer = self._answer(captured)
        if answer is not None:
            return answer
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

    def _answer(self, captured: CapturedImage) -> TriggeredPicture | None:
        """Return the picture as the answer to a trigger, if one waits for it."""
        trigger, missed = self._triggers.claim(captured.moment)
        self._miss(missed, self._no_picture())
        return None if trigger is None else _answering(trigger, captured)

    def _name_a_file(self) -> None:
        """A file that was read ahead is the next one: it answers the trigger just accepted."""
        for place, chosen in enumerate(self._queue):
            if not chosen.trigger:
                self._queue[place] = _answering(self._triggers.newest(), chosen.captured)
                return

    def _miss_late_ones(self) -> None:
        self._miss(self._triggers.expired(), self._no_picture())

    def _miss(self, triggers: Iterable[OpenTrigger], problem: Message) -> None:
        """Queue an ERROR for each of these triggers, in their order."""
        for trigger in triggers:
            nothing = CapturedImage(
                number=0,
                frame=None,
                when=datetime.now(UTC),
                moment=trigger.moment,
                source=redact_password(f"{self._source.spec.kind}:{self._source.spec.address}"),
                error=problem,
            )
            self._queue.append(_answering(trigger, nothing))
            self._changed.notify_all()

    def _no_picture(self) -> Message:
        return say(
            "No picture: none of this part came within {seconds:g} s of its trigger and before the "
            "next one. Check the camera, then inspect the part again.",
            seconds=self._within,
        )

    def _blocked(self) -> Message | None:
        """Say why no trigger can be answered now."""
        if self._closing or self._ended:
            return NOT_RUNNING
        if self._away():
            return say("the source of pictures is away")
        if self._records_problem is not None:
            return say("verdicts cannot be recorded now: {problem}", problem=self._records_problem)
        return None


def _answering(trigger: OpenTrigger, captured: CapturedImage) -> TriggeredPicture:
    return TriggeredPicture(captured, trigger.serial, trigger.moment, trigger.number)


def _unexpected(error: Exception) -> Message:
    return say(
        "The source of pictures failed ({reason}). Check its cable and settings, then start again.",
        reason=f"{type(error).__name__}: {error}",
    )
