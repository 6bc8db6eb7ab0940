"""The registers a PLC sees: the map of ``docs/outputs.md`` as code."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.base import NumberedRecord

CODES = {Verdict.OK: 1, Verdict.REVIEW: 2, Verdict.NG: 3, Verdict.ERROR: 4}
"""Register 3; 0 means that there was no verdict yet."""
CAUSE_BITS = {
    Cause.DARK: 1,
    Cause.BRIGHT: 2,
    Cause.BLURRED: 4,
    Cause.SHIFTED: 8,
    Cause.FROZEN: 16,
    Cause.DIRT: 32,
    Cause.PAGES: 64,
    Cause.TRANSPARENT: 128,
    Cause.RANGE: 256,
    Cause.SIZE: 512,
    Cause.COLOUR: 1024,
}
NO_SCORE = 0xFFFF
"""Register 4 when there is no score (ERROR, or no verdict yet)."""
NONE_YET = (0, NO_SCORE)
"""Registers 3 and 4 while there is no verdict."""

HEARTBEAT = 1
"""Counts every second while the inspection runs; with the register after it, the living part."""
STATUS = 2
VERDICT = 3
"""Where the part that changes with a verdict begins."""
SEQUENCE = 20
"""Counts verdicts, 32 bits; written after everything else."""
LENGTH = 22
"""Registers of map version 1."""

STATE = 22
"""Bits of the line's state; with the counters after it, the living part of map version 2."""
PART = 32
"""The part that changes with a verdict, of map version 2."""
SERIAL_BYTES = 32
FULL_LENGTH = PART + 3 + SERIAL_BYTES // 2
"""Registers of map version 2."""
NO_AGE = 0xFFFF


@dataclass(frozen=True)
class RegisterBlock:
    """The newest verdict and the counters as registers; ``None``: no verdict yet.

    ``sequence``: what is shown until there is one. ``blank``: a trigger has come since, so verdict
    and score show none. ``version``: of the map. ``in_limit``: the score is in thousandths of the
    review limit in use, instead of the suggested one.
    """

    told: NumberedRecord | None = None
    high_word_first: bool = True
    sequence: int = 0
    blank: bool = False
    version: int = 1
    in_limit: bool = False

    def verdict_registers(self) -> list[int]:
        """Return registers ``VERDICT`` .. ``SEQUENCE - 1``."""
        if self.told is None:
            return [*NONE_YET, *[0] * (SEQUENCE - VERDICT - 2)]
        record, counts = self.told.record, self.told.counts
        times = record.score / record.limits.review if self.in_limit else record.times
        counters = (
            counts.total,
            counts.ok,
            counts.review,
            counts.ng,
            counts.error,
            record.number,
        )
        return [
            *(NONE_YET if self.blank else (CODES[record.verdict], _thousandths(times))),
            min(record.revision, 0xFFFF),
            sum(CAUSE_BITS[cause] for cause in set(record.causes)),
            _whole(record.milliseconds),
            *(word for counter in counters for word in self._two_words(counter)),
        ]

    def sequence_registers(self) -> list[int]:
        """Return registers ``SEQUENCE`` and the one after it."""
        return self._two_words(self.told.sequence if self.told is not None else self.sequence)

    def registers(self, heartbeat: int, *, running: bool) -> list[int]:
        """Return all ``LENGTH`` registers."""
        living = [heartbeat & 0xFFFF, int(running)]
        return [self.version, *living, *self.verdict_registers(), *self.sequence_registers()]

    def state_registers(self, status: LineStatus, *, busy: bool, valid: bool) -> list[int]:
        """Return registers ``STATE`` .. ``PART - 1``."""
        flags = (
            status.running,
            status.ready,
            busy,
            valid,
            status.source_away,
            status.records_blocked,
            status.awaits_person,
        )
        bits = sum(1 << place for place, is_set in enumerate(flags) if is_set)
        counts = status.counts
        counters = (counts.accepted, counts.refused, counts.missed, counts.bounced)
        words = (word for counter in counters for word in self._two_words(counter))
        return [bits, min(status.waiting, 0xFFFF), *words]

    def part_registers(self, age: float | None) -> list[int]:
        """Return registers ``PART`` .. ``FULL_LENGTH - 1``; ``age`` of the picture in seconds."""
        told = self.told
        if told is None or self.blank:
            return [0, 0, NO_AGE, *[0] * (SERIAL_BYTES // 2)]
        milliseconds = NO_AGE if age is None else min(round(max(age, 0.0) * 1000), NO_AGE - 1)
        return [*self._two_words(told.trigger), milliseconds, *serial_registers(told.record.serial)]

    def bits(self, *, running: bool) -> int:
        """Return the discrete inputs: running, then one for each verdict word."""
        shown = self.told is not None and not self.blank
        code = CODES[self.told.record.verdict] if shown and self.told is not None else 0
        return int(running) | (1 << code if code else 0)

    def _two_words(self, value: int) -> list[int]:
        words = [value >> 16 & 0xFFFF, value & 0xFFFF]
        return words if self.high_word_first else words[::-1]


def serial_registers(serial: str) -> list[int]:
    """Return the first 32 bytes of a serial in UTF-8, two to a register, the first one high."""
    data = serial.encode("utf-8", "replace")
    if len(data) > SERIAL_BYTES:  # no half character
        data = data[:SERIAL_BYTES].decode("utf-8", "ignore").encode("utf-8")
    data = data.ljust(SERIAL_BYTES, b"\0")
    return [data[n] << 8 | data[n + 1] for n in range(0, SERIAL_BYTES, 2)]


class Heartbeat:
    """Counts whole seconds during which the inspection ran; stands still otherwise."""

    def __init__(self, now: float) -> None:
        """Begin at ``now``, a monotonic clock in seconds."""
        self._ran = 0.0
        self._before = now

    def at(self, now: float, *, running: bool) -> int:
        """Return the count at ``now``; ``running`` says how the time since the last call was."""
        if running:
            self._ran += max(0.0, now - self._before)
        self._before = now
        return int(self._ran) & 0xFFFF


def _thousandths(times: float) -> int:
    """Score as thousandths of a limit; 65534 also stands for everything above."""
    return min(round(max(times, 0.0) * 1000), NO_SCORE - 1) if math.isfinite(times) else NO_SCORE


def _whole(value: float) -> int:
    return min(round(max(value, 0.0)), 0xFFFF) if math.isfinite(value) else 0xFFFF
