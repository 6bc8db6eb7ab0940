"""Patches that most of a set shows are ordinary; look-alikes cannot vouch for each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.unlikeness import MOST_CELLS, MOST_REFERENCES, PatchSet, Unlike, patches

CHANNELS = 6


def maps(seed: int, *, odd: float = 0.0, at: tuple[int, int] = (2, 3)) -> TapMaps:
    """Feature maps of a good part, with something odd at one place."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(CHANNELS, 8, 8)).astype(np.float32)
    fine = rng.normal(size=(2, 16, 16)).astype(np.float32)
    coarse[:, at[0], at[1]] += odd
    return TapMaps((coarse, fine))


def looked(folder: Path, pictures: list[TapMaps]) -> tuple[PatchSet, list[Unlike], Spool]:
    spool = Spool(folder)
    made = PatchSet(spool)
    for each in pictures:
        made.add(each)
    return made, list(made.unlike()), spool


@pytest.mark.parametrize(("good", "bad"), [(21, 5), (12, 4)])
def test_look_alikes_are_as_far_from_ordinary_as_if_each_were_alone(
    tmp_path: Path, good: int, bad: int
) -> None:
    pictures = [maps(n) for n in range(good)] + [maps(100 + n, odd=9) for n in range(bad)]
    made, found, spool = looked(tmp_path, pictures)
    with spool:
        scores = [each.score for each in found]
        assert min(scores[good:]) > 1.5 * max(scores[:good])
        for each in found[good:]:
            assert int(each.cells.argmax()) == 2 * each.cells.shape[1] + 3
        groups = made.alike(range(good, good + bad), found[good:])
        assert groups == [list(range(bad))]


def test_unlike_ones_are_not_called_alike(tmp_path: Path) -> None:
    one, other = maps(100, odd=9), maps(101, odd=-9, at=(6, 6))
    made, found, spool = looked(tmp_path, [*(maps(n) for n in range(20)), one, other])
    with spool:
        assert made.alike([20, 21], found[20:]) == [[0], [1]]


def test_outside_the_region_nothing_is_odd_nor_vouches(tmp_path: Path) -> None:
    region = np.ones((16, 16), np.bool_)
    region[:8] = False
    cells = GridMasks(region, region)
    pictures = [TapMaps(maps(n).maps, cells) for n in range(12)]
    pictures.append(TapMaps(maps(50, odd=9, at=(2, 3)).maps, cells))
    _, found, spool = looked(tmp_path, pictures)
    with spool:
        assert all(not each.cells[:4].any() for each in found)
        assert found[-1].score < 1.5 * max(each.score for each in found[:-1])


def test_many_pictures_are_compared_with_a_bounded_number(tmp_path: Path) -> None:
    pictures = [maps(n) for n in range(MOST_REFERENCES + 30)]
    made, found, spool = looked(tmp_path, pictures)
    with spool:
        assert len(made.references) == MOST_REFERENCES
        assert len(found) == len(pictures)


def test_grids_of_different_shapes_are_compared(tmp_path: Path) -> None:
    wide = TapMaps(tuple(np.ascontiguousarray(m[:, :4]) for m in maps(99).maps))
    _, found, spool = looked(tmp_path, [*(maps(n) for n in range(9)), wide])
    with spool:
        assert found[-1].cells.shape == (4, 8)
        assert np.isfinite([each.score for each in found]).all()


def test_features_that_never_vary_tell_nothing(tmp_path: Path) -> None:
    still = TapMaps((np.ones((CHANNELS, 8, 8), np.float32),))
    _, found, spool = looked(tmp_path, [still] * 9)
    with spool:
        assert [each.score for each in found] == [0.0] * 9


def test_a_patch_keeps_the_highest_of_what_falls_into_it() -> None:
    fine: Float32 = np.zeros((1, 60, 60), np.float32)
    fine[0, 31, 17] = 8
    made = patches(TapMaps((np.zeros((1, 30, 30), np.float32), fine)))
    assert made.shape[0] == 3  # coarse, mean of fine, highest of fine
    assert made.shape[1] * made.shape[2] <= MOST_CELLS
    assert made[2].max() == 8
    assert 0 < made[1].max() < 4
