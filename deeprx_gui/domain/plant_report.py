"""Stations side by side: yield, false calls, worst places, and how their scores drift apart.

Stations that judge the same product should read alike. For each station the logarithm of its median
score of OK parts over that of the others is a series; a change in it (``domain/change_point.py``)
is told with its beginning and size, and so is a difference that was there all the time. Both only
where they are large enough to matter and seen in enough times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import numpy as np

from deeprx_gui.domain.change_point import LONGEST, segments
from deeprx_gui.domain.history import RecordQuery, TrendPoint
from deeprx_gui.domain.inspection import VerdictCounts
from deeprx_gui.domain.message import Message, say

LARGE_ENOUGH: Final = 0.05
"""Differences of scores below this share are not told."""
_FEWEST_PARTS: Final = 20
"""A median of fewer OK parts is not compared."""
_FEWEST_TIMES: Final = 12
_ALIKE: Final = 0.9
"""So many of the times a lasting difference must point the same way."""


@dataclass(frozen=True)
class PlaceCount:
    """How many NG parts were hottest in a field of ten by ten; ``across``, ``down``: 0..9."""

    across: int
    down: int
    parts: int


@dataclass(frozen=True)
class StationFigures(VerdictCounts):
    """One product at one station. ``decided``: stopped parts that a person decided about.

    ``trend``: medians of the OK scores in x limit, in the slots of the report. ``places``: where
    most NG parts were hottest, the most first.
    """

    station_id: str
    station: str
    line: str
    profile_id: str
    profile: str
    ok: int = 0
    review: int = 0
    ng: int = 0
    error: int = 0
    decided: int = 0
    false_calls: int = 0
    misses: int = 0
    trend: tuple[TrendPoint, ...] = ()
    places: tuple[PlaceCount, ...] = ()

    @property
    def yielded(self) -> float | None:
        """Share of OK among the parts that have a score, 0..1; ``None`` without any."""
        judged = self.ok + self.review + self.ng
        return self.ok / judged if judged else None

    @property
    def median(self) -> float | None:
        """The middle of the medians, each weighing as many parts as it is of."""
        points = sorted((p.median, p.parts) for p in self.trend)
        half, below = sum(parts for _, parts in points) / 2, 0
        for value, parts in points:
            below += parts
            if below >= half:
                return value
        return None


@dataclass(frozen=True)
class PlantReport:
    """All stations side by side, product by product, for the time of ``query``."""

    query: RecordQuery
    rows: tuple[StationFigures, ...]
    bucket: timedelta
    differences: tuple[Message, ...] = field(default=())


@dataclass(frozen=True)
class _Difference:
    """One station against the others of its product; ``since`` ``None``: all the time."""

    row: StationFigures
    since: datetime | None
    share: float
    own: float
    """How much its own scores changed, whatever the others did."""


def differences(rows: Sequence[StationFigures]) -> tuple[Message, ...]:
    """Return what differs between stations, as sentences, product by product."""
    products: dict[str, list[StationFigures]] = {}
    for row in rows:
        products.setdefault(row.profile_id, []).append(row)
    return tuple(sentence for same in products.values() for sentence in _of_product(same))


def _of_product(rows: Sequence[StationFigures]) -> list[Message]:
    """Tell the station that differs most, leave it out, and look at the others again.

    A station that moved makes all others differ from the middle, too, only less.
    """
    medians = {
        row.station_id: {p.when: p.median for p in row.trend if p.parts >= _FEWEST_PARTS}
        for row in rows
    }
    told, left = [], list(rows)
    while len(left) > 1:
        found = [
            difference
            for row in left
            if (difference := _of_station(row, [medians[o.station_id] for o in left if o != row],
                                          medians[row.station_id])) is not None
        ]  # fmt: skip
        if not found:
            break
        one_of_two = len(left) == 2  # both differ as much: named is the one that moved more itself
        worst = max(found, key=lambda d: abs(d.own) if one_of_two and d.since else abs(d.share))
        told.append(_sentence(worst, left, rows))
        left.remove(worst.row)
    return told


def _of_station(
    row: StationFigures,
    others: Sequence[Mapping[datetime, float]],
    mine: Mapping[datetime, float],
) -> _Difference | None:
    times, ratios = [], []
    for when in sorted(mine):
        theirs = [series[when] for series in others if when in series]
        if theirs and mine[when] > 0 and median(theirs) > 0:
            times.append(when)
            ratios.append(math.log(mine[when] / median(theirs)))
    times, ratios = times[-LONGEST:], ratios[-LONGEST:]
    if len(ratios) < _FEWEST_TIMES:
        return None
    cut = segments(np.array(ratios))
    if len(cut) == 1:
        return _lasting(row, ratios)
    last, before = cut[-1], cut[-2]
    share = math.exp(median(ratios[last.start :]) - median(ratios[before.start : before.end])) - 1
    if abs(share) < LARGE_ENOUGH:
        return None
    now = median(mine[when] for when in times[last.start :])
    then = median(mine[when] for when in times[before.start : before.end])
    return _Difference(row, times[last.start], share, now / then - 1)


def _lasting(row: StationFigures, ratios: Sequence[float]) -> _Difference | None:
    share = math.exp(median(ratios)) - 1
    alike = sum(ratio * share > 0 for ratio in ratios) / len(ratios)
    return (
        _Difference(row, None, share, 0.0)
        if abs(share) >= LARGE_ENOUGH and alike >= _ALIKE
        else None
    )


def _sentence(
    found: _Difference, left: Sequence[StationFigures], same: Sequence[StationFigures]
) -> Message:
    others = [row for row in left if row != found.row]
    values: dict[str, str | Message] = {
        "product": found.row.profile,
        "where": _name(found.row, same),
        "percent": f"{abs(found.share) * 100:.0f}",
        "others": _name(others[0], same) if len(others) == 1 else say("the other stations"),
    }
    if found.since is None:
        if found.share > 0:
            return say(
                "{product}: {where} reads {percent} % higher than {others} all the time.", **values
            )
        return say(
            "{product}: {where} reads {percent} % lower than {others} all the time.", **values
        )
    values["since"] = f"{found.since.astimezone():%Y-%m-%d %H:%M}"
    if found.share > 0:
        return say(
            "{product}: {where} reads {percent} % higher since {since}, compared with {others}.",
            **values,
        )
    return say(
        "{product}: {where} reads {percent} % lower since {since}, compared with {others}.",
        **values,
    )


def _name(row: StationFigures, same: Sequence[StationFigures]) -> str:
    """Return the line where only one station of it judges the product, else the station."""
    alone = row.line and sum(each.line == row.line for each in same) == 1
    return row.line if alone else row.station
