"""Live items: what a live run tells beside verdicts and the state of its source.

Each replaces the last one of its kind; an empty one says that all is well again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deeprx_gui.domain.inspection import Cause, Record
from deeprx_gui.domain.line_status import TriggerCounts
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import Profile


@dataclass(frozen=True)
class HealthWarning:
    """What has been wrong with the picture for a while, not with the part.

    ``advice``: what to look at, one sentence for each cause.
    """

    causes: tuple[Cause, ...] = ()
    advice: tuple[Message, ...] = ()


@dataclass(frozen=True)
class TrendWarning:
    """Good parts come near the limit: over-detection will begin.

    ``now`` and ``learnt``: where the good parts lie and lay when the profile was learnt, in x
    limit. ``problem`` is ``None`` while there is nothing to fear.
    """

    now: float
    learnt: float
    problem: Message | None = None


@dataclass(frozen=True)
class CycleTime:
    """How long a part takes, over the last parts, in milliseconds.

    ``p50`` and ``p95`` from taking a picture up to its verdict on disk; ``latency_p95`` from the
    trigger, so with the time it waited. ``takt`` is the line's, ``None`` where none is given.
    ``late``: triggers come faster than verdicts. ``waiting``: triggered pictures in the queue.
    """

    p50: float
    p95: float
    latency_p95: float
    takt: float | None = None
    late: bool = False
    waiting: int = 0
    problem: Message | None = None


@dataclass(frozen=True)
class StorageTrouble:
    """A verdict cannot be recorded, so it is not shown and the line waits; tried again and again.

    ``problem`` is ``None`` once it was recorded after all.
    """

    problem: Message | None = None


@dataclass(frozen=True)
class AwaitingDecision:
    """The run holds until a person has decided about this part; ``None``: it goes on."""

    record: Record | None = None


@dataclass(frozen=True)
class DecisionTaken:
    """A person decided; ``record`` as it now stands in the store."""

    record: Record


@dataclass(frozen=True)
class RevisionChange:
    """The run goes on with this revision of its product, or not, and ``problem`` says why not."""

    profile: Profile
    problem: Message | None = None


@dataclass(frozen=True)
class TriggerTrouble:
    """Triggers were refused lately; ``problem`` is ``None`` once none has been for a while."""

    counts: TriggerCounts = field(default_factory=TriggerCounts)
    problem: Message | None = None
