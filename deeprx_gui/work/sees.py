"""What a profile can see: the smallest planted defects above its NG limit.

Said of planted defects alone, in normal images that the profile learnt from: real ones may be
fainter or clearer.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import ImageError, PlacementError, RequestError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.planting.kinds import KINDS
from deeprx_gui.engine.planting.plant import Planted, PlantOrder, plant
from deeprx_gui.engine.planting.room import room_in
from deeprx_gui.work.open_scorer import open_scorer
from deeprx_gui.work.planted_trials import spread

ASKED = ("spot", "scratch")
STRENGTH = 4.0
"""Times as strong as just visible: what a person sees at once."""
IMAGES = 8
STEPS = 10
ENOUGH = 0.75
"""A size is seen when so many of its defects are found, and so many of every larger one tried."""


@dataclass(frozen=True, eq=False)
class SmallestSeen:
    """The smallest size of one kind that is seen; ``extent`` is ``None`` when none is.

    ``extent``: longest side in pixels of the picture; ``mm`` where the profile knows the scale.
    ``found`` of ``tried`` at that size. ``picture`` shows one that was found, ``mask`` where.
    """

    kind: str
    title: Message
    extent: float | None
    mm: float | None
    found: int
    tried: int
    picture: ByteImage | None = None
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None


def smallest_seen(
    profile: Profile, *, engines: EnginePool, images: Sequence[Path] = ()
) -> Generator[Progress, None, tuple[SmallestSeen, ...]]:
    """Plant spots and scratches, smallest first, until they lie above the NG limit.

    ``images``: other pictures of good parts than those it learnt from. Raises RequestError when
    none of them is there or there is no room in the region, and what ``for_profile`` raises.
    """
    yield Progress(0, 1, say("Loading the backbone…"))
    scorer = open_scorer(engines, profile)
    good = tuple(_good(profile, scorer, images))
    if not good:
        raise RequestError(
            say(
                "None of the normal images can be used: they are not where they were, or they lie "
                "above the limit themselves. Name other pictures of good parts."
            )
        )
    found = []
    total = len(ASKED) * STEPS
    for number, kind in enumerate(ASKED):
        best: SmallestSeen | None = None
        tried_any = False
        for step in range(STEPS):
            yield Progress(number * STEPS + step, total, say("Planting defects of several sizes"))
            now = _at(profile, scorer, good, kind, step / (STEPS - 1))
            tried_any = tried_any or now.tried > 0
            if now.tried and now.found >= ENOUGH * now.tried:
                best = now
                break
        if not tried_any:
            raise RequestError(
                say("There is no room for planted defects inside the region. Draw a larger one.")
            )
        found.append(best or SmallestSeen(kind, KINDS[kind].title, None, None, 0, 0))
    return tuple(found)


def _good(profile: Profile, scorer: Scorer, images: Sequence[Path]) -> Generator[Frame, None, None]:
    sources = images or [Path(normal.source) for normal in profile.normals]
    for path in spread(sources, IMAGES):
        try:
            frame = decode(path)
            if scorer.score(frame).value <= profile.limits.ng:
                yield frame
        except ImageError:
            continue


def _at(
    profile: Profile, scorer: Scorer, good: Sequence[Frame], kind: str, size: float
) -> SmallestSeen:
    found: list[Planted] = []
    extents: list[float] = []
    for number, frame in enumerate(good):
        room = room_in(frame.pixels, profile.view, scorer.see(frame))
        planted = plant(frame.pixels, PlantOrder(kind, size, STRENGTH, number), room)
        if planted is None:
            continue
        try:
            value = scorer.score(Frame(planted.pixels, frame.source)).value
        except PlacementError:
            continue
        extents.append(planted.extent)
        if value > profile.limits.ng:
            found.append(planted)
    if not extents:
        return SmallestSeen(kind, KINDS[kind].title, None, None, 0, 0)
    extent = float(np.median(extents))
    scale = profile.view.mm_per_pixel
    return SmallestSeen(
        kind,
        KINDS[kind].title,
        extent,
        None if scale is None else extent * scale,
        len(found),
        len(extents),
        found[0].pixels if found else None,
        found[0].mask if found else None,
    )


def seen_words(seen: SmallestSeen) -> Message:
    """Say what can be seen of one kind, in a sentence."""
    if seen.extent is None:
        return say("{kind}: none of the sizes tried lies above the limit.", kind=seen.title)
    words = {
        "kind": seen.title,
        "px": round(seen.extent),
        "found": seen.found,
        "tried": seen.tried,
    }
    if seen.mm is None:
        return say("{kind}: seen from {px} px on ({found} of {tried} planted).", **words)
    return say(
        "{kind}: seen from {px} px ({mm} mm) on ({found} of {tried} planted).",
        mm=f"{seen.mm:.2g}",
        **words,
    )
