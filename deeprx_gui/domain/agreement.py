"""Attribute agreement: whether people and stations judge the same parts alike, and rightly.

The figures and what they are compared with are those of the reference manual for measurement
systems analysis (AIAG, MSA, 4th edition, 2010, chapter III C). REVIEW and ERROR stop a part, as NG
does: a bad part that is stopped is not missed, a good part that is stopped is a false alarm.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Final

import numpy as np

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.kappa import cohen_kappa, fleiss_kappa, wilson_interval
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict


@dataclass(frozen=True)
class Rating:
    """What one appraiser (a person or a station) said about a part in one of the trials.

    ``times``: the part's score as multiples of the limit, NaN where there is none.
    """

    part: str
    appraiser: str
    verdict: Verdict
    times: float = math.nan

    @property
    def stops(self) -> bool:
        return self.verdict is not Verdict.OK


@dataclass(frozen=True)
class Grades:
    """Bounds of a figure: as good as ``good`` or better is good, worse than ``poor`` is poor."""

    good: float
    poor: float

    def verdict(self, value: float) -> Verdict:
        """Return OK, REVIEW or NG for a figure."""
        if self.good >= self.poor:  # the more the better
            return Verdict.OK if value >= self.good else _between(value >= self.poor)
        return Verdict.OK if value <= self.good else _between(value <= self.poor)


def _between(bearable: bool) -> Verdict:
    return Verdict.REVIEW if bearable else Verdict.NG


EFFECTIVENESS: Final = Grades(0.90, 0.80)
MISS_RATE: Final = Grades(0.02, 0.05)
FALSE_ALARM_RATE: Final = Grades(0.05, 0.10)
KAPPA: Final = Grades(0.75, 0.40)


@dataclass(frozen=True)
class Share:
    """``count`` of ``of``."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The two-sided 95 % interval (Wilson)."""
        return wilson_interval(self.count, self.of)


@dataclass(frozen=True)
class AppraiserFigures:
    """How one appraiser did.

    ``repeated``: parts judged alike in all trials. ``right``: parts judged rightly in all trials
    (effectiveness). ``missed``: ratings of bad parts that let them pass. ``false_alarms``: ratings
    of good parts that stopped them. ``kappa``: agreement with the truth; None where it says
    nothing. The last four need the truth of parts; only parts with a known one are counted there.
    """

    name: str
    repeated: Share
    right: Share
    missed: Share
    false_alarms: Share
    kappa: float | None


@dataclass(frozen=True)
class ScoreSpread:
    """How much an appraiser's scores of one and the same part differ.

    ``deviation``: pooled standard deviation within parts, as a share of the limit. ``parts``: how
    many had two scores or more. ``near``: parts whose mean lies within three deviations of the
    limit: another look may judge them differently.
    """

    name: str
    deviation: float
    parts: int
    near: tuple[str, ...]


class AgreementStudy:
    """Ratings of parts by appraisers in trials, and what the parts really are."""

    def __init__(self, ratings: Sequence[Rating], truth: Mapping[str, bool]) -> None:
        """``truth``: part → bad. Raises RequestError where nothing can be compared.

        The trials of an appraiser are its ratings of a part in their order. Every appraiser must
        have rated every part, all equally often: what is missing would change the shares.
        """
        self._cells: dict[tuple[str, str], list[Rating]] = defaultdict(list)
        for rating in ratings:
            self._cells[rating.part, rating.appraiser].append(rating)
        self.parts = tuple(dict.fromkeys(rating.part for rating in ratings))
        self.appraisers = tuple(dict.fromkeys(rating.appraiser for rating in ratings))
        self.truth = {part: truth[part] for part in self.parts if part in truth}
        self.trials = self._checked()

    def _checked(self) -> int:
        if len(self.parts) < 2:
            raise RequestError(
                say("Too few parts: agreement needs the verdicts on two different parts or more.")
            )
        trials = max(len(cell) for cell in self._cells.values())
        for appraiser in self.appraisers:
            for part in self.parts:
                number = len(self._cells.get((part, appraiser), ()))
                if number != trials:
                    raise RequestError(
                        say(
                            "“{appraiser}” judged part “{part}” {n} times, others {most} times."
                            " Let everybody judge every part equally often.",
                            appraiser=appraiser,
                            part=part,
                            n=number,
                            most=trials,
                        )
                    )
        if trials * len(self.appraisers) < 2:
            raise RequestError(
                say("Every part was judged once only. Judge it again, or let others judge it too.")
            )
        return trials

    def ratings(self, part: str, appraiser: str) -> Sequence[Rating]:
        """Return an appraiser's ratings of a part, one for each trial."""
        return self._cells[part, appraiser]

    @cached_property
    def figures(self) -> tuple[AppraiserFigures, ...]:
        """The figures of every appraiser."""
        return tuple(self._figures(name) for name in self.appraisers)

    def _figures(self, name: str) -> AppraiserFigures:
        cells = {part: [r.stops for r in self.ratings(part, name)] for part in self.parts}
        stops = [(stop, bad) for part, bad in self.truth.items() for stop in cells[part]]
        return AppraiserFigures(
            name=name,
            repeated=Share(sum(len(set(cell)) == 1 for cell in cells.values()), len(cells)),
            right=Share(
                sum(all(s is bad for s in cells[part]) for part, bad in self.truth.items()),
                len(self.truth),
            ),
            missed=Share(
                sum(bad and not stop for stop, bad in stops), sum(bad for _, bad in stops)
            ),
            false_alarms=Share(
                sum(stop and not bad for stop, bad in stops), sum(not bad for _, bad in stops)
            ),
            kappa=cohen_kappa([stop for stop, _ in stops], [bad for _, bad in stops]),
        )

    @cached_property
    def between(self) -> Mapping[tuple[str, str], float | None]:
        """Cohen's kappa of every two appraisers, trial against trial."""
        return {
            pair: cohen_kappa(*(self._stops(name) for name in pair))
            for pair in combinations(self.appraisers, 2)
        }

    def _stops(self, name: str) -> list[bool]:
        return [rating.stops for part in self.parts for rating in self.ratings(part, name)]

    @cached_property
    def overall(self) -> float | None:
        """Fleiss' kappa of all ratings of all appraisers."""
        counts = [
            np.bincount(
                [int(r.stops) for name in self.appraisers for r in self.ratings(part, name)],
                minlength=2,
            )
            for part in self.parts
        ]
        return fleiss_kappa(np.array(counts))

    @cached_property
    def all_alike(self) -> Share:
        """Parts on which all appraisers agreed in all trials."""
        alike = sum(
            len({r.stops for name in self.appraisers for r in self.ratings(part, name)}) == 1
            for part in self.parts
        )
        return Share(alike, len(self.parts))

    @cached_property
    def spreads(self) -> tuple[ScoreSpread, ...]:
        """How much scores of the same part differ, for every appraiser that gives scores."""
        found = (self._spread(name) for name in self.appraisers)
        return tuple(spread for spread in found if spread is not None)

    def _spread(self, name: str) -> ScoreSpread | None:
        scores = {part: [r.times for r in self.ratings(part, name)] for part in self.parts}
        several = {
            part: np.asarray(times)
            for part, times in scores.items()
            if len(times) > 1 and np.all(np.isfinite(times))
        }
        if not several:
            return None
        squares = sum(float(((t - t.mean()) ** 2).sum()) for t in several.values())
        freedom = sum(t.size - 1 for t in several.values())
        deviation = math.sqrt(squares / freedom)
        near = tuple(p for p, t in several.items() if abs(float(t.mean()) - 1.0) <= 3 * deviation)
        return ScoreSpread(name, deviation, len(several), near)
