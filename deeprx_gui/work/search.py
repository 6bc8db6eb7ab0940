"""Search: try detectors, picture sizes and networks on the normal images, take what finds most.

Every setting is judged by the share it finds of bad parts or, without any, of defects planted in
held-out normal images, at limits from held-out normal scores. Feature maps are computed once per
network and size; sizes grow until larger ones find no more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from deeprx_gui.domain.errors import BackboneError, FitError, ImageError, means_memory
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS, USUAL_TAKT_MS, FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import DetectorChoice, Scoring
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.raster import box_of
from deeprx_gui.domain.search import (
    FEWEST_DEFECTS,
    FEWEST_REAL,
    MOST_NORMALS,
    Chosen,
    SearchOutcome,
    TrialRow,
    best_of,
    concrete,
    is_behind,
    is_sure,
)
from deeprx_gui.engine.backbones.catalogue import backbone
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.normalise import AUTO
from deeprx_gui.engine.single_threaded_blas import single_threaded_blas
from deeprx_gui.engine.spool import Spool
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.find_parts import checked_parts
from deeprx_gui.work.fit_checks import check_structure, too_few
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.planted_trials import trial_sources
from deeprx_gui.work.trial import Scores, Trial
from deeprx_gui.work.trial_pictures import TrialPictures, TrialSources, look_at_all

SIZES: Final = (256, 384, 512, 768, 1024)
DETECTORS_TRIED: Final = ("deep-rx", "deep-rx-local", "padim", "patchcore")
"""Cheapest first. Those that look at colours alone found least on every set: see accuracy.md."""
SIGMAS: Final = (1.0, 0.5, 2.0)
"""Smoothings of the score map tried, in grid cells: small defects want little, textures more."""
_ENLARGED: Final = 1.15
"""A picture is not brought to more than so many times its own size."""
_MARGIN: Final = 1.25
_TIMED: Final = 5
_MB: Final = 1e6
_COST: Final = {"deep-rx": 0.1, "deep-rx-local": 0.1, "padim": 0.3, "patchcore": 1.5}


def search(
    images: Sequence[Path],
    settings: FitSettings,
    *,
    engines: EnginePool,
    scratch: Path,
    bad: Sequence[Path] = (),
) -> Generator[Progress, None, SearchOutcome]:
    """Choose detector, network, picture size and scoring; ``Progress.item`` is each row tried.

    ``settings`` say the takt, the view and the promised rates. ``bad``: pictures of bad parts, used
    instead of planted defects where there are enough. Nothing of them goes into a limit. Where
    nothing meets the takt the quickest is taken. Raises FitError when there are too few images or
    there is no memory for any setting.
    """
    if len(images) < FEWEST_NORMALS:
        raise too_few(len(images), 0)
    parts = yield from checked_parts(images, settings.parts)
    rule = settings.parts.settled([str(path) for path in images], parts)
    settings = replace(settings, parts=rule)  # found once, for what is learnt afterwards too
    yield Progress(0, 1, say("Getting ready to try settings"))
    usable = tuple(bad) if len(bad) >= FEWEST_REAL else ()
    sources = trial_sources(images, parts, usable, settings.view, MOST_NORMALS)
    run = _Search(settings, sources, engines, scratch)
    with single_threaded_blas():
        yield from run.sizes()
        yield from run.other_networks()
    return run.outcome()


class _Search:
    """One run: the rows so far, and what is still to be tried."""

    def __init__(
        self, settings: FitSettings, sources: TrialSources, engines: EnginePool, scratch: Path
    ) -> None:
        base = concrete(settings)
        self._base = replace(base, scoring=replace(base.scoring, normalise=AUTO))
        usual = base.scoring.sigma == Scoring().sigma
        self._sigmas = SIGMAS if usual else (base.scoring.sigma,)  # a person's own one stays
        self._takt = settings.takt_ms or USUAL_TAKT_MS
        self._sources, self._engines, self._scratch = sources, engines, scratch
        self._rows: list[TrialRow] = []
        self._scores: dict[int, Scores] = {}
        self._defects = self._normals = 0
        self._pace = EtaEstimator(1)

    def sizes(self) -> Generator[Progress, None, None]:
        """Try every detector at growing sizes, until larger ones find no more."""
        wanted = allowed_sizes(_own_side(self._sources.normals, self._base))
        before: TrialRow | None = None
        for number, size in enumerate(wanted):
            self._pace.total = self._pace.done + self._work(wanted[number:])
            start = len(self._rows)
            yield from self._at(self._base.backbone, size, DETECTORS_TRIED)
            now = max(
                (row for row in self._rows[start:] if row.not_tried is None),
                key=lambda row: row.merit,
                default=None,
            )
            if now is None or (before is not None and is_behind(now, before)):
                return
            before = now if before is None or now.merit > before.merit else before

    def other_networks(self) -> Generator[Progress, None, None]:
        """Try the other installed networks with the best setting so far."""
        best = best_of(self._rows)
        if best is None:
            return
        for status in self._engines.library.list():
            if status.installed and not status.own and status.name != self._base.backbone:
                size = best.settings.preprocessing.size
                self._pace.total = self._pace.done + self._work((size,))
                yield from self._at(status.name, size, (best.settings.detector.name,))

    def outcome(self) -> SearchOutcome:
        """Return the choice; raises FitError where nothing can be chosen."""
        best = self._chosen_row()
        number = next(i for i, row in enumerate(self._rows) if row is best)
        normal, bad = self._scores[number]
        rate, kind = self._base.false_call_rate, self._base.limit
        limit = suggest_limits(normal, false_call_rate=rate, kind=kind).ng
        settings = best.settings
        chosen = Chosen(
            detector=settings.detector.name,
            backbone=settings.backbone,
            size=settings.preprocessing.size,
            normalise=settings.scoring.normalise,
            reduce=settings.scoring.reduce,
            found=sum(score > limit for score in bad),
            of=len(bad),
            real=bool(self._sources.bad),
            ms=round(best.ms, 2),
            takt_ms=self._takt,
            tried=sum(row.not_tried is None for row in self._rows),
            sure=is_sure(best, self._rows, normals=len(normal)),
            sigma=settings.scoring.sigma,
        )
        over, held_out = (tuple(float(s) / limit for s in scores) for scores in (bad, normal))
        return SearchOutcome(settings, chosen, tuple(self._rows), over, held_out)

    def _chosen_row(self) -> TrialRow:
        within = [r for r in self._rows if r.not_tried is None and r.ms <= self._takt]
        best = best_of(within)
        if best is None:
            return self._quickest()
        if self._defects >= (FEWEST_REAL if self._sources.bad else FEWEST_DEFECTS):
            return best
        # nothing to go by: the detector that finds most on known sets, at the largest usual size
        known = [r for r in within if r.settings.preprocessing.size <= 384]
        order = {name: place for place, name in enumerate(DETECTORS_TRIED)}
        return max(
            known or within,
            key=lambda r: (order[r.settings.detector.name], r.settings.preprocessing.size),
        )

    def _quickest(self) -> TrialRow:
        """Return the quickest row: none meets the takt, and the sentence about it says so."""
        tried = [row for row in self._rows if row.not_tried is None]
        if tried:
            return min(tried, key=lambda row: row.ms)
        reasons = [row.not_tried for row in self._rows if row.not_tried is not None]
        raise FitError(
            reasons[0] if reasons else say("None of the settings could be tried on these images.")
        )

    def _work(self, sizes: Sequence[int]) -> int:
        """Steps still to come, a step being one picture looked at with 256 px."""
        each = self._sources.pictures * (1 + sum(_COST.values()))
        return max(1, round(sum(each for _ in sizes)))

    def _at(
        self, network: str, size: int, detectors: Sequence[str]
    ) -> Generator[Progress, None, None]:
        """Try detectors on one network at one size."""
        base = _with(self._base, network, size)
        try:
            engine = self._engines.for_fit(base)
        except BackboneError as error:
            self._leave_out(base, detectors, error.message)
            return
        yield self._pace.report(_note(base))
        slow = self._too_slow(engine)
        if slow is not None:
            first = not any(row.not_tried is None for row in self._rows)
            tried = detectors[:1] if first else ()  # something has to be taken
            self._leave_out(base, detectors[len(tried) :], *slow)
            detectors = tried
        if not detectors:
            return
        with Spool(self._scratch) as spool:
            looking = look_at_all(self._sources, engine, spool, self._pace)
            with closing(looking):
                pictures = yield from looking
            check_structure(
                len(pictures.normals), self._sources.unreadable, flat=self._sources.flat
            )
            self._normals, self._defects = len(pictures.normals), len(pictures.bad)
            for name in detectors:
                yield self._pace.report(_note(base, name))
                yield from self._try(replace(base, detector=DetectorChoice(name)), engine, pictures)

    def _too_slow(self, engine: Engine) -> tuple[Message, float] | None:
        """Look at one picture a few times: where that takes longer than the takt, all would."""
        frames = self._sources.frames or _first_frame(self._sources)
        if not frames:
            return None
        times: list[float] = []
        for _ in range(_TIMED):  # the first ones warm up, the least is least disturbed by others
            if times and times[-1] <= self._takt:
                break
            start = time.perf_counter()
            try:
                engine.look(frames[0].pixels)
            except ImageError:
                return None
            times.append((time.perf_counter() - start) * 1000)
        ms = min(times)
        return None if ms <= self._takt else (_over(ms, self._takt), ms)

    def _try(
        self, settings: FitSettings, engine: Engine, pictures: TrialPictures
    ) -> Generator[Progress, None, None]:
        name = settings.detector.name
        expected = self._expected_ms(settings)
        if expected > _MARGIN * self._takt:
            self._leave_out(settings, (name,), _over(expected, self._takt), expected)
            return
        try:
            trial = Trial(settings, pictures, self._sources.frames, self._sigmas)
            judging = trial.judgements(engine)
            with closing(judging):
                for _ in judging:
                    yield self._pace.report(_note(settings, name))
        except (FitError, MemoryError, RuntimeError) as error:
            if not isinstance(error, FitError) and not means_memory(error):
                raise
            reason = (
                error.message
                if isinstance(error, FitError)
                else say("There was not enough memory to learn with.")
            )
            self._leave_out(settings, (name,), reason)
            return
        self._pace.done += round(_COST.get(name, 1.0) * self._sources.pictures)
        row, scores = trial.result()
        self._scores[len(self._rows)] = scores
        self._rows.append(row)
        yield self._pace.report(_note(settings, name), self._rows[-1])

    def _expected_ms(self, settings: FitSettings) -> float:
        """Carry the time of the next smaller size on; 0 where none is known."""
        known = [
            row
            for row in self._rows
            if row.ms > 0
            and row.settings.backbone == settings.backbone
            and row.settings.detector.name == settings.detector.name
        ]
        if not known:
            return 0.0
        last = known[-1]
        ratio = settings.preprocessing.size / last.settings.preprocessing.size
        return last.ms * ratio**2

    def _leave_out(
        self, settings: FitSettings, detectors: Sequence[str], why: Message, ms: float = 0.0
    ) -> None:
        for name in detectors:
            left = replace(settings, detector=DetectorChoice(name))
            self._rows.append(TrialRow(left, ms=ms, not_tried=why))


def allowed_sizes(side: float) -> tuple[int, ...]:
    """Return the sizes worth trying: none far beyond the pictures' own ``side``."""
    return tuple(s for s in SIZES if s == SIZES[0] or s <= _ENLARGED * side)


def _own_side(images: Sequence[Path], settings: FitSettings) -> float:
    """Return the median side of a square as large as what is looked at, in pixels."""
    left, top, right, bottom = box_of(settings.view.region)
    sides = []
    with closing(read_frames_ahead(images[:5])) as frames:
        for _, frame in frames:
            if not isinstance(frame, ImageError):
                area = frame.width * (right - left) * frame.height * (bottom - top)
                sides.append(math.sqrt(area))
            del frame
    return float(np.median(sides)) if sides else float(SIZES[0])


def _first_frame(sources: TrialSources) -> list[Frame]:
    with closing(read_frames_ahead(sources.normals[:3])) as frames:
        for _, frame in frames:
            if not isinstance(frame, ImageError):
                return [frame]
    return []


def _with(settings: FitSettings, network: str, size: int) -> FitSettings:
    taps = settings.taps if network == settings.backbone else backbone(network).default_taps
    return replace(
        settings,
        backbone=network,
        taps=taps,
        preprocessing=replace(settings.preprocessing, size=size),
    )


def _over(ms: float, takt: float) -> Message:
    return say(
        "It would take about {ms} ms per picture, more than the takt of {takt} ms.",
        ms=f"{ms:.0f}",
        takt=f"{takt:g}",
    )


def _note(settings: FitSettings, name: str | None = None) -> Message:
    if name is None:
        return say(
            "Trying {backbone} at {size} px",
            backbone=settings.backbone,
            size=settings.preprocessing.size,
        )
    return say(
        "Trying {detector} with {backbone} at {size} px",
        detector=name,
        backbone=settings.backbone,
        size=settings.preprocessing.size,
    )
