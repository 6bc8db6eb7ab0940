"""The rows behind the history table: a window on a store that may hold millions, no Qt.

A row's *place* is counted from what was the newest record when the list was begun: 0 for that one,
1 for the one before it, -1 for the first that arrived since. Places never change while records
arrive; a table row is a place plus the number of arrivals.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.inspection import Record

CHUNK: Final = 100
"""Records read at once."""
KEPT_CHUNKS: Final = 80
"""Chunks kept in memory, about 1 KB a record; the rest is read again when looked at."""


@dataclass(frozen=True)
class RowRequest:
    """Records to be read: ``count`` of them, ``skip`` below ``before`` (None: from the newest).

    ``series`` and ``place`` say where they belong; they come back with the answer.
    """

    series: int
    place: int
    count: int
    before: Record | None = None
    skip: int = 0


class HistoryRows:
    """Some of the records that a filter lets through, known by their places."""

    def __init__(self, records: Sequence[Record] = (), *, complete: bool = True) -> None:
        self._known: dict[int, Record] = dict(enumerate(records))
        self._chunks: OrderedDict[int, bool] = OrderedDict()
        self._gone: set[int] = set()
        self.above = 0
        """How many arrived on top."""
        self.below = len(records)
        """How many there were at the beginning, as far as is known."""
        for chunk in range(-(-len(records) // CHUNK) if complete else len(records) // CHUNK):
            self._chunks[chunk] = True

    def __len__(self) -> int:
        return self.above + self.below

    @property
    def kept(self) -> int:
        """How many records are in memory."""
        return len(self._known)

    @property
    def newest(self) -> Record | None:
        """The topmost record; it is always kept."""
        return self._known.get(-self.above)

    @property
    def has_left(self) -> bool:
        """Whether decided records stay in the list that its filter would leave out by now."""
        return bool(self._gone)

    def at(self, row: int) -> Record | None:
        """Return the record of a table row, ``None`` while it has not been read."""
        return self._known.get(row - self.above)

    def row_of(self, key: int) -> int | None:
        """Return the table row of the record with a store's key, ``None`` when not kept."""
        for place, record in self._known.items():
            if record.key == key:
                return place + self.above
        return None

    def missing(self, first: int, last: int) -> tuple[int, int] | None:
        """Return (first row, count) of what is still to be read between two rows, or ``None``.

        Whole chunks, but never the newest record: its place is where the store begins to count.
        """
        low = max(first, 0) - self.above
        high = min(last, len(self) - 1) - self.above
        wanted = [c for c in range(low // CHUNK, high // CHUNK + 1) if not self._look_at(c)]
        if not wanted or not len(self):
            return None
        start = max(wanted[0] * CHUNK, 1 - self.above)
        end = min((wanted[-1] + 1) * CHUNK, self.below)
        return (start + self.above, end - start) if start < end else None

    def _look_at(self, chunk: int) -> bool:
        if chunk in self._chunks:
            self._chunks.move_to_end(chunk)
        return self._chunks.get(chunk, False)

    def order(self, series: int, first: int, count: int) -> RowRequest:
        """Return what to ask the store for: ``count`` records from table row ``first`` (> 0) on.

        The nearest kept record above is where the store begins to count.
        """
        place = first - self.above
        near = place - 1
        if near not in self._known:
            near = max(p for p in self._known if p < place)
        skip = place - near - 1 - sum(near < gone < place for gone in self._gone)
        return RowRequest(series, place, count, self._known[near], skip)

    def fill(self, wanted: RowRequest, records: Sequence[Record]) -> tuple[int, int]:
        """Keep records that were read; return the first and last table row they fill."""
        for place, record in enumerate(records, wanted.place):
            self._known[place] = record
        chunks = range(wanted.place // CHUNK, (wanted.place + wanted.count - 1) // CHUNK + 1)
        self._use(chunks)
        first = wanted.place + self.above
        return first, first + len(records) - 1

    def _use(self, chunks: Iterable[int]) -> None:
        """Note that chunks are there; let go of those that nobody looked at for longest.

        Never of the newest record, and never of what was decided in a list it has left by now.
        """
        fresh = set(chunks)
        for chunk in fresh:
            self._chunks[chunk] = True
            self._chunks.move_to_end(chunk)
        pinned = fresh | {-self.above // CHUNK} | {gone // CHUNK for gone in self._gone}
        for chunk in [c for c in self._chunks if c not in pinned]:
            if len(self._chunks) <= KEPT_CHUNKS:
                return
            del self._chunks[chunk]
            for place in range(chunk * CHUNK, (chunk + 1) * CHUNK):
                self._known.pop(place, None)

    def arrive(self, records: Sequence[Record]) -> None:
        """Insert new records, newest first, at the top."""
        bottom = -self.above - 1
        self.above += len(records)
        for place, record in enumerate(records, -self.above):
            self._known[place] = record
        if records:
            self._use(range(-self.above // CHUNK, bottom // CHUNK + 1))

    def end_at(self, below: int) -> None:
        """Set the total number of records."""
        self.below = below
        for place in [p for p in self._known if p >= below]:
            del self._known[place]
        for chunk in [c for c in self._chunks if c * CHUNK >= below]:
            del self._chunks[chunk]

    def replace(self, record: Record, *, left: bool) -> int | None:
        """Show a record as it is now; ``left``: the filter would leave it out. Return its row."""
        row = self.row_of(record.key)
        if row is not None:
            place = row - self.above
            self._known[place] = record
            (self._gone.add if left else self._gone.discard)(place)
        return row

    def doubt(self) -> None:
        """Read everything again when it is looked at; until then show what is known."""
        for chunk in self._chunks:
            self._chunks[chunk] = False
