"""Limits from labels equal trying every limit."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.consequences import (
    amount,
    consequence_lines,
    consequences_of,
    label_problems,
)
from deeprx_gui.domain.label_limits import (
    Costs,
    LabelledScores,
    at_most,
    cheapest,
    outcome_of,
)
from deeprx_gui.domain.limits import Limits
from deeprx_gui.i18n import render

LIMITS = Limits(10.0, 12.0)
# few different numbers, so that scores tie; 0 is what identical pictures score
SCORE = st.integers(0, 24).map(lambda n: n / 1.5)
SIDE = st.lists(SCORE, max_size=8)
MONEY = st.floats(0, 1000).map(lambda yen: round(yen, 1))

COSTS = st.builds(Costs, MONEY, MONEY, st.floats(0, 1), st.just(500), st.none() | MONEY)


def every_limit(scores: LabelledScores) -> list[float]:
    """A limit in every gap between scores, below all and above all."""
    known = sorted({s for s in (*scores.good, *scores.bad) if s > 0})
    if not known:
        return []
    middles = [(low + high) / 2 for low, high in itertools.pairwise(known)]
    return [known[0] / 2, *known, *middles, known[-1] * 2]


@given(SIDE, SIDE, COSTS)
def test_the_cheapest_limits_cost_no_more_than_any(
    good: list[float], bad: list[float], costs: Costs
) -> None:
    scores = LabelledScores.of(good, bad)
    found = cheapest(LIMITS, scores, costs)
    cost = outcome_of(found, scores).cost(costs)
    tried = every_limit(scores)
    pairs = [(low, high) for low in tried for high in tried if low <= high]
    least = min((outcome_of(Limits(*pair), scores).cost(costs) for pair in pairs), default=cost)
    assert cost <= least + 1e-6 * max(least, 1.0)


@given(SIDE, SIDE, st.integers(0, 9))
def test_at_most_so_many_false_calls_and_no_limit_that_finds_more(
    good: list[float], bad: list[float], calls: int
) -> None:
    scores = LabelledScores.of(good, bad)
    found = at_most(LIMITS, scores, calls)
    if calls >= len(good) or not any(s > 0 for s in (*good, *bad)):
        assert found == LIMITS
        return
    kept = scores.good[-1 - calls]
    if kept == 0 and found == LIMITS:
        return
    assert outcome_of(found, scores).false_calls <= calls
    caught = sum(score > found.ng for score in bad)
    for limit in every_limit(scores):
        if sum(score > limit for score in good) <= calls:
            assert sum(score > limit for score in bad) <= caught


@given(SIDE, SIDE, SCORE, SCORE)
def test_counts_equal_judging_one_by_one(
    good: list[float], bad: list[float], one: float, other: float
) -> None:
    limits = Limits(min(one, other) + 0.1, max(one, other) + 0.1)
    found = outcome_of(limits, LabelledScores.of(good, bad))
    assert found.false_calls == sum(s > limits.ng for s in good)
    assert found.good_in_review == sum(limits.review < s <= limits.ng for s in good)
    assert found.misses == sum(s <= limits.review for s in bad)
    assert found.bad_in_review == sum(limits.review < s <= limits.ng for s in bad)
    assert (found.good, found.bad) == (len(good), len(bad))


def test_a_limit_lies_halfway_to_the_next_part() -> None:
    scores = LabelledScores.of([5.0, 8.0, 11.0], [9.0, 14.0])
    assert at_most(LIMITS, scores, 1).ng == pytest.approx(8.5)
    assert at_most(LIMITS, scores, 0).ng == pytest.approx(12.5)


def test_nothing_moves_where_the_limits_are_the_cheapest_already() -> None:
    scores = LabelledScores.of([5.0, 8.0], [14.0, 15.0])
    assert cheapest(LIMITS, scores, Costs(50, 500, 0.01)) is LIMITS


def test_dear_misses_lower_the_review_limit_and_dear_false_calls_raise_it() -> None:
    scores = LabelledScores.of([5.0, 6.0, 7.0, 11.0], [6.5, 14.0])
    wary = cheapest(LIMITS, scores, Costs(1, 10_000, 0.5))
    assert outcome_of(wary, scores).misses == 0
    assert wary.ng == LIMITS.ng, "the NG limit costs nothing, so it stays"
    bold = cheapest(LIMITS, scores, Costs(10_000, 1, 0.5))
    assert outcome_of(bold, scores).good_in_review == 0
    band = cheapest(LIMITS, scores, Costs(10_000, 10_000, 0.5, look=1))
    assert outcome_of(band, scores).cost(Costs(10_000, 10_000, 0.5, look=1)) < 10
    assert band.review < band.ng, "a cheap look is worth a review band"


@pytest.mark.parametrize("wrong", [(-1, 0, 0.1), (0, float("nan"), 0.1), (0, 0, 1.5)])
def test_impossible_costs_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"costs|share"):
        Costs(*wrong)


def test_labels_that_cannot_be_used_are_said_in_a_sentence_each() -> None:
    def said(scores: LabelledScores, contradicting: int = 0) -> list[str]:
        return [render(message) for message in label_problems(scores, contradicting)]

    assert "No picture is labelled." in said(LabelledScores.of([], [], [1.0]))[0]
    only_bad = LabelledScores.of([], [2.0], [1.0, 1.5])
    assert "The 2 parts that were learnt from are counted" in said(only_bad)[0]
    assert "No picture is labelled bad" in said(LabelledScores.of([1.0], []))[0]
    both = LabelledScores.of([1.0, float("nan")], [2.0])
    assert both.good == (1.0,), "what could not be judged is not counted"
    assert said(both) == []
    assert "2 pictures are labelled good and bad" in said(both, 2)[0]
    assert both.bad_share == 0.5
    assert only_bad.bad_share is None


def test_the_consequences_say_false_calls_misses_and_cost_of_a_shift() -> None:
    scores = LabelledScores.of([9.0] * 44, [11.0] * 40 + [9.5] * 8)
    then = LIMITS.moved(review=9.2)
    costs = Costs(50, 3000, 0.01, 2000)
    found = consequences_of(LIMITS, then, scores, per_shift=2000, bad_share=0.01, costs=costs)
    lines = [render(line) for line in consequence_lines(found)]
    assert lines[0] == (
        "False calls: 0 → 0 of 44 good parts; of 1,000 about 0 (0 to 66 in nine of ten cases)."
    )
    assert lines[1] == "Misses: 8 → 0 of 48 bad parts."
    assert lines[2] == (
        "In a shift of 2,000 parts, 1 % of them bad: 0 → 0 false calls, 3.3 → 0 misses."
    )
    assert lines[3] == "Cost of a shift: 10,000 → 0 yen."


def test_good_parts_alone_still_count_false_calls() -> None:
    scores = LabelledScores.of([9.0, 11.0, 13.0], [])
    found = consequences_of(LIMITS, LIMITS.moved(ng=14.0), scores, per_shift=300, bad_share=0.0)
    lines = [render(line) for line in consequence_lines(found)]
    assert lines[0].startswith("False calls: 1 → 0 of 3 good parts")
    assert lines[1] == "Good parts in review: 1 → 2 of 3."
    assert lines[2] == "In a shift of 300 parts: 100 → 0 false calls."
    assert found.shift_cost is None
    learnt = LabelledScores.of([], [20.0], [9.0, 11.0])
    words = render(
        consequence_lines(consequences_of(LIMITS, LIMITS, learnt, per_shift=300, bad_share=0.1))[0]
    )
    assert "of 2 parts learnt from" in words


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.44, "0.4"), (9.96, "10"), (12.4, "12"), (3400, "3,400")]
)
def test_amounts_are_read_as_exactly_as_they_are_known(value: float, text: str) -> None:
    assert amount(value) == text
