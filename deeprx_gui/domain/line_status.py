"""Line status: how a live run stands, as a PLC, a broker and a person are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class TriggerCounts:
    """Triggers since the program started.

    ``accepted``: each gets exactly one verdict. ``refused``: those that nobody could answer.
    ``missed``: accepted ones whose verdict is the ERROR "no picture". ``bounced``: those that came
    within ``gap`` of the one before from the same source of triggers and count as the same one.
    """

    accepted: int = 0
    refused: int = 0
    missed: int = 0
    bounced: int = 0


@dataclass(frozen=True)
class LineStatus:
    """What is asked before a trigger is given, and after.

    ``waiting``: accepted triggers without a verdict, ``most``: more are refused. ``answered``: the
    number of the latest trigger whose verdict was told; the accepted ones count from 1.
    """

    running: bool = False
    source_away: bool = False
    records_blocked: bool = False
    awaits_person: bool = False
    waiting: int = 0
    most: int = 0
    answered: int = 0
    counts: TriggerCounts = TriggerCounts()

    @property
    def ready(self) -> bool:
        """Whether a trigger would be accepted now."""
        works = self.running and not self.source_away and not self.records_blocked
        return works and self.waiting < self.most

    @property
    def busy(self) -> bool:
        """Whether an accepted trigger has no verdict yet."""
        return self.waiting > 0


@dataclass(frozen=True)
class LineProduct:
    """A product that receivers may ask for; ``in_use``: what comes by now is judged with it."""

    id: str
    name: str
    revision: int
    saved_at: datetime | None = None
    in_use: bool = False


@dataclass(frozen=True)
class TriggerAnswer:
    """What became of a trigger; true when it was accepted, ``problem`` says why not.

    ``number``: what the accepted triggers were counted to, 0 for one that bounced or was refused.
    """

    problem: Message | None = None
    number: int = 0

    def __bool__(self) -> bool:
        return self.problem is None
