"""What the history lists, adds up and remembers of decisions, without a window."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from deeprx_gui.domain.history import HourCounts, RecordQuery, TrendPoint
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.history_columns import COLUMNS, DECIDED_WORDS, TIME, moment_text
from deeprx_gui.state.history_decisions import DecisionHistory, DecisionRequest
from deeprx_gui.state.history_filter import HistoryFilter, Period, midnight, overview
from deeprx_gui.state.history_trend import bars_of, smoothed, time_ticks
from tests.made_record import START
from tests.state.history_feed import made

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_today_and_yesterday_share_one_midnight() -> None:
    today = HistoryFilter(Period.TODAY).query(NOON)
    yesterday = HistoryFilter(Period.YESTERDAY).query(NOON)
    assert today.since == yesterday.until == midnight(date(2026, 3, 4))
    assert today.until is None
    assert yesterday.since == midnight(date(2026, 3, 3))


def test_seven_days_count_today() -> None:
    assert HistoryFilter(Period.WEEK).query(NOON).since == midnight(date(2026, 2, 26))


def test_from_and_to_are_both_counted_in_whichever_order_they_are_given() -> None:
    forth = HistoryFilter(Period.DAYS, date(2026, 3, 1), date(2026, 3, 2)).query(NOON)
    back = HistoryFilter(Period.DAYS, date(2026, 3, 2), date(2026, 3, 1)).query(NOON)
    assert forth == back
    assert forth.since == midnight(date(2026, 3, 1))
    assert forth.until == midnight(date(2026, 3, 3))


def test_the_query_says_what_was_chosen_and_nothing_else() -> None:
    assert HistoryFilter(Period.ALL).query(NOON) == RecordQuery()
    wish = HistoryFilter(Period.ALL, None, None, "b-1", frozenset({Verdict.NG}), True, "  SN1 ")
    query = wish.query(NOON)
    assert (query.profile_id, query.text, query.decided) == ("b-1", "SN1", False)
    assert query.verdicts == {Verdict.NG}
    assert overview(query) == RecordQuery(profile_id="b-1")
    assert overview(HistoryFilter(Period.ALL, text="SN1", station_id="s").query()) == RecordQuery(
        station_id="s"
    )


def hour(number: int, **parts: int) -> HourCounts:
    return HourCounts(START + timedelta(hours=number), **parts)


def test_a_shift_is_shown_by_the_hour_with_gaps_where_nothing_ran() -> None:
    bars = bars_of([hour(0, ok=5, ng=1), hour(3, ok=7, error=2)])
    assert bars.hours == 1
    assert bars.heights[Verdict.OK].tolist() == [5, 0, 0, 7]
    assert bars.heights[Verdict.NG].tolist() == [1, 0, 0, 0]
    assert bars.tallest == 9
    assert bars.starts[0] == START.timestamp()


def test_a_year_is_brought_to_few_bars_and_loses_no_part() -> None:
    bars = bars_of([hour(n, ok=2, review=1) for n in range(24 * 365)], most=72)
    assert bars.starts.size <= 74
    assert bars.heights[Verdict.OK].sum() == 2 * 24 * 365
    assert bars.heights[Verdict.REVIEW].sum() == 24 * 365
    assert datetime.fromtimestamp(bars.starts[0], UTC).astimezone().hour == 0


def test_no_hours_are_no_bars() -> None:
    bars = bars_of([])
    assert bars.starts.size == 0
    assert bars.tallest == 0


def test_the_average_follows_slowly_and_begins_at_the_first_median() -> None:
    points = [TrendPoint(START + n * DAY, 0.7 if n < 5 else 0.9, 100) for n in range(30)]
    average = smoothed(points)
    assert average[0] == pytest.approx(0.7)
    assert average[5] == pytest.approx(0.74)
    assert 0.89 < average[-1] < 0.9
    assert np.all(np.diff(average) >= -1e-12)
    assert smoothed([]).size == 0


@pytest.mark.parametrize("hours", [1, 7, 30, 24 * 10, 24 * 400, 24 * 4000])
def test_marks_are_few_in_order_and_inside(hours: int) -> None:
    low = START.timestamp()
    marks = time_ticks(low, low + hours * 3600, 5)
    assert len(marks) <= 6
    assert [m for m, _ in marks] == sorted(m for m, _ in marks)
    assert all(low <= mark <= low + hours * 3600 for mark, _ in marks)


def test_decisions_are_undone_by_deciding_as_before(qapp: object) -> None:
    decisions = DecisionHistory()
    wanted: list[tuple[DecisionRequest, ...]] = []
    decisions.wanted.connect(wanted.append)
    decisions.decide([made(1), made(2, decision=Decision.NG)], Decision.OK)
    decisions.undo_stack.undo()
    decisions.undo_stack.redo()
    decisions.undo_stack.clear()
    there = (DecisionRequest(1, Decision.OK), DecisionRequest(2, Decision.OK))
    assert wanted == [there, (DecisionRequest(1, None), DecisionRequest(2, Decision.NG)), there]


def test_deciding_what_is_decided_already_is_no_step(qapp: object) -> None:
    decisions = DecisionHistory()
    decisions.decide([made(1, decision=Decision.OK)], Decision.OK)
    assert not decisions.undo_stack.canUndo()


def test_every_verdict_and_decision_has_a_word() -> None:
    assert set(DECIDED_WORDS) == {(v, d) for v in Verdict for d in Decision}


def test_the_time_leaves_out_this_year_and_never_another() -> None:
    now = made(1, when=datetime.now(UTC))
    before = made(1, when=datetime(2019, 5, 6, 7, 8, 9, tzinfo=UTC))
    assert str(now.when.astimezone().year) not in COLUMNS[TIME].text(now)
    assert COLUMNS[TIME].text(before).startswith("2019-05-0")
    assert moment_text(now).startswith(str(now.when.astimezone().year))
