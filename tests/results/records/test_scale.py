"""Which scale a remembered number is in: that of the revision, or, of older programs, of then."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from tests.results.records.conftest import LIMITS, Open, record

MOVED = Limits(8.0, 30.0, unit=10.0)


def kept_in(store: RecordStore, number: int) -> Record:
    found = store.get(number)
    assert found is not None
    return found


def test_a_verdict_under_a_moved_limit_comes_back_in_the_suggested_one(store: RecordStore) -> None:
    given = record(1, Verdict.REVIEW, score=11.0, limits=MOVED)
    store.add(given)
    kept = kept_in(store, 1)
    assert kept.times == pytest.approx(1.1, rel=1e-12)
    assert (kept.limits.review_times, kept.limits.ng_times) == pytest.approx((0.8, 3.0))
    assert not kept.in_limits_of_then
    store.add(record(2, Verdict.REVIEW, score=11.0))  # the same part under the suggested limits
    assert kept_in(store, 2).times == pytest.approx(kept.times, rel=1e-12)
    assert kept_in(store, 2).limits.unit == LIMITS.review


@pytest.mark.parametrize(("verdict", "score"), [(Verdict.OK, 0.0), (Verdict.ERROR, math.nan)])
def test_without_a_score_nothing_is_guessed(
    store: RecordStore, verdict: Verdict, score: float
) -> None:
    store.add(record(1, verdict, score=score, limits=MOVED))
    kept = kept_in(store, 1)
    assert kept.times == 0.0 or math.isnan(kept.times)


def test_a_verdict_of_an_older_program_keeps_the_number_it_was_recorded_in(opened: Open) -> None:
    """It was recorded in multiples of the limit used then, here 8, and says so."""
    store = opened()
    of_then = replace(MOVED, unit=0.0)
    store.add(record(1, Verdict.REVIEW, score=11.0, limits=of_then))
    store.close()
    again = opened()
    (kept,) = again.page(RecordQuery())
    assert kept.times == 11.0 / 8.0
    assert kept.in_limits_of_then
    assert kept.score == 11.0  # the raw score and both limits are there as well
    assert (kept.limits.review, kept.limits.ng) == (8.0, 30.0)


def test_the_file_itself_says_the_multiple_to_other_tools(opened: Open, folder: Path) -> None:
    store = opened()
    store.add(record(1, Verdict.REVIEW, score=11.0, limits=MOVED))
    store.close()
    with closing(sqlite3.connect(folder / "records.sqlite")) as connection:
        ((times,),) = connection.execute("SELECT times FROM verdicts").fetchall()
    assert times == pytest.approx(1.1)


def test_the_trend_does_not_jump_when_a_limit_moves(store: RecordStore) -> None:
    for number in range(1, 21):
        limits = LIMITS if number <= 10 else MOVED
        store.add(record(number, Verdict.OK, score=5.0, limits=limits))
    (point,) = store.summary(RecordQuery()).trend
    assert point.median == pytest.approx(0.5, abs=0.005)
