"""Several odd values together are found as one is, and blameless sets are seldom accused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.outlying import FEWEST, Ordinary, chances_of_pictures
from deeprx_gui.domain.parts import Parts


def chances(values: list[float], parts: Parts | None = None) -> tuple[float, ...]:
    return chances_of_pictures(values, parts or Parts.each(len(values)))


def good(count: int, seed: int = 0) -> list[float]:
    """Scores as good parts give them: skewed, a few high ones."""
    return [float(score) for score in np.random.default_rng(seed).gumbel(20, 1, count)]


def test_one_far_value_is_out_of_the_ordinary() -> None:
    found = chances([*good(25), 60.0])
    assert found[-1] < 0.002
    assert min(found[:-1]) > 0.05


def test_five_that_lie_together_among_26_do_not_hide_each_other() -> None:
    found = chances([*good(21), 60.0, 60.2, 59.8, 60.1, 60.3])
    assert max(found[-5:]) < 1e-4
    assert min(found[:21]) > 0.05


def test_four_among_16_do_not_either() -> None:
    found = chances([*good(12), 60.0, 60.2, 59.8, 60.1])
    assert max(found[-4:]) < 0.01
    assert min(found[:12]) > 0.05


@pytest.mark.parametrize("count", [12, 26, 50, 200])
def test_blameless_sets_are_accused_as_often_as_is_said(count: int) -> None:
    rng = np.random.default_rng(count)
    sets = rng.exponential(size=(500, count))
    accused = np.mean([min(chances(list(values))) <= 0.05 for values in sets])
    assert 0.01 <= accused <= 0.075  # 0.05 and three standard errors
    light = rng.normal(size=(300, count))  # a lighter tail is accused less
    assert np.mean([min(chances(list(values))) <= 0.05 for values in light]) <= 0.04


def test_shots_of_one_part_count_once() -> None:
    shots = Parts((*range(20), 20, 20, 20))
    values = [*good(20), 60.0, 59.0, 20.0]
    found = chances(values, shots)
    assert found[20] <= found[21] < 0.01
    assert found[22] == 1.0  # an ordinary shot of the same part


def test_of_a_few_nobody_can_say() -> None:
    assert set(chances([*good(FEWEST - 2), 100.0])) == {1.0}
    assert chances([]) == ()


def test_equal_values_are_ordinary_and_noise_is_nothing() -> None:
    assert set(chances([5.0] * 20)) == {1.0}
    assert min(chances([5.0] * 19 + [5.05])) > 0.05


def test_more_than_a_third_is_never_accused() -> None:
    assert min(chances([*good(12), *(60.0 + n / 10 for n in range(8))])) > 0.05


@given(st.lists(st.floats(0, 100), min_size=FEWEST, max_size=40))
def test_a_chance_is_a_share_and_who_lies_farther_out_is_no_less_odd(values: list[float]) -> None:
    ordinary = Ordinary(values)
    found = [ordinary.chance(value) for value in sorted(values, reverse=True)]
    assert all(0 <= each <= 1 for each in found)
    assert found == sorted(found)
