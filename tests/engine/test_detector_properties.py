"""What must hold for every detector that has exact statistics, whatever the features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.base import DetectorSpec
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import score_of
from deeprx_gui.engine.holdout import held_out_scores, plan_hold_out
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of, learnt, same_statistics
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(3, 2, 3), (2, 4, 6)]
PICTURES = [made_taps(SHAPES, seed) for seed in range(14)]
UNSEEN = made_taps(SHAPES, seed=99, mean=4.0)
COLOURS: list[Shape] = [(3, 4, 6)]
EXACT = [spec for spec in DETECTORS.values() if spec.exact_downdate]
EVERY = pytest.mark.parametrize("spec", DETECTORS.values(), ids=lambda spec: spec.name)
EVERY_EXACT = pytest.mark.parametrize("spec", EXACT, ids=lambda spec: spec.name)
COUNTS = st.integers(2, 6)
few = settings(max_examples=20)


def shapes_of(spec: DetectorSpec) -> list[Shape]:
    return COLOURS if spec.pixels else SHAPES


@EVERY_EXACT
@few
@given(order=st.permutations(range(6)))
def test_the_order_of_pictures_does_not_matter(spec: DetectorSpec, order: list[int]) -> None:
    shuffled = learnt(spec, [PICTURES[i] for i in order]).statistics()
    a = spec.head(learnt(spec, PICTURES[:6]).statistics(), spec.check({})).score_map(UNSEEN)
    b = spec.head(shuffled, spec.check({})).score_map(UNSEEN)
    assert np.allclose(a, b, rtol=1e-4)


@EVERY_EXACT
@few
@given(COUNTS, COUNTS)
def test_adding_and_taking_out_again_changes_nothing(
    spec: DetectorSpec, kept: int, extra: int
) -> None:
    whole = learnt(spec, PICTURES[: kept + extra])
    gone = whole.empty()
    for picture in PICTURES[kept : kept + extra]:
        gone.add(picture)
    left = whole.without(gone).statistics()
    assert same_statistics(left, learnt(spec, PICTURES[:kept]).statistics(), 1e-6)


@EVERY_EXACT
@few
@given(st.lists(COUNTS, min_size=2, max_size=3))
def test_merged_parts_are_the_whole(spec: DetectorSpec, counts: list[int]) -> None:
    pictures = PICTURES[: sum(counts)]
    ends = np.cumsum(counts)
    whole = learnt(spec, pictures)
    merged = whole.empty()
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        part = merged.empty()
        for picture in pictures[start:end]:
            part.add(picture)
        merged.merge(part)
    assert same_statistics(merged.statistics(), whole.statistics(), 1e-6)


@EVERY
@pytest.mark.parametrize("odd", ["flat channel", "twice the same channel", "one odd picture"])
def test_degenerate_features_never_score_nan(spec: DetectorSpec, odd: str) -> None:
    def spoilt(taps: TapMaps) -> TapMaps:
        maps = tuple(m.copy() for m in taps.maps)
        if odd == "flat channel":
            maps[-1][0] = 2.5
        elif odd == "twice the same channel":
            maps[-1][0] = maps[-1][1]
        return TapMaps(maps)

    def flat(value: float) -> TapMaps:
        return TapMaps(tuple(np.full(shape, value, np.float32) for shape in shapes_of(spec)))

    unseen = made_taps(shapes_of(spec), seed=99, mean=4.0)
    pictures = [spoilt(made_taps(shapes_of(spec), seed)) for seed in range(14)]
    if odd == "one odd picture":
        pictures = [flat(1.0)] * 5 + [flat(2.0)]
    head = head_of(spec, pictures)
    for picture in (pictures[0], unseen, flat(0.0), flat(1e4)):
        assert np.isfinite(head.score_map(picture)).all()


@EVERY
def test_a_stranger_scores_higher_than_what_was_learnt(spec: DetectorSpec) -> None:
    pictures = [made_taps(shapes_of(spec), seed) for seed in range(14)]
    head = head_of(spec, pictures)
    known = max(score_of(head, picture, Scoring())[0] for picture in pictures)
    far = TapMaps(tuple(m + 40 for m in pictures[0].maps))
    assert score_of(head, far, Scoring())[0] > 1.5 * known


@EVERY_EXACT
@pytest.mark.parametrize("count", [6, 14])
def test_held_out_scores_equal_fits_without_the_picture(
    spec: DetectorSpec, count: int, tmp_path: Path
) -> None:
    pictures = PICTURES[:count]
    groups = plan_hold_out(count).groups if count == 6 else [list(range(5)), list(range(5, 14))]
    full = spec.check({})
    with Spool(tmp_path) as spool:
        for picture in pictures:
            spool.append(picture)
        total = learnt(spec, pictures)
        found = {
            h.index: h.score
            for h in held_out_scores(
                spec, settings=full, scoring=Scoring(), total=total, spool=spool, groups=groups
            )
        }
    assert sorted(found) == list(range(count))
    for group in groups:
        # the reference of the whole holds, so that the first picture can be left out too
        others = total.empty()
        for i in range(count):
            if i not in group:
                others.add(pictures[i])
        head = spec.head(others.statistics(), full)
        for i in group:
            assert found[i] == pytest.approx(score_of(head, pictures[i], Scoring())[0], rel=1e-4)
