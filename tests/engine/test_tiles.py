"""Tiles: the maps of a large picture put together from pieces are those of the whole picture."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.engine import tiles
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.preprocess import SIZES, network_size
from deeprx_gui.engine.runtimes.base import Extractor
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.tiles import Tiled, spans
from tests.engine.parts import part


@pytest.mark.parametrize("stride", [8, 16, 32])
@pytest.mark.parametrize("side", [1312, 1344, 1600, 2016, 3008, 4096, 16384])
def test_tiles_cover_an_axis_and_keep_their_distance_from_every_cut(side: int, stride: int) -> None:
    length, found = spans(side, stride)
    assert length <= tiles.LONGEST
    assert found[0].low == 0
    assert found[-1].high == side
    for before, after in itertools.pairwise(found):
        assert before.high == after.low
        assert before.start + length - before.high >= 11 * stride
        assert after.low - after.start >= 11 * stride
    for span in found:
        assert 0 <= span.start <= side - length
        assert all(edge % stride == 0 for edge in (span.start, span.low, span.high))


def test_what_fits_is_one_piece() -> None:
    assert spans(1280, 16) == (1280, (tiles.TileSpan(0, 0, 1280),))


@pytest.fixture(scope="module", params=["torch-cpu", "openvino-cpu"])
def extractor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Extractor:
    """A backbone as its runtime opens it, without tiles."""
    library = BackboneLibrary(tmp_path_factory.mktemp("none"))
    engine = EnginePool(library, request.param).for_fit(FitSettings())
    assert isinstance(engine._extractor, Tiled)
    return engine._extractor._inner


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles so small that a test need not compute large pictures."""
    monkeypatch.setattr(tiles, "MOST_PIXELS", 400 * 400)
    monkeypatch.setattr(tiles, "LONGEST", 448)


def picture() -> ByteImage:
    return part(5, 448, 832)


@pytest.mark.usefixtures("small_tiles")
def test_the_stitched_maps_are_those_of_the_whole_picture(extractor: Extractor) -> None:
    pixels = picture()
    whole, pieces = extractor.taps(pixels), Tiled(extractor, 16).taps(pixels)
    for expected, found in zip(whole.maps, pieces.maps, strict=True):
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 1e-3 * np.abs(expected).max()


def _raw(extractor: Extractor, name: str, taps: TapMaps) -> Callable[[ByteImage], Float32]:
    spec = detector(name)
    learner = spec.accumulator(taps.channels, spec.check({}))
    learner.add(taps)
    learner.add(extractor.taps(part(6, 448, 832)))
    return Tiled(extractor, 16).scorer(spec.head(learner.statistics(), spec.check({})))


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("name", ["deep-rx", "deep-rx-local"])
def test_no_seam_is_seen_in_the_score_map(
    extractor: Extractor, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = part(9, 448, 832)
    run = _raw(extractor, name, extractor.taps(picture()))
    pieces = run(pixels)
    monkeypatch.setattr(tiles, "MOST_PIXELS", 1 << 30)
    whole = run(pixels)
    assert pieces.shape == (56, 104)
    assert np.abs(pieces - whole).max() <= 2e-3 * whole.max()


def test_a_photograph_at_full_detail_has_a_network_size() -> None:
    height, width = network_size(1334, 2000, Preprocessing(size=1632), 16)
    assert (height, width) == (1328, 2000)
    assert SIZES[1] == 4096
