"""deep-rx: what it learns, stores and refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors import deep_rx
from deeprx_gui.engine.detectors.deep_rx import SPEC, DeepRxAccumulator, gaussian_of
from deeprx_gui.engine.detectors.table import DETECTORS, detector
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine import oracles
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(6, 4, 4), (5, 8, 8)]
PICTURES = [made_taps(SHAPES, seed) for seed in range(12)]


def learnt(pictures: list[TapMaps]) -> DeepRxAccumulator:
    out = DeepRxAccumulator(pictures[0].channels)
    for picture in pictures:
        out.add(picture)
    return out


def test_it_learns_one_gaussian_over_all_positions_of_all_pictures() -> None:
    statistics = learnt(PICTURES).statistics()
    oracle = oracles.gaussian_of(PICTURES)
    found = gaussian_of(statistics)
    assert statistics.counts == {"positions": 12 * 64, "images": 12}
    assert np.allclose(found.mean, oracle.mean, rtol=1e-6)
    assert np.allclose(found.covariance(), oracle.covariance(), atol=1e-5)


def test_pictures_of_different_sizes_count_by_their_positions() -> None:
    mixed = [made_taps(SHAPES, 1), made_taps([(6, 3, 9), (5, 6, 18)], 2)]
    assert learnt(mixed).statistics().counts == {"positions": 64 + 108, "images": 2}
    oracle = oracles.gaussian_of(mixed)
    found = gaussian_of(learnt(mixed).statistics())
    assert np.allclose(found.covariance(), oracle.covariance(), atol=1e-5)


def test_scores_are_those_of_the_definition() -> None:
    head = SPEC.head(learnt(PICTURES).statistics(), {"shrinkage": 0.01})
    unseen = made_taps(SHAPES, seed=77)
    oracle = oracles.squared_distances(unseen, oracles.gaussian_of(PICTURES), 0.01)
    assert np.allclose(head.score_map(unseen), np.sqrt(oracle), rtol=1e-4)
    squared = SPEC.head(learnt(PICTURES).statistics(), {"shrinkage": 0.01, "squared": True})
    assert np.allclose(squared.score_map(unseen), oracle, rtol=1e-4)


def test_statistics_survive_the_file_to_the_last_bit() -> None:
    before = learnt(PICTURES).statistics()
    after = Statistics(load(save(dict(before.arrays))), before.counts)
    unseen = made_taps(SHAPES, seed=77)
    stored, loaded = (SPEC.head(s, {}).score_map(unseen) for s in (before, after))
    assert np.array_equal(stored, loaded)
    assert before.arrays["scatter"].shape == (11 * 12 // 2,)  # only the lower triangle is stored


def assert_same_scores(a: Statistics, b: Statistics) -> None:
    unseen = made_taps(SHAPES, seed=77)
    one, other = (SPEC.head(s, {}).score_map(unseen) for s in (a, b))
    assert np.allclose(one, other, rtol=1e-6)


def test_without_and_merge_are_exact() -> None:
    left = learnt(PICTURES).without(learnt(PICTURES[:3])).statistics()
    assert left.counts == {"positions": 9 * 64, "images": 9}
    directly = learnt(PICTURES[3:]).statistics()
    assert_same_scores(left, directly)
    merged = learnt(PICTURES[:5])
    merged.merge(learnt(PICTURES[5:]))
    assert merged.statistics().counts == learnt(PICTURES).statistics().counts
    assert_same_scores(merged.statistics(), learnt(PICTURES).statistics())


def test_taking_out_changes_neither_side() -> None:
    total, part = learnt(PICTURES), learnt(PICTURES[:1])
    before = total.statistics().arrays["scatter"].copy()
    total.without(part)
    assert np.array_equal(total.statistics().arrays["scatter"], before)
    assert part.statistics().counts["images"] == 1


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_pictures_of_one_colour_cannot_be_learnt(value: float) -> None:
    flat = TapMaps((np.full((6, 4, 4), value, "f4"), np.full((5, 8, 8), value, "f4")))
    with pytest.raises(FitError, match=r"no structure at all.*Check the camera"):
        learnt([flat, flat]).statistics()


def test_nothing_learnt_is_a_sentence() -> None:
    with pytest.raises(FitError, match="no structure"):
        DeepRxAccumulator((3,)).statistics()


def test_a_singular_covariance_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def singular(_matrix: object) -> None:
        raise np.linalg.LinAlgError("Matrix is not positive definite")

    monkeypatch.setattr(np.linalg, "cholesky", singular)
    with pytest.raises(FitError, match=r"vary too little.*Add normal images"):
        SPEC.head(learnt(PICTURES).statistics(), {})


@pytest.mark.parametrize("shrinkage", [1e-6, 1e-3, 1])
def test_channels_that_never_change_or_repeat_give_finite_scores(shrinkage: float) -> None:
    pictures = []
    for seed in range(6):
        coarse, fine = made_taps(SHAPES, seed).maps
        fine[0], coarse[1] = 4.0, coarse[0]  # one flat channel, one twin
        pictures.append(TapMaps((coarse, fine)))
    head = SPEC.head(learnt(pictures).statistics(), {"shrinkage": shrinkage})
    found = head.score_map(made_taps(SHAPES, 99))
    assert np.isfinite(found).all()


def test_defaults_are_filled_in() -> None:
    assert SPEC.check({}) == {"shrinkage": 1e-3, "squared": False}
    assert SPEC.check({"squared": True}) == {"shrinkage": 1e-3, "squared": True}


@pytest.mark.parametrize(
    "settings",
    [
        {"shrinkage": 0},
        {"shrinkage": 1.5},
        {"shrinkage": -0.1},
        {"shrinkage": float("nan")},
        {"shrinkage": "much"},
        {"shrinkage": True},
        {"shrinkage": None},
        {"squared": 1},
        {"squared": "yes"},
        {"sigma": 2},
    ],
)
def test_impossible_settings_are_named(settings: dict[str, object]) -> None:
    (key,) = settings
    with pytest.raises(RequestError, match=key):
        SPEC.check(settings)


def test_the_table_knows_it_and_names_it_when_asked_for_another() -> None:
    assert detector("deep-rx") is DETECTORS["deep-rx"] is SPEC
    with pytest.raises(RequestError, match=r"“deep-sea”.*deep-rx"):
        detector("deep-sea")


def _without(name: str) -> Statistics:
    good = learnt(PICTURES).statistics()
    return replace(good, arrays={k: v for k, v in good.arrays.items() if k != name})


def _with(name: str, array: object) -> Statistics:
    good = learnt(PICTURES).statistics()
    return replace(good, arrays={**good.arrays, name: np.asarray(array)})


@pytest.mark.parametrize(
    "statistics",
    [
        _without("mean"),
        _without("scatter"),
        _without("channels"),
        _with("mean", np.zeros(10)),
        _with("mean", np.zeros((11, 1))),
        _with("mean", 3.0),
        _with("scatter", np.zeros(11)),
        _with("scatter", np.full(66, np.nan)),
        _with("channels", [6, 6]),
        _with("channels", [-1, 12]),
        _with("channels", 11),
        replace(learnt(PICTURES).statistics(), counts={}),
        replace(learnt(PICTURES).statistics(), counts={"positions": 1}),
    ],
)
def test_statistics_that_do_not_fit_together_are_a_sentence(statistics: Statistics) -> None:
    with pytest.raises(ProfileError, match=r"do not fit together.*Roll back"):
        SPEC.head(statistics, {})


def test_the_accumulator_maker_gets_what_the_protocol_says() -> None:
    made = SPEC.accumulator((6, 5), deep_rx.check({}))
    made.add(PICTURES[0])
    assert made.statistics().arrays["channels"].tolist() == [6, 5]
