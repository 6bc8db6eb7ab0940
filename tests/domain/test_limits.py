"""Limits and the promise behind them: order statistics, and what they really keep."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.limits import (
    Limits,
    Promise,
    normals_needed,
    rank_for,
    suggest_limits,
)

scores = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60)
rates = st.floats(0.001, 0.5)


def strictest_by_trial(held_out: Sequence[float], rate: float) -> tuple[float, int]:
    """The lowest held-out score that may be the limit, and its rank, by trying every rank."""
    n = len(held_out)
    kept = [k for k in range(1, n + 1) if k / (n + 1) <= rate + 1e-12]
    rank = max(kept, default=1)
    return sorted(held_out)[n - rank], rank


@given(scores, rates, rates)
def test_suggested_limits_equal_trying_every_rank(
    held_out: list[float], false_calls: float, review: float
) -> None:
    found = suggest_limits(held_out, false_call_rate=false_calls, review_rate=review)
    ng, ng_rank = strictest_by_trial(held_out, false_calls)
    okay, review_rank = strictest_by_trial(held_out, max(false_calls, review))
    assert (found.ng, found.review) == (ng, okay)
    assert found.ng_promise == Promise(ng_rank, len(held_out))
    assert found.review_promise == Promise(review_rank, len(held_out))


@given(scores, rates)
def test_the_promise_is_kept_within_the_rate_whenever_it_can_be(
    held_out: list[float], rate: float
) -> None:
    promise = suggest_limits(held_out, false_call_rate=rate).ng_promise
    assert promise is not None
    if len(held_out) >= normals_needed(rate):
        assert promise.rate <= rate + 1e-9
        assert (promise.rank + 1) / (
            promise.normals + 1
        ) > rate - 1e-9  # and no better was to be had
    else:
        assert promise.rank == 1  # the tightest there is with so few


@pytest.mark.parametrize(
    ("rate", "normals", "rank", "promised"),
    [
        (0.01, 99, 1, 0.01),
        (0.01, 98, 1, 1 / 99),
        (0.01, 199, 2, 0.01),
        (0.01, 198, 1, 1 / 199),
        (0.05, 50, 2, 2 / 51),
        (0.05, 19, 1, 0.05),
        (0.01, 10, 1, 1 / 11),
        (0.01, 1000, 10, 10 / 1001),
    ],
)
def test_arithmetic_of_the_promise(rate: float, normals: int, rank: int, promised: float) -> None:
    assert rank_for(rate, normals) == rank
    assert Promise(rank, normals).rate == pytest.approx(promised)


@pytest.mark.parametrize(("rate", "needed"), [(0.01, 99), (0.05, 19), (0.001, 999), (0.02, 49)])
def test_how_many_images_a_promise_needs(rate: float, needed: int) -> None:
    assert normals_needed(rate) == needed
    assert Promise(rank_for(rate, needed), needed).rate <= rate + 1e-12
    assert Promise(1, needed - 1).rate > rate


@pytest.mark.parametrize(("normals", "rate"), [(30, 0.01), (30, 0.1), (99, 0.01), (150, 0.05)])
def test_the_promise_holds_for_exchangeable_scores(normals: int, rate: float) -> None:
    """Monte Carlo: the share of new normal images above the limit averages to k/(n+1)."""
    rng = np.random.default_rng(normals)
    repeats, unseen = 2000, 50
    shares = []
    promise = None
    for _ in range(repeats):
        drawn = rng.gumbel(10, 2, normals + unseen)  # maxima of maps look like this
        limits = suggest_limits(list(drawn[:normals]), false_call_rate=rate)
        promise = limits.ng_promise
        shares.append(np.mean(drawn[normals:] > limits.ng))
    assert promise is not None
    standard_error = np.std(shares) / math.sqrt(repeats)
    assert abs(np.mean(shares) - promise.rate) < 4 * standard_error


def test_identical_images_still_get_a_positive_limit() -> None:
    limits = suggest_limits([0.0] * 20)
    assert 0 < limits.review <= limits.ng
    assert limits.times(0.0) == 0.0


@pytest.mark.parametrize("bad", [[], [1.0, float("nan")], [float("inf")]])
def test_scores_that_are_missing_or_not_finite_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        suggest_limits(bad)


@pytest.mark.parametrize(
    ("review", "ng"),
    [(0, 1), (-1, 1), (2, 1), (float("nan"), 1), (1, float("nan")), (1, float("inf"))],
)
def test_impossible_limits_cannot_be_made(review: float, ng: float) -> None:
    with pytest.raises(ValueError, match="limits must"):
        Limits(review, ng)


def test_a_score_at_the_limit_is_one_times_the_limit() -> None:
    limits = Limits(8.0, 10.0)
    assert limits.times(8.0) == 1.0
    assert limits.times(10.0) == 1.25


SUGGESTED = Limits(8.0, 10.0, Promise(5, 99), Promise(1, 99))


def test_a_limit_moved_by_hand_is_no_promise_any_more() -> None:
    lower = SUGGESTED.moved(review=7.0)
    assert (lower.review, lower.ng) == (7.0, 10.0)
    assert (lower.review_promise, lower.ng_promise) == (None, SUGGESTED.ng_promise)
    higher = SUGGESTED.moved(ng=12.0)
    assert (higher.review, higher.ng) == (8.0, 12.0)
    assert (higher.review_promise, higher.ng_promise) == (SUGGESTED.review_promise, None)
    assert SUGGESTED.moved() == SUGGESTED


def test_the_other_limit_gives_way_and_loses_its_promise_too() -> None:
    pushed = SUGGESTED.moved(review=11.0)
    assert pushed == Limits(11.0, 11.0, None, None)
    pulled = SUGGESTED.moved(ng=6.0)
    assert pulled == Limits(6.0, 6.0, None, None)


def test_suggested_limits_are_plain_numbers() -> None:
    """A limit of numpy's makes comparing two limits a value of numpy's, which Qt refuses."""
    limits = suggest_limits(list(np.linspace(1.0, 2.0, 30)))
    assert type(limits.review) is float
    assert type(limits.ng) is float
