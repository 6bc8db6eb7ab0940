"""Learner: one detector's fit, fed picture by picture, with the held-out scores at the end."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec, FitExtent
from deeprx_gui.engine.holdout import (
    FOLDS,
    HoldOutPlan,
    held_out_scores,
    plan_hold_out,
    refitted_scores,
)
from deeprx_gui.engine.normalise import POSITION, KeptMaps, NormalisedHeldOut
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps


class Learner:
    """Learns from at most ``images`` pictures; memory does not grow with them beyond the detector.

    A detector that cannot take pictures out again learns in parts of neighbouring pictures from the
    start: all of them merged are what was learnt, and all but one are what scores that one.
    """

    def __init__(
        self,
        spec: DetectorSpec,
        settings: Mapping[str, object],
        images: int,
        spool: Spool,
        seen: Container[int] = (),
    ) -> None:
        """``seen``: positions of pictures that taught the network; they get no held-out score."""
        self.settings = spec.check(settings)
        self._spec = spec
        self._images = images
        self._spool = spool
        planned = plan_hold_out(images, exact=spec.exact_downdate).held_out
        self._held_out = frozenset(position for position in planned if position not in seen)
        self._parts: list[Accumulator] = []
        self._groups: list[list[int]] = []
        self._fold = -1
        self._numbers: list[int] = []
        self.learnt = 0

    @property
    def planned(self) -> int:
        """How many held-out scores there will be if every picture can be read."""
        return len(self._held_out)

    def add(self, position: int, taps: TapMaps) -> None:
        """Learn the picture at ``position`` of all pictures; they come in order, some never come.

        Raises FitError when the fit would not stay within the detector's memory, StorageError when
        the disk is full.
        """
        if not self._parts:
            extent = FitExtent(taps.channels, taps.grid, self._images)
            self.settings = self._spec.settle(self.settings, extent)
        fold = self._fold_of(position)
        if fold != self._fold:
            self._fold = fold
            self._parts.append(self._another(taps))
            self._groups.append([])
        self._parts[-1].add(taps)
        if position in self._held_out:
            self._groups[-1].append(len(self._spool))
            self._spool.append(taps)
            self._numbers.append(self.learnt)
        self.learnt += 1

    def total(self) -> Accumulator:
        """Return what was learnt from all pictures, at least one."""
        if len(self._parts) == 1:
            return self._parts[0]
        whole = self._parts[0].empty()
        for part in self._parts:
            whole.merge(part)
        return whole

    def plan(self) -> HoldOutPlan:
        """Return who is held out with whom, as places among the pictures kept for that."""
        if self._spec.exact_downdate:
            return plan_hold_out(len(self._spool))
        alone = all(len(group) <= 1 for group in self._groups)
        scheme = HeldOutScheme.LEAVE_ONE_OUT if alone else HeldOutScheme.K_FOLD
        return HoldOutPlan(scheme, tuple(tuple(group) for group in self._groups))

    def held_out(
        self, total: Accumulator, scoring: Scoring, maps: KeptMaps | None = None
    ) -> Iterator[tuple[int, float]]:
        """Yield (number among the pictures learnt, held-out score); ``total`` as returned above.

        The scores are those of maps that are not normalised. ``maps``: where the raw maps are kept
        for normalising, see ``normalised``. Raises StorageError when the disk is full.
        """
        if self._spec.exact_downdate:
            scores = held_out_scores(
                self._spec,
                settings=self.settings,
                scoring=scoring,
                total=total,
                spool=self._spool,
                groups=self.plan().groups,
            )
        else:
            self._relearn_if_lumped(total)
            scores = refitted_scores(
                self._spec,
                settings=self.settings,
                scoring=scoring,
                parts=self._parts,
                spool=self._spool,
                groups=self._groups,
            )
        for found in scores:
            if maps is not None:
                maps.keep(found.index, found.raw, self._spool.cells(found.index))
            yield self._numbers[found.index], found.score

    def normalised(self, maps: KeptMaps, scoring: Scoring) -> NormalisedHeldOut:
        """Return the held-out scores by number, and evidence, with normalised maps."""
        found = maps.normalised(self.plan().groups, scoring)
        scores = {self._numbers[index]: score for index, score in found.scores.items()}
        return replace(found, scores=scores)

    def held_out_map(self, maps: KeptMaps, number: int, scoring: Scoring) -> Float32:
        """Return the smoothed held-out map of a picture by its number, as ``scoring`` judged it."""
        index = self._numbers.index(number)
        normalise = scoring.normalise == POSITION
        return maps.held_out_map(index, self.plan().groups, scoring, normalise=normalise)

    def _fold_of(self, position: int) -> int:
        if self._spec.exact_downdate:
            return 0
        return position * min(FOLDS, self._images) // self._images

    def _another(self, taps: TapMaps) -> Accumulator:
        if self._parts:
            return self._parts[0].empty()
        return self._spec.accumulator(taps.channels, self.settings)

    def _relearn_if_lumped(self, total: Accumulator) -> None:
        """Make new parts when nearly no picture was readable and all fell into one fold."""
        if len(self._parts) > 1:
            return
        groups = plan_hold_out(len(self._spool), exact=False).groups
        self._groups = [list(group) for group in groups]
        self._parts = [total.empty() for _ in groups]
        for part, group in zip(self._parts, groups, strict=True):
            for index in group:
                part.add(self._spool.read(index))
