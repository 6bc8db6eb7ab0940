"""Bringing feature maps to one grid: the interpolation of the deep-learning frameworks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.engine.tap_maps import TapMaps, upsample, upsampling
from tests.engine.oracles import dense, interpolated, made_taps

sides = st.integers(1, 20)


@given(sides, sides, sides, sides)
def test_upsample_equals_torch(h: int, w: int, height: int, width: int) -> None:
    maps = np.random.default_rng(h * w).normal(size=(3, h, w)).astype(np.float32)
    found = upsample(maps, height, width)
    assert found.dtype == np.float32
    assert np.allclose(found, interpolated(maps, height, width), atol=1e-5)


@given(sides, sides)
def test_weights_sum_to_one_so_that_constants_stay(fine: int, coarse: int) -> None:
    matrix = upsampling(fine, coarse)
    assert np.allclose(matrix.sum(axis=1), 1, atol=1e-6)
    assert matrix.min() >= 0


def test_weights_are_shared_and_cannot_be_spoilt() -> None:
    assert upsampling(8, 4) is upsampling(8, 4)
    with pytest.raises(ValueError, match="read-only"):
        upsampling(8, 4)[0, 0] = 2


def test_maps_already_on_the_grid_are_not_touched() -> None:
    maps = np.zeros((2, 5, 6), np.float32)
    assert upsample(maps, 5, 6) is maps


def test_dense_stacks_all_channels_on_the_finest_grid_coarsest_first() -> None:
    taps = made_taps([(6, 2, 3), (5, 4, 6), (4, 8, 12)])
    assert taps.grid == (8, 12)
    assert taps.channels == (6, 5, 4)
    assert taps.dense().shape == (15, 96)
    assert np.allclose(taps.dense().T, dense(taps), atol=1e-4)
    assert np.array_equal(taps.dense()[11:], taps.maps[2].reshape(4, -1))


def test_one_tap_is_its_own_dense_form() -> None:
    only = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    assert np.array_equal(TapMaps((only,)).dense(), only.reshape(2, 12))
