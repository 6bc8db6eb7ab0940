"""One row of the benchmark: a detector behind a backbone, learnt, opened, scored in rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import resize_area
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.overlay_files import overlay_picture
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.drawn_samples import sample_part
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.fit import fit, learn
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.memory_watch import MemoryWatch
from deeprx_gui.work.timing_rounds import WARM_UP, TimingRounds

PASSES = 3
"""Times that learning and scoring take turns, and that the profile is opened."""
_ALONE, _SCORE, _OVERLAY = range(3)
T = TypeVar("T")


@dataclass(frozen=True)
class BenchmarkRow:
    """One detector behind one backbone; the names of the fields are JSON keys.

    Times are for one picture in memory, medians; ratios are to the backbone alone, round by round.
    """

    backbone: str
    detector: str
    backbone_ms: float
    score_ms: float
    overlay_ms: float
    backbone_ms_fastest: float
    score_ms_fastest: float
    score_ms_p95: float
    score_ratio: float
    overlay_ratio: float
    learn_images_per_second: float
    score_images_per_second: float
    learn_ratio: float
    fit_seconds: float
    peak_rss_mb: float
    profile_mb: float
    open_ms: float


@dataclass(frozen=True)
class BenchmarkContext:
    """What one row is measured with; ``folder`` is its own and need not exist yet.

    ``network``: the backbone of ``settings``, to be run alone.
    """

    settings: FitSettings
    network: Engine
    files: tuple[Path, ...]
    engines: EnginePool
    make_engines: Callable[[], EnginePool]
    folder: Path
    rounds: int
    pace: EtaEstimator

    def note(self) -> Message:
        """Say what is being measured."""
        name, detector = self.settings.backbone, self.settings.detector.name
        return say("Measuring {detector} with {backbone}", detector=detector, backbone=name)


def measure(bench: BenchmarkContext) -> Generator[Progress, None, BenchmarkRow]:
    """Measure one row. Raises what ``fit`` raises."""
    store = ProfileStore(bench.folder / "profiles")
    request = FitRequest("benchmark", bench.files, bench.settings, "benchmark")
    scratch = bench.folder / "scratch"
    with MemoryWatch() as memory:
        job = fit(request, engines=bench.engines, store=store, scratch=scratch)
        outcome = yield from _to_its_end(bench, job)
        learnt, scored = yield from _streams(bench, outcome.profile, scratch)
    rounds = yield from _rounds(bench, outcome.profile)
    return BenchmarkRow(
        backbone=bench.settings.backbone,
        detector=bench.settings.detector.name,
        backbone_ms=round(rounds.median(_ALONE), 3),
        score_ms=round(rounds.median(_SCORE), 3),
        overlay_ms=round(rounds.median(_OVERLAY), 3),
        backbone_ms_fastest=round(rounds.fastest(_ALONE), 3),
        score_ms_fastest=round(rounds.fastest(_SCORE), 3),
        score_ms_p95=round(rounds.p95(_SCORE), 3),
        score_ratio=round(rounds.ratio(_SCORE, to=_ALONE), 3),
        overlay_ratio=round(rounds.ratio(_OVERLAY, to=_ALONE), 3),
        learn_images_per_second=round(statistics.median(learnt), 2),
        score_images_per_second=round(statistics.median(scored), 2),
        learn_ratio=round(statistics.median(a / b for a, b in zip(learnt, scored, strict=True)), 3),
        fit_seconds=round(outcome.seconds, 3),
        peak_rss_mb=round(memory.peak_mb, 1),
        profile_mb=round(_bytes_below(bench.folder / "profiles") / 1e6, 3),
        open_ms=round(_open_ms(bench, outcome.profile.id), 1),
    )


def _to_its_end(
    bench: BenchmarkContext, job: Generator[Progress, None, T]
) -> Generator[Progress, None, T]:
    with closing(job):
        while True:
            try:
                next(job)
            except StopIteration as stop:
                result: T = stop.value
                return result
            yield bench.pace.report(bench.note())


def _streams(
    bench: BenchmarkContext, profile: Profile, scratch: Path
) -> Generator[Progress, None, tuple[list[float], list[float]]]:
    """Learn from the files and score them in turn; return pictures per second of each pass.

    Learning is its one pass over the pictures, without the held-out scores that follow it.
    """
    learnt, scored = [], []
    items = [PendingImage(file) for file in bench.files]
    for _ in range(PASSES):
        learning = learn(bench.files, bench.settings, engines=bench.engines, scratch=scratch)
        learnt.append((yield from _speed(bench, learning)))
        scoring = score_images(profile, items, engines=bench.engines)
        scored.append((yield from _speed(bench, scoring)))
    return learnt, scored


def _speed(
    bench: BenchmarkContext, job: Generator[Progress, None, object]
) -> Generator[Progress, None, float]:
    """Return the pictures per second of a job from its first picture to its last, then end it."""
    ends: list[float] = []
    with closing(job):
        for progress in job:
            if progress.item is not None:
                ends.append(time.perf_counter())
            if len(ends) == len(bench.files):
                break
            yield bench.pace.report(bench.note())
    return (len(ends) - 1) / (ends[-1] - ends[0])


def _rounds(bench: BenchmarkContext, profile: Profile) -> Generator[Progress, None, TimingRounds]:
    """Time the backbone alone, the score, and the score with its overlay, on one bad part."""
    scorer = bench.engines.for_profile(profile)
    side = bench.settings.preprocessing.size
    frame = Frame(resize_area(sample_part(1000, defect=True), side, side), "benchmark")
    prepared = bench.network.prepare(frame.pixels)

    def with_overlay() -> object:
        scored = ScoredImage(Path("benchmark"), Label.UNKNOWN, scorer.score(frame))
        return overlay_picture(frame.pixels, scored, profile.limits, profile.suggested.review)

    rounds = TimingRounds(
        (lambda: bench.network.compute(prepared), lambda: scorer.score(frame), with_overlay)
    )
    for _ in range(bench.rounds + WARM_UP):
        rounds.once()
        yield bench.pace.step(bench.note())
    return rounds


def _open_ms(bench: BenchmarkContext, profile_id: str) -> float:
    """Return milliseconds from the file to a profile that has proved its golden scores."""
    taken = []
    for _ in range(PASSES):
        start = time.perf_counter()
        profile = ProfileStore(bench.folder / "profiles").load(profile_id)
        check_golden(profile, bench.make_engines().for_profile(profile))
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.deeprx"))
