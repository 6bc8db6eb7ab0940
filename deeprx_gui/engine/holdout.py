"""Held-out scores: every normal image is scored by what was learnt from the others.

The limits come from these scores, never from scores of images that took part in the fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec
from deeprx_gui.engine.engine import finish
from deeprx_gui.engine.spool import Spool

LEAVE_ONE_OUT_UP_TO = 100
"""Up to this many normal images each is left out alone; beyond, one fold of ten at a time."""
MOST_HELD_OUT = 1000
"""No more images than this are scored: the promise they support is 1 in 1001."""
FOLDS = 10


@dataclass(frozen=True)
class Plan:
    """Which images are held out, in which groups.

    ``groups`` holds positions in the list of normal images. Groups are runs of neighbours, because
    pictures taken one after another are alike: split apart, one would vouch for the other.
    """

    scheme: HeldOutScheme
    groups: tuple[tuple[int, ...], ...]

    @property
    def held_out(self) -> frozenset[int]:
        """All positions that get a held-out score."""
        return frozenset(i for group in self.groups for i in group)


def plan(images: int) -> Plan:
    """Plan the held-out scores of ``images`` normal images."""
    count = min(images, MOST_HELD_OUT)
    chosen = np.unique(np.linspace(0, images - 1, count).round().astype(int)) if count else []
    if images <= LEAVE_ONE_OUT_UP_TO:
        return Plan(HeldOutScheme.LEAVE_ONE_OUT, tuple((int(i),) for i in chosen))
    folds = np.array_split(np.asarray(chosen), FOLDS)
    return Plan(HeldOutScheme.K_FOLD, tuple(tuple(int(i) for i in fold) for fold in folds))


def held_out_scores(
    spec: DetectorSpec,
    *,
    settings: Mapping[str, object],
    scoring: Scoring,
    total: Accumulator,
    spool: Spool,
    groups: Sequence[Sequence[int]],
) -> Iterator[tuple[int, float]]:
    """Yield (position in the spool, held-out score) for every member of ``groups``.

    ``total`` has learnt from all images; each group is taken out of it exactly. Raises FitError
    when what is left cannot support the detector.
    """
    for group in groups:
        part = spec.accumulator(spool.read(group[0]).channels, settings)
        for index in group:
            part.add(spool.read(index))
        head = spec.head(total.without(part).statistics(), settings)
        for index in group:
            score, _ = finish(head.score_map(spool.read(index)), scoring)
            yield index, score
