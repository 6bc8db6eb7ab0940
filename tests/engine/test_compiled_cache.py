"""A profile is compiled once on a PC: found again whole, made again when anything is wrong."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.backbones.plan_of_network import plan_of
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.heads import MahalanobisHead
from deeprx_gui.engine.runtimes import compiled_cache
from deeprx_gui.engine.runtimes.compiled_cache import CompiledCache
from deeprx_gui.engine.runtimes.openvino_compiler import Compiler
from deeprx_gui.engine.runtimes.openvino_runtime import OpenVinoExtractor
from deeprx_gui.engine.runtimes.quiet_openvino import ov
from tests.engine.disks import full_disk
from tests.engine.oracles import gaussian_of, head_of
from tests.engine.parts import texture

TAPS = (8, 16)
PIXELS = texture(3, 64)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    return BackboneLibrary(tmp_path_factory.mktemp("none")).find("efficientnet-lite0")


@pytest.fixture(scope="module")
def plan(weights: Weights) -> NetworkPlan:
    return plan_of(weights)


@pytest.fixture(scope="module")
def heads(plan: NetworkPlan) -> tuple[MahalanobisHead, MahalanobisHead]:
    taps = [OpenVinoExtractor(Compiler(plan, TAPS)).taps(texture(seed, 64)) for seed in range(6)]
    one, other = gaussian_of(taps), gaussian_of(taps[:5])
    return head_of(taps[0], one, 1e-2), head_of(taps[0], other, 1e-2)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every graph that is really compiled."""
    seen: list[str] = []
    real = ov.Core

    class Counting:
        def __init__(self) -> None:
            self._core = real()

        def compile_model(self, *args: Any) -> Any:
            seen.append("compiled")
            return self._core.compile_model(*args)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._core, name)

    monkeypatch.setattr(ov, "Core", Counting)
    return seen


def score(
    plan: NetworkPlan, head: MahalanobisHead, cache: Path | None, weights: str = "a"
) -> Float32:
    """What a program that has just been started computes."""
    return OpenVinoExtractor(Compiler(plan, TAPS, cache, weights)).scorer(head)(PIXELS)


def test_the_second_start_does_not_compile_and_scores_the_same_bits(
    plan: NetworkPlan, heads: tuple[MahalanobisHead, ...], tmp_path: Path, compiled: list[str]
) -> None:
    cache = tmp_path / "準備 済み"
    first = score(plan, heads[0], cache)
    assert len(compiled) == 1
    assert np.array_equal(score(plan, heads[0], cache), first)
    assert len(compiled) == 1
    assert np.array_equal(score(plan, heads[0], None), first)  # nothing kept, nothing found
    assert len(compiled) == 2


def test_sizes_heads_and_weights_each_have_their_own(
    plan: NetworkPlan, heads: tuple[MahalanobisHead, ...], tmp_path: Path, compiled: list[str]
) -> None:
    extractor = OpenVinoExtractor(Compiler(plan, TAPS, tmp_path, "a"))
    for head in heads:
        extractor.scorer(head)(PIXELS)
    extractor.scorer(heads[0])(texture(3, 96))
    extractor.taps(PIXELS)
    score(plan, heads[0], tmp_path, "b")
    assert len(compiled) == len(list(tmp_path.iterdir())) == 5
    for head in heads:
        expected = head.score_map(OpenVinoExtractor(Compiler(plan, TAPS)).taps(PIXELS))
        assert np.allclose(score(plan, head, tmp_path), expected, rtol=1e-4)


@pytest.mark.parametrize("hurt", ["cut", "changed", "empty", "foreign"])
def test_a_damaged_one_is_made_again(
    *,
    plan: NetworkPlan,
    heads: tuple[MahalanobisHead, ...],
    tmp_path: Path,
    compiled: list[str],
    caplog: pytest.LogCaptureFixture,
    hurt: str,
) -> None:
    first = score(plan, heads[0], tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if hurt == "foreign":  # whole, but nothing that this version of the compiler understands
        CompiledCache(tmp_path, {}).keep("x", b"what another version wrote")
        (other,) = set(tmp_path.iterdir()) - {file}
        other.replace(file)
    else:
        middle = len(whole) // 2
        changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        file.write_bytes({"cut": whole[:middle], "changed": changed, "empty": b""}[hurt])
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(score(plan, heads[0], tmp_path), first)
    assert len(compiled) == 2
    assert "made again" in caplog.text
    assert np.array_equal(score(plan, heads[0], tmp_path), first)
    assert len(compiled) == 2  # and the new one is good


def test_where_nothing_can_be_kept_it_still_scores(
    plan: NetworkPlan,
    heads: tuple[MahalanobisHead, ...],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("where the folder should be")
    expected = score(plan, heads[0], None)
    with caplog.at_level(logging.WARNING), full_disk(after=100_000):
        assert np.array_equal(score(plan, heads[0], tmp_path / "full"), expected)
    assert not list((tmp_path / "full").iterdir())
    assert np.array_equal(score(plan, heads[0], blocked / "cache"), expected)
    assert "could not be kept" in caplog.text


def test_those_not_used_for_long_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_cache, "MOST_BYTES", 3 * 132)
    cache = CompiledCache(tmp_path, {"program": "1"})
    for number in range(3):
        cache.keep(f"graph {number}", bytes(100))
        (newest,) = (f for f in tmp_path.iterdir() if f.stat().st_mtime > 1e6)
        os.utime(newest, (number, number))
    assert cache.find("graph 0") is not None  # used just now, so it is no longer the oldest
    cache.keep("graph 3", bytes(100))
    found = [number for number in range(4) if cache.find(f"graph {number}")]
    assert found == [0, 2, 3]
    cache.keep("large", bytes(5000))
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [5032]


def test_what_was_made_on_another_pc_is_not_found(tmp_path: Path) -> None:
    CompiledCache(tmp_path, {"device": "A"}).keep("graph", b"x")
    assert CompiledCache(tmp_path, {"device": "A"}).find("graph") == b"x"
    assert CompiledCache(tmp_path, {"device": "B"}).find("graph") is None
