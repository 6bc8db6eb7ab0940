"""Held-out scores: exactly those of a fit that never saw the picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.deep_rx import SPEC
from deeprx_gui.engine.holdout import (
    FOLDS,
    LEAVE_ONE_OUT_UP_TO,
    MOST_HELD_OUT,
    held_out_scores,
    plan_hold_out,
)
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(6, 4, 4), (5, 8, 8)]
PICTURES = [made_taps(SHAPES, seed, mean=3 + seed % 3) for seed in range(23)]
SCORINGS = [Scoring(), Scoring(sigma=0.0, reduce="top1")]


def by_downdate(
    folder: Path, pictures: Sequence[TapMaps], groups: Sequence[Sequence[int]], scoring: Scoring
) -> dict[int, float]:
    """Held-out scores as a fit makes them."""
    total = SPEC.accumulator(pictures[0].channels, {})
    with Spool(folder) as spool:
        for picture in pictures:
            total.add(picture)
            spool.append(picture)
        return {
            h.index: h.score
            for h in held_out_scores(
                SPEC, settings={}, scoring=scoring, total=total, spool=spool, groups=groups
            )
        }


def by_refitting(
    pictures: Sequence[TapMaps], groups: Sequence[Sequence[int]], scoring: Scoring
) -> dict[int, float]:
    """The same from scratch: learn all the other pictures, score these."""
    scores = {}
    for group in groups:
        fresh = SPEC.accumulator(pictures[0].channels, {})
        for index, picture in enumerate(pictures):
            if index not in group:
                fresh.add(picture)
        head = SPEC.head(fresh.statistics(), {})
        scores.update(
            {i: smooth_and_reduce(head.score_map(pictures[i]), scoring)[0] for i in group}
        )
    return scores


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize("folds", [23, 4])
def test_held_out_scores_equal_refits_without_the_picture(
    tmp_path: Path, scoring: Scoring, folds: int
) -> None:
    groups = [[int(i) for i in fold] for fold in np.array_split(np.arange(23), folds)]
    found = by_downdate(tmp_path, PICTURES, groups, scoring)
    expected = by_refitting(PICTURES, groups, scoring)
    assert found.keys() == expected.keys()
    for index, score in found.items():
        assert score == pytest.approx(expected[index], rel=1e-6)


def test_a_strange_picture_stands_out_only_when_it_is_held_out(tmp_path: Path) -> None:
    strange = made_taps(SHAPES, seed=50)
    strange.maps[1][:, 3:5, 3:5] += 40
    pictures = [*PICTURES[:8], strange]
    found = by_downdate(tmp_path, pictures, plan_hold_out(9).groups, Scoring())
    fitted = by_refitting(pictures, [[]], Scoring())  # nothing held out
    assert not fitted
    total = SPEC.accumulator(strange.channels, {})
    for picture in pictures:
        total.add(picture)
    inside, _ = smooth_and_reduce(SPEC.head(total.statistics(), {}).score_map(strange), Scoring())
    assert found[8] > 2 * max(found[i] for i in range(8))
    assert found[8] > 2 * inside  # judged by itself it would look far more normal


def test_what_remains_must_support_a_fit(tmp_path: Path) -> None:
    with pytest.raises((FitError, ValueError), match=r"one row|no structure"):
        by_downdate(tmp_path, PICTURES[:1], [[0]], Scoring())


@pytest.mark.parametrize(
    ("images", "scheme", "groups", "scored"),
    [
        (0, HeldOutScheme.LEAVE_ONE_OUT, 0, 0),
        (1, HeldOutScheme.LEAVE_ONE_OUT, 1, 1),
        (5, HeldOutScheme.LEAVE_ONE_OUT, 5, 5),
        (LEAVE_ONE_OUT_UP_TO, HeldOutScheme.LEAVE_ONE_OUT, 100, 100),
        (LEAVE_ONE_OUT_UP_TO + 1, HeldOutScheme.K_FOLD, FOLDS, 101),
        (MOST_HELD_OUT, HeldOutScheme.K_FOLD, FOLDS, 1000),
        (MOST_HELD_OUT + 1, HeldOutScheme.K_FOLD, FOLDS, 1000),
        (10_000, HeldOutScheme.K_FOLD, FOLDS, 1000),
    ],
)
def test_the_plan(images: int, scheme: HeldOutScheme, groups: int, scored: int) -> None:
    made = plan_hold_out(images)
    assert made.scheme is scheme
    assert len(made.groups) == groups
    assert len(made.held_out) == sum(map(len, made.groups)) == scored


@settings(max_examples=40)
@given(st.integers(1, 5000))
def test_groups_are_runs_of_neighbours_that_cover_everything(images: int) -> None:
    made = plan_hold_out(images)
    flat = [index for group in made.groups for index in group]
    assert flat == sorted(set(flat))  # every one once, and each group before the next
    assert flat[0] == 0
    assert flat[-1] == images - 1
    sizes = [len(group) for group in made.groups]
    assert max(sizes) - min(sizes) <= 1
    if images <= MOST_HELD_OUT:
        assert flat == list(range(images))
    else:
        steps = np.diff(flat)
        assert steps.max() - steps.min() <= 1  # spread evenly over all that came
