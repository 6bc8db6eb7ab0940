"""Corrections: what a person says a verdict should have been, and what came of saying so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.profile import Profile

KEY = "corrected"
"""Of the profile's file: how the pictures of corrections came into what was learnt."""

MOST_PENDING = 100
MOST_MUST_FIND = 200
MOST_LEARNT = 500
"""So many pictures of each kind a product keeps."""
MOST_REMOVED = 1000
"""So many ids of pictures that were removed from the must-find set are remembered."""
MOST_BYTES = 64 << 20
"""The largest file of one picture that is taken in."""


class CorrectionKind(StrEnum):
    """What a person says: the part was good though it was stopped, or bad though it passed."""

    WAS_OK = "was-ok"
    MISSED = "missed"


TITLES: Mapping[CorrectionKind, Message] = {
    CorrectionKind.WAS_OK: say("Was OK"),
    CorrectionKind.MISSED: say("Missed"),
}


class Contradiction(StrEnum):
    """Which two words about one picture cannot both be true."""

    PENDING = "pending"
    MUST_FIND = "must-find"
    LEARNT = "learnt"


@dataclass(frozen=True)
class Correction:
    """One picture and what was said about it.

    ``id``: digest of the picture's bytes (24 hexadecimal digits), so the same picture is the same
    correction. ``file``: its name in the product's folder of corrections. ``name``: what people
    call it. ``uid``: the verdict of History it came from, empty: none. ``revision``: what learnt
    it, 0: nothing yet.
    """

    id: str
    kind: CorrectionKind
    file: str
    name: str
    who: str
    when: datetime
    uid: str = ""
    revision: int = 0


@dataclass(frozen=True)
class CorrectionBook:
    """All corrections of a product, each list oldest first.

    ``pending``: said, nothing came of it yet. ``must_find``: pictures of bad parts that every
    revision must stop. ``learnt``: pictures of good parts that a revision learnt. ``removed``: ids
    of pictures that a person took out of the must-find set; they do not come back by themselves.
    """

    pending: tuple[Correction, ...] = ()
    must_find: tuple[Correction, ...] = ()
    learnt: tuple[Correction, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[Correction, ...]:
        """All of them."""
        return (*self.pending, *self.must_find, *self.learnt)

    def said(self, kind: CorrectionKind) -> tuple[Correction, ...]:
        """Return what is pending of this kind."""
        return tuple(one for one in self.pending if one.kind is kind)

    def contradicted(self, id_: str, kind: CorrectionKind) -> Contradiction | None:
        """Say what already says the opposite about this picture, ``None`` when nothing does."""
        if any(one.id == id_ and one.kind is not kind for one in self.pending):
            return Contradiction.PENDING
        other = self.must_find if kind is CorrectionKind.WAS_OK else self.learnt
        if any(one.id == id_ for one in other):
            return (
                Contradiction.MUST_FIND if kind is CorrectionKind.WAS_OK else Contradiction.LEARNT
            )
        return None


def contradiction(what: Contradiction, name: str) -> Message:
    """Say which two words about a picture cannot both be true, and what to do."""
    match what:
        case Contradiction.PENDING:
            return say(
                "“{name}” is already waiting with the opposite word: a part cannot be good and "
                "bad. Look at it again, and take back the wrong one.",
                name=name,
            )
        case Contradiction.MUST_FIND:
            return say(
                "“{name}” is in the must-find set as a bad part. Remove it there first, if it was "
                "good after all.",
                name=name,
            )
        case Contradiction.LEARNT:
            return say(
                "“{name}” was learnt as a good part. Go back to the revision before it, then say "
                "“Missed”.",
                name=name,
            )


@dataclass(frozen=True)
class Corrected:
    """How a revision came from corrections: ``good`` pictures taken in.

    ``exact``: added to what was learnt before, without the older pictures, whose scores against
    the others stayed as they were; else everything was learnt again.
    """

    good: int
    exact: bool

    def to_raw(self) -> dict[str, object]:
        """Return it as a profile's file holds it."""
        return {"good": self.good, "exact": self.exact}


def corrected_in(extra: Mapping[str, object]) -> Corrected | None:
    """Return what a profile's file says; ``None`` where it says nothing or makes no sense."""
    raw = extra.get(KEY)
    if not isinstance(raw, Mapping):
        return None
    good, exact = raw.get("good"), raw.get("exact")
    if type(good) is not int or not 1 <= good <= MOST_PENDING or type(exact) is not bool:
        return None
    return Corrected(good, exact)


def with_corrected(extra: Mapping[str, object], done: Corrected | None) -> dict[str, object]:
    """Return what a profile's file carries beside its own keys, with this or with nothing."""
    rest = {key: value for key, value in extra.items() if key != KEY}
    return rest if done is None else {**rest, KEY: done.to_raw()}


def corrected_words(done: Corrected) -> Message:
    """Say in a line of the history how a revision came from corrections."""
    if done.exact:
        return say_n(
            "{n} picture that “was OK” added to what was learnt",
            "{n} pictures that “were OK” added to what was learnt",
            n=done.good,
        )
    return say_n(
        "learnt again with {n} picture that “was OK”",
        "learnt again with {n} pictures that “were OK”",
        n=done.good,
    )


def limits_remark(before: Profile, after: Profile) -> Message | None:
    """Say how far corrections raise the limit, and what of the planted defects passes then.

    No figure tells a defect that was called OK from a good part that was stopped (docs:
    corrections.md), so that a person has to know what it costs. ``None``: it does not rise.
    """
    rises = after.limits.review / before.limits.review - 1
    if round(100 * rises) < 1:
        return None
    planted = record_of(before).trial
    if planted is None or not planted.planted or not planted.scores:
        return say(
            "The review limit rises by {percent} %: bad parts that lay less than that above it "
            "pass from now on. If one of these pictures shows a defect, take it back.",
            percent=round(100 * rises),
        )
    found = [sum(s > p.limits.review for s in planted.scores) for p in (before, after)]
    return say(
        "The review limit rises by {percent} %: of {all} planted defects {before} were found, now "
        "{after}. If one of these pictures shows a defect, take it back.",
        percent=round(100 * rises),
        all=len(planted.scores),
        before=found[0],
        after=found[1],
    )


def promise_remark(profile: Profile, done: Corrected) -> Message | None:
    """Say what the promise of a corrected revision rests on; ``None`` where it is as always."""
    if not done.exact:
        return None
    return say(
        "The promise counts {older} older pictures with the scores they had before, and {new} new "
        "ones checked against all others. The new ones were chosen because they were stopped, so "
        "the limits are rather too high than too low: fewer good parts are stopped than promised.",
        older=len(profile.held_out_scores) - done.good,
        new=done.good,
    )
