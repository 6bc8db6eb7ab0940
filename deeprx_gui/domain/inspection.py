"""Inspection: what is asked of a live run, and what it says about every part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.verdict import Verdict


class Trigger(StrEnum):
    """What makes a picture of a part out of a stream of pictures.

    Sources of files deliver one picture for each part: they are always judged one by one,
    whatever the trigger.
    """

    CONTINUOUS = "continuous"
    KEY = "key"
    TIMER = "timer"
    CHANGE = "change"


class Keep(StrEnum):
    """Which pictures are kept beside the verdicts."""

    ALL = "all"
    BAD = "bad"
    EVERY = "every"
    NONE = "none"


@dataclass(frozen=True)
class KeepRule:
    """``BAD``: NG, REVIEW and ERROR; ``EVERY``: those, and of the OK ones each ``nth``."""

    keep: Keep = Keep.BAD
    nth: int = 100
    png: bool = False
    free_megabytes: int = 2048


class Decision(StrEnum):
    """What a person said the part is, after looking."""

    OK = "ok"
    NG = "ng"


DECIDED_AS: Final = {Decision.OK: Verdict.OK, Decision.NG: Verdict.NG}
"""What a part counts as once a person has decided."""


class Cause(StrEnum):
    """What is wrong with the picture, not with the part."""

    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    SHIFTED = "shifted"
    FROZEN = "frozen"
    DIRT = "dirt"
    PAGES = "pages"
    TRANSPARENT = "transparent"
    RANGE = "range"
    SIZE = "size"
    COLOUR = "colour"


@dataclass(frozen=True)
class Health:
    """The picture's own condition against the profile's normal images.

    ``brightness``: mean, as a multiple of the normal images'. ``focus``: energy of fine detail, as
    a multiple. ``shift``: how far the scene moved, share of the longer side, ``offset`` the same
    to the right and down, ``None`` where none shows. ``causes``: what is out of the ordinary; empty
    when the picture is as it should be.
    """

    brightness: float
    focus: float
    shift: float
    causes: tuple[Cause, ...] = ()
    offset: tuple[float, float] | None = None


@dataclass(frozen=True)
class Record:
    """One verdict as it is remembered and told: plain values only.

    ``number`` is the row in the store (0: not stored yet), ``uid`` unique for ever. ``when`` is the
    time of capture (UTC, aware). ``score`` is raw, NaN for an ERROR. ``milliseconds`` is what the
    engine took, ``latency`` from trigger to recorded, both in ms. ``item`` names the file that was
    judged (never twice). ``picture`` is the kept picture, relative to the store's folder, empty
    when none is kept. ``causes`` name what is wrong with the picture, not the part. ``station`` is
    the name of the station that judged and ``station_id`` what it is called for ever; ``operator``
    who was signed in, ``method`` detector and backbone. ``places`` says where a part that is not OK
    lies above the review limit (``marked_places.places_text``), empty when nowhere.
    ``domain/verdict_fields.py`` says where each field is stored and shown.
    """

    uid: str
    when: datetime
    profile_id: str
    profile: str
    revision: int
    verdict: Verdict
    score: float
    limits: Limits
    runtime: str
    milliseconds: float
    latency: float
    source: str
    serial: str = ""
    item: str = ""
    picture: str = ""
    error: Message | None = None
    causes: tuple[Cause, ...] = ()
    number: int = 0
    decision: Decision | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    note: str = ""
    station: str = ""
    station_id: str = ""
    operator: str = ""
    method: str = ""
    places: str = ""

    @property
    def key(self) -> int:
        """What sets it apart in its store, the higher the later in its order."""
        return self.number

    @property
    def utc(self) -> datetime:
        """The time of capture in UTC."""
        return self.when.astimezone(UTC)

    @property
    def times(self) -> float:
        """The score as multiples of the suggested review limit; NaN for an ERROR.

        A verdict of an older program keeps the multiple it was recorded in: of the review limit
        used then (``in_limits_of_then``).
        """
        return self.limits.times(self.score)

    @property
    def in_limits_of_then(self) -> bool:
        """Whether ``times`` is a multiple of a limit moved by hand, as older programs recorded."""
        limits = self.limits
        return limits.review_promise is None and limits.unit == limits.review


@dataclass(frozen=True, eq=False)
class InspectedPart:
    """One judged part with its picture, already on disk when it is told.

    ``map`` is the smoothed score map, ``None`` for an ERROR; ``frame`` is ``None`` when there was
    no readable picture. ``path`` is the file it came from, if any.
    """

    record: Record
    frame: Frame | None
    map: Float32 | None
    health: Health | None = None
    path: Path | None = None


class VerdictCounts:
    """Parts by verdict; what every dataclass with these four fields can tell."""

    ok: int
    review: int
    ng: int
    error: int

    @property
    def total(self) -> int:
        return self.ok + self.review + self.ng + self.error

    @property
    def by_verdict(self) -> dict[Verdict, int]:
        """The four numbers by their verdict."""
        return {
            Verdict.OK: self.ok,
            Verdict.REVIEW: self.review,
            Verdict.NG: self.ng,
            Verdict.ERROR: self.error,
        }


@dataclass(frozen=True)
class RunCounts(VerdictCounts):
    """What went by since ``since``: parts by verdict. ``reason``: why it was last set to zero."""

    since: datetime
    ok: int = 0
    review: int = 0
    ng: int = 0
    error: int = 0
    reason: str = ""

    @property
    def yielded(self) -> float | None:
        """Share of OK among the parts that have a score, 0..1; ``None`` before the first."""
        judged = self.ok + self.review + self.ng
        return self.ok / judged if judged else None

    def plus(self, verdict: Verdict, parts: int = 1) -> RunCounts:
        """Return the counts with one more part, or so many."""
        values = self.by_verdict
        values[verdict] += parts
        ok, review, ng, error = values.values()
        return RunCounts(self.since, ok, review, ng, error, self.reason)

    def decided(self, verdict: Verdict, decision: Decision, parts: int = 1) -> RunCounts:
        """Return the counts after a person decided about parts: they count as decided."""
        return self.plus(verdict, -parts).plus(DECIDED_AS[decision], parts)
