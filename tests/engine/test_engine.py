"""The engine as a whole: the same pixels, the same score, and borders that are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.errors import BackboneError, RequestError, RuntimeChoiceError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.engine.backbones import efficientnet_lite
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.deep_rx import SPEC
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.measure import REDUCTIONS, smooth_and_reduce
from tests.engine.parts import frame, part, texture, with_scratch

SETTINGS = FitSettings(preprocessing=Preprocessing(size=128))
GOOD = [part(seed) for seed in range(12)]
RING = np.ones((16, 16), np.bool_)
RING[2:-2, 2:-2] = False


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> EnginePool:
    return EnginePool(BackboneLibrary(tmp_path_factory.mktemp("none")), "torch-cpu")


@pytest.fixture(scope="module")
def scorer(engines: EnginePool) -> Scorer:
    """A scorer that has learnt the twelve good parts."""
    return learnt(engines.for_fit(SETTINGS))


def learnt(engine: Engine, pictures: Sequence[ByteImage] = GOOD) -> Scorer:
    accumulator = None
    for pixels in pictures:
        taps = engine.taps(engine.prepare(pixels))
        accumulator = accumulator or SPEC.accumulator(taps.channels, {})
        accumulator.add(taps)
    assert accumulator is not None
    return engine.scorer(SPEC.head(accumulator.statistics(), {}), Scoring())


def test_the_same_pixels_give_the_same_score_to_the_last_bit(
    scorer: Scorer, engines: EnginePool
) -> None:
    pixels = part(50, 200, 170)
    first = scorer.score(frame(pixels))
    scorer.score(frame(part(51, 64, 256)))  # another shape in between changes nothing
    engine = engines.for_fit(SETTINGS)
    again = [
        scorer.score(frame(pixels)),
        scorer.score(frame(np.asfortranarray(pixels))),
        scorer.score_prepared(engine.prepare(pixels)),
        learnt(engine).score(frame(pixels)),
    ]
    assert all(np.array_equal(score.map, first.map) for score in again)
    assert {score.value for score in again} == {first.value}


def test_another_program_start_gives_the_same_score(
    scorer: Scorer, engines: EnginePool, tmp_path: Path
) -> None:
    fresh = EnginePool(BackboneLibrary(tmp_path), "torch-cpu")
    assert learnt(fresh.for_fit(SETTINGS)).score(frame(part(50))).value == (
        scorer.score(frame(part(50))).value
    )


def test_scoring_does_not_change_the_picture(scorer: Scorer) -> None:
    pixels = part(50)
    kept = pixels.copy()
    score = scorer.score(frame(pixels))
    assert np.array_equal(pixels, kept)
    assert score.map.shape == (16, 16)
    assert score.map.dtype == np.float32
    assert score.value == score.map.max()
    assert score.milliseconds > 0


def test_a_defect_scores_higher_and_where_it_is(scorer: Scorer) -> None:
    good = max(scorer.score(frame(part(seed))).value for seed in range(60, 66))
    found = scorer.score(frame(with_scratch(part(70), top=72, left=24)))
    assert found.value > 1.5 * good
    y, x = divmod(int(found.map.argmax()), 16)
    assert abs(y * 8 + 4 - 77) <= 12  # within a cell of the scratch's centre
    assert abs(x * 8 + 4 - 29) <= 12


@pytest.mark.parametrize(
    ("top", "left"), [(0, 60), (60, 0), (122, 60), (60, 122), (0, 0), (122, 122)]
)
def test_a_defect_in_the_outermost_pixels_is_found(scorer: Scorer, top: int, left: int) -> None:
    good = max(scorer.score(frame(part(seed))).value for seed in range(60, 66))
    found = scorer.score(frame(with_scratch(part(70), top, left, size=6)))
    assert found.value > good
    y, x = divmod(int(found.map.argmax()), 16)
    assert abs(y * 8 - top) <= 12
    assert abs(x * 8 - left) <= 12


def test_mirrored_borders_cool_the_hottest_spot_of_good_parts(
    engines: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plates = [texture(seed) for seed in range(24)]

    def scores(engine: Engine) -> Float32:
        scorer = learnt(engine, plates[:12])
        return np.stack([scorer.score(frame(plate)).map for plate in plates[12:]])

    mirrored = scores(engines.for_fit(SETTINGS))
    monkeypatch.setattr(efficientnet_lite, "mirror_pad", torch.nn.functional.pad)  # zeros
    zeros = scores(engines.for_fit(SETTINGS))
    assert mirrored.max(axis=(1, 2)).mean() < zeros.max(axis=(1, 2)).mean()
    assert mirrored[:, RING].mean() < 1.25 * mirrored[:, ~RING].mean()


def test_reductions() -> None:
    score_map = np.arange(400, dtype=np.float32).reshape(20, 20)
    assert REDUCTIONS["max"](score_map) == 399
    assert REDUCTIONS["top1"](score_map) == np.mean([396, 397, 398, 399])
    assert REDUCTIONS["top1"](score_map[:2, :3]) == score_map[1, 2]  # never less than one cell


@pytest.mark.parametrize("reduce", ["max", "top1"])
def test_a_position_that_could_not_be_measured_is_never_ok(reduce: str) -> None:
    score_map: Float32 = np.ones((20, 20), np.float32)
    score_map[3, 3] = np.nan
    value, _ = smooth_and_reduce(score_map, Scoring(sigma=1.0, reduce=reduce))
    assert np.isnan(value)  # which judge() calls an ERROR


def test_smoothing_belongs_to_the_score() -> None:
    score_map = np.zeros((9, 9), np.float32)
    score_map[4, 4] = 10
    assert smooth_and_reduce(score_map, Scoring(sigma=0.0))[0] == 10
    assert 0 < smooth_and_reduce(score_map, Scoring(sigma=1.0))[0] < 3


@pytest.mark.parametrize("shape", [(8, 8), (1, 1), (512, 32), (32, 512), (3, 700)])
def test_tiny_and_thin_pictures_get_finite_scores(scorer: Scorer, shape: tuple[int, int]) -> None:
    pixels: ByteImage = part(1, *shape)
    assert np.isfinite(scorer.score(frame(pixels)).value)


def test_what_computes_is_known_once_it_is_chosen(tmp_path: Path) -> None:
    engines = EnginePool(BackboneLibrary(tmp_path), "auto")
    assert engines.describe() is None
    engines.for_fit(SETTINGS)
    info = engines.describe()
    assert info is not None
    assert info.name in {"openvino-cpu", "torch-cuda"}
    assert info.device


def test_an_open_backbone_is_kept(engines: EnginePool) -> None:
    first, second = engines.for_fit(SETTINGS), engines.for_fit(SETTINGS)
    assert first._extractor is second._extractor


def test_an_unknown_runtime_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"“abacus”.*torch-cuda, openvino-cpu"):
        EnginePool(BackboneLibrary(tmp_path), "abacus").for_fit(SETTINGS)


def test_a_card_asked_for_by_name_is_never_silently_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeChoiceError, match=r"no NVIDIA card.*“auto”"):
        EnginePool(BackboneLibrary(tmp_path), "torch-cuda").for_fit(SETTINGS)
    assert EnginePool(BackboneLibrary(tmp_path), "torch").for_fit(SETTINGS).info.name == "torch-cpu"


def test_a_backbone_that_is_not_installed_and_taps_that_do_not_exist(engines: EnginePool) -> None:
    with pytest.raises(BackboneError, match="not installed"):
        engines.for_fit(FitSettings(backbone="vgg16"))
    with pytest.raises(RequestError, match="2, 4, 8, 16, 32"):
        engines.for_fit(FitSettings(taps=(8, 12)))


@pytest.mark.cuda
def test_the_card_scores_like_the_processor(scorer: Scorer, tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card")
    card = learnt(EnginePool(BackboneLibrary(tmp_path), "torch-cuda").for_fit(SETTINGS))
    for seed in range(60, 64):
        pixels = frame(with_scratch(part(seed), 40, 40))
        assert card.score(pixels).value == pytest.approx(scorer.score(pixels).value, rel=1e-3)
