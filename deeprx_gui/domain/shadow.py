"""Shadow mode: another revision judges the same parts silently, and is then put in use or dropped.

Scores are × the suggested limit of the revision that gave them. "Stopped" is REVIEW, NG or ERROR:
a part that does not simply pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import Verdict

Pair = tuple[Verdict, Verdict]
"""What the revision in use said, and what the candidate said."""


class TrialState(StrEnum):
    """How a trial of a candidate stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    PROMOTED = "promoted"
    DROPPED = "dropped"


class Side(StrEnum):
    """How a candidate differs from the revision in use about one part."""

    STRICTER = "stricter"
    LOOSER = "looser"
    OTHERWISE = "otherwise"


def side_of(live: Verdict, candidate: Verdict) -> Side | None:
    """Say how the candidate differs; ``None`` when both said the same."""
    if live is candidate:
        return None
    if live is Verdict.OK:
        return Side.STRICTER
    return Side.LOOSER if candidate is Verdict.OK else Side.OTHERWISE


@dataclass(frozen=True, eq=False)
class ShadowPart:
    """One part that both judged; times are NaN where there is no score.

    ``uid`` and ``number`` name its verdict in the store. ``milliseconds``: what the candidate took.
    ``picture``: a small JPEG, only of parts about which they differ; empty when not kept any more.
    """

    uid: str
    number: int
    when: datetime
    serial: str
    source: str
    live_revision: int
    live: Verdict
    live_times: float
    candidate: Verdict
    candidate_times: float
    milliseconds: float
    picture: bytes = b""

    @property
    def side(self) -> Side | None:
        return side_of(self.live, self.candidate)


@dataclass(frozen=True)
class DecidedParts:
    """What people decided about parts on which the two differ: whose mistake each was.

    A false call is a good part stopped, a miss a bad part let through.
    """

    parts: int = 0
    live_false_calls: int = 0
    live_misses: int = 0
    candidate_false_calls: int = 0
    candidate_misses: int = 0

    @property
    def sentence(self) -> Message:
        if not self.parts:
            return say(
                "Nobody has decided about any of these parts yet. Decide about some, and it shows "
                "which revision is right."
            )
        return say_n(
            "Of these parts people decided about {n}. In use: false calls {live_false}, "
            "misses {live_missed}. Candidate: false calls {false}, misses {missed}.",
            "Of these parts people decided about {n}. In use: false calls {live_false}, "
            "misses {live_missed}. Candidate: false calls {false}, misses {missed}.",
            n=self.parts,
            live_false=self.live_false_calls,
            live_missed=self.live_misses,
            false=self.candidate_false_calls,
            missed=self.candidate_misses,
        )


def decided_parts(found: Iterable[tuple[ShadowPart, Decision | None]]) -> DecidedParts:
    """Count whose mistakes the decided parts show."""
    counts = dict.fromkeys(("parts", "live_false", "live_missed", "false", "missed"), 0)
    for part, decision in found:
        if decision is None:
            continue
        counts["parts"] += 1
        good = decision is Decision.OK
        for verdict, false, missed in (
            (part.live, "live_false", "live_missed"),
            (part.candidate, "false", "missed"),
        ):
            passed = verdict is Verdict.OK
            counts[false] += good and not passed
            counts[missed] += not good and passed
    return DecidedParts(*counts.values())


@dataclass(frozen=True)
class ShadowTrial:
    """One candidate on trial, or that was: the counts hold for all its parts.

    ``pairs``: how many parts got which two verdicts; ``skipped``: parts the candidate was too slow
    for. ``live_revisions``: those that were in use meanwhile. ``why`` is the reason of its
    beginning, ``ended_why`` that of its end.
    """

    number: int
    profile_id: str
    profile: str
    candidate: int
    state: TrialState
    begun: datetime
    who: str
    why: str = ""
    ended: datetime | None = None
    ended_by: str = ""
    ended_why: str = ""
    skipped: int = 0
    pairs: Mapping[Pair, int] = field(default_factory=dict)
    live_revisions: tuple[int, ...] = ()

    @property
    def compared(self) -> int:
        return sum(self.pairs.values())

    def on_side(self, side: Side | None) -> int:
        """Return how many parts they differ about in this way; ``None``: agree about."""
        return sum(n for pair, n in self.pairs.items() if side_of(*pair) is side)

    @property
    def differing(self) -> int:
        return self.compared - self.on_side(None)

    @property
    def sentence(self) -> Message:
        """What the trial has shown so far."""
        if not self.compared:
            return say("No part was judged by both revisions yet.")
        sides = say_n(
            "{n} part judged by both: {stricter} passed in use and stopped by the candidate, "
            "{looser} stopped in use and passed by the candidate.",
            "{n} parts judged by both: {stricter} passed in use and stopped by the candidate, "
            "{looser} stopped in use and passed by the candidate.",
            n=self.compared,
            stricter=self.on_side(Side.STRICTER),
            looser=self.on_side(Side.LOOSER),
        )
        otherwise = self.on_side(Side.OTHERWISE)
        if not otherwise:
            return sides
        more = say_n(
            "{n} more was stopped by both, with another verdict.",
            "{n} more were stopped by both, with another verdict.",
            n=otherwise,
        )
        return say("{first} {second}", first=sides, second=more)

    @property
    def skipped_sentence(self) -> Message | None:
        """What was left out, ``None`` where nothing was."""
        return skipped_words(self.skipped)


def skipped_words(skipped: int) -> Message | None:
    """Say how many parts a candidate was too slow for; ``None`` for none."""
    if not skipped:
        return None
    return say_n(
        "{n} part was not judged by the candidate as well: it is slower than the line. No verdict "
        "waited for it.",
        "{n} parts were not judged by the candidate as well: it is slower than the line. No "
        "verdict waited for it.",
        n=skipped,
    )


@dataclass(frozen=True)
class ShadowNews:
    """What a run tells of its shadow now and then; counts of this run, not of the whole trial.

    ``problem``: why the candidate does not judge, ``None`` while it does.
    """

    candidate: int
    compared: int = 0
    differing: int = 0
    skipped: int = 0
    milliseconds: float = 0.0
    problem: Message | None = None

    @property
    def sentence(self) -> Message:
        if self.problem is not None:
            return self.problem
        told = say_n(
            "Shadow: {n} part judged by the candidate as well, {differing} differently.",
            "Shadow: {n} parts judged by the candidate as well, {differing} differently.",
            n=self.compared,
            differing=self.differing,
        )
        skipped = skipped_words(self.skipped)
        return told if skipped is None else say("{first} {second}", first=told, second=skipped)


ENDED: Final = {
    TrialState.STOPPED: say("stopped"),
    TrialState.PROMOTED: say("put in use"),
    TrialState.DROPPED: say("dropped"),
    TrialState.RUNNING: say("on trial"),
}
"""How a trial stands, in a word."""
