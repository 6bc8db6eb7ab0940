"""``CentralRecords``: the verdicts of all stations, asked as those of one PC are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Final

from deeprx_gui.central import figures
from deeprx_gui.central.migrations import Step
from deeprx_gui.central.readers import LONGEST_SECONDS, CentralReaders
from deeprx_gui.central.record_rows import COLUMNS, JOINS, read
from deeprx_gui.central.search import (
    Edge,
    Filter,
    begin_near,
    branches,
    filter_of,
    leap,
    page_sql,
)
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.history import (
    DecisionEntry,
    HistorySummary,
    RecordedProfile,
    RecordedStation,
    RecordQuery,
)
from deeprx_gui.domain.history_figures import TOP, Parts, slots_for, summary_of, utc_slots_for
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.record_source import CentralRecord, from_key
from deeprx_gui.domain.recorded_values import decision_of
from deeprx_gui.domain.verdict import Verdict

_CHUNK: Final = 2000
_FAR: Final = 2000
"""Rows that are walked over; more are leapt over."""


class CentralRecords:
    """The same questions as ``RecordStore``, over all stations; it changes nothing.

    The order is that of time, uid, station: what a station sends late comes in where it belongs,
    below newer parts. ``folder`` is where kept pictures of this PC lie; ``steps`` the steps the
    tables must have, ``password`` is asked for with each new connection. Each method may be called
    from any thread and raises CentralError. Nothing is connected before the first question.
    """

    def __init__(
        self,
        place: CentralPlace,
        password: Callable[[], str],
        steps: Sequence[Step],
        folder: Path,
        *,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self.place = place
        self._folder = folder
        self._readers = CentralReaders(place, password, steps, longest=longest)
        self.ask = self._readers.run

    @property
    def folder(self) -> Path:
        """Where kept pictures of this PC lie."""
        return self._folder

    def page(
        self, query: RecordQuery, *, before: int | None = None, count: int = 100, skip: int = 0
    ) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts, the latest first.

        ``before``: the ``key`` of a record, only those before it. ``skip``: leave out so many
        first; far down the counters lead there unless rows must be looked at one by one.
        """
        edge = None if before is None else Edge(*from_key(before))
        return self._page(query, count, newest_first=True, edge=edge, skip=skip)

    def newer(self, query: RecordQuery, after: int, *, count: int = 100) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts later than the key ``after``, the oldest first."""
        return self._page(query, count, newest_first=False, edge=Edge(*from_key(after)))

    def rows(self, query: RecordQuery) -> Iterator[Record]:
        """Yield every verdict of a query that is there now, the oldest first, in bounded memory."""
        newest = self.page(query, count=1)
        last, edge = newest[0].key if newest else -1, None
        while chunk := self._page(query, _CHUNK, newest_first=False, edge=edge):
            for record in chunk:
                if record.key > last:
                    return
                yield record
            edge = Edge(*from_key(chunk[-1].key))

    def counted(self, query: RecordQuery) -> bool:
        """Say whether ``count`` is exact: the counters know stations and lines, too."""
        return not query.searched

    def count(self, query: RecordQuery) -> int:
        """Return how many verdicts fit; where rows are looked at it stops at 10,001."""
        wanted = filter_of(self.ask, query)
        return 0 if wanted is None else figures.count(self.ask, wanted)

    def summary(self, query: RecordQuery) -> HistorySummary:
        """Return counts, trend and the worst parts of a query.

        Counts and trend include hours whose verdicts were deleted by the retention. Points of a
        trend that stand for days or weeks stand for those of UTC, the same for all stations.
        """
        wanted = filter_of(self.ask, query)
        if wanted is None:
            return summary_of(query, {}, {}, slots_for({}), top_ng=(), mistakes=(0, 0))
        parts, scores = figures.parts_and_scores(self.ask, wanted)
        slots = slots_for(parts) if scores is not None else utc_slots_for(parts)
        by_slot: Parts = (
            figures.from_counters(self.ask, wanted, figures.SCORES, slots)
            if scores is None
            else figures.in_slots(scores, slots)
        )
        return summary_of(
            query,
            parts,
            by_slot,
            slots,
            top_ng=self._top(query),
            mistakes=figures.mistakes(self.ask, query),
        )

    def decisions(self, key: int) -> tuple[DecisionEntry, ...]:
        """Return everything people decided about a part, the latest first."""
        at, uid, station = from_key(key)
        rows = self.ask(
            "SELECT s.decision, s.who, s.at, s.note FROM decisions s JOIN verdicts v"
            " ON v.at = s.verdict_at AND v.uid = s.verdict_uid AND v.station = s.station"
            " WHERE s.verdict_at = :at AND s.verdict_uid = :uid AND s.station = :station"
            " ORDER BY s.row DESC",
            {"at": at, "uid": uid, "station": station},
        )
        return tuple(
            DecisionEntry(decision_of(decision), who, at.astimezone(UTC), note)
            for decision, who, at, note in rows
        )

    def profiles(self) -> tuple[RecordedProfile, ...]:
        """Return the products verdicts were given with, by name."""
        rows = self.ask("SELECT profile_id, name FROM products ORDER BY name, profile_id", {})
        return tuple(RecordedProfile(*row) for row in rows)

    def stations(self) -> tuple[RecordedStation, ...]:
        """Return the stations and their lines, by name."""
        rows = self.ask("SELECT id, name, line FROM stations ORDER BY name, id", {})
        return tuple(RecordedStation(*row) for row in rows)

    def picture(self, record: Record) -> bytes | None:
        """Return the file of a kept picture that its station sent along, ``None``: it did not."""
        at, uid, station = from_key(record.key)
        rows = self.ask(
            "SELECT data FROM pictures WHERE at = :at AND uid = :uid AND station = :station",
            {"at": at, "uid": uid, "station": station},
        )
        return bytes(rows[0][0]) if rows else None

    def number_of(self, station_id: str) -> int | None:
        """Return what the centre calls a station, ``None`` for one it does not know."""
        rows = self.ask("SELECT number FROM stations WHERE id = :id", {"id": station_id})
        return int(rows[0][0]) if rows else None

    def unless(self, stopped: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let what this thread reads meanwhile end with CentralError once ``stopped()`` is true.

        The server is told, so that it does not go on searching.
        """
        return self._readers.unless(stopped)

    def close(self) -> None:
        """Close all connections; may be called again."""
        self._readers.close()

    # Inside ---------------------------------------------------------------------------------

    def _page(
        self,
        query: RecordQuery,
        count: int,
        *,
        newest_first: bool,
        edge: Edge | None,
        skip: int = 0,
    ) -> tuple[Record, ...]:
        wanted = filter_of(self.ask, query)
        if wanted is None or count < 1:
            return ()
        if skip > _FAR and not query.searched:
            edge, skip = leap(self.ask, wanted, edge, skip)
        elif newest_first and wanted.of_a_few and not query.searched:
            edge = begin_near(self.ask, wanted, edge)
            if edge is None:
                return ()
        sql, values = page_sql(
            branches(self.ask, wanted),
            wanted,
            newest_first=newest_first,
            edge=edge,
            columns=COLUMNS,
            joins=JOINS,
        )
        values |= {"count": count, "skip": skip, "both": count + skip}
        return tuple(read(row, self.place) for row in self.ask(sql, values))

    def _top(self, query: RecordQuery) -> tuple[CentralRecord, ...]:
        """Return the NG parts with the highest x limit."""
        if query.verdicts and Verdict.NG not in query.verdicts:
            return ()
        wanted = filter_of(self.ask, replace(query, verdicts=frozenset({Verdict.NG})))
        return () if wanted is None else tuple(self.worst(wanted, TOP))

    def worst(self, wanted: Filter, most: int) -> Iterator[CentralRecord]:
        """Yield the parts of a filter with the highest x limit, at most so many."""
        walk = "ORDER BY v.times DESC, v.at DESC, v.uid DESC, v.station DESC"
        parts = []
        for table, *terms in branches(self.ask, wanted):
            where = " AND ".join([*terms, "v.times IS NOT NULL"])
            source = "verdicts v" if table == "few v" else table
            parts.append(
                f"(SELECT v.* FROM {source} WHERE {where} {walk} LIMIT :most)"  # noqa: S608
            )
        sql = (
            f"SELECT {COLUMNS} FROM (SELECT v.* FROM ({' UNION ALL '.join(parts)}) v"  # noqa: S608
            f" {walk} LIMIT :most) v{JOINS} {walk}"
        )
        for row in self.ask(sql, {**wanted.values, "most": most}):
            yield read(row, self.place)
