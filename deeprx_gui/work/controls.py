"""Thread-safe controls of a live run for the window, operators and PLCs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Protocol

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.line_status import LineStatus, TriggerAnswer, TriggerCounts
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage


class RunningFeed(Protocol):
    """What a running feed lets others do, from any thread."""

    def fire(self, serial: str = "", origin: str = "") -> TriggerAnswer:
        """Take the next fresh picture, or say why not."""
        ...

    def status(self) -> LineStatus:
        """Say how the triggers stand."""
        ...

    def set_serial(self, serial: str) -> None:
        """Give the next part a serial number."""
        ...

    def newest(self) -> CapturedImage | None:
        """Return the newest picture."""
        ...

    def rearm(self) -> None:
        """Take the scene as it is for the empty one."""
        ...


NOT_RUNNING = say("The inspection does not run. Start it first.")


@dataclass(frozen=True)
class DecisionAnswer:
    """What a person decided about the part that was waited for."""

    decision: Decision
    who: str
    note: str = ""


class LiveControls:
    """Held by whoever started a run; every method may be called from any thread, none waits.

    One for each run. What is asked before the run has opened its source does nothing, but for a
    serial number and ``stop``.
    """

    def __init__(self, counts: TriggerCounts | None = None) -> None:
        """``counts``: the triggers of the runs before this one."""
        self.counts_before = counts or TriggerCounts()
        self._unheard = 0  # triggers that came while no run was there
        self._changed = threading.Condition()
        self._feed: RunningFeed | None = None
        self._serial = ""
        self._stopping = False
        self._waiting = False
        self._said: DecisionAnswer | None = None

    # What a person does ---------------------------------------------------------------------

    def fire(self, serial: str = "", origin: str = "") -> TriggerAnswer:
        """Take the next fresh picture; the answer is false, and says why, when none is taken.

        ``origin``: where the trigger comes from, if it may bounce there.
        """
        with self._changed:
            feed = self._feed if not self._stopping else None
            if feed is None:
                self._unheard += 1
                return TriggerAnswer(NOT_RUNNING)
        return feed.fire(serial, origin)

    def status(self) -> LineStatus:
        """Say how the line stands; never waits for the run."""
        with self._changed:
            feed, asking, stopping = self._feed, self._waiting, self._stopping
            before, unheard = self.counts_before, self._unheard
        found = LineStatus(counts=before) if feed is None else feed.status()
        counts = replace(found.counts, refused=found.counts.refused + unheard)
        running = found.running and not stopping
        return replace(found, running=running, awaits_person=asking, counts=counts)

    @property
    def counts(self) -> TriggerCounts:
        """The triggers of this run and of those before it."""
        return self.status().counts

    def set_serial(self, serial: str) -> None:
        """Give the next part a serial number, as a scanner does that reads it beforehand."""
        with self._changed:
            if self._feed is None:
                self._serial = serial
            else:
                self._feed.set_serial(serial)

    def newest(self) -> CapturedImage | None:
        """Return the newest picture for the preview; the same again until a newer one is there."""
        feed = self._feed
        return None if feed is None else feed.newest()

    def rearm(self) -> None:
        """Tell "part arrives" that no part is in sight now."""
        if (feed := self._feed) is not None:
            feed.rearm()

    def stop(self) -> None:
        """End the run: what was triggered is judged, nothing more is taken."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def decide(self, decision: Decision, who: str, note: str = "") -> bool:
        """Say what the part that is waited for is; False when none is waited for."""
        with self._changed:
            if not self._waiting:
                return False
            self._waiting = False
            self._said = DecisionAnswer(decision, who, note)
            self._changed.notify_all()
            return True

    @property
    def stopping(self) -> bool:
        return self._stopping

    # What the run does ----------------------------------------------------------------------

    def attach(self, feed: RunningFeed) -> None:
        """Attach the feed of the current run."""
        with self._changed:
            self._feed = feed
            if self._serial:
                feed.set_serial(self._serial)
                self._serial = ""

    def detach(self) -> None:
        """The run has ended."""
        with self._changed:
            if self._feed is not None:
                self.counts_before = self._feed.status().counts
            self._feed = None
            self._waiting = False

    def ask(self) -> None:
        """Wait for a person's decision about a part."""
        with self._changed:
            self._waiting, self._said = True, None

    def answer(self) -> DecisionAnswer | None:
        """Return what was decided, once."""
        with self._changed:
            said, self._said = self._said, None
            return said

    def give_up_asking(self) -> None:
        """Stop waiting for a decision."""
        with self._changed:
            self._waiting = False

    def nap(self, seconds: float) -> None:
        """Wait for at most ``seconds``, or until a command arrives."""
        with self._changed:
            if self._said is None:
                self._changed.wait(seconds)
