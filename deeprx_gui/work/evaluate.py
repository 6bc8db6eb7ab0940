"""Evaluate: how a detector does on a data set with known good and bad parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deeprx_gui.capture.dataset import Dataset, LabelledImage
from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import ImageError, PlacementError, RequestError
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limits import PromiseKind, suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.metrics import PixelCurve, auroc
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.search import Chosen
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool, choice_of
from deeprx_gui.engine.normalise import normaliser_of
from deeprx_gui.engine.resample import label_regions, resize_map
from deeprx_gui.work.check_masks import check_masks, mask_of
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.fit import learn
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.memory_watch import peak_rss_mb
from deeprx_gui.work.search import search

_ROUND = 6


@dataclass(frozen=True)
class Evaluation:
    """What ``deeprx evaluate`` prints; the names of the fields are its JSON keys.

    Rates and areas are 0..1. One limit is used, the one that promises the false-call rate: a good
    part above it is a false call, a bad part at or below it a miss. Times exclude decoding. A part
    that is ``not_in_place`` has no score: it counts as not OK, above every other.
    """

    detector: str
    backbone: str
    runtime: str
    size: int
    normals: int
    test_good: int
    test_bad: int
    image_auroc: float | None
    pixel_auroc: float | None
    aupro: float | None
    limit: float
    promised_false_call_rate: float
    false_call_rate: float | None
    miss_rate: float | None
    fit_seconds: float
    ms_per_image: dict[str, float]
    peak_rss_mb: float
    not_in_place: int = 0
    limit_kind: str = PromiseKind.RANK.value
    normalise: str = "none"
    chosen: Chosen | None = None
    parts: int = 0


@dataclass(frozen=True, eq=False)
class _Mapped:
    """A score map, the picture's size, and the mask to compare it with."""

    score_map: Float32
    height: int
    width: int
    item: LabelledImage


@dataclass
class _Tally:
    good: list[float] = field(default_factory=list)
    bad: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    maps: list[_Mapped] = field(default_factory=list)
    not_in_place: int = 0

    def add(self, item: LabelledImage, value: float) -> None:
        (self.bad if item.bad else self.good).append(value)


def pick_normals(dataset: Dataset, normals: int | None, seed: int) -> tuple[Path, ...]:
    """Choose ``normals`` of the training images at random (all when ``None``), in name order."""
    if normals is None or normals >= len(dataset.train):
        return dataset.train
    chosen = np.random.default_rng(seed).permutation(len(dataset.train))[:normals]
    return tuple(dataset.train[i] for i in sorted(chosen))


def evaluate(
    dataset: Dataset,
    settings: FitSettings,
    *,
    engines: EnginePool,
    scratch: Path,
    normals: int | None = None,
    seed: int = 0,
) -> Generator[Progress, None, Evaluation]:
    """Fit on the training images, score the test images, measure.

    Tells ``MaskRemarks``, and a ``SkippedImage`` for each test image that cannot be read; figures
    are without it. Raises what ``learn`` does, and RequestError when a mask cannot be used or no
    test image can.
    """
    yield from check_masks(dataset)
    images = pick_normals(dataset, normals, seed)
    fit_pace = EtaEstimator(1)
    chosen: Chosen | None = None
    if settings.automatic:  # by planted defects alone: test pictures judge, they do not choose
        found = yield from search(images, settings, engines=engines, scratch=scratch)
        settings, chosen = found.settings, found.chosen
    learnt = yield from learn(images, settings, engines=engines, scratch=scratch)
    fit_seconds = fit_pace.seconds
    spec = detector(settings.detector.name)
    head = spec.head(learnt.statistics, learnt.settings)
    engine = engines.for_fit(settings, learnt.network)
    scorer = engine.scorer(head, learnt.scoring, normaliser_of(learnt.statistics, learnt.scoring))
    limits = suggest_limits(
        learnt.part_scores,
        false_call_rate=settings.false_call_rate,
        kind=settings.limit,
    )
    tally = yield from _judge_tests(dataset.test, scorer)
    pixel = _pixel_curve(tally.maps)
    limit = limits.ng
    assert limits.ng_promise is not None
    return Evaluation(
        detector=spec.name,
        backbone=choice_of(settings, "").name,
        runtime=engine.info.name,
        size=settings.preprocessing.size,
        normals=len(learnt.normals),
        test_good=len(tally.good),
        test_bad=len(tally.bad),
        image_auroc=_rounded(auroc(tally.good, tally.bad)),
        pixel_auroc=_rounded(pixel.pixel_auroc()) if pixel else None,
        aupro=_rounded(pixel.aupro()) if pixel else None,
        limit=float(limit),
        promised_false_call_rate=round(limits.ng_promise.rate, _ROUND),
        false_call_rate=_rounded(_share(tally.good, lambda s: s > limit)),
        miss_rate=_rounded(_share(tally.bad, lambda s: s <= limit)),
        fit_seconds=round(fit_seconds, 3),
        ms_per_image=_percentiles(tally.milliseconds),
        peak_rss_mb=round(peak_rss_mb(), 1),
        not_in_place=tally.not_in_place,
        limit_kind=limits.ng_promise.kind.value,
        normalise=learnt.scoring.normalise,
        chosen=chosen,
        parts=learnt.parts.count,
    )


def _judge_tests(
    tests: Sequence[LabelledImage], scorer: Scorer
) -> Generator[Progress, None, _Tally]:
    tally = _Tally()
    problem: RequestError | None = None
    pace = EtaEstimator(len(tests))
    for path, frame in read_frames_ahead([t.path for t in tests]):
        item = tests[pace.done]
        if isinstance(frame, ImageError):
            problem = problem or _unusable(path, frame)
            yield pace.step(say("Scoring test pictures"), SkippedImage(path, frame.message))
            continue
        try:
            score = scorer.score(frame)
        except PlacementError:
            tally.not_in_place += 1
            tally.add(item, math.inf)
        else:
            tally.add(item, score.value)
            tally.milliseconds.append(score.milliseconds)
            tally.maps.append(_Mapped(score.map, frame.height, frame.width, item))
        del frame  # before the next one is read
        yield pace.step(say("Scoring test pictures"))
    if problem is not None and not (tally.good or tally.bad):
        raise problem
    return tally


def _unusable(path: Path, error: ImageError) -> RequestError:
    return RequestError(
        say("The test picture {path} cannot be used: {reason}", path=path, reason=error.message)
    )


def _pixel_curve(maps: list[_Mapped]) -> PixelCurve | None:
    """Compare score maps with masks at the pictures' resolution; ``None`` without any mask.

    Good pictures count as defect-free; bad pictures without a mask are left out.
    """
    if not any(m.item.mask for m in maps):
        return None
    curve = PixelCurve(0.0, max(float(m.score_map.max()) for m in maps))
    for m in maps:
        if m.item.mask is not None:
            regions = label_regions(mask_of(m.item))
        elif m.item.bad:
            continue
        else:
            regions = np.zeros((m.height, m.width), np.intp)
        curve.add_picture(resize_map(m.score_map, *regions.shape), regions)
    return curve


def _share(values: list[float], test: Callable[[float], bool]) -> float | None:
    return sum(map(test, values)) / len(values) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _ROUND)


def _percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"p50": 0.0, "p95": 0.0}
    p50, p95 = np.percentile(values, (50, 95))
    return {"p50": round(float(p50), 3), "p95": round(float(p95), 3)}
