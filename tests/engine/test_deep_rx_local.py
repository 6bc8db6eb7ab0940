"""deep-rx-local: what it learns, stores, scores and refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.deep_rx_local import SPEC, within_of
from deeprx_gui.engine.detectors.stored_statistics import AnyArray
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of, learnt, local_distances, within_covariance
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(6, 4, 4), (5, 8, 8)]
PICTURES = [made_taps(SHAPES, seed) for seed in range(12)]
UNSEEN = made_taps(SHAPES, seed=77, mean=5.0)


def test_it_learns_a_mean_for_each_position_and_one_covariance_around_them() -> None:
    statistics = learnt(SPEC, PICTURES).statistics()
    within, reference, channels = within_of(statistics)
    assert (within.images, reference.grid, channels) == (12, (8, 8), (6, 5))
    assert np.allclose(within.mean[6:], np.mean([p.maps[1] for p in PICTURES], 0).reshape(5, 64))
    assert np.allclose(
        within.gaussian().covariance(), within_covariance(PICTURES), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("shrinkage", [1e-3, 0.3])
def test_scores_are_those_of_the_definition(shrinkage: float) -> None:
    found = head_of(SPEC, PICTURES, {"shrinkage": shrinkage}).score_map(UNSEEN)
    assert found.dtype == np.float32
    assert np.allclose(found, local_distances(PICTURES, UNSEEN, shrinkage), rtol=1e-4)


def test_squared_is_the_square() -> None:
    d = head_of(SPEC, PICTURES).score_map(UNSEEN)
    d2 = head_of(SPEC, PICTURES, {"squared": True}).score_map(UNSEEN)
    assert np.allclose(np.square(d), d2, rtol=1e-5)


def test_the_same_feature_in_the_wrong_place_is_found() -> None:
    """What deep-rx cannot see: both halves are normal somewhere, not here."""

    def picture(seed: int, left: float, right: float) -> TapMaps:
        noise = np.random.default_rng(seed).normal(size=(2, 8, 8)).astype(np.float32)
        noise[:, :, :4] += left
        noise[:, :, 4:] += right
        return TapMaps((noise,))

    normal = [picture(seed, 0, 20) for seed in range(20)]
    head = head_of(SPEC, normal)
    assert head.score_map(picture(99, 0, 20)).max() < 6
    assert head.score_map(picture(99, 20, 0)).min() > 10


def test_a_picture_of_another_shape_is_brought_to_the_first_ones_grid() -> None:
    other = made_taps([(6, 2, 8), (5, 4, 16)], seed=5)
    head = head_of(SPEC, [*PICTURES, other])
    assert head.score_map(other).shape == (8, 8)
    assert head.score_map(UNSEEN).shape == (8, 8)


def test_statistics_survive_the_file_to_the_last_bit() -> None:
    before = learnt(SPEC, PICTURES).statistics()
    after = Statistics(load(save(dict(before.arrays))), before.counts)
    a, b = (SPEC.head(s, {}).score_map(UNSEEN) for s in (before, after))
    assert np.array_equal(a, b)


def test_too_few_or_identical_pictures_are_refused_in_words() -> None:
    with pytest.raises(FitError, match="no structure"):
        learnt(SPEC, PICTURES[:1]).statistics()
    with pytest.raises(FitError, match="vary too little"):
        learnt(SPEC, [PICTURES[0]] * 4).statistics()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": np.zeros((11, 63))},
        {"mean": np.zeros(11)},
        {"scatter": np.zeros(3)},
        {"channels": np.array([6, 6])},
        {"channels": np.array([6.0, 5.0])},
        {"channels": np.array([12, -1])},
        {"grids": np.array([[4, 4], [8, 9]])},
        {"grids": np.array([[4, 4], [-8, -8]])},
        {"grids": np.array([[8, 8]])},
        {"grids": np.array([[4.0, 4.0], [8.0, 8.0]])},
    ],
    ids=str,
)
def test_made_up_statistics_are_refused(wrong: dict[str, AnyArray]) -> None:
    good = learnt(SPEC, PICTURES).statistics()
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(Statistics({**good.arrays, **wrong}, good.counts), {})
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(replace(good, counts={}), {})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"shrinkage": 0}, "above 0 and at most 1"),
        ({"shrinkage": True}, "above 0 and at most 1"),
        ({"squared": 1}, "true or false"),
        ({"sea": 1}, "deep-rx-local has no setting “sea”"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        SPEC.check(settings)


def test_parts_with_different_references_do_not_merge() -> None:
    one = learnt(SPEC, PICTURES[:2])
    other = learnt(SPEC, [made_taps([(6, 2, 8), (5, 4, 16)])])
    with pytest.raises(ValueError, match="references differ"):
        one.merge(other)
