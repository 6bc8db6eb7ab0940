"""Planted trials: what settings find of planted defects, for several settings side by side."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.search import MOST_NORMALS, TrialRow
from deeprx_gui.domain.view import View
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.spool import Spool
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.trial import Trial
from deeprx_gui.work.trial_pictures import TrialPictures, TrialSources, look_at_all

_Each = TypeVar("_Each")


def spread(images: Sequence[_Each], most: int) -> tuple[_Each, ...]:
    """Return at most so many images, evenly spread over all of them."""
    if len(images) <= most:
        return tuple(images)
    return tuple(images[i * len(images) // most] for i in range(most))


def trial_sources(
    images: Sequence[Path], parts: Parts, bad: Sequence[Path], view: View, most: int
) -> TrialSources:
    """Return what trials look at: at most ``most`` of the normal images."""
    places = spread(range(len(images)), most)
    return TrialSources(tuple(images[i] for i in places), bad, view, parts.of(places))


class PlantedTrials:
    """Judges settings on the same planted defects; each network and size looks at them once."""

    def __init__(
        self,
        images: Sequence[Path],
        parts: Parts,
        settings: FitSettings,
        stack: ExitStack,
        scratch: Path,
    ) -> None:
        """``parts``: what the images show; ``stack`` closes the temporary files."""
        self._sources = trial_sources(images, parts, (), settings.view, MOST_NORMALS)
        self._stack, self._scratch = stack, scratch
        self._looked: dict[tuple[object, ...], TrialPictures] = {}

    def judge(
        self, settings: FitSettings, engines: EnginePool
    ) -> Generator[Progress, None, TrialRow]:
        """Return what these settings find; raises what ``EnginePool.for_fit`` and learning raise.

        The way of reducing maps is the one that finds most.
        """
        engine = engines.for_fit(settings)
        network = None if detector(settings.detector.name).pixels else settings.backbone
        key = (network, settings.taps, settings.preprocessing)
        pace = EtaEstimator(self._sources.pictures)
        if key not in self._looked:
            spool = self._stack.enter_context(Spool(self._scratch))
            self._looked[key] = yield from look_at_all(self._sources, engine, spool, pace)
        trial = Trial(settings, self._looked[key], self._sources.frames)
        for judged in trial.judgements(engine):
            del judged
            yield pace.report(say("Trying it on planted defects"))
        return trial.result()[0]
