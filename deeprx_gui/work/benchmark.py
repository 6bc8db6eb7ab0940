"""Benchmark: what every detector costs on this PC, beside the backbone it looks through."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.errors import BackboneError, FitError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.backbones.catalogue import backbone, suited
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.engine.runtimes.base import RuntimeInfo
from deeprx_gui.results.encode import encode_png
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.benchmark_row import BenchmarkContext, BenchmarkRow, measure
from deeprx_gui.work.drawn_samples import sample_part
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.machine import Machine, this_machine
from deeprx_gui.work.timing_rounds import WARM_UP

NORMALS = 24
"""Normal images to learn from."""
_NETWORKED = FitSettings().detector.name
"""A detector that looks through the backbone, whatever the others look at."""


@dataclass(frozen=True)
class BenchmarkRequest:
    """What to measure. ``size``: side of the square pictures, and of the network's input."""

    backbones: tuple[str, ...]
    detectors: tuple[str, ...]
    size: int = 256
    rounds: int = 50


@dataclass(frozen=True)
class NotMeasured:
    """A detector behind a backbone that cannot be measured here, and why."""

    backbone: str
    detector: str
    reason: Message


@dataclass(frozen=True)
class Benchmark:
    """What ``deeprx benchmark`` prints."""

    machine: Machine
    runtime: str
    device: str
    size: int
    rounds: int
    normals: int
    rows: tuple[BenchmarkRow, ...]
    not_measured: tuple[NotMeasured, ...]


def benchmark(
    request: BenchmarkRequest, *, make_engines: Callable[[], EnginePool], scratch: Path
) -> Generator[Progress, None, Benchmark]:
    """Measure every detector of the request behind every backbone, one after the other.

    ``make_engines`` opens an engine room as a program just started would. Raises RequestError for
    unknown names, RuntimeChoiceError when the runtime cannot run here, and OSError when ``scratch``
    cannot be written. What cannot be learnt here, or whose backbone is not installed, is told in
    ``not_measured``.
    """
    machine = this_machine()
    pairs = [(b, d) for b in request.backbones for d in request.detectors]
    pace = EtaEstimator(len(pairs) * (request.rounds + WARM_UP))
    engines = make_engines()
    rows: list[BenchmarkRow] = []
    missing: list[NotMeasured] = []
    info: RuntimeInfo | None = None
    scratch.mkdir(parents=True, exist_ok=True)
    with scratch_folder(scratch, "benchmark ") as place:
        files = write_parts(place / "parts", NORMALS, request.size)
        for number, (network, method) in enumerate(pairs):
            try:
                alone = engines.for_fit(settings_for(network, _NETWORKED, request.size))
                info = alone.info
                bench = BenchmarkContext(
                    settings=settings_for(network, method, request.size),
                    network=alone,
                    files=files,
                    engines=engines,
                    make_engines=make_engines,
                    folder=place / str(number),
                    rounds=request.rounds,
                    pace=pace,
                )
                rows.append((yield from measure(bench)))
            except (BackboneError, FitError) as error:
                missing.append(NotMeasured(network, method, error.message))
                pace.total -= request.rounds + WARM_UP
    return Benchmark(
        machine=machine,
        runtime=info.name if info else "",
        device=info.device if info else "",
        size=request.size,
        rounds=request.rounds,
        normals=NORMALS,
        rows=tuple(rows),
        not_measured=tuple(missing),
    )


def settings_for(network: str, method: str, size: int) -> FitSettings:
    """Return the settings of a combination: everything else as the program chooses it."""
    settings = FitSettings(
        backbone=network,
        taps=backbone(network).default_taps,
        preprocessing=Preprocessing(size=size),
        detector=DetectorChoice(method),
    )
    return suited(settings)


def write_parts(folder: Path, count: int, size: int) -> tuple[Path, ...]:
    """Write ``count`` synthetic good parts of ``size`` pixels a side as PNG files."""
    folder.mkdir(parents=True)
    files = []
    for seed in range(count):
        files.append(folder / f"{seed:03}.png")
        files[-1].write_bytes(encode_png(resize_area(sample_part(seed), size, size)))
    return tuple(files)
