"""Good parts that drift towards the limit are told of before they are called NG; and the cycle."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.cycle_time import CycleTimeMonitor
from deeprx_gui.domain.live_items import TrendWarning
from deeprx_gui.domain.score_trend import ScoreTrend


def _normals(seed: int, count: int = 50) -> Float64:
    """Scores of good parts in x limit: 2 % of them above 1."""
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(-0.4, 0.195, count))


def _warnings(trend: ScoreTrend, scores: Float64) -> list[tuple[int, TrendWarning]]:
    told = [(n, trend.add_score(float(s))) for n, s in enumerate(scores)]
    return [(n, w) for n, w in told if w is not None]


@pytest.mark.parametrize("seed", range(5))
def test_a_slow_drift_is_told_before_over_detection(seed: int) -> None:
    """A lens gets dirty: 0.4 in the logarithm over 2,000 parts."""
    trend = ScoreTrend(list(_normals(seed)))
    parts = _normals(seed + 100, 2000) * np.exp(np.linspace(0, 0.4, 2000))
    ok = np.minimum(parts, 0.999)  # those above the limit are not OK parts, nearly
    told = _warnings(trend, ok)
    assert told, "never warned"
    number, warning = told[0]
    assert warning.problem is not None
    expected = 0.4 * number / 2000
    above = 0.5 * math.erfc((0.4 - expected) / 0.195 / math.sqrt(2))
    assert above < 0.15, "while the great majority is still OK"
    assert warning.now > warning.learnt
    assert f"{warning.now:.2f}" in str(warning.problem)


@pytest.mark.parametrize("seed", range(10))
def test_steady_parts_give_no_warning(seed: int) -> None:
    trend = ScoreTrend(list(_normals(seed)))
    parts = _normals(seed + 50, 3000)
    assert _warnings(trend, parts[parts <= 1]) == []


def test_one_odd_part_is_no_trend() -> None:
    trend = ScoreTrend(list(_normals(0)))
    parts = np.full(200, 0.67)
    parts[100] = 40.0
    assert _warnings(trend, parts) == []


def test_a_warning_ends_once_when_parts_are_as_before() -> None:
    trend = ScoreTrend(list(_normals(1)))
    parts = np.concatenate([np.full(100, 0.67), np.full(150, 0.85), np.full(300, 0.67)])
    told = _warnings(trend, parts)
    assert [w.problem is None for _, w in told] == [False, True]
    assert trend.now == pytest.approx(0.67, abs=0.01)


def test_without_held_out_scores_the_first_parts_say_what_is_usual() -> None:
    trend = ScoreTrend([])
    assert trend.learnt is None
    assert _warnings(trend, np.full(60, 0.5)) == []
    assert trend.learnt == pytest.approx(0.5)
    assert len(_warnings(trend, np.full(200, 0.8))) == 1


def test_scores_that_say_nothing_are_left_out() -> None:
    trend = ScoreTrend([0.5, 0.6, float("nan"), 0.0, 0.7])
    for odd in (float("nan"), 0.0, float("inf"), -1.0):
        assert trend.add_score(odd) is None
    assert trend.now is None


def test_the_cycle_looks_back_on_the_last_parts() -> None:
    cycle = CycleTimeMonitor(takt=0.02)
    assert cycle.now() is None
    for _ in range(300):
        cycle.add_part(50.0, 60.0)
    for _ in range(200):
        cycle.add_part(10.0, 12.0)
    now = cycle.now(waiting=3)
    assert now is not None
    assert (now.p50, now.p95, now.latency_p95, now.takt, now.waiting) == (10, 10, 12, 20, 3)
    assert now.problem is None


def test_slower_than_the_takt_is_said_and_late_too() -> None:
    cycle = CycleTimeMonitor(takt=0.02)
    for _ in range(19):
        cycle.add_part(30.0, 30.0)
    now = cycle.now()
    assert now is not None
    assert now.problem is None, "too few parts to say"
    cycle.add_part(30.0, 30.0)
    now = cycle.now()
    assert now is not None
    assert "only 20 ms" in str(now.problem)
    free = CycleTimeMonitor()
    free.add_part(30.0, 30.0)
    late = free.now(late=True)
    assert late is not None
    assert "faster than this PC" in str(late.problem)
    assert late.takt is None
