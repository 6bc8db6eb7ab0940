"""What a profile can see: the smallest planted defects above its NG limit.

Said of planted defects alone, in normal images that the profile learnt from: real ones may be
fainter or clearer. It belongs to these limits and these pictures, so no profile keeps it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.errors import ImageError, PlacementError, RequestError
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limit_setters import NO_BAD, BadScores
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.sees import Seen, SmallestSeen
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.planting.kinds import KINDS
from deeprx_gui.engine.planting.plant import Planted, PlantOrder, orders, plant, possible
from deeprx_gui.engine.planting.room import room_in
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.planted_trials import spread

ASKED = ("spot", "scratch")
STRENGTH = 4.0
"""Times as strong as just visible: what a person sees at once."""
IMAGES = 8
STEPS = 10
ENOUGH = 0.75
"""A size is seen when so many of its defects are found, and so many of every larger one."""
MIXED = 48
"""So many defects of every kind, size and strength say what another limit would find."""


@dataclass(frozen=True, eq=False)
class _Good:
    """A picture of a good part, and where in it something may be planted."""

    frame: Frame
    room: Bools | None


def smallest_seen(
    profile: Profile, *, engines: EnginePool, images: Sequence[Path] = ()
) -> Generator[Progress, None, Seen]:
    """Plant spots and scratches, largest first, down to the size that is no longer seen.

    ``images``: other pictures of good parts than those it learnt from. Then a mixture of all kinds
    is planted and scored. ``Progress.item`` is each ``SkippedImage`` of them that cannot be used.
    Raises RequestError when none of the pictures is there or there is no
    room in the region, and what ``for_profile`` raises.
    """
    yield Progress(0, 0, say("Getting ready…"))
    scorer = open_scorer(engines, profile)
    sources = spread(images or [Path(normal.source) for normal in profile.normals], IMAGES)
    pace = EtaEstimator(len(sources) + len(ASKED) * STEPS * len(sources) + MIXED)
    good: list[_Good] = []
    for path in sources:
        usable = _good(profile, scorer, path)
        if isinstance(usable, _Good):
            good.append(usable)
        not_used = usable if isinstance(usable, SkippedImage) else None
        yield pace.step(say("Looking for good parts"), not_used)
    if not good:
        raise RequestError(
            say(
                "None of the normal images can be used: they are not where they were, or they lie "
                "above the limit themselves. Name other pictures of good parts."
            )
        )
    run = _Run(profile, scorer, good, pace)
    found = []
    for number, kind in enumerate(ASKED):
        left = len(ASKED) - 1 - number
        found.append((yield from run.smallest(kind, left)))
    if not any(seen.tried for seen in found):
        raise RequestError(
            say("There is no room for planted defects inside the region. Draw a larger one.")
        )
    return Seen(tuple(found), (yield from run.mixture()))


class _Run:
    """Plants into good parts and scores them, one at a time."""

    def __init__(
        self, profile: Profile, scorer: Scorer, good: Sequence[_Good], pace: EtaEstimator
    ) -> None:
        self._profile, self._scorer, self._good, self._pace = profile, scorer, good, pace

    def smallest(self, kind: str, kinds_left: int) -> Generator[Progress, None, SmallestSeen]:
        """Go from the largest size down, until one is not seen."""
        best: SmallestSeen | None = None
        largest: SmallestSeen | None = None
        each = len(self._good)
        for step in reversed(range(STEPS)):
            self._pace.total = self._pace.done + each * (step + 1 + kinds_left * STEPS) + MIXED
            now = yield from self._at(kind, step / (STEPS - 1))
            if not now.tried:
                continue  # too large for the region
            largest = largest or now
            if now.found < ENOUGH * now.tried:
                break
            best = now
        if best is not None:
            return best
        tried = 0 if largest is None else largest.tried
        most = None if largest is None else largest.extent
        return SmallestSeen(kind, KINDS[kind].title, None, None, 0, tried, largest=most)

    def mixture(self) -> Generator[Progress, None, BadScores]:
        """Score a mixture of every kind, size and strength."""
        self._pace.total = self._pace.done + MIXED
        scores = []
        wanted = orders(MIXED, possible(self._good[0].frame.pixels))
        for number, order in enumerate(wanted):
            made = self._planted(order, self._good[number % len(self._good)])
            if made is not None:
                scores.append(made[1])
            yield self._pace.step(say("Planting defects of every kind"))
        return BadScores(tuple(scores), planted=True) if scores else NO_BAD

    def _at(self, kind: str, size: float) -> Generator[Progress, None, SmallestSeen]:
        found: list[Planted] = []
        extents: list[float] = []
        for number, good in enumerate(self._good):
            made = self._planted(PlantOrder(kind, size, STRENGTH, number), good)
            if made is not None:
                planted, score = made
                extents.append(planted.extent)
                if score > self._profile.limits.ng:
                    found.append(planted)
            yield self._pace.step(say("Planting defects of several sizes"))
        title = KINDS[kind].title
        if not extents:
            return SmallestSeen(kind, title, None, None, 0, 0)
        extent = float(np.median(extents))
        scale = self._profile.view.mm_per_pixel
        shown = min(found, key=lambda one: abs(one.extent - extent)) if found else None
        return SmallestSeen(
            kind,
            title,
            extent,
            None if scale is None else extent * scale,
            len(found),
            len(extents),
            shown.pixels if shown else None,
            shown.mask if shown else None,
        )

    def _planted(self, order: PlantOrder, good: _Good) -> tuple[Planted, float] | None:
        """Plant one and score it; ``None`` where there is no room, or it hides the part."""
        planted = plant(good.frame.pixels, order, good.room)
        if planted is None:
            return None
        try:
            return planted, self._scorer.score(Frame(planted.pixels, good.frame.source)).value
        except PlacementError:
            return None


def _good(profile: Profile, scorer: Scorer, path: Path) -> _Good | SkippedImage:
    """Return the picture where it can be read and does not lie above the limit itself."""
    try:
        frame = decode(path)
        if scorer.score(frame).value > profile.limits.ng:
            return SkippedImage(path, say("It lies above the NG limit itself."))
        return _Good(frame, room_in(frame.pixels, profile.view, scorer.see(frame)))
    except ImageError as error:
        return SkippedImage(path, error.message, misplaced=isinstance(error, PlacementError))
