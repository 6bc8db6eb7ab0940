"""What verdicts of all stations add up to: from the counters, or from the rows that fit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Final

from deeprx_gui.central.search import Ask, Filter, all_of, branches, filter_of, kept_term
from deeprx_gui.domain.history import MOST_COUNTED, RecordQuery
from deeprx_gui.domain.history_figures import HOUR, Parts, Slots, fringes, hours_within
from deeprx_gui.domain.recorded_values import moment
from deeprx_gui.domain.verdict import VERDICTS, Verdict

ROW_BIN: Final = "floor(least(greatest(v.times, 0), 2) * 200)::integer"
"""As the counters are kept."""
_ROW_HOUR: Final = "floor(extract(epoch FROM v.at) / 3600)::bigint"
COUNTER_HOUR: Final = "(extract(epoch FROM v.hour) / 3600)::bigint"
_END_OF_TIME: Final = "infinity"
_ALL_AT_ONCE: Final = Slots(size=1 << 40)


def count(ask: Ask, wanted: Filter) -> int:
    """Count rows, at most ``MOST_COUNTED`` + 1 where they are looked at. Raises CentralError."""
    if not wanted.query.searched:
        return sum(from_counters(ask, wanted, "hours", "verdict", _ALL_AT_ONCE, kept=True).values())
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
        parts = from_counters(ask, wanted, "hours", "verdict", Slots())
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


def from_counters(
    ask: Ask, wanted: Filter, table: str, column: str, slots: Slots, *, kept: bool = False
) -> Counter[tuple[int, int]]:
    """Add up a table of counters for whole hours, and rows for what lies before and behind.

    ``kept``: leave out the hours whose rows were deleted.
    """
    by_verdict = column == "verdict"
    keys = (wanted if by_verdict else replace(wanted, verdicts=None)).keys()
    first, last = hours_within(wanted.query)
    values: dict[str, object] = {"first": moment(first * HOUR)}
    until = f"'{_END_OF_TIME}'"
    if wanted.query.until is not None:
        until, values["last"] = ":last", moment(last * HOUR)
    terms = ["v.hour >= :first", f"v.hour < {until}", *keys]
    if kept:
        terms.append(kept_term(ask))
    found: Counter[tuple[int, int]] = Counter()
    (text,) = ask(
        "SELECT string_agg(slot || ' ' || key || ' ' || parts, ',') FROM"  # noqa: S608 - our words
        f" (SELECT {slots.of(COUNTER_HOUR)} AS slot, {column} AS key, sum(parts)::bigint AS parts"
        f" FROM {table} v WHERE {all_of(terms)} GROUP BY 1, 2) c",
        values,
    )[0]
    for entry in text.split(",") if text else ():  # years of hours come faster as one text
        slot, key, parts = map(int, entry.split())
        found[slot, key] += parts
    only = () if by_verdict else ("v.verdict = 0", "v.times IS NOT NULL")
    row_key = "v.verdict" if by_verdict else ROW_BIN
    for since, end in fringes(wanted.query):
        for slot, key, parts in ask(
            f"SELECT {slots.of(_ROW_HOUR)}, {row_key}, count(*) FROM verdicts v"  # noqa: S608
            f" WHERE {all_of(['v.at >= :low', 'v.at < :high', *keys, *only])} GROUP BY 1, 2",
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
    for table, *terms in branches(ask, wanted):
        source, decision = table, "q.decision"
        if table == "few v":
            source = "verdicts v JOIN decided q ON q.verdict_uid = v.uid AND q.verdict_at = v.at"
        for verdict, decided, n in ask(
            f"SELECT v.verdict, {decision}, count(*) FROM {source}"  # noqa: S608 - our words
            f" WHERE {all_of(terms)} GROUP BY 1, 2",
            wanted.values,
        ):
            flagged = VERDICTS[verdict] in {Verdict.REVIEW, Verdict.NG}
            if VERDICTS[verdict] in verdicts:
                false_calls += n if flagged and decided == 0 else 0
                misses += n if VERDICTS[verdict] is Verdict.OK and decided == 1 else 0
    return false_calls, misses
