"""Library of products: revisions, their states, who is to run which, and since when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.message import Message, say

PIECE_BYTES: Final = 262_144
MOST_BYTES: Final = 268_435_456
"""The largest file the library takes, 256 MiB."""


class RevisionState(StrEnum):
    """How far a revision is: only a released one is run by stations."""

    DRAFT = "draft"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


STATE_WORDS: Final[Mapping[RevisionState, Message]] = {
    RevisionState.DRAFT: say("draft"),
    RevisionState.RELEASED: say("released"),
    RevisionState.WITHDRAWN: say("withdrawn"),
}


class FollowMode(StrEnum):
    """Whether a station takes what the library says by itself, after a person agreed, or not."""

    OFF = "off"
    ASK = "ask"
    AUTO = "auto"


class RunState(StrEnum):
    """How what a station runs stands to what it is to run.

    ``OWN``: a revision that was saved at the station and is not in the library.
    """

    CURRENT = "current"
    WAITING = "waiting"
    OWN = "own"
    TROUBLE = "trouble"
    WITHDRAWN = "withdrawn"


RUN_WORDS: Final[Mapping[RunState, Message]] = {
    RunState.CURRENT: say("as released"),
    RunState.WAITING: say("waits for a confirmation at the station"),
    RunState.OWN: say("runs a revision of its own"),
    RunState.TROUBLE: say("could not take the revision over"),
    RunState.WITHDRAWN: say("still runs a withdrawn revision"),
}


@dataclass(frozen=True)
class StateChange:
    """Who released or withdrew a revision, when and why; ``key``: hex, empty where not signed."""

    who: str
    at: datetime
    why: str = ""
    login: str = ""
    key: str = ""
    signature: bytes = b""


@dataclass(frozen=True)
class LibraryRevision:
    """One revision of a product in the library, without its bytes.

    ``row`` names it in the database, ``number`` counts per product; ``parent``: the ``row`` of what
    it was made from. ``lineage`` and ``mark`` as in ``domain.profile.Lineage``; ``sha256``: hex, of
    the whole file of ``size`` bytes.
    """

    row: int
    product: int
    lineage: str
    number: int
    mark: str
    parent: int | None
    name: str
    sha256: str
    size: int
    who: str
    login: str
    at: datetime
    why: str = ""
    released: StateChange | None = None
    withdrawn: StateChange | None = None

    @property
    def state(self) -> RevisionState:
        """How far it is."""
        if self.withdrawn is not None:
            return RevisionState.WITHDRAWN
        return RevisionState.DRAFT if self.released is None else RevisionState.RELEASED

    @property
    def label(self) -> str:
        """Its number as people write it: ``r0007``."""
        return f"r{self.number:04d}"


def signed_text(lineage: str, mark: str, sha256: str) -> bytes:
    """Return what a release signs: this product, this saved state, exactly these bytes."""
    return f"deeprx-library release 1\n{lineage}\n{mark}\n{sha256}\n".encode("ascii")


@dataclass(frozen=True)
class StationPlace:
    """A station as the library knows it; ``number`` names it in the database."""

    number: int
    id: str
    name: str
    line: str = ""


@dataclass(frozen=True)
class Scope:
    """Whom a rollout is for: one station (its ``number``), the stations of a line, or all."""

    station: int | None = None
    line: str | None = None

    def covers(self, station: StationPlace) -> bool:
        """Whether it is for this station."""
        if self.station is not None:
            return self.station == station.number
        return self.line is None or self.line == station.line


ALL: Final = Scope()


def scope_words(scope: Scope, names: Mapping[int, str]) -> Message:
    """Say whom a rollout is for; ``names``: of the stations, by their numbers."""
    if scope.station is not None:
        return say("station {name}", name=names.get(scope.station, str(scope.station)))
    return say("all stations") if scope.line is None else say("line {name}", name=scope.line)


@dataclass(frozen=True)
class Rollout:
    """An instruction: from ``starts`` on, who is in ``scope`` runs the revision of this ``row``.

    ``made``: when it was given; the same for all stages of one plan. ``back``: it is a rollback.
    """

    number: int
    product: int
    row: int
    scope: Scope
    starts: datetime
    made: datetime
    who: str
    why: str = ""
    back: bool = False


def in_force(
    rollouts: Iterable[Rollout], station: StationPlace, now: datetime
) -> tuple[Rollout, ...]:
    """Return the instructions of one product that a station has to follow, the one that wins first.

    A newer plan for the station replaces what older ones had still to come: after a rollback no
    stage planned before it begins.
    """
    mine = [one for one in rollouts if one.scope.covers(station)]
    begun = [
        one
        for one in mine
        if one.starts <= now
        and not any(later.made > one.made and later.made <= one.starts for later in mine)
    ]
    return tuple(sorted(begun, key=lambda one: (one.starts, one.number), reverse=True))


def pending(rollouts: Iterable[Rollout], now: datetime) -> tuple[Rollout, ...]:
    """Return the stages of one product that are still to come for somebody, the next first."""
    known = tuple(rollouts)
    waits = [
        one
        for one in known
        if one.starts > now
        and not any(later.made > one.made and later.scope in (ALL, one.scope) for later in known)
    ]
    return tuple(sorted(waits, key=lambda one: (one.starts, one.number)))


@dataclass(frozen=True)
class Target:
    """What a station is to run of a product: the revision and the instruction behind it."""

    revision: LibraryRevision
    rollout: Rollout


@dataclass(frozen=True)
class LibraryContent:
    """What the library says at a moment (the server's clock): all of it but the bytes."""

    now: datetime
    revisions: tuple[LibraryRevision, ...] = ()
    rollouts: tuple[Rollout, ...] = ()
    four_eyes: bool = False

    def products(self) -> Mapping[int, tuple[LibraryRevision, ...]]:
        """Return the revisions by product, oldest first."""
        found: dict[int, list[LibraryRevision]] = {}
        for one in sorted(self.revisions, key=lambda r: (r.name.casefold(), r.number)):
            found.setdefault(one.product, []).append(one)
        return {product: tuple(sorted(r, key=lambda x: x.number)) for product, r in found.items()}

    def of_mark(self, product: int, mark: str) -> LibraryRevision | None:
        """Return the revision of a product with this mark."""
        return next((r for r in self.revisions if r.product == product and r.mark == mark), None)

    def targets(self, product: int, station: StationPlace) -> tuple[Target, ...]:
        """Return what the station is to run, then what it falls back to, each revision once.

        Only what is released counts: where the revision that was rolled out last was withdrawn, the
        one before it is meant.
        """
        by_row = {one.row: one for one in self.revisions}
        mine = (one for one in self.rollouts if one.product == product)
        found: dict[int, Target] = {}
        for one in in_force(mine, station, self.now):
            revision = by_row.get(one.row)
            if revision is not None and revision.state is RevisionState.RELEASED:
                found.setdefault(revision.row, Target(revision, one))
        return tuple(found.values())

    def before_last(self, product: int) -> LibraryRevision | None:
        """Return what a rollback goes to: what was rolled out before what was rolled out last.

        A rollback takes back what came after the revision it went to: the next one goes further
        back, never forward again. What was withdrawn meanwhile is passed over.
        """
        rows: list[int] = []
        for one in sorted(self.rollouts, key=lambda one: one.number):
            if one.product != product:
                continue
            if one.back and one.row in rows:
                del rows[rows.index(one.row) + 1 :]
            elif not rows or rows[-1] != one.row:
                rows.append(one.row)
        by_row = {one.row: one for one in self.revisions}
        usable = (by_row[row] for row in reversed(rows[:-1]) if row in by_row and row != rows[-1])
        return next((r for r in usable if r.state is RevisionState.RELEASED), None)


@dataclass(frozen=True)
class StationRun:
    """What a station said it runs of a product.

    ``revision``: ``None`` for one that is not in the library. ``since``: it runs that revision.
    ``trouble``: what it said about a state other than ``CURRENT``.
    """

    station: StationPlace
    product: int
    revision: LibraryRevision | None
    state: RunState
    trouble: Message | None
    since: datetime
    reported: datetime


class ProposalState(StrEnum):
    """What became of proposed limits."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


PROPOSAL_WORDS: Final[Mapping[ProposalState, Message]] = {
    ProposalState.OPEN: say("open"),
    ProposalState.ACCEPTED: say("accepted"),
    ProposalState.REJECTED: say("rejected"),
}


@dataclass(frozen=True)
class LimitProposal:
    """Limits that somebody moved at a station; all four limits are raw scores.

    ``lineage`` and ``base``: the product, and the mark of the revision they were moved in. Of the
    latest ``parts`` at the station ``stopped_before`` were stopped by the limits in use and
    ``stopped_after`` would be by these.
    """

    uid: str
    lineage: str
    name: str
    base: str
    review: float
    ng: float
    before_review: float
    before_ng: float
    who: str
    at: datetime
    why: str = ""
    parts: int = 0
    stopped_before: int = 0
    stopped_after: int = 0


@dataclass(frozen=True)
class SentProposal:
    """A proposal as it lies in the library, with what became of it."""

    number: int
    proposal: LimitProposal
    product: int
    station: str
    state: ProposalState = ProposalState.OPEN
    answered_by: str = ""
    answer: str = ""


@dataclass(frozen=True)
class TrustedKey:
    """A public key (Ed25519, 64 hexadecimal digits) whose releases a station takes."""

    name: str
    key: str


@dataclass(frozen=True)
class Following:
    """How this station follows the library.

    ``every``: seconds between two looks, 5 to 3600. ``signed``: only what one of the ``trusted``
    keys released is run.
    """

    mode: FollowMode = FollowMode.OFF
    every: float = 30.0
    signed: bool = False
    trusted: Sequence[TrustedKey] = field(default_factory=tuple)

    @property
    def on(self) -> bool:
        """Whether the station follows."""
        return self.mode is not FollowMode.OFF
