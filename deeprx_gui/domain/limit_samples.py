"""Limit samples (限度見本): parts on the border that the program has to judge as agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import Verdict

MOST_SAMPLES: Final = 24
MOST_NOTE: Final = 500
"""Characters of a note."""
EXPECTED: Final = (Verdict.OK, Verdict.NG)
"""What may be expected of a limit sample."""


@dataclass(frozen=True, eq=False)
class LimitSample:
    """A picture kept inside the profile, lossless, and the verdict that it has to get.

    ``png`` holds the encoded pixels (empty where only a glance was taken at the file); ``who`` and
    ``when`` say who kept it.
    """

    name: str
    expected: Verdict
    note: str
    png: bytes
    who: str
    when: datetime

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from the others, but for its pixels."""
        return (self.name, self.expected, self.note, self.who, self.when)


class SampleRule(StrEnum):
    """When a station asks for the limit samples before it inspects."""

    OFF = "off"
    START = "start"
    HOURS = "hours"


class SampleWay(StrEnum):
    """How a limit sample is judged: its stored picture, or the part itself before the camera."""

    REPLAYED = "replayed"
    SHOWN = "shown"


@dataclass(frozen=True)
class SampleResult:
    """What one limit sample got; ``times`` is × the suggested limit, NaN where there is no score.

    ``error``: why there is none.
    """

    name: str
    expected: Verdict
    verdict: Verdict
    times: float
    note: str = ""
    error: Message | None = None

    @property
    def passed(self) -> bool:
        return as_expected(self.expected, self.verdict)


def as_expected(expected: Verdict, verdict: Verdict) -> bool:
    """Say whether a limit sample got what was agreed.

    A part that has to pass must be OK. One that has to be stopped may be NG or REVIEW: a person
    looks at both. An ERROR is never what was agreed.
    """
    if expected is Verdict.OK:
        return verdict is Verdict.OK
    return verdict in (Verdict.NG, Verdict.REVIEW)


@dataclass(frozen=True)
class SampleRecord:
    """One line of the record: the samples were checked, or an engineer released the line.

    ``released``: the reason of a release, empty for a check. ``number`` counts the lines from 1.
    """

    when: datetime
    profile_id: str
    profile: str
    revision: int
    station: str
    station_id: str
    operator: str
    way: SampleWay = SampleWay.REPLAYED
    results: tuple[SampleResult, ...] = ()
    released: str = ""
    runtime: str = ""
    number: int = 0

    @property
    def passed(self) -> bool:
        """Whether every sample got what was agreed; a release passed nothing."""
        return bool(self.results) and all(result.passed for result in self.results)

    @property
    def opens(self) -> bool:
        """Whether the line may inspect after this."""
        return bool(self.released) or self.passed

    @property
    def sentence(self) -> Message:
        """What came of it."""
        if self.released:
            return say("Released by an engineer: {reason}", reason=self.released)
        wrong = sum(not result.passed for result in self.results)
        if not self.results:
            return say("There was no limit sample to check.")
        if wrong:
            return say_n(
                "{n} limit sample was not judged as agreed.",
                "{n} limit samples were not judged as agreed.",
                n=wrong,
            )
        return say_n(
            "{n} limit sample was judged as agreed.",
            "{n} limit samples were judged as agreed.",
            n=len(self.results),
        )


@dataclass(frozen=True)
class SampleDemand:
    """What a station asks for: when, how, and every how many hours."""

    rule: SampleRule = SampleRule.OFF
    way: SampleWay = SampleWay.REPLAYED
    hours: float = 8.0


@dataclass(frozen=True)
class SampleDuty:
    """Whether the samples are to be checked before the line inspects, and why."""

    due: bool
    why: Message | None = None
    missing: bool = False
    """There are none in the profile, though the station asks for them."""


NO_SAMPLES: Final = say(
    "This station asks for limit samples, but the product has none. Keep some on the page Check "
    "(“Limit sample”), or let an engineer release the line."
)
_NOT_DUE = SampleDuty(due=False)


@dataclass(frozen=True)
class _Case:
    profile_id: str
    revision: int
    station_id: str
    records: Sequence[SampleRecord] = field(default_factory=tuple)

    @property
    def latest(self) -> SampleRecord | None:
        ours = (
            record
            for record in self.records
            if (record.profile_id, record.revision, record.station_id)
            == (self.profile_id, self.revision, self.station_id)
        )
        return max(ours, key=lambda record: record.when, default=None)


def duty(
    demand: SampleDemand,
    *,
    profile_id: str,
    revision: int,
    station_id: str,
    samples: int,
    records: Sequence[SampleRecord],
    begun: datetime,
    now: datetime,
) -> SampleDuty:
    """Say whether the limit samples of a revision are due on a station.

    What counts is the latest record of this very revision on this station: a newer revision has
    to prove itself. ``begun``: when the program was started; ``samples``: how many there are.
    """
    if demand.rule is SampleRule.OFF:
        return _NOT_DUE
    latest = _Case(profile_id, revision, station_id, records).latest
    failed = latest is not None and not latest.opens
    since = begun if demand.rule is SampleRule.START else None
    if latest is not None and latest.opens:
        age = (now - latest.when).total_seconds()
        fresh = latest.when >= since if since is not None else 0 <= age < demand.hours * 3600
        if fresh:
            return _NOT_DUE
    if not samples:
        return SampleDuty(due=True, why=NO_SAMPLES, missing=True)
    if failed and latest is not None:
        return SampleDuty(due=True, why=latest.sentence)
    if demand.rule is SampleRule.HOURS and latest is not None:
        return SampleDuty(
            due=True,
            why=say(
                "The limit samples were checked more than {hours:g} hours ago.", hours=demand.hours
            ),
        )
    return SampleDuty(due=True, why=say("The limit samples have not been checked yet."))
