"""Blobs against a flood fill, and figures of shapes that anyone can measure."""

from __future__ import annotations

import numpy as np
import pytest

from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.blobs import blobs, label


def flood(
    mask: Bools,
) -> list[frozenset[tuple[int, int]]]:
    """The 8-connected regions, one cell at a time."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = []
    while left:
        todo = [left.pop()]
        region = set(todo)
        while todo:
            y, x = todo.pop()
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    if (y + dy, x + dx) in left:
                        left.remove((y + dy, x + dx))
                        region.add((y + dy, x + dx))
                        todo.append((y + dy, x + dx))
        found.append(frozenset(region))
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.9])
def test_the_regions_are_those_of_a_flood_fill(seed: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((19, 26)) < share
    numbers, count = label(mask)
    expected = flood(mask)
    found = {
        frozenset((int(y), int(x)) for y, x in np.argwhere(numbers == n))
        for n in range(1, count + 1)
    }
    assert found == set(expected)
    assert np.array_equal(numbers > 0, mask)
    score_map = np.where(mask, 5, 0).astype(np.float32)
    told = sorted(blob.cells for blob in blobs(score_map, 1.0))
    assert told == sorted(map(len, expected))


def test_figures_of_a_bar() -> None:
    score_map = np.zeros((20, 40), np.float32)
    score_map[4:6, 10:30] = 3.0
    score_map[5, 12] = 7.0
    score_map[15, 35] = 9.0
    dot, bar = blobs(score_map, 2.0, width=400, height=200, mm_per_pixel=0.1)
    assert (dot.score, bar.score) == (9.0, 7.0)
    assert bar.cells == 40
    assert bar.box == (0.25, 0.2, 0.75, 0.3)
    assert (bar.x, bar.y) == (0.5, 0.25)
    assert bar.area == 40 / 800
    assert bar.area_px == pytest.approx(4000)
    assert bar.area_mm2 == pytest.approx(40)
    assert bar.length_px == pytest.approx(200, rel=0.02)
    assert bar.length_mm == pytest.approx(20, rel=0.02)
    assert bar.length == pytest.approx(0.5, rel=0.02)
    assert dot.length_px == pytest.approx(10, rel=0.02)


def test_without_a_scale_nothing_is_in_millimetres() -> None:
    score_map = np.ones((4, 4), np.float32)
    (plain,) = blobs(score_map, 0.5)
    assert (plain.area_px, plain.area_mm2) == (None, None)
    (sized,) = blobs(score_map, 0.5, width=8, height=8)
    assert (sized.area_px, sized.length_mm) == (64, None)
    assert blobs(score_map, 1.0) == ()  # at the level is not above it


def test_a_diagonal_is_as_long_as_it_looks() -> None:
    score_map = np.eye(30, dtype=np.float32)
    (line,) = blobs(score_map, 0.5, width=30, height=30)
    assert line.length_px == pytest.approx(30 * 2**0.5, rel=0.02)


def test_small_ones_can_be_left_out_and_there_is_an_end() -> None:
    score_map = np.zeros((60, 60), np.float32)
    score_map[::2, ::2] = 2.0
    score_map[0, 1] = 2.0
    assert len(blobs(score_map, 1.0)) == 200
    (large,) = blobs(score_map, 1.0, min_cells=3)
    assert large.cells == 3


def test_a_large_noisy_map_does_not_take_long() -> None:
    rng = np.random.default_rng(0)
    score_map = rng.random((512, 512)).astype(np.float32)
    assert len(blobs(score_map, 0.9)) == 200
