"""Trial: one setting judged on held-out normals and on bad pictures."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace

import numpy as np
import psutil

from deeprx_gui.domain.errors import FitError, ImageError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import by_what_is_sharper, suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.search import TrialRow, found_at_tail
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.held_out_trial import FOLDS, TrialMap, judged, trial_heads
from deeprx_gui.engine.holdout import even_runs
from deeprx_gui.engine.measure import REDUCTIONS, smooth_and_reduce
from deeprx_gui.engine.normalise import LEAST_GAIN, NONE, POSITION, PositionMoments, gain_of
from deeprx_gui.work.trial_pictures import TrialPictures

Scores = tuple[list[float], list[float]]
"""Of held-out normal images or parts, and of bad pictures."""
Way = tuple[FitSettings, Scores]
"""A way of scoring, and the scores."""
Judgements = tuple[list[TrialMap], list[TrialMap]]
"""Of one fold: its normal images, and the bad pictures judged with it."""
_TIMED = 5
_MB = 1e6


class Trial:
    """Learns without each fold in turn and judges the fold, and what was made from it.

    ``frames``: normal images as they came, to measure the time of a picture with. Raises FitError
    where learning would not fit into the memory that is free.
    """

    def __init__(
        self,
        settings: FitSettings,
        pictures: TrialPictures,
        frames: Sequence[Frame],
        sigmas: Sequence[float] = (),
    ) -> None:
        """``sigmas``: smoothings to try, those of the settings unless given."""
        self._settings, self._pictures, self._frames = settings, pictures, frames
        self._sigmas = tuple(sigmas) or (settings.scoring.sigma,)
        self._spec = detector(settings.detector.name)
        first = pictures.spool.read(pictures.normals[0])
        extent = FitExtent(first.channels, first.grid, len(pictures.normals))
        self._complete = self._spec.settle(self._spec.check(settings.detector.settings), extent)
        self._megabytes = float(self._spec.megabytes(self._complete, extent))
        self._folds: list[Judgements] = []
        self._order: list[int] = []
        self._ms = 0.0
        free = psutil.virtual_memory().available / _MB
        if self._megabytes > free:
            raise FitError(
                say(
                    "It would need about {needed} MB of memory, and {free} MB are free. Take a "
                    "smaller picture size or fewer normal images, or close other programs.",
                    needed=round(self._megabytes),
                    free=round(free),
                )
            )

    def judgements(self, engine: Engine) -> Generator[TrialMap, None, None]:
        """Yield each picture judged, none by statistics it took part in."""
        pictures = self._pictures
        places = even_runs(Parts.by(pictures.shown), FOLDS)
        self._order = [place for fold in places for place in fold]
        groups = [[pictures.normals[i] for i in fold] for fold in places]
        heads = trial_heads(self._spec, self._complete, pictures.spool, groups)
        for fold, group, head in zip(places, groups, heads, strict=True):
            if not self._ms:
                self._ms = self._timed(engine, head)
            mine = frozenset(fold)
            bad = [number for number, place in pictures.bad if place in mine]
            self._folds.append(([], []))
            for into, numbers in zip(self._folds[-1], (group, bad), strict=True):
                for found in judged(head, pictures.spool, numbers):
                    into.append(found)
                    yield found

    def result(self) -> tuple[TrialRow, Scores]:
        """Return the way of reducing maps that finds most, and the scores.

        Maps are normalised as the settings say. Where those leave it open, held-out normals decide
        as they do in a fit: planted defects say only where a normalised map finds more of *them*.
        """
        normalise, folds = self._settled()
        ways = itertools.product(self._sigmas, REDUCTIONS)
        rows = (self._row(*self._way(folds, normalise, *way)) for way in ways)
        return max(rows, key=lambda found: found[0].merit)

    def _settled(self) -> tuple[str, list[Judgements]]:
        """Return whether maps are normalised, and the maps as they are to be reduced."""
        scoring = self._settings.scoring
        if scoring.normalise == NONE:
            return NONE, self._folds
        moments = self._moments()
        folds = self._normalised(moments)
        if scoring.normalise == POSITION:
            return POSITION, folds
        limits = []
        for maps in (self._folds, folds):
            normal = self._way(maps, NONE, scoring.sigma, scoring.reduce)[1][0]
            ranked = sorted(self._highest(normal), reverse=True)
            limits.append(by_what_is_sharper(ranked, self._settings.false_call_rate)[0])
        held_out = ((m.raw, m.counted) for normal, _ in self._folds for m in normal)
        gain = gain_of(held_out, moments, scoring, (limits[0], limits[1]))
        return (POSITION, folds) if gain >= LEAST_GAIN else (NONE, self._folds)

    def _row(self, settings: FitSettings, scores: Scores) -> tuple[TrialRow, Scores]:
        pictures, bad = scores
        normal = self._highest(pictures)
        rate, kind = settings.false_call_rate, settings.limit
        limit = suggest_limits(normal, false_call_rate=rate, kind=kind).ng
        found = sum(score > limit for score in bad) / len(bad) if bad else 0.0
        shares = found_at_tail(normal, bad)
        return TrialRow(settings, found, shares, self._ms, self._megabytes), (normal, bad)

    def _highest(self, scores: Sequence[float]) -> list[float]:
        """Return the highest score of each part; ``scores``: of the normals, fold by fold."""
        return Parts.by(self._pictures.shown).of(self._order).highest(scores)

    def _moments(self) -> PositionMoments:
        grid = self._folds[0][0][0].raw.shape
        return _moments((m for normal, _ in self._folds for m in normal), (grid[0], grid[1]))

    def _normalised(self, total: PositionMoments) -> list[Judgements]:
        """Return all maps measured by what the normals of the other folds show at each place."""
        out = []
        for fold in self._folds:
            change = total.without(_moments(fold[0], total.grid)).normaliser()
            normal, bad = ([replace(m, raw=change(m.raw)) for m in maps] for maps in fold)
            out.append((normal, bad))
        return out

    def _way(self, folds: Sequence[Judgements], normalise: str, sigma: float, reduce: str) -> Way:
        """Return the scores of maps that are smoothed and reduced in one way."""
        scoring = replace(self._settings.scoring, sigma=sigma, reduce=reduce, normalise=normalise)
        normal, bad = (
            [smooth_and_reduce(m.raw, scoring, m.counted)[0] for fold in folds for m in fold[which]]
            for which in (0, 1)
        )
        return replace(self._settings, scoring=scoring), (normal, bad)

    def _timed(self, engine: Engine, head: Head) -> float:
        """Milliseconds of a picture from pixels to score, as on the line; the first warms up."""
        scorer = engine.scorer(head, self._settings.scoring)
        times = []
        for number in range(_TIMED + 1):
            try:
                score = scorer.score(self._frames[number % len(self._frames)])
            except ImageError:
                continue
            times.append(score.milliseconds)
        return float(np.quantile(times[1:] or times, 0.25)) if times else 0.0


def _moments(maps: Iterable[TrialMap], grid: tuple[int, int]) -> PositionMoments:
    moments = PositionMoments(grid)
    for each in maps:
        moments.add(each.raw, each.counted)
    return moments
