"""Trial: one setting judged on held-out normals and on bad pictures."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import psutil

from deeprx_gui.domain.errors import FitError, ImageError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.search import TrialRow, found_at_tail, is_behind
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.held_out_trial import FOLDS, TrialMap, judged, trial_heads
from deeprx_gui.engine.holdout import even_runs
from deeprx_gui.engine.measure import REDUCTIONS, smooth_and_reduce
from deeprx_gui.engine.normalise import NONE, POSITION, PositionMoments
from deeprx_gui.work.trial_pictures import TrialPictures

Scores = tuple[list[float], list[float]]
"""Of held-out normal images or parts, and of bad pictures."""
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
        self, settings: FitSettings, pictures: TrialPictures, frames: Sequence[Frame]
    ) -> None:
        self._settings, self._pictures, self._frames = settings, pictures, frames
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
        """Return the way of scoring that finds most, and the scores.

        Maps are normalised only where that finds more beyond chance.
        """
        best = {
            how: max(
                (self._row(*way) for way in self._ways(how, folds)),
                key=lambda found: found[0].merit,
            )
            for how, folds in ((NONE, self._folds), (POSITION, self._normalised()))
        }
        plain, normalised = best[NONE], best[POSITION]
        return normalised if is_behind(plain[0], normalised[0]) else plain

    def _row(self, settings: FitSettings, scores: Scores) -> tuple[TrialRow, Scores]:
        pictures, bad = scores
        normal = Parts.by(self._pictures.shown).of(self._order).highest(pictures)
        rate, kind = settings.false_call_rate, settings.limit
        limit = suggest_limits(normal, false_call_rate=rate, kind=kind).ng
        found = sum(score > limit for score in bad) / len(bad) if bad else 0.0
        shares = found_at_tail(normal, bad)
        return TrialRow(settings, found, shares, self._ms, self._megabytes), (normal, bad)

    def _normalised(self) -> list[Judgements]:
        """Return all maps measured by what the normals of the other folds show at each place."""
        grid = self._folds[0][0][0].raw.shape
        each = [_moments(normal, (grid[0], grid[1])) for normal, _ in self._folds]
        total = _moments((m for normal, _ in self._folds for m in normal), (grid[0], grid[1]))
        out = []
        for own, fold in zip(each, self._folds, strict=True):
            change = total.without(own).normaliser()
            normal, bad = ([replace(m, raw=change(m.raw)) for m in maps] for maps in fold)
            out.append((normal, bad))
        return out

    def _ways(
        self, normalise: str, folds: Sequence[Judgements]
    ) -> Iterator[tuple[FitSettings, Scores]]:
        """Yield every way of reducing the maps to scores."""
        for how in REDUCTIONS:
            scoring = replace(self._settings.scoring, reduce=how, normalise=normalise)
            normal, bad = (
                [
                    smooth_and_reduce(m.raw, scoring, m.counted)[0]
                    for fold in folds
                    for m in fold[which]
                ]
                for which in (0, 1)
            )
            yield replace(self._settings, scoring=scoring), (normal, bad)

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
