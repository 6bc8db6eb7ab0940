"""Defects that slipped among the normal images are pointed at; blameless trays are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.suspects import suspects


def _limit(scores: list[float]) -> float:
    return suggest_limits(scores).review


def gumbel(rng: np.random.Generator, count: int) -> list[float]:
    """Draw scores as good parts give them: skewed, a few high ones."""
    return [float(score) for score in rng.gumbel(20, 1, count)]


def test_a_planted_defect_is_found_even_where_it_sets_the_limit_itself() -> None:
    rng = np.random.default_rng(1)
    scores = [*gumbel(rng, 49), 60.0]
    assert suspects(scores, _limit(scores)) == (49,)


def test_the_worst_is_named_first() -> None:
    rng = np.random.default_rng(2)
    scores = [45.0, *gumbel(rng, 47), 60.0, 52.0]
    assert suspects(scores, 40.0) == (48, 49, 0)


def test_planted_defects_do_not_hide_each_other() -> None:
    rng = np.random.default_rng(3)
    scores = [*gumbel(rng, 80), *map(float, np.linspace(45, 60, 8))]
    assert set(suspects(scores, _limit(scores))) <= set(range(80, 88))
    assert len(suspects(scores, 40.0)) == 8


@pytest.mark.parametrize("normals", [20, 50, 200, 1000])
def test_blameless_trays_are_rarely_accused(normals: int) -> None:
    rng = np.random.default_rng(normals)
    accused = 0
    for _ in range(200):
        scores = gumbel(rng, normals)
        accused += bool(suspects(scores, _limit(scores)))
    assert accused / 200 <= 0.17


def test_images_below_the_limit_are_never_accused() -> None:
    assert suspects([1.0] * 20 + [5.0], limit=6.0) == ()


def test_too_few_scores_accuse_nobody() -> None:
    assert suspects([1.0, 1.0, 1.0, 50.0], limit=1.0) == ()


def test_missing_and_broken_scores_are_passed_over() -> None:
    scores = [None, float("nan"), *([1.0, 1.1, 1.2] * 5), 9.0]
    assert suspects(scores, limit=1.2) == (17,)


def test_identical_images_do_not_accuse_each_other() -> None:
    assert suspects([0.5] * 30, limit=0.5) == ()
