import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.hotspots import hot_spots


def _map() -> Float32:
    m = np.zeros((20, 40), np.float32)
    m[5, 10], m[5, 11], m[15, 30] = 9.0, 8.0, 4.0
    return m


def test_peaks_come_hottest_first_with_their_own_score_and_place() -> None:
    first, second = hot_spots(_map(), most=2)
    assert (first.score, second.score) == (9.0, 4.0)
    assert (first.x, first.y) == pytest.approx((10.5 / 40, 5.5 / 20))
    assert (second.x, second.y) == pytest.approx((30.5 / 40, 15.5 / 20))


def test_a_shoulder_of_a_peak_is_not_a_second_one() -> None:
    assert [s.score for s in hot_spots(_map(), most=2)].count(8.0) == 0


def test_a_peak_on_the_border_is_found() -> None:
    m = np.zeros((8, 8), np.float32)
    m[0, 7] = 3.0
    assert hot_spots(m, most=1)[0].score == 3.0


def test_positions_without_a_score_are_no_hot_spots() -> None:
    m = np.full((4, 4), np.nan, np.float32)
    assert hot_spots(m) == ()
    m[2, 2] = 1.0
    assert [s.score for s in hot_spots(m)] == [1.0]
