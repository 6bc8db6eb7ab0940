"""Shadow: a candidate revision judges what the line has judged, silently and behind it.

The line hands a part over once its verdict is recorded and told, and never waits: what finds no
room is left out and counted. The candidate has a thread and engines of its own. While parts come
from a camera it begins a picture only when the line is not judging one, so that both do not share
the processor; where the line never pauses it takes its turn after ``PATIENCE`` all the same.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import HealthMonitor
from deeprx_gui.domain.inspection import Cause, InspectedPart
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.picture_facts import learnt_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.shadow import ShadowNews, ShadowPart, side_of
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.results.encode import encode_jpeg
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.judging import Judge, Judgement
from deeprx_gui.work.open_scorer import open_scorer

MOST_WAITING: Final = 8
MOST_MEGABYTES: Final = 128
"""Pictures that wait for the candidate: so many, and together so large."""
PATIENCE: Final = 1.0
"""Seconds after which the candidate takes its turn though the line never pauses."""
PICTURE_SIDE: Final = 640
"""Longest side, in pixels, of the pictures that are kept."""
_QUALITY: Final = 85
_NEWS_SECONDS: Final = 1.0
_JOIN_SECONDS: Final = 2.0
CATCH_UP_SECONDS: Final = 10.0
"""At the end of a run of files the candidate may finish what waits for so long."""

_log = logging.getLogger(__name__)


class ShadowSink(Protocol):
    """Where comparisons are remembered; both raise StorageError."""

    def add(self, number: int, part: ShadowPart) -> None:
        """Count a part of trial ``number``, and keep it when the two differ about it."""

    def skip(self, number: int, parts: int) -> None:
        """Count parts that were left out."""


class Shadow(Protocol):
    """What a live run does with its shadow; nothing here waits or raises."""

    def begin(self, *, files: bool) -> None:
        """Begin to judge; ``files``: parts come from files, at no takt."""

    @contextmanager
    def line_busy(self) -> Iterator[None]:
        """Say that the line judges a part meanwhile."""
        yield

    def offer(self, inspected: InspectedPart) -> None:
        """Hand over a part whose verdict is recorded and told."""

    def news(self, *, at_once: bool = False) -> ShadowNews | None:
        """Return what is to be told, ``None`` when nothing is new."""

    @property
    def catching_up(self) -> bool:
        """Whether something still waits that may be finished before the run ends."""

    def close(self) -> None:
        """End it; what still waits is counted as left out."""


class NoShadow:
    """There is no candidate on trial."""

    catching_up = False

    def begin(self, *, files: bool) -> None:
        """Do nothing."""

    @contextmanager
    def line_busy(self) -> Iterator[None]:
        """Let the line judge."""
        yield

    def offer(self, inspected: InspectedPart) -> None:
        """Take nothing."""

    def news(self, *, at_once: bool = False) -> ShadowNews | None:  # noqa: ARG002 - as a shadow
        """Tell nothing."""
        return None

    def close(self) -> None:
        """Do nothing."""


class FailedShadow(NoShadow):
    """A candidate that cannot judge: that is told once."""

    def __init__(self, candidate: int, why: Message) -> None:
        self._news: ShadowNews | None = ShadowNews(candidate, problem=_cannot(candidate, why))

    def news(self, *, at_once: bool = False) -> ShadowNews | None:  # noqa: ARG002 - as a shadow
        """Tell why it does not judge."""
        told, self._news = self._news, None
        return told


@dataclass(frozen=True, eq=False)
class ShadowPlan:
    """Which revision judges in the shadow of ``live``, for which trial; ``strict`` as the line."""

    trial: int
    live: Profile
    candidate: Profile
    strict: bool = False


Open = Callable[[ShadowPlan], Judge]


def open_judge(plan: ShadowPlan, engines: EnginePool) -> Judge:
    """Open what judges with the candidate. Raises what ``open_scorer`` and ``check_golden`` do."""
    candidate = plan.candidate
    scorer = open_scorer(engines, candidate)
    check_golden(candidate, scorer)
    learnt = learnt_in(candidate.extra)
    return Judge(scorer, candidate.limits, HealthMonitor([]), learnt, strict=plan.strict)


class ShadowJudge:
    """The shadow of one run; ``begin`` starts its thread, ``close`` ends it."""

    def __init__(
        self,
        plan: ShadowPlan,
        engines: Callable[[], EnginePool],
        sink: ShadowSink,
        *,
        opening: Open | None = None,
        most_waiting: int = MOST_WAITING,
        most_megabytes: int = MOST_MEGABYTES,
        patience: float = PATIENCE,
    ) -> None:
        """``engines`` is called in the shadow's own thread; ``opening``: instead of ``open_judge``.

        ``patience`` in seconds, see ``PATIENCE``.
        """
        self._plan, self._sink = plan, sink
        self._open: Open = opening or (lambda plan: open_judge(plan, engines()))
        self._most, self._most_bytes = most_waiting, most_megabytes << 20
        self._patience = patience
        self._polite = True
        self._idle = threading.Event()
        self._idle.set()
        self._changed = threading.Condition()
        self._queue: deque[InspectedPart] = deque()
        self._bytes = self._skipped = self._noted = 0
        self._compared = self._differing = 0
        self._milliseconds = 0.0
        self._working = self._closed = self._over = False
        self._problem: Message | None = None
        self._told: ShadowNews | None = None
        self._told_at = 0.0
        self._catch_up_until: float | None = None
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    # What the run does ------------------------------------------------------------------------

    def begin(self, *, files: bool) -> None:
        """Start the thread; the candidate is opened there."""
        self._polite = not files
        self._thread.start()

    @contextmanager
    def line_busy(self) -> Iterator[None]:
        """Hold the next picture of the candidate back meanwhile."""
        self._idle.clear()
        try:
            yield
        finally:
            self._idle.set()

    def offer(self, inspected: InspectedPart) -> None:
        """Queue a part; without room it is left out. What the line could not see is no question."""
        frame = inspected.frame
        if frame is None or Cause.FROZEN in inspected.record.causes:
            return
        size = frame.pixels.nbytes
        with self._changed:
            if self._over:
                return
            full = len(self._queue) >= self._most
            if full or (self._queue and self._bytes + size > self._most_bytes):
                self._skipped += 1
            else:
                self._queue.append(inspected)
                self._bytes += size
            self._changed.notify_all()

    def news(self, *, at_once: bool = False) -> ShadowNews | None:
        """Return the counts once a second while they change."""
        now = time.monotonic()
        if not at_once and self._told is not None and now - self._told_at < _NEWS_SECONDS:
            return None
        found = self._news()
        if found == self._told:
            return None
        self._told, self._told_at = found, now
        return found

    @property
    def catching_up(self) -> bool:
        """Whether something waits; from the first question on for ``CATCH_UP_SECONDS`` at most."""
        now = time.monotonic()
        if self._catch_up_until is None:
            self._catch_up_until = now + CATCH_UP_SECONDS
        with self._changed:
            waits = bool(self._queue) or self._working
            return waits and not self._over and now < self._catch_up_until

    def close(self) -> None:
        """End the thread after the picture it is at; one that hangs is left behind."""
        with self._changed:
            self._closed = True
            self._drop_queue()
            self._changed.notify_all()
        self._idle.set()
        if self._thread.ident is None:
            return
        self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            _log.warning("the candidate does not come to an end; its thread is left behind")

    # The thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            judge = self._open(self._plan)
            while (inspected := self._next()) is not None:
                self._compare(judge, inspected)
            self._note_skipped()
        except DeepRxError as error:
            self._give_up(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the line goes on without it
            _log.exception("the candidate cannot judge")
            reason = f"{type(error).__name__}: {error}"
            self._give_up(say("unexpected: {reason}", reason=reason))

    def _give_up(self, why: Message) -> None:
        """The line goes on alone; it is said why."""
        _log.warning("the shadow ended: %s", why)
        with self._changed:
            self._problem = _cannot(self._plan.candidate.revision, why)
            self._over = True
            self._working = False
            self._drop_queue()

    def _next(self) -> InspectedPart | None:
        """Wait for a part and for the line to pause; ``None`` when it is over."""
        with self._changed:
            self._working = False
            self._changed.wait_for(lambda: self._queue or self._closed)
        if self._polite:
            self._idle.wait(self._patience)
        with self._changed:
            if self._closed or not self._queue:
                return None
            inspected = self._queue.popleft()
            self._working = True
            if inspected.frame is not None:
                self._bytes -= inspected.frame.pixels.nbytes
            return inspected

    def _compare(self, judge: Judge, inspected: InspectedPart) -> None:
        begun = time.perf_counter()
        found = judge.judge(_again(inspected))
        milliseconds = (time.perf_counter() - begun) * 1000
        self._note_skipped()
        part = self._part(inspected, found, milliseconds)
        self._sink.add(self._plan.trial, part)
        with self._changed:
            self._compared += 1
            self._differing += part.side is not None
            self._milliseconds += (milliseconds - self._milliseconds) / self._compared

    def _part(self, inspected: InspectedPart, found: Judgement, milliseconds: float) -> ShadowPart:
        record, plan = inspected.record, self._plan
        differs = side_of(record.verdict, found.verdict) is not None
        return ShadowPart(
            record.uid,
            record.number,
            record.when,
            record.serial,
            record.source,
            record.revision,
            record.verdict,
            plan.live.suggested.times(record.score),
            found.verdict,
            plan.candidate.suggested.times(found.score),
            milliseconds,
            _small(inspected.frame) if differs and inspected.frame is not None else b"",
        )

    def _note_skipped(self) -> None:
        with self._changed:
            new, self._noted = self._skipped - self._noted, self._skipped
        if new:
            self._sink.skip(self._plan.trial, new)

    def _drop_queue(self) -> None:
        """Count what waits as left out; the lock is held."""
        self._skipped += len(self._queue)
        self._queue.clear()
        self._bytes = 0

    def _news(self) -> ShadowNews:
        with self._changed:
            return ShadowNews(
                self._plan.candidate.revision,
                self._compared,
                self._differing,
                self._skipped,
                self._milliseconds,
                self._problem,
            )


def settled(shadow: Shadow, nap: Callable[[], None]) -> Generator[ShadowNews | None]:
    """Let the shadow finish what waits, yielding what it tells; ``nap`` waits for a moment."""
    while shadow.catching_up:
        nap()
        yield shadow.news()
    yield shadow.news(at_once=True)


def refused(plan: ShadowPlan) -> Message | None:
    """Say why there is nothing to compare, ``None`` when there is."""
    if plan.candidate.revision != plan.live.revision:
        return None
    return say(
        "{revision} of “{name}” is the revision in use. Choose another one for shadow mode.",
        revision=f"r{plan.live.revision:04d}",
        name=plan.live.name,
    )


def _cannot(candidate: int, why: Message) -> Message:
    return say(
        "{revision} does not judge in the shadow: {reason} The line is not affected.",
        revision=f"r{candidate:04d}",
        reason=why,
    )


def _again(inspected: InspectedPart) -> CapturedImage:
    """Return the part's picture as the line got it."""
    record = inspected.record
    return CapturedImage(1, inspected.frame, record.when, 0.0, record.source, item=record.item)


def _small(frame: Frame) -> bytes:
    """Return a small JPEG of a picture."""
    height, width = frame.pixels.shape[:2]
    scale = PICTURE_SIDE / max(height, width)
    pixels = frame.pixels
    if scale < 1:
        pixels = resize_area(pixels, max(1, round(height * scale)), max(1, round(width * scale)))
    return encode_jpeg(pixels, _QUALITY)
