"""Pictures of another shape are brought to the reference grid without losing what is in them."""

from __future__ import annotations

import numpy as np
import pytest

from deeprx_gui.engine.reference_grids import ReferenceGrids, resample_maps, resampling
from deeprx_gui.engine.tap_maps import upsample
from tests.engine.detector_oracles import antialiased
from tests.engine.oracles import made_taps


@pytest.mark.parametrize("size", [(8, 8), (5, 12), (12, 3), (4, 4), (1, 7), (16, 16), (7, 2)])
def test_resampling_is_antialiased_bilinear_interpolation(size: tuple[int, int]) -> None:
    maps = made_taps([(3, 8, 8)]).maps[0]
    found = resample_maps(maps, *size)
    assert found.dtype == np.float32
    assert np.allclose(found, antialiased(maps.astype(np.float64), *size), atol=1e-4)


def test_growing_is_what_it_is_everywhere() -> None:
    maps = made_taps([(3, 4, 6)]).maps[0]
    assert np.array_equal(resample_maps(maps, 9, 13), upsample(maps, 9, 13))


@pytest.mark.parametrize(("target", "source"), [(3, 8), (1, 5), (7, 8), (8, 8), (20, 7)])
def test_a_constant_stays_the_constant(target: int, source: int) -> None:
    assert np.allclose(resampling(target, source).sum(axis=1), 1.0, atol=1e-6)


def test_shrinking_skips_no_cell() -> None:
    for target, source in ((2, 9), (3, 8), (5, 31)):
        assert (resampling(target, source).sum(axis=0) > 0.3 * target / source).all()


def test_maps_on_the_reference_grids_pass_untouched() -> None:
    taps = made_taps([(4, 3, 5), (2, 6, 10)])
    reference = ReferenceGrids.of(taps)
    assert reference.bring(taps) is taps
    assert reference.grid == (6, 10)
    assert reference.positions == 60


def test_other_maps_come_out_on_the_reference_grids() -> None:
    reference = ReferenceGrids(((3, 5), (6, 10)))
    found = reference.bring(made_taps([(4, 5, 3), (2, 10, 6)]))
    assert [m.shape for m in found.maps] == [(4, 3, 5), (2, 6, 10)]


def test_the_grids_survive_as_an_array() -> None:
    reference = ReferenceGrids(((3, 5), (6, 10)))
    assert ReferenceGrids.from_array(reference.as_array()) == reference
