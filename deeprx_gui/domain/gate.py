"""Gate: what a new revision would have said to known parts, and whether it may be put in use.

Pure: the scores come from ``work.replay``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import percent

SURE = 0.05
"""A difference in false calls counts when chance alone would make one as large this rarely."""
TIMES_AS_MANY = 2
"""So many times the false calls of the revision in use are too many."""
MOST_NAMED = 3


class Truth(StrEnum):
    """What is known of a replayed part."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """A verdict, and the score as multiples of the revision's suggested limit (NaN: ERROR)."""

    verdict: Verdict
    times: float

    @property
    def stops(self) -> bool:
        """Whether the part would have been stopped: anything but OK."""
        return self.verdict is not Verdict.OK


@dataclass(frozen=True)
class ReplayedPart:
    """A known part judged by two revisions.

    ``must_find``: it is of the must-find set. ``number`` and ``uid``: its verdict in History (0 and
    empty: none), ``recorded``: that verdict. ``picture``: where its picture lies.
    """

    name: str
    truth: Truth
    before: Outcome
    after: Outcome
    must_find: bool = False
    number: int = 0
    uid: str = ""
    recorded: Verdict | None = None
    picture: str = ""

    @property
    def differs(self) -> bool:
        """Whether the two revisions say different words."""
        return self.before.verdict is not self.after.verdict

    @property
    def lost(self) -> bool:
        """Whether it is bad, was stopped before and would pass now."""
        return self.truth is Truth.BAD and self.before.stops and not self.after.stops


@dataclass(frozen=True)
class FalseCalls:
    """Good parts that would be stopped: by the revision in use and by the new one.

    ``only_before`` and ``only_after``: stopped by one of them alone. ``promised``: the share of
    good parts that the new revision's own promise allows to be stopped, ``None``: none was given.
    """

    parts: int
    before: int
    after: int
    only_before: int
    only_after: int
    promised: float | None

    @property
    def too_many(self) -> bool:
        """Whether they are at least doubled, surely, and more than the promise allows, surely.

        Surely: McNemar's exact test on the parts that only one revision stops, and a binomial test
        against the promise, both one-sided at ``SURE``. The second is needed because recent parts
        that passed were let pass by the revision in use: any other would stop a few of them.
        """
        if self.after < TIMES_AS_MANY * self.before or self.only_after == 0:
            return False
        changed = self.only_before + self.only_after
        if at_least(self.only_after, changed, 0.5) > SURE:
            return False
        return self.promised is None or at_least(self.after, self.parts, self.promised) <= SURE


def at_least(hits: int, trials: int, rate: float) -> float:
    """Return the chance of ``hits`` or more in ``trials`` of chance ``rate`` each, 0..1."""
    if hits <= 0:
        return 1.0
    if rate <= 0 or rate >= 1:
        return float(rate >= 1)
    hit, miss = math.log(rate), math.log1p(-rate)
    logs = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * hit + (trials - k) * miss
        for k in range(hits, trials + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(map(math.exp, logs)))


@dataclass(frozen=True)
class Replay:
    """Known parts judged by the revision in use and by another.

    ``golden``: the golden images of the revision in use that both can judge. ``gone``: parts of
    History whose picture is no longer kept; ``unreadable`` and ``unread_must_find``: pictures that
    could not be opened. ``impossible``: why the new revision cannot judge on this PC; ``alone``:
    why the one in use cannot, so that nothing could be compared; ``parts`` are the must-find set
    then, judged by the new one alone.
    """

    before: int
    after: int
    parts: tuple[ReplayedPart, ...] = ()
    golden: tuple[ReplayedPart, ...] = ()
    gone: int = 0
    unreadable: tuple[str, ...] = ()
    unread_must_find: tuple[str, ...] = ()
    impossible: Message | None = None
    alone: Message | None = None

    @property
    def must_find(self) -> tuple[ReplayedPart, ...]:
        """Those of the must-find set."""
        return tuple(part for part in self.parts if part.must_find)

    @property
    def recent(self) -> tuple[ReplayedPart, ...]:
        """Those of History."""
        return tuple(part for part in self.parts if not part.must_find)

    @property
    def different(self) -> tuple[ReplayedPart, ...]:
        """Those the two revisions say different words about."""
        return tuple(part for part in self.parts if part.differs)

    def false_calls(self, promised: float | None) -> FalseCalls:
        """Count the good parts of History that would be stopped."""
        good = [part for part in self.recent if part.truth is Truth.GOOD]
        before, after = ([p.before.stops for p in good], [p.after.stops for p in good])
        pairs = list(zip(before, after, strict=True))
        return FalseCalls(
            len(good), sum(before), sum(after),
            pairs.count((True, False)), pairs.count((False, True)), promised,
        )  # fmt: skip


class RefusalKind(StrEnum):
    """Why a revision is not put in use."""

    MUST_FIND = "must-find"
    UNREAD = "unread"
    BAD_PARTS = "bad-parts"
    FALSE_CALLS = "false-calls"
    GOLDEN = "golden"
    IMPOSSIBLE = "impossible"
    FAR_OUT = "far-out"


@dataclass(frozen=True)
class Refusal:
    """One reason against a revision, in plain words."""

    kind: RefusalKind
    text: Message


@dataclass(frozen=True)
class GateReport:
    """What was found; ``refusals``: why the revision is not put in use, empty: it may be.

    ``remarks``: what a person should know either way. ``before``: the revision it was compared
    with. ``overruled``: why an engineer puts it in use all the same.
    """

    replay: Replay
    calls: FalseCalls
    refusals: tuple[Refusal, ...] = ()
    remarks: tuple[Message, ...] = ()
    overruled: str = ""

    @property
    def before(self) -> int:
        """The revision in use when it was judged."""
        return self.replay.before

    @property
    def passed(self) -> bool:
        """Whether the revision may be put in use."""
        return not self.refusals or bool(self.overruled)

    def for_log(self) -> dict[str, object]:
        """Return what the product's log keeps: figures, reasons in English, who overruled why."""
        found: dict[str, object] = {
            "must_find": len(self.replay.must_find),
            "recent": len(self.replay.recent),
            "lost": sum(part.lost for part in self.replay.parts),
            "false_calls": [self.calls.before, self.calls.after],
        }
        if self.refusals:
            found["refused"] = [str(one.text) for one in self.refusals]
        if self.overruled:
            found["overruled"] = self.overruled
        return {"gate": found}


def promised_rate(profile: Profile) -> float | None:
    """Return the share of good parts that may be stopped, ``None`` where no limit promises it."""
    promise = profile.limits.review_promise
    return None if promise is None else promise.rate


def gate_report(
    replay: Replay, promised: float | None, further: Sequence[Refusal] = ()
) -> GateReport:
    """Judge a new revision by what it would have said; ``further``: other reasons against it."""
    calls = replay.false_calls(promised)
    found = [*further]
    if replay.impossible is not None:
        found.append(Refusal(RefusalKind.IMPOSSIBLE, replay.impossible))
    lost = [part for part in replay.must_find if part.lost]
    if lost:
        text = say_n(
            "{n} of {all} pictures of the must-find set would pass now: {names}.",
            "{n} of {all} pictures of the must-find set would pass now: {names}.",
            n=len(lost),
            all=len(replay.must_find),
            names=named(lost),
        )
        found.append(Refusal(RefusalKind.MUST_FIND, text))
    if replay.unread_must_find:
        text = say_n(
            "{n} picture of the must-find set could not be opened, so nobody knows whether its "
            "defect would still be found: {names}. If it is lost, remove it from the set.",
            "{n} pictures of the must-find set could not be opened, so nobody knows whether their "
            "defects would still be found: {names}. If they are lost, remove them from the set.",
            n=len(replay.unread_must_find),
            names=named(replay.unread_must_find),
        )
        found.append(Refusal(RefusalKind.UNREAD, text))
    gone = [part for part in replay.recent if part.lost]
    if gone:
        text = say_n(
            "{n} part that a person called NG was stopped and would pass now: {names}.",
            "{n} parts that a person called NG were stopped and would pass now: {names}.",
            n=len(gone),
            names=named(gone),
        )
        found.append(Refusal(RefusalKind.BAD_PARTS, text))
    if calls.too_many:
        found.append(Refusal(RefusalKind.FALSE_CALLS, _called(calls)))
    stopped = [p for p in replay.golden if p.after.stops and not p.before.stops]
    if len(stopped) == len(replay.golden) > 1:
        text = say(
            "All golden images of the revision in use, which show good parts, would be stopped."
        )
        found.append(Refusal(RefusalKind.GOLDEN, text))
    return GateReport(replay, calls, tuple(found), tuple(_remarks(replay, calls)))


def named(parts: Sequence[ReplayedPart | str]) -> str:
    """Name the first few."""
    few = parts[:MOST_NAMED]
    names = ", ".join(part if isinstance(part, str) else part.name for part in few)
    return f"{names} …" if len(parts) > MOST_NAMED else names


def _called(calls: FalseCalls) -> Message:
    if calls.promised is None:
        return say(
            "Of {parts} recent good parts {after} would be stopped, now it is {before}. So many "
            "more cannot be chance (less than {sure} %).",
            parts=calls.parts,
            after=calls.after,
            before=calls.before,
            sure=round(100 * SURE),
        )
    return say(
        "Of {parts} recent good parts {after} would be stopped, now it is {before}; promised are "
        "about {promised} of 100. So many more cannot be chance (less than {sure} %).",
        parts=calls.parts,
        after=calls.after,
        before=calls.before,
        promised=percent(calls.promised),
        sure=round(100 * SURE),
    )


def _remarks(replay: Replay, calls: FalseCalls) -> list[Message]:
    if replay.alone is not None and replay.must_find:
        text = say(
            "The revision in use cannot judge on this PC, so nothing could be compared: the new "
            "one alone judged the must-find set. {reason}",
            reason=replay.alone,
        )
        return [text]
    if replay.alone is not None:
        text = say(
            "The revision in use cannot judge on this PC, so nothing could be compared. {reason}",
            reason=replay.alone,
        )
        return [text]
    if replay.impossible is not None:
        return []
    remarks = []
    if not replay.must_find and not replay.unread_must_find:
        remarks.append(
            say(
                "The must-find set is empty: nobody knows whether known defects would still be "
                "found. Say “Missed” to pictures of bad parts to fill it."
            )
        )
    missed = [part for part in replay.must_find if not part.after.stops and not part.lost]
    if missed:
        remarks.append(
            say_n(
                "{n} picture of the must-find set passes before and after: {names}.",
                "{n} pictures of the must-find set pass before and after: {names}.",
                n=len(missed),
                names=named(missed),
            )
        )
    if not replay.recent:
        remarks.append(
            say("No recent part of History could be judged again: none of their pictures is kept.")
        )
    if replay.gone:
        remarks.append(
            say_n(
                "The picture of {n} recent part is no longer kept; it was left out.",
                "The pictures of {n} recent parts are no longer kept; they were left out.",
                n=replay.gone,
            )
        )
    if replay.unreadable:
        remarks.append(
            say(
                "These pictures could not be opened and were left out: {names}.",
                names=named(replay.unreadable),
            )
        )
    if calls.parts and calls.only_after and not calls.too_many:
        remarks.append(
            say_n(
                "{n} recent good part would be stopped that passes now. That may be chance.",
                "{n} recent good parts would be stopped that pass now. That may be chance.",
                n=calls.only_after,
            )
        )
    return remarks
