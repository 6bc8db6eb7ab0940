"""How a squared distance splits among taps: exact, never negative, the same whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import Float64, Ints
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.tap_shares import blocks_of, shapley_split, tap_splitter


def problem(seed: int, sizes: list[int]) -> tuple[Float64, Float64]:
    """A deviation and a covariance whose channels have much in common, of very unlike scales."""
    rng = np.random.default_rng(seed)
    d = sum(sizes)
    scale = 10.0 ** rng.uniform(-2, 2, d)
    mixed = rng.normal(size=(d, d)) * scale[:, None]
    covariance = np.asarray(mixed @ mixed.T / d + np.diag(1e-3 * scale**2), np.float64)
    return np.asarray(rng.normal(size=d) * scale, np.float64), covariance


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_the_parts_sum_to_the_squared_distance(seed: int, sizes: list[int]) -> None:
    deviation, covariance = problem(seed, sizes)
    split = shapley_split(deviation, covariance, blocks_of(sizes))
    whole = float(deviation @ np.linalg.solve(covariance, deviation))
    assert split.sum() == pytest.approx(whole, rel=1e-9)
    assert (split >= -1e-9 * whole).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_two_taps_are_treated_alike(seed: int) -> None:
    """Half of what a tap shows alone, half of what it adds to the other."""
    deviation, covariance = problem(seed, [3, 4])
    first, second = blocks_of([3, 4])

    def shown(channels: Ints) -> float:
        part = covariance[np.ix_(channels, channels)]
        return float(deviation[channels] @ np.linalg.solve(part, deviation[channels]))

    whole = shown(np.arange(7))
    split = shapley_split(deviation, covariance, [first, second])
    assert split[0] == pytest.approx((shown(first) + whole - shown(second)) / 2, rel=1e-9)
    assert shapley_split(deviation, covariance, [second, first])[::-1] == pytest.approx(split)


def test_what_deviates_in_one_tap_alone_is_carried_by_it() -> None:
    deviation = np.array([0.0, 0.0, 3.0, 4.0])
    split = shapley_split(deviation, np.diag([1.0, 2.0, 1.0, 1.0]), blocks_of([2, 2]))
    assert split == pytest.approx([0.0, 25.0])


def test_channels_that_were_chosen_belong_to_their_taps() -> None:
    blocks = blocks_of((4, 3), [0, 3, 4, 6])
    assert [b.tolist() for b in blocks] == [[0, 1], [2, 3]]


def pictures(count: int) -> list[TapMaps]:
    rng = np.random.default_rng(7)
    where = rng.normal(size=(3, 8, 8)), rng.normal(size=(4, 4, 4))
    return [
        TapMaps(
            (
                (where[1] + 0.4 * rng.normal(size=(4, 4, 4))).astype(np.float32),
                (where[0] + 0.3 * rng.normal(size=(3, 8, 8))).astype(np.float32),
            )
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("name", ["deep-rx", "deep-rx-local", "padim", "patchcore"])
@pytest.mark.parametrize("prior", ["identity", "pooled"])
def test_the_split_of_every_detector_sums_to_the_distance_it_scores_with(
    name: str, prior: str
) -> None:
    spec, shown = DETECTORS[name], pictures(12)
    chosen = spec.check({"prior": prior} if name == "padim" else {})
    chosen = spec.settle(chosen, FitExtent((4, 3), (8, 8), len(shown)))
    learns = spec.accumulator((4, 3), chosen)
    for picture in shown:
        learns.add(picture)
    statistics = learns.statistics()
    (odd,) = pictures(1)
    odd.maps[1][:, 1:4, 4:7] += 8.0
    splitter = tap_splitter(name, statistics, chosen)
    assert splitter is not None
    assert splitter.grid(odd) == (8, 8)
    cells = [(2, 5), (0, 0), (7, 3)]
    split = splitter.split(odd, cells)
    scored = spec.head(statistics, chosen).score_map(odd)
    assert np.sqrt(split.sum(axis=1)) == pytest.approx([scored[c] for c in cells], rel=2e-4)
    fine = split[0, 1] / split[0].sum()
    assert fine > 0.6  # what was changed is the fine tap


def test_detectors_of_colours_have_no_taps() -> None:
    rx = DETECTORS["rx"]
    learns = rx.accumulator((3,), rx.check({}))
    learns.add(TapMaps((np.random.default_rng(0).normal(size=(3, 8, 8)).astype(np.float32),)))
    assert tap_splitter("rx", learns.statistics(), {}) is None
