"""Resizing and smoothing: one implementation, checked against loops that anyone can read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.engine.resample import label_regions, resize_area, resize_map, smooth


def noise(
    height: int, width: int, seed: int = 0
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def naive_smooth(score_map: Float64, sigma: float) -> Float64:
    """Convolve with a sampled Gaussian of ±4σ; beyond the border comes its mirror image."""
    reach = int(np.ceil(4 * sigma))
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        wide = np.pad(score_map, pad, mode="symmetric")
        n = score_map.shape[axis]
        parts = [w * np.take(wide, range(k, k + n), axis) for k, w in enumerate(weights)]
        score_map = np.sum(parts, axis=0)
    return score_map


@pytest.mark.parametrize(("height", "width"), [(24, 36), (12, 12), (6, 72), (24, 4)])
def test_shrinking_by_whole_numbers_is_the_block_mean(height: int, width: int) -> None:
    pixels = noise(24, 72)
    small = resize_area(pixels, height, width)
    blocks = pixels.reshape(height, 24 // height, width, 72 // width, 3).mean(axis=(1, 3))
    assert small.shape == (height, width, 3)
    assert np.abs(small - blocks).max() <= 0.501


def test_a_fine_pattern_averages_out_instead_of_aliasing() -> None:
    checks = (np.indices((300, 300)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = resize_area(np.repeat(checks[:, :, None], 3, axis=2), 96, 96)
    assert np.abs(small.astype(float) - 127.5).max() < 20


def test_a_fine_pattern_averages_out_when_the_other_side_grows() -> None:
    stripes = np.zeros((8, 300, 3), np.uint8)
    stripes[:, ::2] = 255
    wide = resize_area(stripes, 64, 50)
    assert np.abs(wide.astype(float) - 127.5).max() < 20


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_picture_of_one_colour_keeps_it(h: int, w: int, height: int, width: int) -> None:
    plain = np.full((h, w, 3), (3, 128, 255), np.uint8)
    resized = resize_area(plain, height, width)
    assert resized.shape == (height, width, 3)
    assert (resized == (3, 128, 255)).all()


def test_a_picture_of_the_right_size_is_passed_on_untouched() -> None:
    pixels = noise(16, 24)
    assert resize_area(pixels, 16, 24) is pixels


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_a_resized_score_map_never_exceeds_its_extremes(
    h: int, w: int, height: int, width: int
) -> None:
    score_map = np.random.default_rng(h + w).uniform(0, 90, (h, w)).astype(np.float32)
    resized = resize_map(score_map, height, width)
    assert resized.shape == (height, width)
    assert resized.max() <= score_map.max() * (1 + 1e-6)
    assert resized.min() >= score_map.min() * (1 - 1e-6)


def test_a_resized_score_map_keeps_its_place() -> None:
    score_map = np.zeros((4, 6), np.float32)
    score_map[1, 4] = 1
    y, x = divmod(int(resize_map(score_map, 40, 60).argmax()), 60)
    assert (y // 10, x // 10) == (1, 4)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.7, 3.0])
@pytest.mark.parametrize("shape", [(32, 32), (9, 21), (5, 3)])
def test_smoothing_equals_a_reflected_convolution(shape: tuple[int, int], sigma: float) -> None:
    score_map = np.random.default_rng(1).uniform(2, 40, shape)
    found = smooth(score_map.astype(np.float32), sigma)
    assert np.allclose(found, naive_smooth(score_map, sigma), rtol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 16), (2, 2), (64, 4)])
@pytest.mark.parametrize("sigma", [1.0, 10.0])
def test_a_constant_stays_constant_however_small_the_map(
    shape: tuple[int, int], sigma: float
) -> None:
    found = smooth(np.full(shape, 7.25, np.float32), sigma)
    assert found.shape == shape
    assert np.allclose(found, 7.25, rtol=1e-6)


def test_no_sigma_is_no_smoothing() -> None:
    score_map = np.eye(4, dtype=np.float32)
    assert smooth(score_map, 0.0) is score_map


def test_smoothing_keeps_a_border_defect_at_the_border() -> None:
    score_map = np.full((16, 16), 5.0, np.float32)
    score_map[0, 7] = score_map[9, 8] = 50
    found = smooth(score_map, 1.0)
    assert found[0, 7] > found[9, 8]  # mirrored, not diluted by zeros


def test_regions_touch_by_corners_too() -> None:
    mask = np.zeros((5, 6), np.bool_)
    mask[0, 0] = mask[1, 1] = mask[4, 4:] = True
    regions = label_regions(mask)
    assert regions[0, 0] == regions[1, 1] != regions[4, 5]
    assert sorted(np.unique(regions)) == [0, 1, 2]
    assert not label_regions(np.zeros((3, 3), np.bool_)).any()
