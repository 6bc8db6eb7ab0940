"""Verdict panel: which verdict a machine sees, and whether it is new to it."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.outputs.base import QUEUE, NumberedRecord
from deeprx_gui.outputs.commands import ReceiverCommands


@dataclass(frozen=True)
class PanelView:
    """What is shown at one instant.

    ``told`` is ``None`` before the first verdict; ``sequence`` is then that of the last run.
    ``busy``: an accepted trigger has no verdict here yet. ``valid``: the verdict is new to the
    machine. ``is_old``: a trigger was accepted since. ``age`` of the picture in seconds, ``None``
    where there was none to judge.
    """

    status: LineStatus
    told: NumberedRecord | None
    sequence: int
    busy: bool
    valid: bool
    is_old: bool
    age: float | None


class VerdictPanel:
    """The newest verdict until another takes its place; from any thread.

    With ``ack`` a verdict stays until the machine has acknowledged it, and those after it wait
    here.
    """

    def __init__(self, commands: ReceiverCommands, *, ack: bool) -> None:
        self._status = commands.status
        self._ack = ack
        self._lock = threading.Lock()
        self._waiting: deque[NumberedRecord] = deque(maxlen=QUEUE)
        self._told: NumberedRecord | None = None
        self._sequence = commands.sequence
        self._answered = commands.status().answered
        self._accepted_then = 0
        self._accepted_at: dict[int, int] = {}
        self._acknowledged = self._acknowledging = False
        self._shown_at = (0.0, 0.0)

    def tell(self, told: NumberedRecord) -> None:
        """Show a verdict, as soon as the one before it is acknowledged where that is wanted."""
        with self._lock:
            if self._told is not None and told.sequence == self._told.sequence:
                return  # it is told again after the connection broke
            if self._waiting and told.sequence <= self._waiting[-1].sequence:
                return
            self._waiting.append(told)
            if not told.trigger:
                self._accepted_at[told.sequence] = self._status().counts.accepted
            self._go_on()

    def acknowledge(self) -> None:
        """The machine has taken the verdict: the next one, if any."""
        with self._lock:
            self._acknowledged = self._acknowledging = True

    def release(self) -> None:
        """The machine has taken its acknowledgement back: the next verdict, if any."""
        with self._lock:
            self._acknowledging = False
            self._go_on()

    def forget(self) -> None:
        """Show that there is no verdict yet: the connection is new."""
        with self._lock:
            if self._ack and self._told is not None and not self._acknowledged:
                self._waiting.appendleft(self._told)
                self._accepted_at[self._told.sequence] = self._accepted_then
                self._sequence = self._told.sequence - 1
            self._told, self._acknowledged, self._acknowledging = None, False, False

    def go_on(self) -> None:
        """Show what waits, where nothing stands before it."""
        with self._lock:
            self._go_on()

    def view(self) -> PanelView:
        """Return all that is shown now, of one instant."""
        with self._lock:
            return self._view()

    def _go_on(self) -> None:
        while self._waiting and not (self._ack and self._is_held()):
            self._show(self._waiting.popleft())

    def _is_held(self) -> bool:
        """Say whether the machine has still to take what is shown, or to end acknowledging."""
        return self._acknowledging or (self._told is not None and not self._acknowledged)

    def _show(self, told: NumberedRecord) -> None:
        self._told, self._sequence = told, told.sequence
        self._answered = max(self._answered, told.trigger)
        self._acknowledged = False
        # however late it is shown: a trigger since the one it answers makes it old
        self._accepted_then = told.trigger or self._accepted_at.get(told.sequence, 0)
        for past in [number for number in self._accepted_at if number <= told.sequence]:
            del self._accepted_at[past]
        taken = (datetime.now(UTC) - told.record.utc).total_seconds()
        self._shown_at = (time.monotonic(), taken)

    def _view(self) -> PanelView:
        status = self._status()
        is_old = status.counts.accepted > self._accepted_then
        valid = self._told is not None and not self._acknowledged
        if not self._ack:
            valid = valid and not is_old
        # a verdict that was told but is not shown here yet is still being worked on
        busy = status.busy or status.answered > self._answered
        return PanelView(status, self._told, self._sequence, busy, valid, is_old, self._age())

    def _age(self) -> float | None:
        if self._told is None or self._told.record.error is not None:
            return None
        since, taken = self._shown_at
        return taken + time.monotonic() - since
