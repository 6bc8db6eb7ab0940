"""Limits from labels: catch all, at most so many false calls, or the cheapest. Pure.

A part is stopped above the review limit and NG above the NG limit. A limit that is found here lies
halfway to the next known score, so that no part that was looked at decides by a hair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float64, Ints
from deeprx_gui.domain.limits import Limits

_EDGE = 0.01
"""Beyond the lowest and the highest known score a limit lies this share away from it."""
_EQUAL = 1e-9


@dataclass(frozen=True)
class LabelledScores:
    """Raw scores of parts known to be good and bad, finite and sorted.

    ``held_out``: nobody labelled a good part; the good ones are those that were learnt from, each
    checked against the others.
    """

    good: tuple[float, ...]
    bad: tuple[float, ...]
    held_out: bool = False

    @classmethod
    def of(
        cls, good: Sequence[float], bad: Sequence[float], held_out: Sequence[float] = ()
    ) -> LabelledScores:
        """Sort out what can be counted; ``held_out`` stands in where no good part is labelled."""
        known, faulty, learnt = (
            tuple(sorted(float(score) for score in scores if math.isfinite(score)))
            for scores in (good, bad, held_out)
        )
        return cls(known or learnt, faulty, held_out=not known)

    @property
    def bad_share(self) -> float | None:
        """The share of bad parts among the labelled ones, ``None`` unless both are labelled."""
        if self.held_out or not self.good or not self.bad:
            return None
        return len(self.bad) / (len(self.good) + len(self.bad))


@dataclass(frozen=True)
class Costs:
    """What a mistake costs, in yen or any other unit, and what the line is like.

    ``false_call``: a good part stopped; ``miss``: a bad part let through. ``look``: a person looks
    at a part in review; ``None``: then a good part there costs as much as a false call, and a bad
    one nothing. ``bad_share``: of the line's parts, 0..1. ``per_shift``: parts.
    """

    false_call: float
    miss: float
    bad_share: float
    per_shift: int = 1000
    look: float | None = None

    def __post_init__(self) -> None:
        amounts = (self.false_call, self.miss, self.look or 0.0)
        if not all(math.isfinite(amount) and amount >= 0 for amount in amounts):
            raise ValueError("costs must be finite and not negative")
        if not 0 <= self.bad_share <= 1 or self.per_shift < 1:
            raise ValueError("a share lies in 0..1, and a shift has parts")

    @property
    def review(self) -> tuple[float, float]:
        """What a good and a bad part in review cost."""
        return (self.false_call, 0.0) if self.look is None else (self.look, self.look)


@dataclass(frozen=True)
class Outcome:
    """What limits make of labelled parts: ``false_calls`` are NG, ``misses`` are OK."""

    false_calls: int
    good_in_review: int
    good: int
    misses: int
    bad_in_review: int
    bad: int

    def cost(self, costs: Costs) -> float:
        """Return the expected cost of a part that comes along the line.

        A kind of part that is not known costs nothing.
        """
        of_good, of_bad = costs.review
        good = self.false_calls * costs.false_call + self.good_in_review * of_good
        bad = self.misses * costs.miss + self.bad_in_review * of_bad
        return (1 - costs.bad_share) * good / max(self.good, 1) + costs.bad_share * bad / max(
            self.bad, 1
        )

    def per_shift(self, costs: Costs) -> tuple[float, float, float]:
        """Return false calls, good parts in review and misses to expect in a shift."""
        good = costs.per_shift * (1 - costs.bad_share) / max(self.good, 1)
        bad = costs.per_shift * costs.bad_share / max(self.bad, 1)
        return good * self.false_calls, good * self.good_in_review, bad * self.misses


def outcome_of(limits: Limits, scores: LabelledScores) -> Outcome:
    """Count what limits make of labelled parts."""
    good, bad = np.asarray(scores.good), np.asarray(scores.bad)
    false_calls = int((good > limits.ng).sum())
    found = int((bad > limits.ng).sum())
    misses = int((bad <= limits.review).sum())
    return Outcome(
        false_calls,
        int((good > limits.review).sum()) - false_calls,
        good.size,
        misses,
        bad.size - found - misses,
        bad.size,
    )


def at_most(limits: Limits, scores: LabelledScores, false_calls: int) -> Limits:
    """Return the lowest NG limit above which no more than ``false_calls`` good parts lie.

    The review limit stays, and gives way where it would be above. Where all good parts may be
    called NG, or none is known, nothing changes.
    """
    if not 0 <= false_calls < len(scores.good):
        return limits
    kept = scores.good[-1 - false_calls]
    ng = _above(kept, _known(scores))
    return limits if ng <= 0 else limits.moved(ng=ng)


def cheapest(limits: Limits, scores: LabelledScores, costs: Costs) -> Limits:
    """Return the cheapest limits; ``limits`` themselves where nothing is cheaper.

    Among equally cheap ones those with the fewest misses, then those with the fewest false calls.
    """
    known = _known(scores)
    if not known.size:
        return limits
    places = np.concatenate([[_below(known[0])], [_above(float(s), known) for s in known]])
    review, ng = _cheapest_places(_counts(places, scores), scores, costs)
    if costs.look is None:  # the NG limit costs nothing, so it stays
        found = limits.moved(review=float(places[review]))
    else:
        found = Limits(float(places[review]), float(places[ng]))
    better = outcome_of(found, scores).cost(costs)
    now = outcome_of(limits, scores).cost(costs)
    return found if better < now - _EQUAL * max(now, 1.0) else limits


def _cheapest_places(
    counts: tuple[Ints, Ints], scores: LabelledScores, costs: Costs
) -> tuple[int, int]:
    """Return which places (k,), ascending, to take for the review limit and the NG limit.

    The cost is a sum of what the review limit costs alone and of what the NG limit costs alone,
    so the best review limit at or below each NG limit is a running minimum.
    """
    good_below, bad_below = counts
    good = (1 - costs.bad_share) / max(len(scores.good), 1)
    bad = costs.bad_share / max(len(scores.bad), 1)
    good_above = len(scores.good) - good_below
    bad_above = len(scores.bad) - bad_below
    of_good, of_bad = costs.review
    review = good * good_above * of_good + bad * (bad_below * costs.miss + bad_above * of_bad)
    ng = good * good_above * (costs.false_call - of_good) - bad * bad_above * of_bad
    total = np.minimum.accumulate(review) + ng
    slack = _EQUAL * max(float(np.abs(total).max()), 1e-300)
    highest = int(np.flatnonzero(total <= total.min() + slack)[-1])
    least = review[: highest + 1].min()
    return int(np.flatnonzero(review[: highest + 1] <= least + slack)[0]), highest


def _counts(places: Float64, scores: LabelledScores) -> tuple[Ints, Ints]:
    """Return how many good and how many bad parts lie at or below each place."""
    good, bad = (
        np.searchsorted(np.asarray(side, np.float64), places, side="right")
        for side in (scores.good, scores.bad)
    )
    return good, bad


def _known(scores: LabelledScores) -> Float64:
    """Return all scores above 0 once, ascending: a limit is positive."""
    every = np.unique(np.asarray((*scores.good, *scores.bad), np.float64))
    return np.compress(every > 0, every)


def _above(score: float, known: Float64) -> float:
    """Return a limit that ``score`` is not above and the next known score is."""
    place = int(np.searchsorted(known, score, side="right"))
    if place == known.size:
        return score * (1 + _EDGE)
    following = float(known[place])
    middle = (score + following) / 2
    return middle if middle < following else score


def _below(lowest: float) -> float:
    return float(lowest) * (1 - _EDGE)
