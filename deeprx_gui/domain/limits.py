"""Limits: where OK ends and NG begins, and what was promised about them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from deeprx_gui.domain.tail import FAMILY, fit_tail

RANK_FROM = 5
"""A rank of this and above is not moved far by one odd picture; below, a fitted tail is used."""


class HeldOutScheme(StrEnum):
    """How the held-out scores of the normal images were made."""

    LEAVE_ONE_OUT = "leave-one-out"
    K_FOLD = "k-fold"


class PromiseKind(StrEnum):
    """What a promise rests on: the order of the held-out scores, or a shape fitted to them."""

    RANK = "rank"
    TAIL = "tail"


@dataclass(frozen=True)
class FittedTail:
    """A limit's promise from a fitted upper tail.

    ``aimed``: the share of normals expected above it; ``family``: the shape assumed; ``low`` to
    ``high``: where 90 % of the realised shares lie if the shape is right and so many images vary.
    """

    aimed: float
    family: str
    low: float
    high: float


@dataclass(frozen=True)
class Promise:
    """The promise behind a limit.

    With ``normals`` held-out scores the ``rank``-th largest has an expected exceedance of
    ``rank / (normals + 1)`` for a new normal image (order statistics of exchangeable scores, see
    Vovk, Gammerman & Shafer, *Algorithmic Learning in a Random World*, 2005, ch. 2). The figure is
    exact for images held out of the final fit and approximate for leave-one-out and K-fold scores.

    With a ``tail`` the limit is no score of an image but where a shape fitted to all of them leaves
    the aimed share above; ``rank`` is then the nearest that the order could promise.
    """

    rank: int
    normals: int
    tail: FittedTail | None = None

    @property
    def kind(self) -> PromiseKind:
        """What the promise rests on."""
        return PromiseKind.RANK if self.tail is None else PromiseKind.TAIL

    @property
    def rate(self) -> float:
        """Expected share of normal images above the limit, 0..1."""
        return self.rank / (self.normals + 1) if self.tail is None else self.tail.aimed

    @property
    def band(self) -> tuple[float, float] | None:
        """Return where 90 % of the realised shares lie, of a fitted tail."""
        return None if self.tail is None else (self.tail.low, self.tail.high)


@dataclass(frozen=True)
class Limits:
    """Two raw scores: OK ends at ``review``, NG begins above ``ng`` (``0 < review <= ng``).

    Where both are the same the review band is off: nothing goes to review. ``*_promise`` is
    ``None`` when a person moved that limit. ``unit`` is the raw score shown as 1.00: the suggested
    review limit of the revision, which stays when a limit moves; 0 stands for ``review``. It
    changes no verdict, so limits that differ in it alone are equal.
    """

    review: float
    ng: float
    review_promise: Promise | None = None
    ng_promise: Promise | None = None
    unit: float = field(default=0.0, compare=False)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.review) and math.isfinite(self.ng)):
            raise ValueError("limits must be finite")
        if not 0 < self.review <= self.ng:
            raise ValueError(f"limits must satisfy 0 < review <= ng, not {self.review}, {self.ng}")
        if not (math.isfinite(self.unit) and self.unit >= 0):
            raise ValueError(f"a unit must be finite and positive, not {self.unit}")
        if not self.unit:
            object.__setattr__(self, "unit", self.review)

    @property
    def promises(self) -> tuple[Promise | None, Promise | None]:
        """The promises behind the review limit and the NG limit."""
        return self.review_promise, self.ng_promise

    @property
    def has_review_band(self) -> bool:
        """Whether a part can be REVIEW at all."""
        return self.review < self.ng

    @property
    def review_times(self) -> float:
        """The review limit as a multiple of the suggested one."""
        return self.review / self.unit

    @property
    def ng_times(self) -> float:
        """The NG limit as a multiple of the suggested review limit."""
        return self.ng / self.unit

    def times(self, score: float) -> float:
        """Return a raw score as multiples of the suggested review limit (1.00)."""
        return score / self.unit

    def shown_in(self, unit: float) -> Limits:
        """Return the same limits, shown in multiples of ``unit``, a raw score."""
        return self if self.unit == unit else replace(self, unit=unit)

    def moved(self, *, review: float | None = None, ng: float | None = None) -> Limits:
        """Return limits with one moved by hand; the other gives way so that review <= ng."""
        if review is not None:
            keeps_ng = review <= self.ng
            promise = self.ng_promise if keeps_ng else None
            return Limits(review, max(review, self.ng), None, promise, self.unit)
        if ng is not None:
            keeps = ng >= self.review
            promise = self.review_promise if keeps else None
            return Limits(min(ng, self.review), ng, promise, None, self.unit)
        return self


def moved_alike(before: Limits, suggested: Limits, now: Limits) -> Limits | None:
    """Return ``now`` moved by the shares by which a person had moved ``before``.

    ``suggested``: what ``before`` was before that. ``None``: nothing was moved by hand.
    """
    moved = now
    if before.review_promise is None:
        moved = moved.moved(review=now.review * before.review / suggested.review)
    if before.ng_promise is None:
        moved = moved.moved(ng=now.ng * before.ng / suggested.ng)
    return None if moved == now else moved


def rank_for(rate: float, normals: int) -> int:
    """Return the largest rank whose promised rate ``rank / (normals + 1)`` is within ``rate``.

    At least 1: with few images the tightest promise that can be made is 1 / (normals + 1).
    """
    return max(1, math.floor(rate * (normals + 1) + 1e-9))


def normals_needed(rate: float) -> int:
    """Return how many normal images a promise of ``rate`` (0 < rate < 1) by rank needs."""
    return math.ceil(1 / rate - 1e-9) - 1


def suggest_limits(
    held_out: Sequence[float],
    *,
    false_call_rate: float = 0.01,
    review_rate: float = 0.05,
    kind: str = "rank",
) -> Limits:
    """Suggest both limits from held-out scores of normal images, never from fitted ones.

    A part is NG above the score that promises ``false_call_rate``; it is REVIEW above the one that
    promises ``review_rate``. ``kind``: a key of ``LIMITS``. By rank and with few images both ranks
    are 1 and there is no review band. Raises ValueError when there is no score or one is not
    finite.
    """
    if not held_out or not all(math.isfinite(s) for s in held_out):
        raise ValueError("held-out scores must be finite and at least one")
    ranked = sorted(map(float, held_out), reverse=True)  # no numbers of numpy in a profile
    make = LIMITS[kind]
    ng, ng_promise = make(ranked, false_call_rate)
    review, review_promise = make(ranked, max(false_call_rate, review_rate))
    if review > ng:  # of two kinds
        review, review_promise = ng, ng_promise
    smallest = math.ulp(1.0)  # identical images score 0; a limit must stay positive
    ng = max(ng, smallest)
    return Limits(min(max(review, smallest), ng), ng, review_promise, ng_promise)


def by_rank(ranked: Sequence[float], rate: float) -> tuple[float, Promise]:
    """Return the limit that promises ``rate`` by the order of the scores, largest first."""
    n = len(ranked)
    rank = rank_for(rate, n)
    return ranked[min(rank, n) - 1], Promise(rank, n)


def by_tail(ranked: Sequence[float], rate: float) -> tuple[float, Promise]:
    """Return the limit of a fitted tail, or that of the rank where no tail can be fitted.

    A tail promises no less than its ``tightest``.
    """
    n = len(ranked)
    tail = fit_tail(ranked)
    if tail is None:
        return by_rank(ranked, rate)
    aimed = max(rate, tail.tightest)
    if aimed >= tail.reach:
        return by_rank(ranked, rate)
    low, high = tail.band(aimed)
    return tail.limit(aimed), Promise(rank_for(aimed, n), n, FittedTail(aimed, FAMILY, low, high))


def by_what_is_sharper(ranked: Sequence[float], rate: float) -> tuple[float, Promise]:
    """Return the rank's limit where it rests on several scores, else that of a fitted tail."""
    return (by_rank if rate * (len(ranked) + 1) >= RANK_FROM else by_tail)(ranked, rate)


LIMITS: Mapping[str, Callable[[Sequence[float], float], tuple[float, Promise]]] = {
    "auto": by_what_is_sharper,
    "rank": by_rank,
    "tail": by_tail,
}
"""How a limit and its promise come from held-out scores, sorted, largest first."""
