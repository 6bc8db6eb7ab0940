"""Region: what is outside never scores, what is just inside does, and the map stays in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.spool import Spool
from tests.engine.parts import frame, part, with_scratch

SETTINGS = FitSettings(preprocessing=Preprocessing(size=128))
BOX = Shape(ShapeKind.RECTANGLE, ((0.25, 0.125), (0.75, 0.875)))
HOLE = Shape(ShapeKind.RECTANGLE, ((0.375, 0.25), (0.625, 0.5)))
DIAMOND = Shape(ShapeKind.POLYGON, ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)))
SMALL: Mapping[str, Mapping[str, object]] = {"padim": {"channels": 12}, "patchcore": {"bank": 300}}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")))


def open_engine(engines: EnginePool, region: Region) -> Engine:
    return engines.for_fit(replace(SETTINGS, view=View(region)))


def learn(engine: Engine, folder: Path, name: str = "deep-rx") -> tuple[Scorer, list[float]]:
    """Learn twelve good parts; return the scorer and the held-out scores."""
    spec = detector(name)
    with Spool(folder) as spool:
        learner = Learner(spec, SMALL.get(name, {}), 12, spool)
        for seed in range(12):
            learner.add(seed, engine.look(part(seed)))
        total = learner.total()
        held_out = [score for _, score in learner.held_out(total, Scoring())]
        head = spec.head(total.statistics(), learner.settings)
    return engine.scorer(head, Scoring()), held_out


def garbage(pixels: ByteImage, keep: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> ByteImage:
    """The same picture with anything at all where ``keep`` is false."""
    noise = np.random.default_rng(1).integers(0, 256, pixels.shape).astype(np.uint8)
    return np.where(keep[..., None], pixels, noise)


@pytest.mark.parametrize("name", ["deep-rx", "deep-rx-local", "padim", "patchcore"])
def test_what_happens_outside_changes_no_bit_of_the_score(
    engines: EnginePool, tmp_path: Path, name: str
) -> None:
    scorer, _ = learn(open_engine(engines, Region((BOX,), (HOLE,))), tmp_path, name)
    keep = np.zeros((128, 128), np.bool_)
    keep[16:112, 32:96] = True
    keep[32:64, 48:80] = False
    good = part(50)
    clean, dirty = scorer.score(frame(good)), scorer.score(frame(garbage(good, keep)))
    assert dirty.value == clean.value
    assert np.array_equal(dirty.map, clean.map)


@pytest.mark.parametrize("name", ["deep-rx", "deep-rx-local", "padim", "patchcore"])
def test_the_map_covers_the_picture_and_is_empty_outside(
    engines: EnginePool, tmp_path: Path, name: str
) -> None:
    scorer, _ = learn(open_engine(engines, Region((BOX,), (HOLE,))), tmp_path, name)
    bad = scorer.score(frame(with_scratch(part(50), top=80, left=60)))
    rows, columns = bad.map.shape
    y, x = np.unravel_index(int(bad.map.argmax()), bad.map.shape)
    assert abs((y + 0.5) / rows * 128 - 85) <= 8
    assert abs((x + 0.5) / columns * 128 - 65) <= 8
    assert bad.map.max() == pytest.approx(bad.value, rel=1e-6)
    ys, xs = (np.mgrid[0:rows, 0:columns] + 0.5) / [[[rows]], [[columns]]]
    outside = (xs < 0.25) | (xs > 0.75) | (ys < 0.125) | (ys > 0.875)
    assert not bad.map[outside].any()
    assert bad.map[~outside].any()
    deep = (xs > 0.43) & (xs < 0.57) & (ys > 0.3) & (ys < 0.45)
    assert not bad.map[deep].any()


@pytest.mark.parametrize(
    ("top", "left"), [(16, 60), (60, 32), (106, 60), (60, 90), (16, 32), (106, 90)]
)
def test_a_defect_in_the_outermost_pixels_of_the_region_is_found(
    engines: EnginePool, tmp_path: Path, top: int, left: int
) -> None:
    scorer, held_out = learn(open_engine(engines, Region((BOX,))), tmp_path)
    found = scorer.score(frame(with_scratch(part(70), top, left, size=6)))
    assert found.value > max(held_out)


@pytest.mark.parametrize("name", ["deep-rx", "deep-rx-local", "patchcore"])
def test_the_border_of_a_region_is_not_hotter_than_its_middle(
    engines: EnginePool, tmp_path: Path, name: str
) -> None:
    """Borders are modelled: on good parts they are as cold as what is around them."""
    engine = open_engine(engines, Region((DIAMOND,)))
    scorer, _ = learn(engine, tmp_path, name)
    found = np.mean([scorer.score(frame(part(seed))).map for seed in range(60, 72)], axis=0)
    counted = found > 0
    around = np.pad(counted, 1)
    near = [
        around[1 + dy : 17 + dy, 1 + dx : 17 + dx] for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0))
    ]
    border = counted & ~np.logical_and.reduce(near)
    middle = counted & ~border
    assert found[border].mean() < 1.3 * found[middle].mean()


def test_the_whole_picture_is_as_if_there_were_no_view(engines: EnginePool) -> None:
    plain, seen = engines.for_fit(SETTINGS), open_engine(engines, Region())
    sight = seen.see(part(3))
    assert sight.cells is None
    assert sight.home is None
    assert np.array_equal(sight.pixels, plain.prepare(part(3)))


def test_a_region_is_looked_at_with_all_the_pixels_of_the_network(engines: EnginePool) -> None:
    """A quarter of the picture fills the network's input: smaller defects are seen."""
    box = Shape(ShapeKind.RECTANGLE, ((0.5, 0.5), (1.0, 1.0)))
    sight = open_engine(engines, Region((box,))).see(part(1, 400, 400))
    assert sight.pixels.shape == (128, 128, 3)
    assert sight.home is not None
    assert sight.home.crop == (200, 200, 400, 400)


def test_the_map_of_a_tiny_region_does_not_fill_the_memory(engines: EnginePool) -> None:
    box = Shape(ShapeKind.RECTANGLE, ((0.5, 0.5), (0.505, 0.505)))
    sight = open_engine(engines, Region((box,))).see(part(1, 1000, 1000))
    assert sight.home is not None
    spike: Float32 = np.zeros((16, 16), np.float32)
    spike[3, 5] = 7
    whole = sight.home.bring(spike)
    assert whole.size <= 140_000
    assert whole.max() == 7


def test_a_region_smaller_than_a_cell_is_refused_in_words(engines: EnginePool) -> None:
    dot = Shape(ShapeKind.RECTANGLE, ((0.5, 0.5), (0.501, 0.501)))
    corner = Shape(ShapeKind.RECTANGLE, ((0.0, 0.0), (0.01, 0.01)))
    with pytest.raises(RequestError, match="too small"):
        open_engine(engines, Region((corner, BOX), (BOX, corner))).see(part(1))
    assert open_engine(engines, Region((dot,))).see(part(1)).cells is not None
