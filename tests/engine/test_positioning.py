"""Positioning: known shifts and rotations are found to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage, Float64
from deeprx_gui.domain.errors import PlacementError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.metrics import auroc
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.domain.view import Positioning, Region, Shape, ShapeKind, View
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.positioning import Locator, Placement
from deeprx_gui.engine.resample import warp_pixels
from tests.engine.parts import frame, with_scratch

WINDOW = Shape(ShapeKind.RECTANGLE, ((0.15, 0.15), (0.85, 0.85)))
SMALL_WINDOW = Shape(ShapeKind.RECTANGLE, ((0.3, 0.3), (0.7, 0.7)))


def plate(height: int, width: int, seed: int = 0) -> ByteImage:
    """A plate with pads and holes in fixed places; ``seed`` makes another plate."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] * (100 / max(height, width))
    grey = np.full((height, width), 100.0)
    for _ in range(30):
        cx, cy, r = rng.uniform(0, 100), rng.uniform(0, 100 * height / width), rng.uniform(3, 9)
        grey += rng.uniform(-70, 70) / (1 + np.exp(2 * (np.hypot(x - cx, y - cy) - r)))
    return np.asarray(np.repeat(grey.clip(0, 255)[:, :, None], 3, axis=2), np.uint8)


def moved(pixels: ByteImage, dx: float, dy: float, degrees: float) -> tuple[ByteImage, Float64]:
    """The picture after its part was turned about the middle and shifted, and how (edges whole)."""
    height, width = pixels.shape[:2]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    middle = np.array([width / 2, height / 2])
    matrix = np.column_stack([turn, middle - turn @ middle + (dx, dy)])
    back = np.linalg.inv(np.vstack([matrix, (0, 0, 1)]))[:2]
    back[:, 2] += back[:, :2] @ (0.5, 0.5) - 0.5
    return warp_pixels(pixels, back), matrix


def error(found: Placement, matrix: Float64, height: int, width: int) -> float:
    """Greatest distance in pixels over the corners of the middle half."""
    corners = np.array([[x * width, y * height] for x in (0.25, 0.75) for y in (0.25, 0.75)]).T
    difference = (found.matrix[:, :2] - matrix[:, :2]) @ corners
    difference += (found.matrix[:, 2] - matrix[:, 2])[:, None]
    return float(np.hypot(*difference).max())


CASES = [
    (240, 320, 0.0, 0.0, 0.0),
    (240, 320, 13.3, -9.7, 0.0),
    (240, 320, -20.0, 14.0, 4.6),
    (240, 320, 4.25, 8.5, -3.2),
    (667, 1000, 71.5, 44.25, 2.0),
    (120, 90, 5.5, -6.25, -4.0),
]


@pytest.mark.parametrize(("height", "width", "dx", "dy", "degrees"), CASES)
def test_a_known_move_is_found_to_half_a_pixel(
    height: int, width: int, dx: float, dy: float, degrees: float
) -> None:
    part = plate(height, width)
    taken, matrix = moved(part, dx, dy, degrees)
    rng = np.random.default_rng(1)
    noisy = (0.75 * taken + 20 + rng.normal(0, 4, taken.shape)).clip(0, 255).astype(np.uint8)
    found = Locator(Positioning(part, WINDOW, shift=0.1, turn=5.0)).locate(noisy)
    assert error(found, matrix, height, width) < 0.5
    assert found.quality > 0.9
    assert found.turn == pytest.approx(degrees, abs=0.2)
    assert found.shift == pytest.approx(np.hypot(dx, dy) / max(height, width), abs=0.01)


def test_a_part_may_lie_at_any_angle_where_that_is_allowed() -> None:
    part = plate(240, 240)
    for degrees in (-170.0, -91.0, 42.0, 133.0):
        taken, matrix = moved(part, 6.0, -4.0, degrees)
        found = Locator(Positioning(part, SMALL_WINDOW, shift=0.1, turn=180.0)).locate(taken)
        assert error(found, matrix, 240, 240) < 0.5


def test_without_turn_only_shifts_are_looked_for() -> None:
    part = plate(200, 200)
    taken, matrix = moved(part, 9.5, -3.25, 0.0)
    found = Locator(Positioning(part, WINDOW, turn=0.0)).locate(taken)
    assert found.turn == 0.0
    assert error(found, matrix, 200, 200) < 0.5


@pytest.mark.parametrize(
    "picture",
    [plate(200, 200, seed=7), np.full((200, 200, 3), 80, np.uint8)],
    ids=["another part", "nothing"],
)
def test_what_is_not_in_place_is_no_score_but_a_sentence(picture: ByteImage) -> None:
    locator = Locator(Positioning(plate(200, 200), WINDOW))
    with pytest.raises(PlacementError, match=r"not in place \(match \d+ %, at least 50 % is"):
        locator.locate(picture)


def test_the_quality_asked_for_decides() -> None:
    part, other = plate(200, 200), plate(200, 200, seed=7)
    match = Locator(Positioning(part, WINDOW)).search(other).quality
    Locator(Positioning(part, WINDOW, quality=match - 0.01)).locate(other)
    with pytest.raises(PlacementError):
        Locator(Positioning(part, WINDOW, quality=match + 0.01)).locate(other)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")))


def lying(seed: int, pixels: ByteImage) -> ByteImage:
    """A part put down by hand: up to 8 pixels and 4 degrees off, with sensor noise."""
    rng = np.random.default_rng(seed)
    dx, dy, degrees = rng.uniform(-1, 1, 3) * (8, 8, 4)
    taken, _ = moved(pixels, dx, dy, degrees)
    return (taken + rng.normal(0, 3, taken.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", ["padim", "deep-rx-local"])
def test_positioning_gives_detectors_by_position_their_accuracy_back(
    engines: EnginePool, name: str
) -> None:
    part = plate(160, 160)
    spec = detector(name)
    settings = FitSettings(preprocessing=Preprocessing(size=128))
    found = {}
    for view in (View(), View(positioning=Positioning(part, WINDOW, shift=0.1, turn=6.0))):
        engine = engines.for_fit(replace(settings, view=view))
        learner = spec.accumulator(engine.look(part).channels, spec.check({}))
        for seed in range(15):
            learner.add(engine.look(lying(seed, part)))
        scorer = engine.scorer(spec.head(learner.statistics(), spec.check({})), Scoring())
        good = [scorer.score(frame(lying(s, part))).value for s in range(50, 62)]
        bad = [
            scorer.score(frame(lying(s, with_scratch(part, 40 + s, 60, size=4)))).value
            for s in range(12)
        ]
        found[view.plain] = auroc(good, bad) or 0.0
    assert found[False] > 0.9
    assert found[False] > found[True] + 0.1


def test_the_map_is_drawn_where_the_defect_is_in_the_picture_as_taken(engines: EnginePool) -> None:
    part = plate(160, 200)
    spec = detector("deep-rx-local")
    box = Shape(ShapeKind.RECTANGLE, ((0.2, 0.2), (0.8, 0.8)))
    view = View(Region((box,)), Positioning(part, WINDOW, shift=0.1, turn=6.0))
    engine = engines.for_fit(FitSettings(preprocessing=Preprocessing(size=128), view=view))
    learner = spec.accumulator(engine.look(part).channels, {})
    for seed in range(12):
        learner.add(engine.look(lying(seed, part)))
    scorer = engine.scorer(spec.head(learner.statistics(), {}), Scoring())
    bad, matrix = moved(with_scratch(part, 70, 120, size=8), 12.0, -9.0, 5.0)
    score = scorer.score(frame(bad))
    y, x = np.unravel_index(int(score.map.argmax()), score.map.shape)
    rows, columns = score.map.shape
    at = np.array([(x + 0.5) / columns * 200, (y + 0.5) / rows * 160])
    expected = matrix[:, :2] @ (124, 74) + matrix[:, 2]
    assert np.hypot(*(at - expected)) < 10
    assert score.map.max() == pytest.approx(score.value, rel=1e-5)


def test_what_the_picture_does_not_show_is_not_judged(engines: EnginePool) -> None:
    """A part at the edge of the picture: the strip that is missing is neither good nor bad."""
    part = plate(160, 160)
    view = View(positioning=Positioning(part, WINDOW, shift=0.1, turn=0.0))
    engine = engines.for_fit(FitSettings(preprocessing=Preprocessing(size=128), view=view))
    taken, _ = moved(part, -14.0, 0.0, 0.0)
    sight = engine.see(taken)
    assert sight.cells is not None
    columns = sight.cells.counted.all(axis=0).tolist()
    assert columns == [False, False] + [True] * 14
    assert sight.cells.region.all()
