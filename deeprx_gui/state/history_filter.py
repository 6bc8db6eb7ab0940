"""What the History page lists, as a person chooses it, turned into a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.verdict import Verdict


class Period(StrEnum):
    """Which days are listed."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    ALL = "all"
    DAYS = "days"


@dataclass(frozen=True)
class HistoryFilter:
    """What a person chose; ``first`` and ``last`` are the days of ``Period.DAYS``, both counted."""

    period: Period = Period.TODAY
    first: date | None = None
    last: date | None = None
    profile_id: str = ""
    verdicts: frozenset[Verdict] = frozenset()
    undecided: bool = False
    text: str = ""
    station_id: str = ""
    line: str = ""

    def query(self, now: datetime | None = None) -> RecordQuery:
        """Return the query; days begin at midnight of this PC's clock. ``now`` is for tests."""
        since, until = self._bounds((now or datetime.now().astimezone()).date())
        return RecordQuery(
            since=since,
            until=until,
            profile_id=self.profile_id,
            verdicts=self.verdicts,
            text=self.text.strip(),
            decided=False if self.undecided else None,
            station_id=self.station_id,
            line=self.line,
        )

    def _bounds(self, today: date) -> tuple[datetime | None, datetime | None]:
        match self.period:
            case Period.TODAY:
                return midnight(today), None
            case Period.YESTERDAY:
                return midnight(today - timedelta(days=1)), midnight(today)
            case Period.WEEK:
                return midnight(today - timedelta(days=6)), None
            case Period.ALL:
                return None, None
        first, last = self.first or today, self.last or today
        low, high = min(first, last), max(first, last)
        return midnight(low), midnight(high + timedelta(days=1))


def midnight(day: date) -> datetime:
    """Return the beginning of a day of this PC's clock, aware."""
    return datetime.combine(day, time.min).astimezone()


def overview(query: RecordQuery) -> RecordQuery:
    """Return the query of the figures above a list: its time, product, station and line."""
    return RecordQuery(
        since=query.since,
        until=query.until,
        profile_id=query.profile_id,
        station_id=query.station_id,
        line=query.line,
    )
