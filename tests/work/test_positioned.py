"""Positioning through whole jobs: the reference, normals out of place, figures that count them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.dataset import read_dataset
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.fit import too_many_misplaced
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.domain.view import Positioning, Shape, ShapeKind, View
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.evaluate import evaluate
from deeprx_gui.work.fit import fit
from deeprx_gui.work.placements import PlacedPicture, placements
from deeprx_gui.work.reference import positioning_from
from tests.engine.test_positioning import moved, plate
from tests.work.helpers import SETTINGS, drive, request_for, save

PLATE = plate(96, 96)


def lying(seed: int, dx: float, dy: float) -> ByteImage:
    taken, _ = moved(PLATE, dx, dy, 0.0)
    noise = np.random.default_rng(seed).normal(0, 3, taken.shape)
    return (taken + noise).clip(0, 255).astype(np.uint8)


def empty_tray(seed: int) -> ByteImage:
    return np.random.default_rng(seed).integers(90, 110, (96, 96, 3)).astype(np.uint8)


@pytest.fixture
def normals(tmp_path: Path) -> list[Path]:
    """Ten parts, each further to the right than the one before, and an empty tray."""
    folder = tmp_path / "normal"
    folder.mkdir()
    files = [save(folder / f"{n:02}.png", lying(n, n - 4.5, 0)) for n in range(10)]
    return [*files[:5], save(folder / "empty.png", empty_tray(0)), *files[5:]]


def test_the_reference_is_a_part_in_the_midst_of_the_others(normals: list[Path]) -> None:
    told, found = drive(positioning_from(normals, shift=0.1, turn=0.0))
    matches = [
        np.abs(found.reference - lying(n, n - 4.5, 0.0).astype(int)).mean() for n in range(10)
    ]
    assert int(np.argmin(matches)) in {3, 4, 5, 6}
    assert found.window == Shape(ShapeKind.RECTANGLE, ((0.1, 0.1), (0.9, 0.9)))
    assert (found.shift, found.turn, found.quality) == (0.1, 0.0, 0.5)
    assert told[-1].done == told[-1].total


def test_pictures_of_nothing_cannot_be_positioned(tmp_path: Path) -> None:
    flat = np.full((64, 64, 3), 99, np.uint8)
    files = [save(tmp_path / f"{n}.png", flat) for n in range(5)]
    with pytest.raises(FitError, match="nothing by which a part could be positioned"):
        drive(positioning_from(files))


def test_a_normal_image_out_of_place_is_left_out_and_a_part_out_of_place_is_an_error(
    normals: list[Path], engines: EnginePool, store: ProfileStore, scratch: Path, tmp_path: Path
) -> None:
    positioning = drive(positioning_from(normals, turn=2.0))[1]
    settings = replace(SETTINGS, view=View(positioning=positioning))
    request = request_for(normals, settings=settings)
    outcome = drive(fit(request, engines=engines, store=store, scratch=scratch))[1]
    (skipped,) = outcome.skipped
    assert skipped.path.name == "empty.png"
    assert "not in place" in str(skipped.reason)
    assert len(outcome.profile.normals) == 10

    loaded = store.load(outcome.profile.id)
    assert loaded.view.positioning is not None
    assert np.array_equal(loaded.view.positioning.reference, positioning.reference)
    files = [save(tmp_path / "a.png", lying(50, 3, 2)), save(tmp_path / "b.png", empty_tray(9))]
    told, _ = drive(score_images(loaded, [PendingImage(f) for f in files], engines=engines))
    good, missing = (p.item for p in told if isinstance(p.item, ScoredImage))
    assert good.score is not None
    assert good.value < 2 * loaded.limits.ng
    assert missing.score is None
    assert "not in place" in str(missing.error)
    assert (missing.width, missing.height) == (96, 96)


def test_parts_out_of_place_count_as_not_ok(
    normals: list[Path], engines: EnginePool, scratch: Path, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    for folder in ("train/good", "test/good", "test/missing"):
        (root / folder).mkdir(parents=True)
    for n in range(10):
        save(root / f"train/good/{n:02}.png", lying(n, n - 4.5, 0))
    save(root / "test/good/0.png", lying(30, 1, 1))
    save(root / "test/good/1.png", empty_tray(1))
    save(root / "test/missing/0.png", empty_tray(2))
    positioning = drive(positioning_from(normals, turn=0.0))[1]
    settings = replace(SETTINGS, view=View(positioning=positioning))
    job = evaluate(read_dataset(root), settings, engines=engines, scratch=scratch)
    result = drive(job)[1]
    assert result.not_in_place == 2
    assert (result.test_good, result.test_bad) == (2, 1)
    assert result.miss_rate == 0.0
    assert result.false_call_rate is not None
    assert result.false_call_rate >= 0.5
    assert result.image_auroc == 0.75  # above the good one, level with the other empty tray


def test_a_fit_that_misses_more_than_a_few_waits_until_somebody_has_looked(
    normals: list[Path], engines: EnginePool, store: ProfileStore, scratch: Path, tmp_path: Path
) -> None:
    nowhere = [save(tmp_path / f"nowhere {n}.png", empty_tray(20 + n)) for n in range(3)]
    positioning = drive(positioning_from(normals, turn=2.0))[1]
    settings = replace(SETTINGS, view=View(positioning=positioning))
    request = request_for([*normals, *nowhere], settings=settings)
    held = replace(request, hold_misplaced=True)
    outcome = drive(fit(held, engines=engines, store=store, scratch=scratch))[1]
    assert outcome.held
    assert len(outcome.misplaced) == 4
    assert store.list() == ()
    few = replace(request_for(normals, settings=settings), hold_misplaced=True)
    outcome = drive(fit(few, engines=engines, store=store, scratch=scratch))[1]
    assert not outcome.held, "one of eleven is a few"
    assert len(store.list()) == 1


@pytest.mark.parametrize(
    ("misplaced", "images", "too_many"),
    [(2, 12, False), (3, 12, True), (5, 50, False), (6, 50, True), (0, 0, False)],
)
def test_more_than_a_few_is_more_than_two_and_more_than_a_tenth(
    misplaced: int, images: int, too_many: bool
) -> None:
    assert too_many_misplaced(misplaced, images) is too_many


def test_too_few_in_place_is_not_called_unreadable(
    normals: list[Path], engines: EnginePool, store: ProfileStore, scratch: Path, tmp_path: Path
) -> None:
    nowhere = [save(tmp_path / f"nowhere {n}.png", empty_tray(20 + n)) for n in range(6)]
    positioning = drive(positioning_from(normals, turn=2.0))[1]
    settings = replace(SETTINGS, view=View(positioning=positioning))
    request = request_for([*normals[:3], *nowhere], settings=settings)
    with pytest.raises(FitError, match="in 6 positioning did not find the part"):
        drive(fit(request, engines=engines, store=store, scratch=scratch))


def test_the_outline_lies_where_the_part_lies(tmp_path: Path) -> None:
    at_home, aside = (save(tmp_path / f"{dx}.png", lying(1, dx, 0)) for dx in (0, 8))
    window = Shape(ShapeKind.RECTANGLE, ((0.25, 0.25), (0.75, 0.75)))
    reference = lying(1, 0, 0)
    positioning = Positioning(reference, window, 0.1, 0.0, 0.5)
    gone = save(tmp_path / "gone.png", empty_tray(3))
    told, _ = drive(placements([at_home, aside, gone], positioning))
    first, second, third = (p.item for p in told if isinstance(p.item, PlacedPicture))
    assert first.found
    assert np.allclose(first.outline, [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)],
                       atol=0.01)  # fmt: skip
    moved_by = second.outline - first.outline
    assert second.found
    assert np.allclose(np.abs(moved_by[:, 0]), 8 / 96, atol=0.01)
    assert np.allclose(moved_by[:, 1], 0, atol=0.01)
    assert not third.found
    assert third.match < 0.5
