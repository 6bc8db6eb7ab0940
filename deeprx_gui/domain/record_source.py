"""Where remembered verdicts are read from: this PC's own file, or the central database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from deeprx_gui.domain.history import (
    DecisionEntry,
    HistorySummary,
    RecordedProfile,
    RecordedStation,
    RecordQuery,
)
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.recorded_values import micros, moment

_UID_BITS: Final = 128
_STATION_BITS: Final = 32


class RecordSource(Protocol):
    """What lists, figures, exports and reports ask; each method may be called from any thread.

    ``folder`` is where kept pictures of this PC lie. ``before``, ``after``: the ``key`` of a record
    of this source. Raises StorageError or CentralError.
    """

    @property
    def folder(self) -> Path:
        """Where the names of kept pictures begin."""

    def page(
        self, query: RecordQuery, *, before: int | None = None, count: int = 100, skip: int = 0
    ) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts, the latest first, ``skip`` of them left out."""

    def newer(self, query: RecordQuery, after: int, *, count: int = 100) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts later than ``after``, the oldest first."""

    def rows(self, query: RecordQuery) -> Iterator[Record]:
        """Yield every verdict that fits, the oldest first, in bounded memory."""

    def counted(self, query: RecordQuery) -> bool:
        """Say whether ``count`` is exact; else it stops at ``MOST_COUNTED`` + 1."""

    def count(self, query: RecordQuery) -> int:
        """Return how many verdicts fit."""

    def summary(self, query: RecordQuery) -> HistorySummary:
        """Return counts, trend and the worst parts of a query."""

    def decisions(self, key: int) -> tuple[DecisionEntry, ...]:
        """Return everything people decided about a part, the latest first."""

    def profiles(self) -> tuple[RecordedProfile, ...]:
        """Return the profiles verdicts were given with, by name."""

    def stations(self) -> tuple[RecordedStation, ...]:
        """Return the stations that gave verdicts, by name."""

    def unless(self, stopped: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let what this thread reads meanwhile end with an error once ``stopped()`` is true."""


@dataclass(frozen=True)
class CentralRecord(Record):
    """A verdict of any station, as the central database holds it.

    ``number`` is its row in the file of its own station, so several may have the same; its place
    in the order of all stations is time, then ``uid``, then ``station_number``, what the central
    database calls its station (0 to 2^31 - 1).
    """

    station_number: int = 0

    @property
    def key(self) -> int:
        """Time, uid and station as one number."""
        return key_of(self.when, UUID(self.uid), self.station_number)


def key_of(when: datetime, uid: UUID, station: int) -> int:
    """Return time (microseconds since 1970), uid and station as one number that sorts like all."""
    return (micros(when) << _UID_BITS | uid.int) << _STATION_BITS | station


def from_key(key: int) -> tuple[datetime, UUID, int]:
    """Return time, uid and station of a key."""
    key, station = key >> _STATION_BITS, key & ((1 << _STATION_BITS) - 1)
    return moment(key >> _UID_BITS), UUID(int=key & ((1 << _UID_BITS) - 1)), station
