"""A query as SQL over all stations that an index answers.

Rows are found in the order of (time, uid, station). The partitions of ``verdicts`` are months, so
the newest are looked at first and a page ends in the month that fills it. What few rows fulfil – a
verdict other than OK, a station, a product – is walked in an index of its own, one branch for each
value, and the branches are merged. A leap far down goes to the hour the counters name. Only a text
in the middle of words reads every row of the time asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from deeprx_gui.central.connect import Rows
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.recorded_values import DECISIONS, clean
from deeprx_gui.domain.verdict import VERDICTS

Ask = Callable[[str, dict[str, Any]], Rows]
"""``CentralReaders.run``."""

_NO_UID: Final = UUID(int=0)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MOST_BRANCHES: Final = 16
_FEW_SERIALS: Final = 20_000
"""So many numbers that begin alike are sorted; more are found faster in the order of time."""
_OLDEST_FIRST, _NEWEST_FIRST = "ASC", "DESC"
DECIDED_IS: Final = "v.at = q.verdict_at AND v.uid = q.verdict_uid AND v.station = q.station"
"""Of ``decided q`` and ``verdicts v``: the same part."""
_ITS_PART: Final = f"(SELECT * FROM verdicts v WHERE {DECIDED_IS} LIMIT 1) v"  # noqa: S608
_DECIDED_PARTS: Final = f"decided q CROSS JOIN LATERAL {_ITS_PART}"
"""Decisions in their order, and of each its part: as a plain join all verdicts would be read."""
_KEYS: Final = {
    _DECIDED_PARTS: ("q.verdict_at", "q.verdict_uid", "q.station"),
    "verdicts v": ("v.at", "v.uid", "v.station"),
}
"""What a walk is in the order of."""
_IMPOSSIBLE: Final = "2020-01-01 00:00:00+00"
"""Before it lie only verdicts of a clock that stood; they have a partition of their own."""


@dataclass(frozen=True)
class Filter:
    """A query with the numbers the database gives to its product and stations.

    ``where``: terms over ``verdicts v`` that hold for each row, with ``values`` by name.
    ``stations``, ``verdicts``: one of these, ``None``: any.
    """

    query: RecordQuery
    where: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    product: int | None = None
    stations: tuple[int, ...] | None = None
    verdicts: tuple[int, ...] | None = None

    def terms(self) -> tuple[str, ...]:
        """Return everything a row must fulfil, decisions apart."""
        return (*self.where, *self.keys())

    def keys(self) -> tuple[str, ...]:
        """Return the terms over columns that the counters have as well."""
        found = []
        if self.product is not None:
            found.append(f"v.product = {self.product}")
        if self.stations is not None:
            found.append(f"v.station IN ({', '.join(map(str, self.stations))})")
        if self.verdicts is not None:
            found.append(f"v.verdict IN ({', '.join(map(str, self.verdicts))})")
        return tuple(found)

    @property
    def of_a_few(self) -> bool:
        """Whether it asks for a product at certain stations: perhaps not made there for months."""
        return self.product is not None and self.stations is not None


def filter_of(ask: Ask, query: RecordQuery) -> Filter | None:
    """Return the filter of a query, ``None``: no row can fit. Raises CentralError."""
    values: dict[str, Any] = {}
    product = stations = None
    if query.profile_id:
        found = ask(
            "SELECT number FROM products WHERE profile_id = :id", {"id": clean(query.profile_id)}
        )
        if not found:
            return None
        product = int(found[0][0])
    if query.station_id or query.line:
        found = ask(
            "SELECT number FROM stations WHERE (id = :id OR :id = '') AND (line = :line"
            " OR :line = '') ORDER BY number",
            {"id": clean(query.station_id), "line": clean(query.line)},
        )
        if not found:
            return None
        stations = tuple(int(row[0]) for row in found)
    verdicts = tuple(VERDICTS.index(v) for v in VERDICTS if v in query.verdicts)
    where = [*_time(query, values), *_texts(query, values)]
    return Filter(
        query,
        tuple(where),
        values,
        product,
        stations,
        None if len(verdicts) in {0, len(VERDICTS)} else verdicts,
    )


def _time(query: RecordQuery, values: dict[str, Any]) -> list[str]:
    where = []
    if query.since is not None:
        where.append("v.at >= :since")
        values["since"] = query.since
    if query.until is not None:
        where.append("v.at < :until")
        values["until"] = query.until
    return where


def _texts(query: RecordQuery, values: dict[str, Any]) -> list[str]:
    where = []
    if query.serial:
        where.append("v.serial <> '' AND lower(v.serial) LIKE lower(:serial)")
        values["serial"] = f"{_literally(query.serial)}%"
    if query.text:
        where.append(
            "(v.serial ILIKE :text OR v.item ILIKE :text"
            " OR v.context = ANY (ARRAY(SELECT number FROM contexts WHERE source ILIKE :text))"
            " OR (v.at, v.uid, v.station) IN (SELECT verdict_at, verdict_uid, station FROM decided"
            " WHERE decision IS NOT NULL AND note ILIKE :text))"
        )
        values["text"] = f"%{_literally(query.text)}%"
    if query.decided is False:
        where.append(
            "NOT EXISTS (SELECT 1 FROM decided n WHERE n.verdict_uid = v.uid"
            " AND n.verdict_at = v.at AND n.station = v.station AND n.decision IS NOT NULL)"
        )
    return where


def _literally(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _decided(query: RecordQuery) -> tuple[str, ...]:
    if query.decision is None and not query.decided:
        return ()
    said = "IS NOT NULL"
    if query.decision is not None:
        said = f"= {DECISIONS.index(query.decision)}"
    match = (
        "e.verdict_uid = v.uid AND e.verdict_at = v.at AND e.station = v.station"
        f" AND e.decision {said}"
    )
    return (f"EXISTS (SELECT 1 FROM decided e WHERE {match})",)  # noqa: S608 - our words


@dataclass(frozen=True)
class Edge:
    """Where a walk begins: behind (or, backwards, before) this row, not at it.

    Without more than ``at`` it is the place just before everything of that time.
    """

    at: datetime
    uid: UUID = _NO_UID
    station: int = 0

    def term(self, order: str, table: str = "verdicts v") -> str:
        """Return it as a term; the time stands alone, too, so that months can be left out."""
        sign = "<" if order == _NEWEST_FIRST else ">"
        at, uid, station = _keys(table)
        return (
            f"{at} {sign}= :edge_at AND ({at} {sign} :edge_at"
            f" OR ({uid}, {station}) {sign} (CAST(:edge_uid AS uuid), {self.station:d}))"
        )

    @property
    def values(self) -> dict[str, Any]:
        """What its term names."""
        return {"edge_at": self.at, "edge_uid": self.uid}


def branches(ask: Ask, wanted: Filter, *, whole: bool = True) -> tuple[tuple[str, ...], ...]:
    """Return the walks that together find every row once: the terms of each, FROM first.

    ``whole``: False where of decided parts nothing is asked that only their verdict knows. Raises
    CentralError.
    """
    query = wanted.query
    if query.serial and _are_few(ask, wanted):
        return (("few v", *wanted.terms(), *_decided(query)),)
    if query.decision is not None or query.decided:
        decisions = DECISIONS if query.decision is None else (query.decision,)
        table = _DECIDED_PARTS if whole else "decided q"
        decided = [f"q.{term[2:]}" for term in (*_time(query, {}), *wanted.keys())]
        decided = [term.replace("q.at", "q.verdict_at") for term in decided]
        return tuple(
            (
                table,
                f"q.decision = {DECISIONS.index(each)}",
                *decided,
                *(wanted.terms() if whole else ()),
            )
            for each in decisions
        )
    choices: list[Sequence[Filter]] = []
    if wanted.verdicts is not None and 0 not in wanted.verdicts:
        choices.append([replace(wanted, verdicts=(each,)) for each in wanted.verdicts])
    if wanted.stations is not None:
        choices.append([replace(wanted, stations=(each,)) for each in wanted.stations])
    chosen_together = list(itertools.product(*choices))
    if not choices or len(chosen_together) > _MOST_BRANCHES:
        return (("verdicts v", *wanted.terms()),)
    found = []
    for chosen in chosen_together:
        one = wanted
        for each in chosen:
            one = replace(
                one,
                verdicts=each.verdicts if each.verdicts != wanted.verdicts else one.verdicts,
                stations=each.stations if each.stations != wanted.stations else one.stations,
            )
        found.append(("verdicts v", *one.terms()))
    return tuple(found)


def page_sql(
    found: Sequence[Sequence[str]],
    wanted: Filter,
    *,
    newest_first: bool,
    edge: Edge | None,
    columns: str,
    joins: str,
) -> tuple[str, dict[str, Any]]:
    """Return SQL for a page and its values, which lack ``count`` and ``skip``."""
    order = _NEWEST_FIRST if newest_first else _OLDEST_FIRST
    walk = _walk("verdicts v", order)
    parts = []
    for table, *terms in found:
        more = [edge.term(order, table)] if edge is not None else []
        parts.append(
            f"(SELECT v.* FROM {table} WHERE {all_of([*terms, *more])}"  # noqa: S608 - our words
            f" {_walk(table, order)} LIMIT :both)"
        )
    first = ""
    more = [edge.term(order)] if edge is not None else []
    if any(table == "few v" for table, *_ in found):
        first = (
            "WITH few AS MATERIALIZED (SELECT v.* FROM verdicts v"  # noqa: S608 - our words
            f" WHERE {all_of([*wanted.where, *more])}) "
        )
    sql = (
        f"{first}SELECT {columns} FROM (SELECT v.* FROM ({' UNION ALL '.join(parts)}) v"  # noqa: S608
        f" {walk} LIMIT :count OFFSET :skip) v{joins} {walk}"
    )
    values = dict(wanted.values)
    if edge is not None:
        values |= edge.values
    return sql, values


def _keys(table: str) -> tuple[str, str, str]:
    return _KEYS.get(table, _KEYS["verdicts v"])


def _walk(table: str, order: str) -> str:
    return "ORDER BY " + ", ".join(f"{key} {order}" for key in _keys(table))


def all_of(terms: Sequence[str]) -> str:
    """Return terms that must all hold as SQL."""
    return " AND ".join(terms) or "true"


def leap(ask: Ask, wanted: Filter, edge: Edge | None, skip: int) -> tuple[Edge | None, int]:
    """Return what an edge and ``skip`` come to with an edge near the rows.

    The counters name the day and the hour, so that millions of rows need not be walked over; only
    those of two hours are. Raises CentralError.
    """
    top = edge or _top(ask, wanted)
    if top is None:
        return edge, skip
    hour = top.at.replace(minute=0, second=0, microsecond=0)
    ahead = int(
        ask(
            f"SELECT count(*) FROM verdicts v WHERE {all_of(wanted.terms())}"  # noqa: S608
            f" AND v.at >= :hour AND {top.term(_NEWEST_FIRST)}",
            {**wanted.values, "hour": hour, **top.values},
        )[0][0]
    )
    if skip < ahead:
        return top, skip
    midnight = hour.replace(hour=0)
    begin, left, within = _slot(ask, wanted, "hours", (midnight, hour), skip - ahead)
    if not within:
        begin, left, within = _slot(ask, wanted, "days", (None, midnight), left)
        if not within:
            return Edge(begin), left
        begin, left, within = _slot(ask, wanted, "hours", (begin, begin + _DAY), left)
    return Edge(begin + _HOUR if within else begin), left


def _slot(
    ask: Ask, wanted: Filter, table: str, span: tuple[datetime | None, datetime], skip: int
) -> tuple[datetime, int, bool]:
    """Return the hour or day of a span in which the row ``skip`` from its end lies.

    With how many rows of it are to be skipped, and True. Where the span has no more than ``skip``
    rows: the begin of its oldest slot, how many are still to be skipped below it, and False.
    """
    column = table[:-1]
    low, high = span
    terms = [f"v.{column} < :high", *wanted.keys(), kept_term(ask, column)]
    values: dict[str, Any] = {"high": high, "skip": skip}
    if low is not None:
        terms.append(f"v.{column} >= :low")
        values["low"] = low
    rows = ask(
        "SELECT slot, before, parts FROM (SELECT slot, sum(parts)::bigint AS parts,"  # noqa: S608
        " (sum(sum(parts)) OVER (ORDER BY slot DESC) - sum(parts))::bigint AS before"
        f" FROM (SELECT v.{column} AS slot, v.parts FROM {table} v WHERE {all_of(terms)}) s"
        " GROUP BY slot) h WHERE before <= :skip ORDER BY slot LIMIT 1",
        values,
    )
    if not rows:
        return high, skip, False
    begin, before, parts = rows[0][0].astimezone(UTC), int(rows[0][1]), int(rows[0][2])
    within = skip - before < parts
    return begin, skip - before - (0 if within else parts), within


def begin_near(ask: Ask, wanted: Filter, edge: Edge | None) -> Edge | None:
    """Return an edge below which rows follow at once; ``None``: there are none.

    For a product at a station, which no index finds alone: the counters name its latest day, so
    that months in which it was not made there need not be walked over.
    """
    terms, values = list(wanted.keys()), dict[str, Any]()
    if edge is not None:
        terms.append("v.day <= :at")
        values["at"] = edge.at
    rows = ask(
        f"SELECT v.day FROM days v WHERE {all_of(terms)} ORDER BY v.day DESC LIMIT 1",  # noqa: S608
        values,
    )
    if not rows:
        return None
    end = rows[0][0].astimezone(UTC) + _DAY
    return edge if edge is not None and edge.at < end else Edge(end)


def _top(ask: Ask, wanted: Filter) -> Edge | None:
    """Return the place just above the newest row of the filter."""
    until = wanted.query.until
    if until is not None:
        return Edge(until.astimezone(UTC))  # its days and hours are those of the counters
    newest = ask("SELECT max(at) FROM verdicts", {})[0][0]
    if newest is None:
        return None
    return Edge(newest.astimezone(UTC) + timedelta(microseconds=1))


def kept_term(ask: Ask, column: str) -> str:
    """Return which counters still have their rows: those of dropped months stay.

    ``column``: hour or day.
    """
    months = ask(
        "SELECT to_timestamp(min(substr(c.relname, 10)), 'YYYY_MM') FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'deeprx.verdicts'::regclass"
        " AND c.relname ~ '^verdicts_[0-9]{4}_[0-9]{2}$'",
        {},
    )
    first = months[0][0] if months else None
    if first is None:
        return "true"
    begin = first.astimezone(UTC).isoformat()
    return f"(v.{column} >= '{begin}' OR v.{column} < '{_IMPOSSIBLE}')"


def _are_few(ask: Ask, wanted: Filter) -> bool:
    row = ask(
        "SELECT count(*) FROM (SELECT 1 FROM verdicts v WHERE v.serial <> ''"
        " AND lower(v.serial) LIKE lower(:serial) LIMIT :most) s",
        {"serial": wanted.values["serial"], "most": _FEW_SERIALS + 1},
    )[0]
    return int(row[0]) <= _FEW_SERIALS
