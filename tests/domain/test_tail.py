"""The fitted upper tail: its formulas, what it keeps on the shape it assumes, and odd input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from deeprx_gui.domain.limits import (
    RANK_FROM,
    Limits,
    PromiseKind,
    by_rank,
    by_tail,
    suggest_limits,
)
from deeprx_gui.domain.tail import FEWEST, UPPER_SHARE, fit_tail

SCORES = st.lists(st.floats(0.1, 1e4), min_size=FEWEST, max_size=80)
RATES = st.floats(0.002, 0.3)


@given(SCORES)
def test_the_fit_equals_the_definition(scores: list[float]) -> None:
    tail = fit_tail(scores)
    ranked = np.sort(scores)[::-1]
    wanted = max(3, math.ceil(UPPER_SHARE * len(scores) - 1e-9))
    excesses = ranked[:wanted] - ranked[wanted]
    if tail is None:
        assert excesses.mean() <= 1e-8 * ranked[wanted]
        return
    assert (tail.excesses, tail.scores, tail.start) == (wanted, len(scores), ranked[wanted])
    assert tail.scale == pytest.approx(excesses.mean(), rel=1e-9)


@given(SCORES, RATES)
def test_the_limit_leaves_the_aimed_share_above(scores: list[float], rate: float) -> None:
    tail = fit_tail(scores)
    assume(tail is not None and rate < tail.reach)
    assert tail is not None
    assert tail.above(tail.limit(rate)) == pytest.approx(rate, rel=1e-6)
    low, high = tail.band(rate)
    assert 0 < low < high < 1
    assert low < rate < high


@given(st.integers(FEWEST, 300))
def test_the_promise_is_the_mean_over_what_the_fit_cannot_know(n: int) -> None:
    """Beta and Gamma, integrated by quadrature, against the closed formula."""
    tail = fit_tail([float(score) for score in range(n)])
    assert tail is not None
    k, rate = tail.excesses, tail.tightest
    steps = (tail.limit(rate) - tail.start) / tail.scale
    grid = np.linspace(0, 1 + 12 / math.sqrt(k), 20_001)[1:]
    density = np.exp((k - 1) * np.log(grid) - k * grid)
    mean = np.sum(density * np.exp(-grid * steps)) / np.sum(density)
    assert mean * (k + 1) / (n + 1) == pytest.approx(rate, rel=1e-3)


@given(SCORES, RATES, st.floats(0.01, 100), st.floats(0, 50))
def test_the_limit_moves_with_the_scores(
    scores: list[float], rate: float, factor: float, shift: float
) -> None:
    """Units and zero of the scores do not matter."""
    tail, moved = fit_tail(scores), fit_tail([factor * s + shift for s in scores])
    assume(tail is not None and moved is not None and rate < tail.reach)
    assert tail is not None
    assert moved is not None
    assume(tail.scale > 1e-3 * tail.start)
    assert moved.limit(rate) == pytest.approx(factor * tail.limit(rate) + shift, rel=1e-6)


@pytest.mark.parametrize(("normals", "rate"), [(20, 0.01), (60, 0.01), (60, 0.05), (200, 0.01)])
def test_the_promise_and_the_band_are_kept_on_the_assumed_shape(normals: int, rate: float) -> None:
    """Monte Carlo: exponential scores; the realised rates and their 90 % band."""
    rng = np.random.default_rng(1)
    draws = [sorted(rng.exponential(size=normals), reverse=True) for _ in range(2000)]
    realised = [math.exp(-by_tail(draw, rate)[0]) for draw in draws]
    promise = by_tail(draws[0], rate)[1]
    assert promise.kind is PromiseKind.TAIL
    assert np.mean(realised) == pytest.approx(promise.rate, rel=0.07)
    assert promise.band is not None
    low, high = promise.band
    within = np.mean([low <= rate <= high for rate in realised])
    assert within == pytest.approx(0.9, abs=0.03)


def test_realised_rates_scatter_less_than_those_of_the_rank() -> None:
    rng = np.random.default_rng(2)
    draws = [sorted(rng.gumbel(10, 1, 60), reverse=True) for _ in range(400)]
    tails, ranks = ([make(d, 0.01)[0] for d in draws] for make in (by_tail, by_rank))
    assert np.std(tails) < 0.8 * np.std(ranks)


@given(SCORES, RATES, RATES, st.sampled_from(["auto", "rank", "tail"]))
def test_limits_are_in_order_whatever_their_kind(
    scores: list[float], false_calls: float, review: float, kind: str
) -> None:
    found = suggest_limits(scores, false_call_rate=false_calls, review_rate=review, kind=kind)
    assert isinstance(found, Limits)
    assert 0 < found.review <= found.ng
    for promise in found.promises:
        assert promise is not None
        assert 0 < promise.rate < 1
        assert promise.normals == len(scores)


@pytest.mark.parametrize(
    "scores", [[0.0] * 12, [7.0] * 12, [5.0] * 10 + [4.0] * 2, [1.0, 2.0, 3.0, 4.0], [3.0]]
)
def test_without_a_shape_the_rank_decides(scores: list[float]) -> None:
    by_shape = suggest_limits(scores, kind="tail")
    assert by_shape == suggest_limits(scores, kind="rank")
    assert by_shape.ng_promise is not None
    assert by_shape.ng_promise.kind is PromiseKind.RANK


def test_few_images_aim_no_lower_than_they_reach() -> None:
    found = suggest_limits([10.0 + i % 7 + i / 100 for i in range(20)], kind="auto")
    assert found.ng_promise is not None
    assert found.ng_promise.rate == pytest.approx(0.0649, abs=1e-4)
    ranked = sorted((10.0 + i % 7 + i / 100 for i in range(20)), reverse=True)
    scale = sum(score - ranked[8] for score in ranked[:8]) / 8
    assert found.ng == pytest.approx(ranked[8] + scale * math.log(8 / 20 * 21))
    assert found.ng_promise.kind is PromiseKind.TAIL


def test_many_images_go_by_rank() -> None:
    n = RANK_FROM * 100 - 1
    rng = np.random.default_rng(3)
    scores = [float(s) for s in rng.gumbel(20, 2, n)]
    assert suggest_limits(scores, kind="auto") == suggest_limits(scores, kind="rank")
    fewer = suggest_limits(scores[1:], kind="auto")
    assert [p.kind for p in fewer.promises if p] == [PromiseKind.RANK, PromiseKind.TAIL]
