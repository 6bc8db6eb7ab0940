"""The figures of all stations side by side, added up by the server."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from deeprx_gui.central.figures import COUNTER_HOUR
from deeprx_gui.central.search import Ask, Filter, all_of, filter_of
from deeprx_gui.domain.history import RecordQuery, TrendPoint
from deeprx_gui.domain.history_figures import Slots, trend_of
from deeprx_gui.domain.message import say
from deeprx_gui.domain.plant_report import PlaceCount, PlantReport, StationFigures, differences
from deeprx_gui.domain.progress import Progress

_MOST_SLOTS: Final = 180
_SIZES: Final = (1, 2, 4, 8, 12, 24, 48, 7 * 24, 28 * 24)
"""Hours taken together for one median."""
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
    counts, hours = _counts(ask, wanted)
    yield Progress(1, _STEPS, _READING)
    slots = Slots(next((s for s in _SIZES if len({h // s for h in hours}) <= _MOST_SLOTS), 28 * 24))
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


def _time(wanted: Filter, column: str) -> tuple[list[str], dict[str, object]]:
    terms, values = [], dict[str, object]()
    if wanted.query.since is not None:
        terms.append(f"{column} >= date_trunc('hour', CAST(:since AS timestamptz))")
        values["since"] = wanted.query.since
    if wanted.query.until is not None:
        terms.append(f"{column} < :until")
        values["until"] = wanted.query.until
    return terms, values


def _counts(ask: Ask, wanted: Filter) -> tuple[dict[Pair, Counter[int]], set[int]]:
    terms, values = _time(wanted, "v.hour")
    counts: dict[Pair, Counter[int]] = defaultdict(Counter)
    for station, product, verdict, parts in ask(
        "SELECT v.station, v.product, v.verdict, sum(v.parts)::bigint FROM hours v"  # noqa: S608
        f" WHERE {all_of([*terms, *wanted.keys()])} GROUP BY 1, 2, 3",
        values,
    ):
        counts[int(station), int(product)][int(verdict)] += int(parts)
    hours = ask(
        f"SELECT DISTINCT {COUNTER_HOUR} FROM hours v"  # noqa: S608 - our words
        f" WHERE {all_of([*terms, *wanted.keys(), 'v.verdict = 0'])}",
        values,
    )
    return counts, {int(row[0]) for row in hours}


def _trends(ask: Ask, wanted: Filter, slots: Slots) -> dict[Pair, tuple[TrendPoint, ...]]:
    terms, values = _time(wanted, "v.hour")
    scores: dict[Pair, Counter[tuple[int, int]]] = defaultdict(Counter)
    for station, product, slot, at_bin, parts in ask(
        f"SELECT v.station, v.product, {slots.of(COUNTER_HOUR)}, v.bin, sum(v.parts)::bigint"  # noqa: S608
        f" FROM ok_scores v WHERE {all_of([*terms, *wanted.keys()])} GROUP BY 1, 2, 3, 4",
        values,
    ):
        scores[int(station), int(product)][int(slot), int(at_bin)] += int(parts)
    return {pair: trend_of(found, slots) for pair, found in scores.items()}


def _decided(ask: Ask, wanted: Filter) -> dict[Pair, Counter[tuple[int, int]]]:
    """Return parts by verdict and decision."""
    terms, values = _time(wanted, "d.verdict_at")
    found: dict[Pair, Counter[tuple[int, int]]] = defaultdict(Counter)
    for station, product, verdict, decision, parts in ask(
        "SELECT v.station, v.product, v.verdict, d.decision, count(*) FROM decided d"  # noqa: S608
        " JOIN verdicts v ON v.at = d.verdict_at AND v.uid = d.verdict_uid"
        f" WHERE {all_of(['d.decision IS NOT NULL', *terms, *wanted.keys()])} GROUP BY 1, 2, 3, 4",
        values,
    ):
        found[int(station), int(product)][int(verdict), int(decision)] += int(parts)
    return found


def _places(ask: Ask, wanted: Filter) -> dict[Pair, tuple[PlaceCount, ...]]:
    """Return the fields in which most NG parts were hottest."""
    terms, values = _time(wanted, "v.at")
    place = "places_json(v.places) -> 0"
    fields = ", ".join(
        f"least(floor(({place} ->> {axis})::double precision * 10), 9)::integer" for axis in (0, 1)
    )
    ng = ["v.verdict = 2", "v.places <> ''", *terms, *wanted.keys()]
    found: dict[Pair, list[PlaceCount]] = defaultdict(list)
    for station, product, across, down, parts in ask(
        f"SELECT v.station, v.product, {fields}, count(*) FROM verdicts v"  # noqa: S608 - our words
        f" WHERE {all_of(ng)} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 3, 4",
        values,
    ):
        places = found[int(station), int(product)]
        if across is not None and down is not None and len(places) < _MOST_PLACES:
            places.append(PlaceCount(max(0, int(across)), max(0, int(down)), int(parts)))
    return {pair: tuple(places) for pair, places in found.items()}
