"""A score map that waits for a receiver is small, and its peaks stay."""

from __future__ import annotations

import numpy as np

from deeprx_gui.outputs.base import HEAT_CELLS, reduced


def test_a_small_map_is_passed_on_as_it_is() -> None:
    small = np.ones((8, HEAT_CELLS), np.float32)
    assert reduced(small) is small


def test_of_a_large_one_the_highest_of_each_block_stays() -> None:
    large = np.zeros((300, 129), np.float32)
    large[299, 128] = 7.0
    large[0, 1] = 3.0
    made = reduced(large)
    assert made.shape == (100, 65)
    assert made.dtype == np.float32
    assert made[0, 0] == 3.0
    assert made[99, 64] == made.max() == 7.0
    assert np.count_nonzero(made) == 2
