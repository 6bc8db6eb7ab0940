"""The nearest of the bank, computed in a runtime's graph, against brute force in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import ByteImage, Float32, Float64
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.engine import bank_head, tiles
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.bank_head import BankHead, patches
from deeprx_gui.engine.engine import Engine, score_of
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.runtimes.base import Extractor
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.tiles import Tiled
from tests.engine.oracles import Shape, made_taps
from tests.engine.parts import part
from tests.engine.test_heads import GRIDS
from tests.engine.test_openvino_heads import in_openvino, in_torch

RUNTIMES = pytest.mark.parametrize("runtime", [in_openvino, in_torch])
InRuntime = Callable[[Head, TapMaps], Float32]


def head_for(taps: TapMaps, rows: int, seed: int = 1, neighbours: int = 9) -> BankHead:
    """A bank of patches of other pictures of the same kind."""
    shapes: list[Shape] = [(m.shape[0], m.shape[1], m.shape[2]) for m in taps.maps]
    pictures = [patches(made_taps(shapes, seed + k)) for k in range(1 + rows // 8)]
    return BankHead(np.concatenate(pictures)[:rows], taps.channels, neighbours)


def brute_force(head: BankHead, taps: TapMaps) -> Float64:
    rows, bank = patches(taps).astype(np.float64), head.bank.astype(np.float64)
    away = np.linalg.norm(rows[:, None] - bank[None], axis=2).min(axis=1)
    return np.asarray(away.reshape(taps.grid), np.float64)


def allowed(head: BankHead, taps: TapMaps, epsilons: int = 32) -> float:
    """What rounding may do to a squared distance: some times ε of the squares it is made of."""
    mean = head.bank.mean(axis=0)
    largest = max(np.square(x - mean).sum(axis=1).max() for x in (patches(taps), head.bank))
    return float(epsilons * np.finfo(np.float32).eps * (largest + np.square(mean).sum()))


@RUNTIMES
@pytest.mark.parametrize("rows", [1, 7, 40, 300])
@pytest.mark.parametrize("shapes", list(GRIDS.values()), ids=list(GRIDS))
def test_it_is_the_least_distance(runtime: InRuntime, shapes: list[Shape], rows: int) -> None:
    unseen = made_taps(shapes, seed=99, mean=5.0)
    head = head_for(unseen, rows)
    found = runtime(head, unseen)
    assert found.dtype == np.float32
    assert found.shape == unseen.grid
    assert np.allclose(found, brute_force(head, unseen), rtol=2e-5)
    assert np.allclose(found, head.score_map(unseen), rtol=2e-5)


@RUNTIMES
@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 60),
    mean=st.sampled_from([0.0, 3.0, 300.0]),
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
)
def test_squares_are_wrong_by_rounding_only(
    runtime: InRuntime, seed: int, rows: int, mean: float, size: tuple[int, int]
) -> None:
    height, width = size
    shapes: list[Shape] = [(6, -(-height // 2), -(-width // 2)), (4, height, width)]
    unseen = made_taps(shapes, seed, mean)
    head = head_for(unseen, rows, seed + 1)
    found = np.square(runtime(head, unseen).astype(np.float64))
    assert np.abs(found - np.square(brute_force(head, unseen))).max() <= allowed(head, unseen)


@RUNTIMES
def test_doubles_in_the_bank_change_nothing(runtime: InRuntime) -> None:
    unseen = made_taps(GRIDS["two taps"], seed=5)
    head = head_for(unseen, 50)
    doubled = BankHead(np.repeat(head.bank, 3, axis=0), head.channels, head.neighbours)
    assert np.allclose(runtime(doubled, unseen), runtime(head, unseen), rtol=1e-5)


@RUNTIMES
def test_what_is_in_the_bank_has_no_distance(runtime: InRuntime) -> None:
    """The root makes of a rounding of 1e-7 in the squares one of some 1e-4 in the distances."""
    known = made_taps(GRIDS["two taps"], seed=5)
    head = BankHead(patches(known), known.channels, 0)
    found = runtime(head, known)
    assert (found >= 0).all()
    assert np.square(found).max() <= allowed(head, known)


@RUNTIMES
def test_a_bank_of_one_constant_patch(runtime: InRuntime) -> None:
    unseen = made_taps(GRIDS["two taps"], seed=5)
    head = BankHead(np.full((1, 12), 3, np.float32), (7, 5), 9)
    assert np.allclose(runtime(head, unseen), brute_force(head, unseen), rtol=1e-5)


@RUNTIMES
def test_what_is_no_number_never_looks_normal(runtime: InRuntime) -> None:
    unseen = made_taps(GRIDS["two taps"], seed=5)
    head = head_for(unseen, 50)
    unseen.maps[1][2, 3, 4] = np.nan
    assert np.isnan(runtime(head, unseen)[3, 4])


@pytest.mark.parametrize("positions", [1, 100, 1024, 1 << 20])
@pytest.mark.parametrize("rows", [1, 15, 16, 17, 3000])
def test_blocks_are_the_whole_bank(rows: int, positions: int) -> None:
    bank = np.random.default_rng(0).normal(size=(rows, 11)).astype(np.float32)
    head = BankHead(bank, (6, 5), 9)
    blocks = head.blocks(positions)
    assert len(blocks) <= bank_head._MOST_BLOCKS
    away = [np.concatenate([b.weights[tap] for b in blocks]) for tap in (0, 1)]
    assert np.allclose(np.concatenate(away, axis=1) + np.concatenate(head.centres), bank, atol=1e-5)
    halves = np.concatenate([b.halves for b in blocks])
    assert np.allclose(halves, 0.5 * np.square(np.concatenate(away, axis=1)).sum(axis=1), rtol=1e-5)


@pytest.fixture(scope="module", params=["openvino-cpu", "torch-cpu"])
def extractor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Extractor:
    """A backbone as its runtime opens it, without tiles."""
    library = BackboneLibrary(tmp_path_factory.mktemp("none"))
    engine = EnginePool(library, request.param).for_fit(FitSettings())
    assert isinstance(engine._extractor, Tiled)
    return engine._extractor._inner


def learnt(extractor: Extractor, height: int, width: int, neighbours: int = 9) -> BankHead:
    rows = np.concatenate([patches(extractor.taps(part(s, height, width))) for s in (1, 2)])
    return BankHead(rows[::3], extractor.taps(part(1, height, width)).channels, neighbours)


@pytest.mark.parametrize("neighbours", [0, 9])
@pytest.mark.parametrize("size", [(64, 64), (128, 96), (96, 160), (32, 32)])
def test_a_score_is_that_of_numpy(
    extractor: Extractor, size: tuple[int, int], neighbours: int
) -> None:
    """One extractor meets several sizes: those with a graph of their own, and the one for all."""
    head = learnt(extractor, 96, 128, neighbours)
    run = extractor.scorer_with_taps(head)
    for height, width in ((96, 128), (64, 96), size, (96, 128)):
        pixels = part(7, height, width)
        raw, taps = run(pixels)
        oracle = extractor.taps(pixels)
        for mine, its in zip(taps.maps, oracle.maps, strict=True):
            assert np.allclose(mine, its, rtol=1e-4, atol=1e-4)
        assert np.allclose(raw, head.score_map(oracle), rtol=1e-3, atol=1e-3)
        assert head.weight(taps, 1, 2) == pytest.approx(head.weight(oracle, 1, 2), rel=1e-3)


@pytest.mark.parametrize("sigma", [0.0, 1.0])
def test_the_engine_scores_as_its_maps_in_memory(extractor: Extractor, sigma: float) -> None:
    head = learnt(extractor, 128, 128)
    channels = dict(zip((8, 16), reversed(head.channels), strict=True))
    engine = Engine(extractor, Preprocessing(size=128), channels, "")
    scoring = Scoring(sigma=sigma)
    for seed in range(3, 6):
        pixels = part(seed, 128, 128)
        expected, _ = score_of(head, engine.look(pixels), scoring)
        found = engine.scorer(head, scoring).score_prepared(engine.prepare(pixels))
        assert found.value == pytest.approx(expected, rel=1e-4)


def test_no_seam_is_seen(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    head = learnt(extractor, 448, 832)
    run = Tiled(extractor, 16).scorer_with_taps(head)
    pixels: ByteImage = part(9, 448, 832)
    whole, maps = run(pixels)
    monkeypatch.setattr(tiles, "MOST_PIXELS", 1 << 17)
    monkeypatch.setattr(tiles, "LONGEST", 448)
    pieces, stitched = run(pixels)
    assert pieces.shape == (56, 104)
    assert np.abs(pieces - whole).max() <= 2e-3 * whole.max()
    assert head.weight(stitched, 20, 50) == pytest.approx(head.weight(maps, 20, 50), rel=1e-3)
