"""Trial: one setting judged on held-out normals and on bad pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import psutil

from deeprx_gui.domain.errors import FitError, ImageError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.search import TrialRow, found_at_tail
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.held_out_trial import TrialMap, folds_of, judged, trial_heads
from deeprx_gui.engine.measure import REDUCTIONS, smooth_and_reduce
from deeprx_gui.work.trial_pictures import TrialPictures

Scores = tuple[list[float], list[float]]
"""Of held-out normal images, and of bad pictures."""
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
        self._normal: list[TrialMap] = []
        self._bad: list[TrialMap] = []
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

    def judgements(self, engine: Engine) -> Iterator[TrialMap]:
        """Yield each picture judged, none by statistics it took part in."""
        pictures = self._pictures
        places = folds_of(len(pictures.normals))
        groups = [[pictures.normals[i] for i in fold] for fold in places]
        heads = trial_heads(self._spec, self._complete, pictures.spool, groups)
        for fold, group, head in zip(places, groups, heads, strict=True):
            if not self._ms:
                self._ms = self._timed(engine, head)
            mine = frozenset(fold)
            bad = [number for number, place in pictures.bad if place in mine]
            for into, numbers in ((self._normal, group), (self._bad, bad)):
                for found in judged(head, pictures.spool, numbers):
                    into.append(found)
                    yield found

    def result(self) -> tuple[TrialRow, Scores]:
        """Return the way of scoring that finds most, and the scores."""
        rows = [self._row(*way) for way in self._ways()]
        return max(rows, key=lambda found: found[0].merit)

    def _row(self, settings: FitSettings, scores: Scores) -> tuple[TrialRow, Scores]:
        normal, bad = scores
        limit = suggest_limits(normal, false_call_rate=settings.false_call_rate).ng
        found = sum(score > limit for score in bad) / len(bad) if bad else 0.0
        shares = found_at_tail(normal, bad)
        return TrialRow(settings, found, shares, self._ms, self._megabytes), scores

    def _ways(self) -> Iterator[tuple[FitSettings, Scores]]:
        """Yield every way of scoring the maps."""
        for how in REDUCTIONS:
            scoring = replace(self._settings.scoring, reduce=how)
            normal, bad = (
                [smooth_and_reduce(m.raw, scoring, m.counted)[0] for m in maps]
                for maps in (self._normal, self._bad)
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
