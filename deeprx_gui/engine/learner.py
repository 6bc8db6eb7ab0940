"""Learner: one detector's fit, fed picture by picture, with the held-out scores at the end."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.limits import HeldOutScheme
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.engine.detectors.base import Accumulator, DetectorSpec, FitExtent
from deeprx_gui.engine.holdout import (
    HoldOutPlan,
    held_out_scores,
    plan_hold_out,
    refitted_scores,
    runs,
)
from deeprx_gui.engine.normalise import POSITION, KeptMaps, NormalisedHeldOut
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps

_Each = TypeVar("_Each")


class Learner:
    """Learns from pictures that come one by one; memory does not grow beyond the detector's.

    A detector that cannot take pictures out again learns in folds of neighbouring parts from the
    start: all of them merged are what was learnt, and all but one are what scores that one.
    """

    def __init__(
        self,
        spec: DetectorSpec,
        settings: Mapping[str, object],
        images: int | Parts,
        spool: Spool,
        seen: Container[int] = (),
    ) -> None:
        """``images``: how many will come at most, or which parts they show.

        ``seen``: positions of pictures that taught the network; they get no held-out score.
        """
        self.settings = spec.check(settings)
        self._spec = spec
        self._shown = Parts.each(images) if isinstance(images, int) else images
        self._spool = spool
        planned = plan_hold_out(self._shown, exact=spec.exact_downdate).held_out
        self._held_out = frozenset(position for position in planned if position not in seen)
        self._fold_of = None if spec.exact_downdate else runs(self._shown)
        self._folds: dict[int, Accumulator] = {}
        self._groups: dict[int, list[int]] = {}
        self._spooled: list[int] = []
        self._numbers: list[int] = []
        self._learnt: list[int] = []

    @property
    def planned(self) -> int:
        """How many held-out scores there will be if every picture can be read."""
        return len(self._held_out)

    @property
    def parts(self) -> Parts:
        """Which part each of the pictures learnt shows, in their order."""
        return self._shown.of(self._learnt)

    def add(self, position: int, taps: TapMaps) -> None:
        """Learn the picture at ``position`` of all pictures; they come in order, some never come.

        Raises FitError when the fit would not stay within the detector's memory, StorageError when
        the disk is full.
        """
        if not self._folds:
            extent = FitExtent(taps.channels, taps.grid, len(self._shown.numbers))
            self.settings = self._spec.settle(self.settings, extent)
        fold = 0 if self._fold_of is None else self._fold_of[position]
        if fold not in self._folds:
            self._folds[fold] = self._another(taps)
            self._groups[fold] = []
        self._folds[fold].add(taps)
        if position in self._held_out:
            self._groups[fold].append(len(self._spool))
            self._spool.append(taps)
            self._spooled.append(position)
            self._numbers.append(len(self._learnt))
        self._learnt.append(position)

    def total(self) -> Accumulator:
        """Return what was learnt from all pictures, at least one."""
        learnt = self._in_order(self._folds)
        if len(learnt) == 1:
            return learnt[0]
        whole = learnt[0].empty()
        for fold in learnt:
            whole.merge(fold)
        return whole

    def plan(self) -> HoldOutPlan:
        """Return who is held out with whom, as places among the pictures kept for that."""
        shown = self._shown.of(self._spooled)
        if self._spec.exact_downdate:
            return plan_hold_out(shown)
        groups = self._in_order(self._groups)
        alone = all(shown.of(group).count <= 1 for group in groups)
        scheme = HeldOutScheme.LEAVE_ONE_OUT if alone else HeldOutScheme.K_FOLD
        return HoldOutPlan(scheme, tuple(tuple(group) for group in groups))

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
                parts=self._in_order(self._folds),
                spool=self._spool,
                groups=self._in_order(self._groups),
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

    @staticmethod
    def _in_order(folds: Mapping[int, _Each]) -> list[_Each]:
        return [folds[fold] for fold in sorted(folds)]

    def _another(self, taps: TapMaps) -> Accumulator:
        for known in self._folds.values():
            return known.empty()
        return self._spec.accumulator(taps.channels, self.settings)

    def _relearn_if_lumped(self, total: Accumulator) -> None:
        """Make new parts when nearly no picture was readable and all fell into one fold."""
        if len(self._folds) > 1:
            return
        groups = plan_hold_out(self._shown.of(self._spooled), exact=False).groups
        self._groups = {fold: list(group) for fold, group in enumerate(groups)}
        self._folds = {fold: total.empty() for fold in self._groups}
        for fold, group in self._groups.items():
            for index in group:
                self._folds[fold].add(self._spool.read(index))
