"""PLC panel: which verdict a PLC sees, and whether it is new to it; the handshake of both roles."""

from __future__ import annotations

import threading
import time
from collections import deque
from datetime import UTC, datetime

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.outputs.base import QUEUE, NumberedRecord
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import RegisterBlock


class PlcPanel:
    """The newest verdict until another takes its place; from any thread.

    With ``ack`` a verdict stays until the PLC has acknowledged it, and those after it wait here.
    With ``blank`` a trigger that is accepted takes the old verdict away at once.
    """

    def __init__(self, options: Options, commands: ReceiverCommands, *, full: bool) -> None:
        self._status = commands.status
        self._ack, self._blank = options.switch("ack"), options.switch("blank")
        self._high_word_first = options.text("words") == "high"
        self._version = 2 if full else 1
        self._in_limit = options.text("scale") == "limit"
        self._lock = threading.Lock()
        self._waiting: deque[NumberedRecord] = deque(maxlen=QUEUE)
        self._told: NumberedRecord | None = None
        self._sequence = commands.sequence
        self._answered = commands.status().answered
        self._accepted_then = 0
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
            self._go_on()

    def acknowledge(self) -> None:
        """The PLC has taken the verdict: the next one, if any."""
        with self._lock:
            self._acknowledged = self._acknowledging = True

    def release(self) -> None:
        """The PLC has taken its acknowledgement back: the next verdict, if any."""
        with self._lock:
            self._acknowledging = False
            self._go_on()

    def forget(self) -> None:
        """Show that there is no verdict yet: the connection is new."""
        with self._lock:
            if self._ack and self._told is not None and not self._acknowledged:
                self._waiting.appendleft(self._told)
                self._sequence = self._told.sequence - 1
            self._told, self._acknowledged, self._acknowledging = None, False, False

    def go_on(self) -> None:
        """Show what waits, where nothing stands before it."""
        with self._lock:
            self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not (self._ack and self._is_held()):
            self._show(self._waiting.popleft())

    def _is_held(self) -> bool:
        """Say whether the PLC has still to take what is shown, or to end its acknowledgement."""
        return self._acknowledging or (self._told is not None and not self._acknowledged)

    def _show(self, told: NumberedRecord) -> None:
        self._told, self._sequence = told, told.sequence
        self._answered = max(self._answered, told.trigger)
        self._acknowledged = False
        self._accepted_then = self._status().counts.accepted
        taken = (datetime.now(UTC) - told.record.utc).total_seconds()
        self._shown_at = (time.monotonic(), taken)

    def block(self) -> RegisterBlock:
        """Return what is shown now."""
        with self._lock:
            return self._block(self._status())

    def registers(self, heartbeat: int, *, running: bool) -> list[int]:
        """Return the whole map of this version, all of one instant."""
        with self._lock:
            status = self._status()
            block = self._block(status)
            found = block.registers(heartbeat, running=running)
            if self._version > 1:
                found += [*self._state(block, status), *block.part_registers(self._age())]
            return found

    def state(self) -> list[int]:
        """Return the living registers of map version 2."""
        with self._lock:
            status = self._status()
            return self._state(self._block(status), status)

    def part(self) -> list[int]:
        """Return the registers of the part of map version 2."""
        with self._lock:
            return self._block(self._status()).part_registers(self._age())

    def _block(self, status: LineStatus) -> RegisterBlock:
        return RegisterBlock(
            self._told,
            self._high_word_first,
            self._sequence,
            blank=self._blank and self._is_old(status),
            version=self._version,
            in_limit=self._in_limit,
        )

    def _is_old(self, status: LineStatus) -> bool:
        """Say whether a trigger was accepted since this verdict was shown."""
        return status.counts.accepted > self._accepted_then

    def _state(self, block: RegisterBlock, status: LineStatus) -> list[int]:
        valid = self._told is not None and not self._acknowledged
        if not self._ack:
            valid = valid and not self._is_old(status)
        # a verdict that was told but is not shown here yet is still being worked on
        busy = status.busy or status.answered > self._answered
        return block.state_registers(status, busy=busy, valid=valid)

    def _age(self) -> float | None:
        """Return how old the picture is, ``None`` where there was none to judge."""
        if self._told is None or self._told.record.error is not None:
            return None
        since, taken = self._shown_at
        return taken + time.monotonic() - since
