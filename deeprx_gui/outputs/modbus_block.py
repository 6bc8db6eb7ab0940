"""The registers a PLC sees: the map of ``docs/outputs.md`` as code."""

from __future__ import annotations

import math
from dataclasses import dataclass

from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.base import NumberedRecord

MAP_VERSION = 1
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

HEARTBEAT = 1
"""Counts every second while the inspection runs; with the register after it, the living part."""
STATUS = 2
VERDICT = 3
"""Where the part that changes with a verdict begins."""
SEQUENCE = 20
"""Counts verdicts, 32 bits; written after everything else."""
LENGTH = 22


@dataclass(frozen=True)
class RegisterBlock:
    """The newest verdict and the counters as registers; ``None``: no verdict yet."""

    told: NumberedRecord | None = None
    high_word_first: bool = True

    def verdict_registers(self) -> list[int]:
        """Return registers ``VERDICT`` .. ``SEQUENCE - 1``."""
        if self.told is None:
            return [0, NO_SCORE, *[0] * (SEQUENCE - VERDICT - 2)]
        record, counts = self.told.record, self.told.counts
        counters = (
            counts.total,
            counts.ok,
            counts.review,
            counts.ng,
            counts.error,
            record.number,
        )
        return [
            CODES[record.verdict],
            _thousandths(record.times),
            min(record.revision, 0xFFFF),
            sum(CAUSE_BITS[cause] for cause in set(record.causes)),
            _whole(record.milliseconds),
            *(word for counter in counters for word in self._two_words(counter)),
        ]

    def sequence_registers(self) -> list[int]:
        """Return registers ``SEQUENCE`` and the one after it."""
        return self._two_words(self.told.sequence if self.told is not None else 0)

    def registers(self, heartbeat: int, *, running: bool) -> list[int]:
        """Return all ``LENGTH`` registers."""
        living = [heartbeat & 0xFFFF, int(running)]
        return [MAP_VERSION, *living, *self.verdict_registers(), *self.sequence_registers()]

    def bits(self, *, running: bool) -> int:
        """Return the discrete inputs: running, then one for each verdict word."""
        code = CODES[self.told.record.verdict] if self.told is not None else 0
        return int(running) | (1 << code if code else 0)

    def _two_words(self, value: int) -> list[int]:
        words = [value >> 16 & 0xFFFF, value & 0xFFFF]
        return words if self.high_word_first else words[::-1]


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
    """Score as thousandths of the limit; 65534 also stands for everything above."""
    return min(round(max(times, 0.0) * 1000), NO_SCORE - 1) if math.isfinite(times) else NO_SCORE


def _whole(value: float) -> int:
    return min(round(max(value, 0.0)), 0xFFFF) if math.isfinite(value) else 0xFFFF
