"""The figures of all stations side by side, added up by the server."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from deeprx_gui.central.figures import ALL_AT_ONCE, HOUR_OF, PARTS, SCORES, Counters, counted
from deeprx_gui.central.search import Ask, Filter, all_of, filter_of
from deeprx_gui.domain.history import RecordQuery, TrendPoint
from deeprx_gui.domain.history_figures import BINS, HOUR, Slots
from deeprx_gui.domain.message import say
from deeprx_gui.domain.plant_report import PlaceCount, PlantReport, StationFigures, differences
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.recorded_values import micros, moment

_MOST_SLOTS: Final = 180
_SIZES: Final = (
    *((hours, _MOST_SLOTS) for hours in (1, 2, 4, 8, 24, 48)), (7 * 24, 60), (28 * 24, 1 << 30),
)  # fmt: skip
"""Hours taken together for one median, and up to how many of them; from a day on days of UTC."""
_MEDIANS: Final = """
SELECT station, product, slot, max(total),
       min((key + (total / 2 - before) / parts) / {bins})
         FILTER (WHERE before < total / 2 AND before + parts >= total / 2)
FROM (
  SELECT station, product, slot, key, parts,
         sum(parts) OVER (PARTITION BY station, product, slot ORDER BY key) - parts AS before,
         sum(parts) OVER (PARTITION BY station, product, slot) AS total
  FROM (SELECT station, product, {slot} AS slot, key, sum(parts)::double precision AS parts
        FROM ({counters}) s GROUP BY 1, 2, 3, 4) b
) c
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
"""Medians by counters of scores, each evenly spread within its bin."""
_MOST_PLACES: Final = 5
_STEPS: Final = 4
_READING: Final = say("Adding up the verdicts of all stations")

Pair = tuple[int, int]
"""Numbers of a station and a product."""


def plant_report(ask: Ask, query: RecordQuery) -> Generator[Progress, None, PlantReport]:
    """Add up each product at each station for a time, a line, a product. Raises CentralError.

    Verdict, serial number, text and decisions of the query are left aside, and times are taken to
    the whole hour.
    """
    wanted = filter_of(
        ask,
        RecordQuery(
            since=query.since,
            until=query.until,
            profile_id=query.profile_id,
            station_id=query.station_id,
            line=query.line,
        ),
    )
    yield Progress(0, _STEPS, _READING)
    if wanted is None:
        return PlantReport(query, (), timedelta(hours=1))
    counts = _counts(ask, wanted)
    yield Progress(1, _STEPS, _READING)
    slots = _slots(ask, wanted)
    trends = _trends(ask, wanted, slots)
    yield Progress(2, _STEPS, _READING)
    decided = _decided(ask, wanted)
    yield Progress(3, _STEPS, _READING)
    places = _places(ask, wanted)
    names = {
        int(number): (str(id_), str(name), str(line))
        for number, id_, name, line in ask("SELECT number, id, name, line FROM stations", {})
    }
    products = {
        int(number): (str(id_), str(name))
        for number, id_, name in ask("SELECT number, profile_id, name FROM products", {})
    }
    rows = []
    for (station, product), found in counts.items():
        said = decided.get((station, product), Counter())
        station_id, name, line = names[station]
        profile_id, profile = products[product]
        rows.append(
            StationFigures(
                station_id, name, line, profile_id, profile,
                ok=found[0], review=found[1], ng=found[2], error=found[3],
                decided=said[1, 0] + said[1, 1] + said[2, 0] + said[2, 1],
                false_calls=said[1, 0] + said[2, 0], misses=said[0, 1],
                trend=trends.get((station, product), ()),
                places=places.get((station, product), ()),
            )
        )  # fmt: skip
    rows.sort(key=lambda row: (row.profile, row.profile_id, row.line, row.station))
    report = PlantReport(query, tuple(rows), timedelta(hours=slots.size))
    yield Progress(_STEPS, _STEPS, _READING)
    return replace(report, differences=differences(rows))


def _hours(wanted: Filter) -> tuple[int, int | None]:
    """Return the first hour asked for and the one behind the last, counted from 1970."""
    since, until = wanted.query.since, wanted.query.until
    return (
        0 if since is None else micros(since) // HOUR,
        None if until is None else -(-micros(until) // HOUR),
    )


def _time(wanted: Filter, column: str) -> tuple[list[str], dict[str, Any]]:
    first, last = _hours(wanted)
    terms, values = [f"{column} >= :since"], {"since": moment(first * HOUR)}
    if last is not None:
        terms.append(f"{column} < :until")
        values["until"] = moment(last * HOUR)
    return terms, values


def _added(wanted: Filter, counters: Counters, slots: Slots) -> tuple[str, dict[str, Any]]:
    return counted(counters, _hours(wanted), slots, lambda _column: all_of(wanted.keys()))


def _counts(ask: Ask, wanted: Filter) -> dict[Pair, Counter[int]]:
    sql, values = _added(wanted, PARTS, ALL_AT_ONCE)
    counts: dict[Pair, Counter[int]] = defaultdict(Counter)
    for station, product, verdict, parts in ask(
        f"SELECT station, product, key, sum(parts)::bigint FROM ({sql}) s GROUP BY 1, 2, 3",  # noqa: S608
        values,
    ):
        counts[int(station), int(product)][int(verdict)] += int(parts)
    return counts


def _slots(ask: Ask, wanted: Filter) -> Slots:
    """Choose how many hours one median stands for; single hours are read of a few months only."""
    sizes = list(_SIZES)
    days = _with_ok_parts(ask, wanted, 24)
    if len(days) > _MOST_SLOTS:
        hours, sizes = {24 * day for day in days}, [one for one in sizes if one[0] >= 24]
    else:
        hours = _with_ok_parts(ask, wanted, 1)
    return Slots(next(size for size, most in sizes if len({h // size for h in hours}) <= most))


def _with_ok_parts(ask: Ask, wanted: Filter, size: int) -> set[int]:
    """Return the slots of a size in which there were OK parts."""
    slots = Slots(size)
    sql, values = _added(wanted, PARTS, slots)
    rows = ask(
        f"SELECT DISTINCT {slots.of(HOUR_OF)}"  # noqa: S608 - our words
        f" FROM (SELECT DISTINCT at FROM ({sql}) s WHERE key = 0) t",
        values,
    )
    return {int(row[0]) for row in rows}


def _trends(ask: Ask, wanted: Filter, slots: Slots) -> dict[Pair, tuple[TrendPoint, ...]]:
    sql, values = _added(wanted, SCORES, slots)
    found: dict[Pair, list[TrendPoint]] = defaultdict(list)
    medians = _MEDIANS.format(counters=sql, slot=slots.of(HOUR_OF), bins=BINS)
    for station, product, slot, parts, median in ask(medians, values):
        begin = moment(slots.begin(int(slot)) * HOUR)
        found[int(station), int(product)].append(TrendPoint(begin, median, int(parts)))
    return {pair: tuple(points) for pair, points in found.items()}


def _decided(ask: Ask, wanted: Filter) -> dict[Pair, Counter[tuple[int, int]]]:
    """Return parts by verdict and decision."""
    terms, values = _time(wanted, "v.verdict_at")
    found: dict[Pair, Counter[tuple[int, int]]] = defaultdict(Counter)
    for station, product, verdict, decision, parts in ask(
        "SELECT v.station, v.product, v.verdict, v.decision, count(*) FROM decided v"  # noqa: S608
        f" WHERE {all_of(['v.decision IS NOT NULL', *terms, *wanted.keys()])} GROUP BY 1, 2, 3, 4",
        values,
    ):
        found[int(station), int(product)][int(verdict), int(decision)] += int(parts)
    return found


def _places(ask: Ask, wanted: Filter) -> dict[Pair, tuple[PlaceCount, ...]]:
    """Return the fields in which most NG parts were hottest."""
    terms, values = _time(wanted, "v.hour")
    found: dict[Pair, list[PlaceCount]] = defaultdict(list)
    for station, product, across, down, parts in ask(
        "SELECT v.station, v.product, v.across, v.down, sum(v.parts)::bigint FROM ng_fields v"  # noqa: S608
        f" WHERE {all_of([*terms, *wanted.keys()])} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 3, 4",
        values,
    ):
        places = found[int(station), int(product)]
        if len(places) < _MOST_PLACES:
            places.append(PlaceCount(int(across), int(down), int(parts)))
    return {pair: tuple(places) for pair, places in found.items()}
