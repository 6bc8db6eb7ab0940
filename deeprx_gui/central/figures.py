"""What verdicts of all stations add up to: from the counters, or from the rows that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from deeprx_gui.central.search import (
    DECIDED_IS,
    Ask,
    Filter,
    all_of,
    branches,
    filter_of,
    kept_term,
)
from deeprx_gui.domain.history import MOST_COUNTED, RecordQuery
from deeprx_gui.domain.history_figures import HOUR, Parts, Slots, fringes, hours_within
from deeprx_gui.domain.recorded_values import moment
from deeprx_gui.domain.verdict import VERDICTS, Verdict

ROW_BIN: Final = "floor(least(greatest(v.times, 0), 2) * 200)::integer"
"""As the counters are kept."""
_ROW_HOUR: Final = "floor(date_part('epoch', v.at) / 3600)::bigint"
HOUR_OF: Final = "(date_part('epoch', at)::bigint / 3600)"
"""Of what ``counted`` gives. ``extract`` would compute with numbers of any length, far slower."""
ALL_AT_ONCE: Final = Slots(size=7 * 24 << 40)


@dataclass(frozen=True)
class Counters:
    """Counters by ``key``: ``tables`` with the column of time and its length in hours.

    The longest first, and all begin at 1970-01-01 UTC. ``row_key``: how a row has the key;
    ``only``: which rows are counted.
    """

    tables: tuple[tuple[str, str, int], ...]
    key: str
    row_key: str
    only: tuple[str, ...] = ()


PARTS: Final = Counters((("days", "day", 24), ("hours", "hour", 1)), "verdict", "v.verdict")
SCORES: Final = Counters(
    (("ok_score_weeks", "week", 7 * 24), ("ok_score_days", "day", 24), ("ok_scores", "hour", 1)),
    "bin",
    ROW_BIN,
    ("v.verdict = 0", "v.times IS NOT NULL"),
)


def count(ask: Ask, wanted: Filter) -> int:
    """Count rows, at most ``MOST_COUNTED`` + 1 where they are looked at. Raises CentralError."""
    if not wanted.query.searched:
        return sum(from_counters(ask, wanted, PARTS, ALL_AT_ONCE, kept=True).values())
    left = MOST_COUNTED + 1
    for table, *terms in branches(ask, wanted):
        source = "verdicts v" if table == "few v" else table
        row = ask(
            f"SELECT count(*) FROM (SELECT 1 FROM {source}"  # noqa: S608 - our words
            f" WHERE {all_of(terms)} LIMIT :most) c",
            {**wanted.values, "most": left},
        )[0]
        left -= int(row[0])
    return MOST_COUNTED + 1 - left


def parts_and_scores(ask: Ask, wanted: Filter) -> tuple[Parts, Parts | None]:
    """Return parts by hour and verdict, and scores where the rows had to be read anyway."""
    if not wanted.query.searched:
        parts = from_counters(ask, wanted, PARTS, Slots())
        none_ok = wanted.verdicts is not None and 0 not in wanted.verdicts
        return parts, {} if none_ok else None
    parts, scores = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for table, *terms in branches(ask, wanted):
        source = "verdicts v" if table == "few v" else table
        for hour, verdict, at_bin, n in ask(
            f"SELECT {_ROW_HOUR}, v.verdict, {ROW_BIN}, count(*) FROM {source}"  # noqa: S608
            f" WHERE {all_of(terms)} GROUP BY 1, 2, 3",
            wanted.values,
        ):
            parts[hour, verdict] += n
            if verdict == 0 and at_bin is not None:
                scores[hour, at_bin] += n
    return parts, scores


def in_slots(scores: Parts, slots: Slots) -> Parts:
    """Return scores by hour as scores by slot."""
    found: Counter[tuple[int, int]] = Counter()
    for (hour, at_bin), n in scores.items():
        found[(hour + slots.shift) // slots.size, at_bin] += n
    return found


def counted(
    counters: Counters, hours: tuple[int, int | None], slots: Slots, terms: Callable[[str], str]
) -> tuple[str, dict[str, Any]]:
    """Return SQL for ``station``, ``product``, ``at``, ``key``, ``parts``, and its values.

    ``at``: when the hour, day or week begins, all of it in one of the slots. ``hours``: the first
    (since 1970) and the one behind the last, ``None``: all that follow. Where slots are whole weeks
    or days, these are read and only what is left of shorter ones. ``terms``: what else must hold of
    ``v``, by the name of the column with its time.
    """
    parts: list[str] = []
    values: dict[str, Any] = {}
    for table, column, low, high in _spans(counters, hours, slots):
        number = len(parts)
        where = [f"v.{column} >= :low{number}", terms(column)]
        values[f"low{number}"] = moment(low * HOUR)
        if high is not None:
            where.append(f"v.{column} < :high{number}")
            values[f"high{number}"] = moment(high * HOUR)
        parts.append(
            f"SELECT v.station, v.product, v.{column} AS at, v.{counters.key} AS key, v.parts"  # noqa: S608
            f" FROM {table} v WHERE {all_of(where)}"
        )
    return " UNION ALL ".join(parts), values


def _spans(
    counters: Counters, hours: tuple[int, int | None], slots: Slots
) -> list[tuple[str, str, int, int | None]]:
    """Return table, column of time, first hour and the one behind the last."""
    spans: list[tuple[str, str, int, int | None]] = []
    left = [hours]
    for table, column, length in counters.tables:
        if slots.size % length or slots.shift % length:
            continue
        rest: list[tuple[int, int | None]] = []
        for first, last in left:
            begin = -(-first // length) * length
            end = None if last is None else last // length * length
            if last is not None and end is not None and end <= begin:
                rest.append((first, last))
                continue
            spans.append((table, column, begin, end))
            if first < begin:
                rest.append((first, begin))
            if last is not None and end is not None and end < last:
                rest.append((end, last))
        left = rest
    return spans


def from_counters(
    ask: Ask, wanted: Filter, counters: Counters, slots: Slots, *, kept: bool = False
) -> Counter[tuple[int, int]]:
    """Add up counters for whole hours, and rows for what lies before and behind.

    ``kept``: leave out the hours whose rows were deleted.
    """
    keys = (wanted if counters is PARTS else replace(wanted, verdicts=None)).keys()

    def terms(column: str) -> str:
        return all_of([*keys, *([kept_term(ask, column)] if kept else [])])

    first, last = hours_within(wanted.query)
    until = None if wanted.query.until is None else last
    found: Counter[tuple[int, int]] = Counter()
    if until is None or first < until:
        sql, values = counted(counters, (first, until), slots, terms)
        by_time = f"SELECT at, key, sum(parts)::bigint AS parts FROM ({sql}) s GROUP BY 1, 2"  # noqa: S608
        (text,) = ask(
            "SELECT string_agg(slot || ' ' || key || ' ' || parts, ',') FROM"  # noqa: S608
            f" (SELECT {slots.of(HOUR_OF)} AS slot, key, sum(parts)::bigint AS parts"
            f" FROM ({by_time}) t GROUP BY 1, 2) c",
            values,
        )[0]
        for entry in text.split(",") if text else ():  # years of hours come faster as one text
            slot, key, parts = map(int, entry.split())
            found[slot, key] += parts
    for since, end in fringes(wanted.query):
        where = ["v.at >= :low", "v.at < :high", *keys, *counters.only]
        for slot, key, parts in ask(
            f"SELECT {slots.of(_ROW_HOUR)}, {counters.row_key}, count(*) FROM verdicts v"  # noqa: S608
            f" WHERE {all_of(where)} GROUP BY 1, 2",
            {"low": moment(since), "high": moment(end)},
        ):
            found[int(slot), int(key)] += int(parts)
    return found


def mistakes(ask: Ask, query: RecordQuery) -> tuple[int, int]:
    """Count what people decided against the verdict: false calls and misses."""
    if query.decided is False:
        return 0, 0
    wanted = filter_of(ask, replace(query, verdicts=frozenset(), decided=True))
    if wanted is None:
        return 0, 0
    verdicts = query.verdicts or frozenset(VERDICTS)
    false_calls = misses = 0
    for table, *terms in branches(ask, wanted, whole=bool(query.serial or query.text)):
        source = f"verdicts v JOIN decided q ON {DECIDED_IS}" if table == "few v" else table
        for verdict, decided, n in ask(
            f"SELECT q.verdict, q.decision, count(*) FROM {source}"  # noqa: S608 - our words
            f" WHERE {all_of(terms)} GROUP BY 1, 2",
            wanted.values,
        ):
            flagged = VERDICTS[verdict] in {Verdict.REVIEW, Verdict.NG}
            if VERDICTS[verdict] in verdicts:
                false_calls += n if flagged and decided == 0 else 0
                misses += n if VERDICTS[verdict] is Verdict.OK and decided == 1 else 0
    return false_calls, misses
