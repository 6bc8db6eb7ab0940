"""Influence: which few normal images set the limit, and what it would be without each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deeprx_gui.domain.limits import LIMITS, Promise
from deeprx_gui.domain.parts import Parts

MOST_SHOWN = 5
"""So many normal images are asked about, the highest scores first."""


@dataclass(frozen=True)
class LimitWithout:
    """The NG limit with all normals but one.

    ``index``: the image left out, among all normal images, and with it every other one of the same
    part; ``score``: its held-out score.
    ``misses``: known bad parts at or below the limit, ``None`` when no bad part is known.
    ``relative``: the limit over the one with all images, 1 when it stays.
    """

    index: int
    score: float
    limit: float
    promise: Promise
    relative: float
    misses: int | None


@dataclass(frozen=True)
class LimitInfluence:
    """The NG limit with all normals, and without each of the few that may set it.

    ``without`` is sorted by what leaving the image out would find: fewest misses first, then the
    lowest limit.
    """

    limit: float
    promise: Promise
    misses: int | None
    without: tuple[LimitWithout, ...]


def influence(
    held_out: Sequence[float | None],
    rate: float,
    *,
    kind: str = "auto",
    bad: Sequence[float] = (),
    most: int = MOST_SHOWN,
    parts: Parts | None = None,
) -> LimitInfluence:
    """Return what each of the highest held-out scores does to the NG limit.

    ``held_out``: in the order of the normal images, ``None`` where there is none; ``rate`` and
    ``kind`` as of the fit; ``bad``: scores of parts known to be bad; ``parts``: which part each
    image shows, each its own unless said. The scores of the others stay as they are: to first order
    what a fit without the image gives them. Raises ValueError when
    there is no score, or one is not finite.
    """
    scored = {index: score for index, score in enumerate(held_out) if score is not None}
    shown = Parts.each(len(held_out)) if parts is None else parts
    ranked = [(scored[index], index) for index in shown.foremost(scored)]
    if not scored or not all(map(math.isfinite, scored.values())):
        raise ValueError("held-out scores must be finite and at least one")
    scores = [float(score) for score, _ in ranked]
    limit, promise = _limit(scores, rate, kind)
    found = []
    for place in range(min(most, len(ranked)) if len(ranked) > 1 else 0):
        score, index = ranked[place]
        others = scores[:place] + scores[place + 1 :]
        moved, kept = _limit(others, rate, kind)
        misses = _misses(bad, moved)
        found.append(LimitWithout(index, float(score), moved, kept, moved / limit, misses))
    found.sort(key=lambda one: (one.misses or 0, one.limit, one.index))
    return LimitInfluence(limit, promise, _misses(bad, limit), tuple(found))


def _limit(ranked: Sequence[float], rate: float, kind: str) -> tuple[float, Promise]:
    limit, promise = LIMITS[kind](ranked, rate)
    return max(limit, math.ulp(1.0)), promise


def _misses(bad: Sequence[float], limit: float) -> int | None:
    return sum(score <= limit for score in bad) if bad else None
