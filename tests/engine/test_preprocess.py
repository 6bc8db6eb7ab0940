"""From picture to network input: size, proportions, and pixels that stay what they are."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.engine.preprocess import SIZES, network_size, prepare

strides = st.sampled_from([1, 2, 4, 8, 16, 32])
sizes = st.integers(*SIZES)
sides = st.integers(1, 20_000)


@given(sides, sides, sizes, strides)
def test_sides_are_multiples_of_the_stride(h: int, w: int, size: int, stride: int) -> None:
    for keep in (True, False):
        height, width = network_size(h, w, Preprocessing(size, keep), stride)
        assert height % stride == width % stride == 0
        assert min(height, width) >= stride


@given(sides, sides, sizes, strides)
def test_each_side_is_within_half_a_stride_of_the_equal_area_rectangle(
    h: int, w: int, size: int, stride: int
) -> None:
    height, width = network_size(h, w, Preprocessing(size), stride)
    ratio = min(max(h / w, 1 / 16), 16)
    for side, ideal in ((height, size * math.sqrt(ratio)), (width, size / math.sqrt(ratio))):
        assert abs(side - ideal) <= stride / 2 + 1e-6 or side == stride


@given(sides, sides, st.integers(256, 1024))
def test_area_and_proportions_hold_for_ordinary_pictures(h: int, w: int, size: int) -> None:
    if not 1 / 4 <= h / w <= 4:
        return
    height, width = network_size(h, w, Preprocessing(size), 16)
    assert 0.85 < height * width / size**2 < 1.15
    assert 0.85 < (height / width) / (h / w) < 1.18


@pytest.mark.parametrize(("h", "w"), [(1, 20_000), (20_000, 1), (10, 4000), (3000, 7)])
def test_extreme_strips_stay_within_sixteen_to_one(h: int, w: int) -> None:
    height, width = network_size(h, w, Preprocessing(256), 16)
    assert max(height, width) / min(height, width) == 16
    assert height * width == 256**2


def test_a_strip_turned_is_the_strip_turned() -> None:
    tall = network_size(900, 100, Preprocessing(256), 8)
    wide = network_size(100, 900, Preprocessing(256), 8)
    assert tall == wide[::-1]


def test_squashing_gives_a_square_whatever_the_picture() -> None:
    assert network_size(100, 900, Preprocessing(250, keep_aspect=False), 16) == (256, 256)


def test_a_picture_of_the_networks_size_keeps_its_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    assert prepare(pixels, Preprocessing(256), 16) is pixels


def test_prepared_pixels_prepare_to_themselves() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (301, 487, 3), dtype=np.uint8)
    once = prepare(pixels, Preprocessing(256), 16)
    assert once.shape == (208, 320, 3)
    assert np.array_equal(prepare(once, Preprocessing(256), 16), once)


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 8, 3), (2, 32, 3), (1, 5000, 3)])
def test_tiny_and_thin_pictures_become_a_network_input(shape: tuple[int, int, int]) -> None:
    prepared = prepare(np.full(shape, 90, np.uint8), Preprocessing(64), 16)
    assert prepared.dtype == np.uint8
    assert min(prepared.shape[:2]) >= 16
    assert (prepared == 90).all()
