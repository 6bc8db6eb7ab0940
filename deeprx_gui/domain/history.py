"""History: what is asked of the remembered verdicts, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deeprx_gui.domain.inspection import Decision, Record, RunCounts, VerdictCounts
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.verdict import Verdict

MOST_COUNTED = 10_000
"""Where counting would mean reading every row it stops one above this: "more than 10,000"."""


@dataclass(frozen=True)
class RecordQuery:
    """Which verdicts are wanted; what is left at its default does not restrict.

    ``since`` <= time of capture < ``until`` (aware). ``verdicts``: any of these, empty: all.
    ``serial``: the serial number begins with it, capitals do not matter. ``text`` stands anywhere
    in serial number, file, source or note. ``decided``: only those a person decided (True) or did
    not (False); ``decision``: only those decided so. ``station_id``: only those of one station,
    ``line``: only those of the stations of one line, which only the central database knows.
    """

    since: datetime | None = None
    until: datetime | None = None
    profile_id: str = ""
    verdicts: frozenset[Verdict] = frozenset()
    serial: str = ""
    text: str = ""
    decided: bool | None = None
    decision: Decision | None = None
    station_id: str = ""
    line: str = ""

    @property
    def searched(self) -> bool:
        """Whether rows must be looked at: for a text, a serial number, or what people decided."""
        return bool(self.serial or self.text) or self.decided is not None or bool(self.decision)

    @property
    def counted(self) -> bool:
        """Whether the store keeps count of this; else a count stops at ``MOST_COUNTED`` + 1."""
        return not (self.searched or self.station_id or self.line)


@dataclass(frozen=True)
class RecordedProfile:
    """A profile that verdicts were given with, under its latest name."""

    profile_id: str
    profile: str


@dataclass(frozen=True)
class RecordedStation:
    """A station that gave verdicts, under its latest name; its line where the centre told it."""

    station_id: str
    station: str
    line: str = ""


@dataclass(frozen=True)
class DecisionEntry:
    """One decision of a person about a part; ``decision`` ``None``: an earlier one taken back."""

    decision: Decision | None
    who: str
    when: datetime
    note: str = ""


@dataclass(frozen=True)
class HourCounts(VerdictCounts):
    """Parts by verdict in the hour that begins at ``hour`` (UTC, aware)."""

    hour: datetime
    ok: int = 0
    review: int = 0
    ng: int = 0
    error: int = 0


@dataclass(frozen=True)
class TrendPoint:
    """Median score of the OK parts, in x limit, of the time that begins at ``when`` (UTC).

    To within 0.005; ``parts``: how many OK parts it is the median of.
    """

    when: datetime
    median: float
    parts: int


@dataclass(frozen=True)
class HistorySummary:
    """What the verdicts of a query add up to.

    ``counts.since`` is the first hour in which there was a part (or ``query.since``).
    ``per_hour`` holds only hours with parts, in their order, and so does ``trend``, whose points
    each stand for ``bucket``. ``top_ng``: highest x limit first. ``false_calls``: REVIEW or NG that
    a person decided is OK; ``misses``: OK that a person decided is NG.
    """

    query: RecordQuery
    counts: RunCounts
    per_hour: tuple[HourCounts, ...]
    trend: tuple[TrendPoint, ...]
    bucket: timedelta
    top_ng: tuple[Record, ...]
    false_calls: int = 0
    misses: int = 0


@dataclass(frozen=True)
class PictureKeeperState:
    """How the keeping of pictures goes: ``problem`` in plain words unless all is well.

    ``waiting``: not written yet; ``missed``: could not be kept; ``thinned``: old OK pictures
    deleted to make room; ``free_megabytes``: room on the disk when last looked, -1 before.
    """

    kept: int = 0
    waiting: int = 0
    missed: int = 0
    thinned: int = 0
    free_megabytes: int = -1
    problem: Message | None = None
