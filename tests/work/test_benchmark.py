"""The benchmark: figures that hang together, for every detector of the table."""

from __future__ import annotations

import math
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work import benchmark as benchmark_module
from deeprx_gui.work import benchmark_row
from deeprx_gui.work import machine as machine_module
from deeprx_gui.work.benchmark import BenchmarkRequest, benchmark
from deeprx_gui.work.machine import this_machine
from deeprx_gui.work.memory_watch import MemoryWatch
from deeprx_gui.work.timing_rounds import WARM_UP, TimingRounds
from tests.work.helpers import drive

LITE = "efficientnet-lite0"


class Clock:
    """A clock that only calls move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ratios_are_taken_round_by_round_and_nobody_is_always_first() -> None:
    clock, order = Clock(), []
    slow = 1.0  # the PC gets slower and slower; the ratio does not mind

    def takes(name: str, seconds: float) -> None:
        order.append(name)
        clock.now += slow * seconds

    rounds = TimingRounds([lambda: takes("a", 0.002), lambda: takes("b", 0.003)], clock)
    for _ in range(WARM_UP + 4):
        rounds.once()
        slow *= 2
    assert rounds.ratio(1, to=0) == pytest.approx(1.5)
    first = 2**WARM_UP
    assert rounds.fastest(0) == pytest.approx(2.0 * first)
    assert rounds.median(0) == pytest.approx(2.0 * first * 3)
    assert rounds.p95(1) == pytest.approx(3.0 * first * (4 + 0.85 * 4))
    assert order[:4] == ["a", "b", "b", "a"]


def test_the_watch_sees_memory_that_comes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Event()

    class Process:
        rss = 100_000_000

        def memory_info(self) -> Process:
            looked.set()
            return self

    process = Process()
    monkeypatch.setattr("deeprx_gui.work.memory_watch.psutil.Process", lambda: process)
    with MemoryWatch() as watch:
        assert watch.peak_mb == 100
        process.rss = 160_000_000
        looked.clear()
        assert looked.wait(30)  # it looks by itself, while the block runs
        looked.clear()
        assert looked.wait(30)
        process.rss = 90_000_000
    assert watch.peak_mb == 160
    assert not [t for t in threading.enumerate() if t.name == "memory"]


def test_the_watch_sees_this_very_process() -> None:
    with MemoryWatch() as watch:
        pass
    assert watch.peak_mb > 20


def test_the_machine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = this_machine()
    assert found.cpu
    assert found.cores >= 1
    assert found.memory_mb > 100
    monkeypatch.setattr(machine_module, "Path", lambda _: Path("nowhere"))
    assert this_machine().cpu


@pytest.fixture
def rooms(tmp_path: Path) -> list[EnginePool]:
    return []


def test_every_detector_gets_a_row(
    tmp_path: Path, rooms: list[EnginePool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark_module, "NORMALS", 10)  # as many as every detector can do with
    monkeypatch.setattr(benchmark_row, "PASSES", 1)

    def another() -> EnginePool:
        rooms.append(EnginePool(BackboneLibrary(tmp_path / "none"), "openvino", tmp_path / "cache"))
        return rooms[-1]

    request = BenchmarkRequest((LITE, "resnet18"), tuple(DETECTORS), size=64, rounds=2)
    told, found = drive(benchmark(request, make_engines=another, scratch=tmp_path / "s"))
    assert (found.runtime, found.size, found.rounds) == ("openvino-cpu", 64, 2)
    assert [(r.backbone, r.detector) for r in found.rows] == [(LITE, d) for d in DETECTORS]
    for row in found.rows:
        figures = {k: v for k, v in asdict(row).items() if isinstance(v, float)}
        assert len(figures) == 15
        assert all(math.isfinite(v) and v > 0 for v in figures.values()), figures
        assert row.score_ms_p95 >= row.score_ms >= row.score_ms_fastest
    # What is not installed is told, not left out in silence, and does not stop the others.
    assert [m.backbone for m in found.not_measured] == ["resnet18"] * len(DETECTORS)
    assert "not installed" in str(found.not_measured[0].reason)
    assert told[-1].done == len(found.rows) * (request.rounds + WARM_UP)
    assert len(rooms) == 1 + len(DETECTORS)  # each opening is that of a program just started
    assert not list((tmp_path / "s").iterdir())


def test_an_unknown_name_is_refused(tmp_path: Path, engines: EnginePool) -> None:
    for request in (BenchmarkRequest(("lens",), ("deep-rx",)), BenchmarkRequest((LITE,), ("eye",))):
        with pytest.raises(RequestError, match=r"Choose one of"):
            drive(benchmark(request, make_engines=lambda: engines, scratch=tmp_path))


def test_cancelling_leaves_nothing_behind(tmp_path: Path, engines: EnginePool) -> None:
    job = benchmark(
        BenchmarkRequest((LITE,), ("deep-rx",), 64), make_engines=lambda: engines, scratch=tmp_path
    )
    for _ in range(8):
        next(job)
    job.close()
    assert not list(tmp_path.iterdir())
    assert not [t for t in threading.enumerate() if t.name.startswith(("memory", "decode"))]
