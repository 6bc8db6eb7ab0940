"""Held-out scores: every normal image is scored by what was learnt from the others.

The limits come from these scores, never from scores of images that took part in the fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec, SupportsHeldOut
from deeprx_gui.engine.engine import weighted_score
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.measure import smooth_and_reduce
from deeprx_gui.engine.spool import Spool

LEAVE_ONE_OUT_UP_TO = 100
"""Up to this many parts each is left out alone; beyond, one fold of ten at a time."""
MOST_HELD_OUT = 1000
"""No more images than this are scored: the promise they support is 1 in 1001."""
FOLDS = 10


@dataclass(frozen=True, eq=False)
class HeldOut:
    """A held-out image: its position in the spool, its score without normalising, its raw map."""

    index: int
    score: float
    raw: Float32


@dataclass(frozen=True)
class HoldOutPlan:
    """Which images are held out, in which groups.

    ``groups`` holds positions in the list of normal images. All pictures of a part are in one
    group, and groups are runs of neighbouring parts, because pictures taken one after another are
    alike: split apart, one would vouch for the other.
    """

    scheme: HeldOutScheme
    groups: tuple[tuple[int, ...], ...]

    @property
    def held_out(self) -> frozenset[int]:
        """All positions that get a held-out score."""
        return frozenset(i for group in self.groups for i in group)


def plan_hold_out(images: int | Parts, *, exact: bool = True) -> HoldOutPlan:
    """Plan the held-out scores of normal images: how many, or which parts they show.

    ``exact``: the detector can take images out again; else every group costs a refit, and there are
    never more than ``FOLDS`` of them. A part is held out with all of its pictures or not at all.
    """
    parts = Parts.each(images) if isinstance(images, int) else images
    pictures, groups = len(parts.numbers), parts.groups
    count = parts.count
    if pictures > MOST_HELD_OUT:
        count = max(1, count * MOST_HELD_OUT // pictures)
    chosen = np.unique(np.linspace(0, parts.count - 1, count).round().astype(int)) if count else []
    if parts.count <= (LEAVE_ONE_OUT_UP_TO if exact else FOLDS):
        return HoldOutPlan(HeldOutScheme.LEAVE_ONE_OUT, tuple(groups[i] for i in chosen))
    folds = np.array_split(np.asarray(chosen), FOLDS)
    return HoldOutPlan(
        HeldOutScheme.K_FOLD, tuple(tuple(i for part in f for i in groups[part]) for f in folds)
    )


def runs(parts: Parts, most: int = FOLDS) -> tuple[int, ...]:
    """Return the run of neighbouring parts, 0 to at most ``most`` - 1, of each picture."""
    folds = min(most, parts.count)
    return tuple(number * folds // parts.count for number in parts.numbers)


def even_runs(parts: Parts, most: int) -> tuple[tuple[int, ...], ...]:
    """Return the pictures of runs of neighbouring parts, as many in each as possible."""
    groups = parts.groups
    split = np.array_split(np.arange(parts.count), min(most, parts.count))
    return tuple(tuple(i for part in run for i in groups[part]) for run in split)


def held_out_scores(
    spec: DetectorSpec,
    *,
    settings: Mapping[str, object],
    scoring: Scoring,
    total: Accumulator,
    spool: Spool,
    groups: Sequence[Sequence[int]],
) -> Iterator[HeldOut]:
    """Yield every member of ``groups``, scored by what was learnt from the others.

    ``total`` has learnt from all images; each group is taken out of it exactly. Raises FitError
    when what is left cannot support the detector.
    """
    if isinstance(total, SupportsHeldOut):
        for index, raw in total.held_out_maps(spool.read, groups):
            score = smooth_and_reduce(raw, scoring, spool.counted(index))[0]
            yield HeldOut(index, score, raw)
        return
    for group in groups:
        part = total.empty()
        for index in group:
            part.add(spool.read(index))
        head = spec.head(total.without(part).statistics(), settings)
        yield from _scores(head, scoring, spool, group)


def refitted_scores(
    spec: DetectorSpec,
    *,
    settings: Mapping[str, object],
    scoring: Scoring,
    parts: Sequence[Accumulator],
    spool: Spool,
    groups: Sequence[Sequence[int]],
) -> Iterator[HeldOut]:
    """Yield as ``held_out_scores`` for detectors that cannot take images out again.

    ``parts[k]`` has learnt from all images of the fold that ``groups[k]`` belongs to; each group is
    scored by the other parts merged. What lies before and after a group is merged once and carried
    on, so that ten folds cost some thirty merges, not ninety.
    """
    after = [parts[0].empty()]
    for part in reversed(parts[1:]):
        after.append(_merged(after[0].empty(), part, after[-1]))
    before = parts[0].empty()
    for part, group in zip(parts, groups, strict=True):
        later = after.pop()
        if group:
            head = spec.head(_merged(before.empty(), before, later).statistics(), settings)
            yield from _scores(head, scoring, spool, group)
        before.merge(part)


def _merged(into: Accumulator, *parts: Accumulator) -> Accumulator:
    for part in parts:
        into.merge(part)
    return into


def _scores(head: Head, scoring: Scoring, spool: Spool, group: Sequence[int]) -> Iterator[HeldOut]:
    for index in group:
        taps = spool.read(index)
        raw = head.score_map(taps)
        yield HeldOut(index, weighted_score(head, taps, raw, scoring)[0], raw)
