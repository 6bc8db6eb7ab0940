"""From a raw map to one number: smallest area, and smoothing that stays inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.blobs import label
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.measure import opening, smooth_and_reduce, smooth_inside
from deeprx_gui.engine.resample import smooth

PLAIN = Scoring(sigma=0)


def brute(score_map: Float32, area: int) -> float:
    """Every level, from the highest down."""
    for level in np.unique(score_map)[::-1]:
        numbers, _ = label(score_map >= level)
        if np.bincount(numbers.ravel())[1:].max() >= area:
            return float(level)
    return float(score_map.min())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("area", [1, 2, 5, 40, 1000])
def test_the_score_is_the_highest_level_of_so_many_connected_cells(seed: int, area: int) -> None:
    score_map = np.random.default_rng(seed).random((12, 17)).astype(np.float32)
    assert opening(score_map, area) == brute(score_map, area)


def test_an_area_of_one_cell_is_the_maximum() -> None:
    score_map = np.random.default_rng(0).random((16, 16)).astype(np.float32)
    value, found = smooth_and_reduce(score_map, PLAIN)
    again, same = smooth_and_reduce(score_map, replace(PLAIN, min_area=1))
    assert value == again == score_map.max()
    assert np.array_equal(found, same)


def test_specks_below_the_area_neither_score_nor_glow() -> None:
    score_map = np.full((16, 16), 1.0, np.float32)
    score_map[2, 2] = 9.0
    score_map[10:13, 4:9] = 4.0
    value, found = smooth_and_reduce(score_map, replace(PLAIN, min_area=4))
    assert value == 4.0
    assert found.max() == 4.0
    assert smooth_and_reduce(score_map, replace(PLAIN, min_area=16))[0] == 1.0
    top = Scoring(sigma=0, reduce="top1", min_area=4)
    assert smooth_and_reduce(score_map, top)[0] == 4.0


def test_cells_outside_do_not_join_what_is_inside() -> None:
    score_map = np.full((8, 8), 1.0, np.float32)
    score_map[3, :] = 5.0
    counted = np.ones((8, 8), np.bool_)
    counted[:, 3:5] = False
    assert smooth_and_reduce(score_map, replace(PLAIN, min_area=4), None)[0] == 5.0
    assert smooth_and_reduce(score_map, replace(PLAIN, min_area=4), counted)[0] == 1.0


def test_a_map_that_is_not_a_number_gives_no_score() -> None:
    score_map = np.ones((4, 4), np.float32)
    score_map[1, 1] = np.nan
    assert np.isnan(smooth_and_reduce(score_map, replace(PLAIN, min_area=3))[0])


def test_nothing_leaks_in_from_outside_and_the_border_is_not_calmed() -> None:
    counted = np.zeros((16, 16), np.bool_)
    counted[4:12, 4:12] = True
    raw = np.full((16, 16), 1000.0, np.float32)
    raw[4:12, 4:12] = 2.0
    raw[0, 0] = np.nan
    found = smooth_inside(raw, counted, 1.5)
    assert found[counted] == pytest.approx(np.full(64, 2.0), rel=1e-5)
    assert not found[~counted].any()


def test_where_everything_counts_it_is_the_plain_smoothing() -> None:
    raw = np.random.default_rng(0).random((16, 16)).astype(np.float32)
    found = smooth_inside(raw, np.ones((16, 16), np.bool_), 1.0)
    assert found == pytest.approx(smooth(raw, 1.0), rel=1e-5)
