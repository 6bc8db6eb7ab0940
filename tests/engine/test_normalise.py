"""Normalising by position: against brute force, and what must not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import Bools, Float32
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.normalise import (
    LEAST_GAIN,
    MEAN_PRIOR,
    NORMALISATIONS,
    PRIOR,
    SIGMA,
    KeptMaps,
    PositionMoments,
    PositionNormaliser,
    normaliser_of,
)
from deeprx_gui.engine.resample import smooth
from deeprx_gui.engine.spool import Spool

GRID = (9, 12)
PLAIN = Scoring()


def made_maps(count: int, seed: int = 0, grid: tuple[int, int] = GRID) -> list[Float32]:
    """Maps with a place that is high and restless in all of them."""
    rng = np.random.default_rng(seed)
    level = 5 + np.add.outer(np.arange(grid[0]), np.arange(grid[1])) / 4
    spread = np.ones(grid)
    spread[:, grid[1] // 2 :] = 4
    return [(level + spread * rng.gamma(2.0, 0.4, grid)).astype(np.float32) for _ in range(count)]


def by_definition(maps: Sequence[Float32]) -> tuple[Float32, Float32]:
    """Gain and offset, written down as they stand in docs/mathematics.md."""
    n, stack = len(maps), np.stack(maps).astype(float)

    def soft(values: Float32) -> Float32:
        return smooth(values.astype(np.float32), SIGMA).astype(float)

    level = stack.mean()
    mean = level + soft((stack - level).sum(0)) / (n + MEAN_PRIOR)
    spread = ((stack - stack.mean(0)) ** 2).sum(0)
    pooled = spread.sum() / ((n - 1) * spread.size)
    gain = np.sqrt(pooled / ((soft(spread) + PRIOR * pooled) / (n - 1 + PRIOR)))
    return gain, level - gain * mean


def learnt(maps: Sequence[Float32], counted: Bools | None = None) -> PositionMoments:
    """The moments of some maps."""
    moments = PositionMoments((maps[0].shape[0], maps[0].shape[1]))
    for each in maps:
        moments.add(each, counted)
    return moments


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptMaps]:
    with Spool(tmp_path) as spool:
        yield KeptMaps(spool)


def keep_all(kept: KeptMaps, maps: Sequence[Float32], cells: GridMasks | None = None) -> None:
    """Keep the maps; the last comes first, as images of a fit may."""
    for index in reversed(range(len(maps))):
        kept.keep(index, maps[index], cells)


@pytest.mark.parametrize("count", [2, 5, 30])
def test_the_moments_equal_the_definition(count: int) -> None:
    maps = made_maps(count)
    found = learnt(maps).normaliser()
    gain, offset = by_definition(maps)
    np.testing.assert_allclose(found.gain, gain, rtol=1e-4)
    np.testing.assert_allclose(found.offset, offset, rtol=1e-3, atol=1e-3)


@given(st.integers(2, 6), st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_taking_maps_out_equals_never_having_seen_them(groups: int, seed: int) -> None:
    maps = made_maps(3 * groups, seed)
    total = learnt(maps)
    for start in range(0, len(maps), 3):
        others = total.without(learnt(maps[start : start + 3])).normaliser()
        fresh = learnt(maps[:start] + maps[start + 3 :]).normaliser()
        np.testing.assert_allclose(others.gain, fresh.gain, rtol=1e-5)
        np.testing.assert_allclose(others.offset, fresh.offset, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("scoring", [PLAIN, Scoring(sigma=0.0, reduce="top1", min_area=2)])
def test_a_held_out_map_takes_no_part_in_what_normalises_it(
    kept: KeptMaps, size: int, scoring: Scoring
) -> None:
    maps = made_maps(12)
    maps[5] = maps[5] * 3  # one odd picture
    keep_all(kept, maps)
    groups = [list(range(start, start + size)) for start in range(0, 12, size)]
    found = kept.normalised(groups, scoring)
    for group in groups:
        others = learnt([m for i, m in enumerate(maps) if i not in group]).normaliser()
        for index in group:
            wanted = smooth_and_reduce(others(maps[index]), scoring)[0]
            assert found.scores[index] == pytest.approx(wanted, rel=1e-5)
    whole = learnt(maps).normaliser()
    np.testing.assert_allclose(found.normaliser.gain, whole.gain, rtol=1e-6)


def test_where_every_place_behaves_alike_the_scale_stays() -> None:
    rng = np.random.default_rng(4)
    maps = [rng.gamma(9.0, 1.0, (24, 24)).astype(np.float32) for _ in range(200)]
    found = learnt(maps).normaliser()
    new = rng.gamma(9.0, 1.0, (24, 24)).astype(np.float32)
    assert np.abs(found(new) - new).max() < 1.5
    assert found(new).mean() == pytest.approx(new.mean(), rel=0.02)


def test_a_place_that_is_always_high_is_not_what_stands_out() -> None:
    maps = made_maps(40)
    found = learnt(maps).normaliser()
    usual = np.mean([found(m) for m in made_maps(40, seed=9)], axis=0)
    plain = np.mean(made_maps(40, seed=9), axis=0)
    assert np.ptp(usual) < 0.5 * np.ptp(plain)


@pytest.mark.parametrize("value", [0.0, 3.5])
def test_maps_that_never_differ_are_left_alone(value: float) -> None:
    maps = [np.full(GRID, value, np.float32)] * 6
    found = learnt(maps).normaliser()
    new = made_maps(1, seed=3)[0]
    np.testing.assert_array_equal(found(new), new)


def test_one_map_says_nothing_about_deviations() -> None:
    found = learnt(made_maps(1)).normaliser()
    assert set(np.unique(found.gain)) == {1.0}


def test_pictures_of_other_shapes_are_brought_to_the_grid_and_back() -> None:
    maps = made_maps(10)
    wide = made_maps(10, seed=1, grid=(12, 9))
    moments = learnt(maps)
    for each in wide:
        moments.add(each)
    found = moments.normaliser()
    assert found.gain.shape == GRID
    for each in (maps[0], wide[0]):
        assert found(each).shape == each.shape
        assert np.isfinite(found(each)).all()


def test_what_does_not_count_changes_nothing_inside(kept: KeptMaps) -> None:
    inside = np.zeros(GRID, bool)
    inside[2:7, 3:9] = True
    cells = GridMasks(inside, inside)
    maps = made_maps(8)
    rng = np.random.default_rng(5)
    noise = [np.where(inside, m, 50 * rng.random(GRID)).astype(np.float32) for m in maps]
    clean, dirty = learnt(maps, inside).normaliser(), learnt(noise, inside).normaliser()
    np.testing.assert_array_equal(clean.gain, dirty.gain)
    np.testing.assert_array_equal(clean.offset, dirty.offset)
    keep_all(kept, noise, cells)
    found = kept.normalised([[i] for i in range(8)], PLAIN)
    for index in range(8):
        others = learnt([m for i, m in enumerate(maps) if i != index], inside).normaliser()
        wanted = smooth_and_reduce(others(maps[index]), PLAIN, inside)[0]
        assert found.scores[index] == pytest.approx(wanted, rel=1e-5)


def test_the_gain_is_what_a_defect_saves(kept: KeptMaps, tmp_path: Path) -> None:
    """Where one half is restless normalising helps; where all is alike it does not."""
    maps = made_maps(40)
    keep_all(kept, maps)
    found = kept.normalised([[i] for i in range(40)], PLAIN)
    plain = {i: smooth_and_reduce(m, PLAIN)[0] for i, m in enumerate(maps)}
    helped = kept.gain(found, PLAIN, max(plain.values()), max(found.scores.values()))
    rng = np.random.default_rng(6)
    alike = [rng.gamma(9.0, 1.0, GRID).astype(np.float32) for _ in range(40)]
    with Spool(tmp_path / "other") as spool:
        other = KeptMaps(spool)
        keep_all(other, alike)
        same = other.normalised([[i] for i in range(40)], PLAIN)
        before = max(smooth_and_reduce(m, PLAIN)[0] for m in alike)
        not_helped = other.gain(same, PLAIN, before, max(same.scores.values()))
    assert helped > LEAST_GAIN
    assert not_helped < LEAST_GAIN


def test_the_maps_of_a_profile_come_back() -> None:
    found = learnt(made_maps(9)).normaliser()
    stored = found.within(Statistics({"mean": np.zeros(3)}, {"images": 9}))
    assert stored.counts == {"images": 9}
    back = normaliser_of(stored, Scoring(normalise="position"))
    assert back is not None
    new = made_maps(1, seed=8)[0]
    np.testing.assert_array_equal(back(new), found(new))
    assert normaliser_of(stored, Scoring()) is None
    assert set(NORMALISATIONS) == {"none", "position"}


def bad_arrays() -> dict[str, dict[str, Any]]:
    """What a hostile file may say."""
    good = np.ones(GRID, np.float32)
    return {
        "missing": {},
        "half": {"normalise.gain": good},
        "shape": {"normalise.gain": good, "normalise.offset": np.ones((3, 3), np.float32)},
        "flat": {"normalise.gain": good.ravel(), "normalise.offset": good.ravel()},
        "empty": {"normalise.gain": good[:0], "normalise.offset": good[:0]},
        "whole numbers": {"normalise.gain": good.astype(np.int64), "normalise.offset": good},
        "zero gain": {"normalise.gain": 0 * good, "normalise.offset": good},
        "negative": {"normalise.gain": -good, "normalise.offset": good},
        "huge": {"normalise.gain": 1e9 * good, "normalise.offset": good},
        "huge offset": {"normalise.gain": good, "normalise.offset": 1e30 * good},
        "not a number": {"normalise.gain": np.nan * good, "normalise.offset": good},
    }


@pytest.mark.parametrize("case", bad_arrays())
def test_maps_that_no_fit_can_have_made_are_refused(case: str) -> None:
    statistics = Statistics(bad_arrays()[case])
    with pytest.raises(ProfileError, match="do not fit together"):
        normaliser_of(statistics, Scoring(normalise="position"))


def test_a_profile_never_says_auto() -> None:
    with pytest.raises(ProfileError):
        normaliser_of(Statistics({}), Scoring(normalise="auto"))


def test_the_map_stays_a_distance() -> None:
    ones = np.ones(GRID, np.float32)
    found = PositionNormaliser(ones, -9 * ones)
    assert float(found(made_maps(1)[0]).min()) == 0.0
