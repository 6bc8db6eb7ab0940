"""Compare: which detector with which backbone suits the engineer's own pictures, measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psutil

from deeprx_gui.domain.compare import Combination, CompareOutcome, CompareRequest, CompareRow
from deeprx_gui.domain.errors import BackboneError, FitError, RequestError, means_memory
from deeprx_gui.domain.fit import FitForecast, FitRequest
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS, PRESETS, FitSettings
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.metrics import auroc
from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.engine.backbones.catalogue import backbone, suited
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool, is_taught
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.find_parts import parts_of
from deeprx_gui.work.fit import fit
from deeprx_gui.work.fit_checks import too_few
from deeprx_gui.work.memory_watch import MemoryWatch
from deeprx_gui.work.planted_trials import PlantedTrials
from deeprx_gui.work.recommend import recommend
from deeprx_gui.work.rehearsal import rehearse
from deeprx_gui.work.search import search

TIMED = 20
"""So many normal images are scored for the time per picture where there are no labelled ones."""
_MB = 1e6
T = TypeVar("T")


def compare(
    request: CompareRequest, *, engines: EnginePool, scratch: Path
) -> Generator[Progress, None, CompareOutcome]:
    """Learn and judge with every combination in turn; ``Progress.item`` is each finished row.

    Before a combination starts a rehearsal on a few pictures predicts its time and its memory; what
    would not fit into the memory that is free, or cannot run here, is not started and its row says
    why. Nothing is kept. Raises FitError when there are too few normal images for any fit, and
    RequestError for unknown names or when there is nothing to compare.
    """
    if not request.combinations:
        raise RequestError(say("Choose at least one detector and one network to compare."))
    for each in request.combinations:
        detector(each.detector), backbone(each.backbone)  # unknown names before any work
    if len(request.normals) < FEWEST_NORMALS:
        raise too_few(len(request.normals), 0)
    parts = yield from parts_of(request.normals, request.settings.parts)
    rule = request.settings.parts.settled([str(path) for path in request.normals], parts)
    request = replace(request, settings=replace(request.settings, parts=rule))
    pace = EtaEstimator(len(request.combinations))
    rows: list[CompareRow] = []
    scratch.mkdir(parents=True, exist_ok=True)
    with scratch_folder(scratch, "compare ") as place, ExitStack() as files:
        trials = None
        if not any(item.label is Label.BAD for item in request.labelled):
            trials = PlantedTrials(
                request.normals, parts, request.settings, files, place / "planted"
            )
        for number, each in enumerate(request.combinations):
            job = _row(request, each, engines=engines, folder=place / str(number), trials=trials)
            rows.append((yield from _passed_on(job, pace, each)))
            yield pace.step(_note(each), rows[-1])
    chosen, why = recommend(rows, normals=len(request.normals))
    return CompareOutcome(tuple(rows), chosen, why)


def settings_of(request: CompareRequest, combination: Combination) -> FitSettings:
    """Return what is learnt with: the request's settings with this detector and this backbone.

    A preset's candidate takes detector, backbone, size and scoring from the preset.
    """
    own = request.settings
    if combination.preset:
        preset = PRESETS[combination.preset].settings
        return replace(
            preset,
            view=own.view,
            parts=own.parts,
            false_call_rate=own.false_call_rate,
            review_rate=own.review_rate,
            takt_ms=(own.takt_ms or preset.takt_ms) if preset.automatic else None,
        )
    size = combination.size or own.preprocessing.size
    taps = own.taps if combination.backbone == own.backbone else None
    same = combination.detector == own.detector.name
    chosen = replace(
        own,
        backbone=combination.backbone,
        taps=taps or backbone(combination.backbone).default_taps,
        detector=own.detector if same else DetectorChoice(combination.detector),
        preprocessing=replace(own.preprocessing, size=size),
        takt_ms=None,
    )
    return suited(chosen, tapped=True)


def _row(
    request: CompareRequest,
    combination: Combination,
    *,
    engines: EnginePool,
    folder: Path,
    trials: PlantedTrials | None,
) -> Generator[Progress, None, CompareRow]:
    settings = settings_of(request, combination)
    forecast = FitForecast(0.0, 0.0)
    if settings.automatic:
        try:
            searched = yield from search(
                request.normals, settings, engines=engines, scratch=folder, bad=bad_parts(request)
            )
        except FitError as error:
            return _left_out(combination, forecast, error.message)
        settings = searched.settings
    if is_taught(settings):
        return _left_out(combination, forecast, _cannot_rehearse(combination))
    try:
        forecast = yield from rehearse(settings, request.normals, engines=engines, scratch=folder)
        free = psutil.virtual_memory().available / _MB
        if forecast.further_mb > free:
            return _left_out(combination, forecast, _too_large(forecast, free))
        with MemoryWatch() as memory:
            start = time.monotonic()
            store = ProfileStore(folder / "profiles")
            order = FitRequest("compare", request.normals, settings, "compare")
            outcome = yield from fit(order, engines=engines, store=store, scratch=folder)
            fit_seconds = time.monotonic() - start
            scored, batch = yield from _scored(outcome.profile, request, engines)
        tried = None
        if trials is not None:
            tried = yield from trials.judge(settings, engines)
    except (BackboneError, FitError) as error:
        return _left_out(combination, forecast, error.message)
    except (MemoryError, RuntimeError) as error:
        if not means_memory(error):
            raise
        return _left_out(combination, forecast, say("There was not enough memory to learn with."))
    profile = outcome.profile
    good = [s.value for s in scored if s.label is Label.GOOD]
    bad = [s.value for s in scored if s.label is Label.BAD]
    return CompareRow(
        detector=settings.detector.name,
        backbone=settings.backbone,
        false_call_rate=_share_above(good or list(profile.held_out_scores), profile.limits),
        promised_false_call_rate=_promised(profile.limits),
        miss_rate=1.0 - _share_above(bad, profile.limits) if bad else None,
        auroc=auroc(good or list(profile.held_out_scores), bad) if bad else None,
        ms_per_image=round(batch.ms_per_image, 3),
        peak_mb=round(memory.peak_mb, 1),
        predicted_mb=round(forecast.megabytes, 1),
        predicted_seconds=round(forecast.seconds, 1),
        seconds=round(fit_seconds, 1),
        file_mb=round(
            sum(f.stat().st_size for f in (folder / "profiles").rglob("*.deeprx")) / _MB, 3
        ),
        needs_positioning=detector(settings.detector.name).needs_positioning,
        not_started=None,
        size=settings.preprocessing.size,
        preset=combination.preset,
        found=tried.found if tried is not None and tried.shares else None,
        shares=() if tried is None else tried.shares,
        settings=settings,
        limit_kind=profile.limits.ng_promise.kind.value if profile.limits.ng_promise else "",
        normalise=profile.scoring.normalise,
        missed_rate=_share_missed(bad, profile.limits) if bad else None,
    )


def bad_parts(request: CompareRequest) -> tuple[Path, ...]:
    """Return the labelled pictures of bad parts."""
    return tuple(item.path for item in request.labelled if item.label is Label.BAD)


def _scored(
    profile: Profile, request: CompareRequest, engines: EnginePool
) -> Generator[Progress, None, tuple[list[ScoredImage], BatchOutcome]]:
    """Score the labelled pictures that can be read, or a few normal ones for the time alone."""
    items: Sequence[PendingImage] = request.labelled
    if not items:
        items = [PendingImage(path) for path in request.normals[:TIMED]]
    scored: list[ScoredImage] = []
    job = score_images(profile, items, engines=engines)
    with closing(job):
        batch = yield from _collected(job, scored)
    return scored, _steady(batch, scored)


def _collected(
    job: Generator[Progress, None, BatchOutcome], scored: list[ScoredImage]
) -> Generator[Progress, None, BatchOutcome]:
    while True:
        try:
            progress = next(job)
        except StopIteration as stop:
            batch: BatchOutcome = stop.value
            return batch
        if isinstance(progress.item, ScoredImage) and progress.item.score is not None:
            # the map has done its work: a thousand of them would be kept for nothing
            small = replace(progress.item.score, map=progress.item.score.map[:0])
            scored.append(replace(progress.item, score=small))
        yield progress


def _steady(batch: BatchOutcome, scored: Sequence[ScoredImage]) -> BatchOutcome:
    """Put the median in the place of the mean: the first picture pays for warming up."""
    times = [s.score.milliseconds for s in scored if s.score is not None]
    return replace(batch, ms_per_image=statistics.median(times)) if times else batch


def _passed_on(
    job: Generator[Progress, None, T], pace: EtaEstimator, combination: Combination
) -> Generator[Progress, None, T]:
    """Run a combination to its end; its own steps are parts of one step of the whole."""
    with closing(job):
        while True:
            try:
                step = next(job)
            except StopIteration as stop:
                result: T = stop.value
                return result
            yield pace.report(_note(combination, step.note))


def _note(combination: Combination, doing: Message | None = None) -> Message:
    if doing is None:
        return say(
            "{detector} with {backbone}",
            detector=combination.detector,
            backbone=combination.backbone,
        )
    return say(
        "{detector} with {backbone}: {doing}",
        detector=combination.detector,
        backbone=combination.backbone,
        doing=doing,
    )


def _share_above(values: Sequence[float], limits: Limits) -> float:
    return sum(value > limits.ng for value in values) / len(values) if values else 0.0


def _share_missed(values: Sequence[float], limits: Limits) -> float:
    """Return the share of scores that are judged OK."""
    return sum(judge(value, limits) is Verdict.OK for value in values) / len(values)


def _promised(limits: Limits) -> float:
    assert limits.ng_promise is not None  # limits just suggested always carry one
    return limits.ng_promise.rate


def _too_large(forecast: FitForecast, free: float) -> Message:
    return say(
        "It would need about {needed} MB of memory, and {free} MB are free. Take a smaller picture "
        "size or fewer normal images, or close other programs.",
        needed=round(forecast.further_mb),
        free=round(free),
    )


def _cannot_rehearse(combination: Combination) -> Message:
    return say(
        "{backbone} is taught anew by every fit, and how long that takes cannot be told from a "
        "few pictures. Learn with it and look at the page Check, or use “deeprx evaluate”.",
        backbone=combination.backbone,
    )


def _left_out(combination: Combination, forecast: FitForecast, reason: Message) -> CompareRow:
    return CompareRow(
        detector=combination.detector,
        backbone=combination.backbone,
        false_call_rate=0.0,
        promised_false_call_rate=0.0,
        miss_rate=None,
        auroc=None,
        ms_per_image=0.0,
        peak_mb=0.0,
        predicted_mb=round(forecast.megabytes, 1),
        predicted_seconds=round(forecast.seconds, 1),
        seconds=0.0,
        file_mb=0.0,
        needs_positioning=detector(combination.detector).needs_positioning,
        not_started=reason,
        size=combination.size or 0,
        preset=combination.preset,
    )
