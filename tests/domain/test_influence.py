"""Influence: the limit without each of the few normals that may set it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.influence import MOST_SHOWN, influence
from deeprx_gui.domain.limits import suggest_limits

SCORES = st.lists(st.floats(0.5, 1e3), min_size=2, max_size=40)


@pytest.mark.parametrize("kind", ["rank", "tail", "auto"])
@given(scores=SCORES, rate=st.floats(0.005, 0.3))
def test_every_limit_is_that_of_a_fit_with_the_other_scores(
    kind: str, scores: list[float], rate: float
) -> None:
    found = influence(scores, rate, kind=kind)
    whole = suggest_limits(scores, false_call_rate=rate, review_rate=rate, kind=kind)
    assert (found.limit, found.promise) == (whole.ng, whole.ng_promise)
    assert len(found.without) == min(MOST_SHOWN, len(scores))
    for one in found.without:
        others = [score for index, score in enumerate(scores) if index != one.index]
        again = suggest_limits(others, false_call_rate=rate, review_rate=rate, kind=kind)
        assert (one.limit, one.promise) == (again.ng, again.ng_promise)
        assert one.score == scores[one.index]
        assert one.relative == pytest.approx(one.limit / found.limit)


def test_the_odd_one_stands_first_and_its_misses_are_counted() -> None:
    scores: list[float | None] = [20.0 + i / 10 for i in range(30)]
    scores[7], scores[3] = 34.4, None
    bad = [25.0 + i for i in range(12)]
    found = influence(scores, 0.01, kind="rank", bad=bad)
    assert found.limit == 34.4
    assert found.misses == 10
    first = found.without[0]
    assert (first.index, first.limit, first.misses) == (7, 22.9, 0)
    assert all(one.limit == 34.4 and one.misses == 10 for one in found.without[1:])


def test_a_fitted_tail_depends_less_on_one_picture() -> None:
    scores = [20.0 + i / 10 for i in range(30)]
    scores[7] = 34.4
    by_rank, by_tail = (influence(scores, 0.01, kind=kind) for kind in ("rank", "tail"))
    assert by_tail.limit < by_rank.limit
    assert by_tail.without[0].relative > by_rank.without[0].relative
    assert by_tail.without[0].index == 7


def test_one_score_leaves_nothing_without_it() -> None:
    assert influence([3.0, None], 0.01).without == ()


@pytest.mark.parametrize("scores", [[], [None], [1.0, math.nan], [1.0, math.inf]])
def test_scores_that_make_no_limit_are_refused(scores: list[float | None]) -> None:
    with pytest.raises(ValueError, match="finite"):
        influence(scores, 0.01)


def test_constant_scores_and_zeros_keep_a_positive_limit() -> None:
    for value in (0.0, 7.5):
        found = influence([value] * 10, 0.01)
        assert found.limit > 0
        assert all(one.relative == 1 for one in found.without)
