"""Pictures of one part are held out together: against plans and refits made in another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.holdout import FOLDS, HoldOutPlan, even_runs, plan_hold_out, runs
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.normalise import KeptMaps
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(6, 4, 4), (5, 8, 8)]
LABELS = st.lists(st.integers(0, 200), min_size=1, max_size=260)
SHOTS = (0, 1, 0, 2, 3, 3, 4, 5, 1, 6, 7, 0, 8, 9, 10, 11)
"""The part that each of sixteen pictures shows: some come again later, not only in a burst."""


@given(LABELS, st.booleans())
@settings(deadline=None)
def test_no_part_is_ever_split(labels: list[int], exact: bool) -> None:
    plan = plan_hold_out(Parts.by(labels), exact=exact)
    where = {i: fold for fold, group in enumerate(plan.groups) for i in group}
    assert sorted(where) == list(range(len(labels))), "everybody is held out once"
    for one, fold in where.items():
        for other, another in where.items():
            assert labels[one] != labels[other] or fold == another


@given(LABELS)
@settings(deadline=None)
def test_folds_hold_as_many_parts_as_each_other(labels: list[int]) -> None:
    parts = Parts.by(labels)
    for folds in (runs(parts), _numbered(even_runs(parts, FOLDS), len(labels))):
        sizes = [
            len({labels[i] for i, fold in enumerate(folds) if fold == number})
            for number in range(min(FOLDS, parts.count))
        ]
        assert max(sizes) - min(sizes) <= 1
        assert sum(sizes) == parts.count


def _numbered(groups: Sequence[Sequence[int]], images: int) -> list[int]:
    where = {i: fold for fold, group in enumerate(groups) for i in group}
    return [where[i] for i in range(images)]


@pytest.mark.parametrize("images", [1, 5, 10, 11, 100, 101, 999, 1000, 1001, 2345])
@pytest.mark.parametrize("exact", [True, False])
def test_where_each_picture_shows_its_own_part_the_plan_is_the_one_of_pictures(
    images: int, exact: bool
) -> None:
    plan = plan_hold_out(images, exact=exact)
    assert plan_hold_out(Parts.each(images), exact=exact) == plan
    flat = [i for group in plan.groups for i in group]
    assert flat == sorted(set(flat))
    assert len(flat) == min(images, 1000)


def test_few_parts_are_left_out_one_by_one_however_many_pictures_they_have() -> None:
    plan = plan_hold_out(Parts.by(i // 20 for i in range(400)))
    assert plan.scheme is HeldOutScheme.LEAVE_ONE_OUT
    assert plan.groups == tuple(tuple(range(20 * k, 20 * k + 20)) for k in range(20))


def test_of_very_many_pictures_whole_parts_are_scored() -> None:
    parts = Parts.by(i // 3 for i in range(3000))
    held_out = plan_hold_out(parts).held_out
    assert 900 <= len(held_out) <= 1000
    assert all({3 * (i // 3) + k for k in range(3)} <= held_out for i in held_out)


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_detector_scores_a_picture_by_the_other_parts_alone(
    tmp_path: Path, name: str, made: Callable[[str], list[TapMaps]]
) -> None:
    """The oracle learns the other folds' pictures from scratch, fold by fold."""
    spec, pictures = DETECTORS[name], made(name)
    parts = Parts.by(SHOTS)
    with Spool(tmp_path / "a") as spool, Spool(tmp_path / "b") as maps:
        learner = Learner(spec, {}, parts, spool)
        for position, taps in enumerate(pictures):
            learner.add(position, taps)
        found = dict(learner.held_out(learner.total(), Scoring(), KeptMaps(maps)))
        plan: HoldOutPlan = learner.plan()
    assert learner.parts == parts
    assert len(found) == len(SHOTS)
    chosen = learner.settings
    for fold in range(max(runs(parts)) + 1) if not spec.exact_downdate else range(parts.count):
        labels = runs(parts) if not spec.exact_downdate else parts.numbers
        inside = [i for i, label in enumerate(labels) if label == fold]
        assert tuple(inside) in plan.groups
        whole = None
        for other in sorted(set(labels) - {fold}):
            part = spec.accumulator(pictures[0].channels, chosen)
            for i in (i for i, label in enumerate(labels) if label == other):
                part.add(pictures[i])
            if whole is None:
                whole = part.empty()
            whole.merge(part)
        assert whole is not None
        head = spec.head(whole.statistics(), chosen)
        for i in inside:
            raw = head.score_map(pictures[i])
            if name != "patchcore":  # its score is weighted by the bank, see its own tests
                expected = smooth_and_reduce(raw, Scoring())[0]
                assert found[i] == pytest.approx(expected, rel=1e-4)


@pytest.fixture
def made() -> Callable[[str], list[TapMaps]]:
    def make(name: str) -> list[TapMaps]:
        shapes: list[Shape] = [(3, 16, 16)] if DETECTORS[name].pixels else SHAPES
        return [made_taps(shapes, seed, mean=3 + seed % 3) for seed in range(len(SHOTS))]

    return make
