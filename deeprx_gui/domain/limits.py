"""Limits: where OK ends and NG begins, and what was promised about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class HeldOutScheme(StrEnum):
    """How the held-out scores of the normal images were made."""

    LEAVE_ONE_OUT = "leave-one-out"
    K_FOLD = "k-fold"


@dataclass(frozen=True)
class Promise:
    """The distribution-free promise behind a limit.

    With ``normals`` held-out scores the ``rank``-th largest has an expected exceedance of
    ``rank / (normals + 1)`` for a new normal image (order statistics of exchangeable scores, see
    Vovk, Gammerman & Shafer, *Algorithmic Learning in a Random World*, 2005, ch. 2). The figure is
    exact for images held out of the final fit and approximate for leave-one-out and K-fold scores.
    """

    rank: int
    normals: int

    @property
    def rate(self) -> float:
        """Expected share of normal images above the limit, 0..1."""
        return self.rank / (self.normals + 1)


@dataclass(frozen=True)
class Limits:
    """Two raw scores: OK ends at ``review``, NG begins above ``ng`` (``0 < review <= ng``).

    ``review`` is the unit of every score shown: 1.00 x limit. ``*_promise`` is ``None`` when a
    person moved that limit.
    """

    review: float
    ng: float
    review_promise: Promise | None = None
    ng_promise: Promise | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.review) and math.isfinite(self.ng)):
            raise ValueError("limits must be finite")
        if not 0 < self.review <= self.ng:
            raise ValueError(f"limits must satisfy 0 < review <= ng, not {self.review}, {self.ng}")

    @property
    def promises(self) -> tuple[Promise | None, Promise | None]:
        """The promises behind the review limit and the NG limit."""
        return self.review_promise, self.ng_promise

    def times(self, score: float) -> float:
        """Return a raw score as multiples of the limit (1.00 = where OK ends)."""
        return score / self.review

    def moved(self, *, review: float | None = None, ng: float | None = None) -> Limits:
        """Return limits with one moved by hand; the other gives way so that review <= ng."""
        if review is not None:
            keeps_ng = review <= self.ng
            return Limits(review, max(review, self.ng), None, self.ng_promise if keeps_ng else None)
        if ng is not None:
            keeps = ng >= self.review
            return Limits(min(ng, self.review), ng, self.review_promise if keeps else None, None)
        return self


def rank_for(rate: float, normals: int) -> int:
    """Return the largest rank whose promised rate ``rank / (normals + 1)`` is within ``rate``.

    At least 1: with few images the tightest promise that can be made is 1 / (normals + 1).
    """
    return max(1, math.floor(rate * (normals + 1) + 1e-9))


def normals_needed(rate: float) -> int:
    """Return how many normal images a promise of ``rate`` (0 < rate < 1) needs."""
    return math.ceil(1 / rate - 1e-9) - 1


def suggest_limits(
    held_out: Sequence[float], *, false_call_rate: float = 0.01, review_rate: float = 0.05
) -> Limits:
    """Suggest both limits from held-out scores of normal images, never from fitted ones.

    A part is NG above the score that promises ``false_call_rate``; it is REVIEW above the one that
    promises ``review_rate``. With few images both ranks are 1 and there is no review band.
    Raises ValueError when there is no score or one is not finite.
    """
    if not held_out or not all(math.isfinite(s) for s in held_out):
        raise ValueError("held-out scores must be finite and at least one")
    ranked = sorted(map(float, held_out), reverse=True)  # no numbers of numpy in a profile
    n = len(ranked)
    ng_rank = rank_for(false_call_rate, n)
    review_rank = max(ng_rank, rank_for(review_rate, n))
    smallest = math.ulp(1.0)  # identical images score 0; a limit must stay positive
    ng = max(ranked[min(ng_rank, n) - 1], smallest)
    review = max(ranked[min(review_rank, n) - 1], smallest)
    return Limits(review, ng, Promise(review_rank, n), Promise(ng_rank, n))
