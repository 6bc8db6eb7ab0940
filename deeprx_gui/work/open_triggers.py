"""Open triggers: each belongs to the part that lay there when it came, and to no later one.

A picture answers a trigger when it was taken after it, within ``answer_within``, and before the
next trigger came: from then on another part lies there, also when that trigger was refused.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from deeprx_gui.domain.line_status import TriggerAnswer, TriggerCounts
from deeprx_gui.domain.message import Message, say

_ORIGINS = 64
"""So many sources of triggers are remembered for ``gap``; the oldest is forgotten."""
_BURST = 0.03
"""Seconds within which triggers from several places are meant for the same part."""


@dataclass(frozen=True)
class TriggerTiming:
    """The rules of a station, in seconds; ``most`` triggers are open at a time."""

    answer_within: float = 2.0
    gap: float = 0.03
    most: int = 8


@dataclass
class OpenTrigger:
    """An accepted trigger without a picture.

    ``moment``, ``until``: the clock's seconds; a picture taken at ``until`` or later shows another
    part. ``number`` counts the accepted triggers from 1.
    """

    number: int
    serial: str
    moment: float
    until: float = math.inf


class OpenTriggers:
    """The triggers of one run. Not locked: whoever holds one locks.

    ``blocked`` says why no trigger can be answered now, if so. ``counts``: those of the runs
    before.
    """

    def __init__(
        self,
        timing: TriggerTiming,
        blocked: Callable[[], Message | None],
        *,
        counts: TriggerCounts | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._timing, self._blocked, self._clock = timing, blocked, clock
        self.counts = counts or TriggerCounts()
        self.answered = 0
        self.waiting = 0
        self.problem: Message | None = None
        self._without_picture: deque[OpenTrigger] = deque()
        self._latest: dict[str, tuple[float, str]] = {}

    @property
    def most(self) -> int:
        return self._timing.most

    def press(self, serial: str, origin: str) -> TriggerAnswer:
        """Accept a trigger or say why not; what bounces is answered like the one it repeats.

        Without an ``origin`` every call is a trigger of its own.
        """
        now = self._clock()
        before = self._latest.get(origin) if origin else None
        if before is not None and now - before[0] < self._timing.gap:
            return self._too_soon(serial, before[1])
        self._another_part(now)
        problem = self._blocked() or self._full()
        if problem is not None:
            return self._refuse(problem)  # what follows at once is no bounce: it asks again
        if origin:
            self._latest.pop(origin, None)
            self._latest[origin] = (now, serial)
            if len(self._latest) > _ORIGINS:
                del self._latest[next(iter(self._latest))]
        self.counts = replace(self.counts, accepted=self.counts.accepted + 1)
        self.waiting += 1
        self._without_picture.append(OpenTrigger(self.counts.accepted, serial, now))
        return TriggerAnswer(number=self.counts.accepted)

    def newest(self) -> OpenTrigger:
        """Take out the trigger that was just accepted: its picture is there already."""
        return self._without_picture.pop()

    def _too_soon(self, serial: str, before: str) -> TriggerAnswer:
        if serial and serial != before:  # no bounce: another part is named, so this must be said
            return self._refuse(
                say(
                    "another trigger came less than {milliseconds} ms before",
                    milliseconds=round(self._timing.gap * 1000),
                )
            )
        self.counts = replace(self.counts, bounced=self.counts.bounced + 1)
        return TriggerAnswer()

    def _refuse(self, problem: Message) -> TriggerAnswer:
        self.counts = replace(self.counts, refused=self.counts.refused + 1)
        self.problem = problem
        return TriggerAnswer(problem)

    def _full(self) -> Message | None:
        if self.waiting < self.most:
            return None
        return say("{most} triggers wait for their verdict already", most=self.most)

    def _another_part(self, now: float) -> None:
        """From now on pictures show the part of this trigger, but for a burst."""
        burst = min(self._timing.gap, _BURST)
        for trigger in self._without_picture:
            if now - trigger.moment > burst:
                trigger.until = min(trigger.until, now)

    def claim(self, moment: float) -> tuple[OpenTrigger | None, list[OpenTrigger]]:
        """Return the trigger that a picture taken at ``moment`` answers, and those it misses."""
        missed: list[OpenTrigger] = []
        while self._without_picture and self._without_picture[0].moment <= moment:
            trigger = self._without_picture.popleft()
            in_time = moment - trigger.moment <= self._timing.answer_within
            if in_time and moment < trigger.until:
                return trigger, missed
            missed.append(self._missed(trigger))
        return None, missed

    def expired(self) -> list[OpenTrigger]:
        """Take out those whose time is over."""
        end = self._clock() - self._timing.answer_within
        gone = []
        while self._without_picture and self._without_picture[0].moment < end:
            gone.append(self._missed(self._without_picture.popleft()))
        return gone

    def all_missed(self) -> list[OpenTrigger]:
        """Take out all that have no picture: no more will come."""
        gone = [self._missed(trigger) for trigger in self._without_picture]
        self._without_picture.clear()
        return gone

    def _missed(self, trigger: OpenTrigger) -> OpenTrigger:
        self.counts = replace(self.counts, missed=self.counts.missed + 1)
        return trigger

    def answer(self, number: int) -> None:
        """Note that the verdict of a trigger was told."""
        self.waiting = max(0, self.waiting - 1)
        self.answered = max(self.answered, number)
