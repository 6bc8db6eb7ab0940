"""The self-test: its checks and how each ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.message import Message


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One finished check; ``detail`` says what was found, or why it was skipped."""

    name: str
    title: Message
    state: State
    detail: Message
    seconds: float

    @property
    def ok(self) -> bool:
        return self.state is not State.FAILED


@dataclass(frozen=True)
class SelfTest:
    """All checks; ``ok`` when none failed."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)
