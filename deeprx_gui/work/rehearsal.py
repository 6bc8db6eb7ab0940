"""Time and memory of a fit, measured by a rehearsal on a few of its own pictures.

Slower and nearer than ``predict``: for the comparison, which starts fits without asking (ADR 0020).
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from deeprx_gui.domain.fit import FitForecast, FitRequest
from deeprx_gui.domain.fit_settings import FEWEST_NORMALS, FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import PartRule, PartsFrom
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.detectors.table import detector
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.holdout import plan_hold_out
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from deeprx_gui.work.memory_watch import MemoryWatch
from deeprx_gui.work.predict import detector_cost

FEW, MORE = 6, 14
"""Pictures of the two rehearsals: what lies between them is the cost of a picture."""


@dataclass(frozen=True)
class _Rehearsal:
    """Seconds of the phases of one small fit; ``held_out`` is how many scores there were."""

    images: int
    held_out: int
    reading: float
    scoring: float
    saving: float


def rehearse(
    settings: FitSettings, images: Sequence[Path], *, engines: EnginePool, scratch: Path
) -> Generator[Progress, None, FitForecast]:
    """Learn a few evenly spread pictures, twice, and carry time and memory on to all of them.

    Program, network and one picture's feature maps are measured; what a detector keeps per picture
    follows from its own announcement, which refuses (FitError) what its memory cannot hold. Raises
    what ``fit`` raises.
    """
    announced = detector_cost(settings, len(images)).megabytes
    exact = detector(settings.detector.name).exact_downdate
    few, more = min(FEW, len(images)), min(MORE, len(images))
    yield Progress(0, few + more, say("Rehearsing with a few pictures"))
    yield from _one(settings, images, FEWEST_NORMALS, engines, scratch)  # opens the network
    with MemoryWatch() as memory:
        before = memory.peak_mb
        first = yield from _one(settings, images, few, engines, scratch)
        second = yield from _one(settings, images, more, engines, scratch)
    growth = announced - detector_cost(settings, more).megabytes
    megabytes = memory.peak_mb + max(0.0, growth)
    return FitForecast(
        _extrapolate(first, second, len(images), exact=exact),
        megabytes,
        measured=True,
        further_mb=megabytes - before,
    )


def _one(
    settings: FitSettings, images: Sequence[Path], count: int, engines: EnginePool, scratch: Path
) -> Generator[Progress, None, _Rehearsal]:
    count = min(count, len(images))
    some = tuple(images[i * len(images) // count] for i in range(count))
    store = ProfileStore(scratch / f"rehearsal {count}")
    alone = replace(settings, parts=PartRule(PartsFrom.NONE))  # so few pictures, whatever they show
    order = FitRequest("rehearsal", some, alone, "rehearsal")
    job = fit(order, engines=engines, store=store, scratch=scratch)
    start = read = scored = time.perf_counter()
    held_out = 0
    with closing(job):
        for progress in job:
            now = time.perf_counter()
            if progress.item is not None:
                read = scored = now
            elif progress.total > 1 and progress.done > 0:
                held_out, scored = held_out + 1, now
            yield Progress(0, 1, say("Rehearsing with a few pictures"))
    end = time.perf_counter()
    return _Rehearsal(count, max(1, held_out), read - start, scored - read, end - scored)


def _extrapolate(first: _Rehearsal, second: _Rehearsal, images: int, *, exact: bool) -> float:
    """Carry both phases on along the line through the two rehearsals."""
    reading = _line(first.images, first.reading, second.images, second.reading, images)
    wanted = len(plan_hold_out(images, exact=exact).held_out)
    scoring = _line(first.held_out, first.scoring, second.held_out, second.scoring, wanted)
    return reading + scoring + second.saving


def _line(x0: float, y0: float, x1: float, y1: float, x: float) -> float:
    """Extrapolate through two points; noise must not make a picture cost less than nothing."""
    slope = (y1 - y0) / (x1 - x0) if x1 > x0 else y1 / max(x1, 1)
    slope = max(slope, 0.25 * y1 / max(x1, 1))
    return y1 + slope * (x - x1)
