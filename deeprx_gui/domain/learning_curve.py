"""Learning curve: what so many good parts can promise, and how sure that is. Before any score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from deeprx_gui.domain.limits import (
    RANK_FROM,
    Promise,
    PromiseKind,
    normals_needed,
    rank_for,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.order_statistics import rank_band
from deeprx_gui.domain.tail import FEWEST, UpperTail, excesses_of
from deeprx_gui.domain.words import percent

SURE = 2.0
"""A target is sure when the realised share stays within so many times it in 19 of 20 cases."""
_ROUND = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_MOST_PARTS = 1_000_000
_SHOWN = 5


@dataclass(frozen=True)
class PromiseAt:
    """What ``parts`` good parts can promise: at best ``rate``, ``low`` to ``high`` in nine of ten.

    Shares 0..1. ``kind``: what it rests on.
    """

    parts: int
    rate: float
    low: float
    high: float
    kind: PromiseKind


@lru_cache(maxsize=2048)
def promise_at(parts: int, target: float, kind: str = "auto") -> PromiseAt:
    """Return what ``parts`` (1 or more) good parts can promise when ``target`` (0..1) is aimed at.

    ``kind``: a key of ``LIMITS``. A tail is taken for one that can be fitted; its band is the same
    whatever the scores are.
    """
    rate, tail = _best(parts, target, kind)
    if tail is not None:
        return PromiseAt(parts, rate, *tail.band(rate), PromiseKind.TAIL)
    rank = min(rank_for(target, parts), parts)
    return PromiseAt(parts, rate, *rank_band(rank, parts), PromiseKind.RANK)


def _best(parts: int, target: float, kind: str) -> tuple[float, UpperTail | None]:
    """Return the rate of ``promise_at`` and its tail (``None``: a rank), without its dear band."""
    by_tail = kind == "tail" or (kind == "auto" and target * (parts + 1) < RANK_FROM)
    if by_tail and parts >= FEWEST:
        tail = UpperTail(0.0, 1.0, excesses_of(parts), parts)
        aimed = max(target, tail.tightest)
        if aimed < tail.reach:
            return aimed, tail
    return min(rank_for(target, parts), parts) / (parts + 1), None


def asked_rate(promise: Promise | None, usual: float) -> float:
    """Return the share (0..1) that a fit was asked for, as far as its promise tells.

    The least that so many parts can promise tells nothing, and a rank promises the next lower share
    that there is: ``usual`` then, and where it would have given the same.
    """
    if promise is None:
        return usual
    least, same = (_best(promise.normals, rate, promise.kind)[0] for rate in (1e-9, usual))
    tells = promise.rate > least * (1 + 1e-9) and not math.isclose(promise.rate, same)
    return promise.rate if tells else usual


@lru_cache(maxsize=256)
def parts_needed(target: float, kind: str = "auto") -> int:
    """Return how many parts can promise ``target``, 0 < target < 1. ``kind``: a key of ``LIMITS``.

    ``auto`` needs the fewer of a tail and a rank that is sharp.
    """
    low, high = normals_needed(target), math.ceil(RANK_FROM / target)
    if kind == "rank":
        return low
    while low < high:
        middle = (low + high) // 2
        if _best(middle, target, kind)[0] <= target * (1 + 1e-9):
            high = middle
        else:
            low = middle + 1
    return low


def is_sure(found: PromiseAt, target: float) -> bool:
    """Say whether so many parts keep within ``SURE`` times the target in 19 of 20 cases."""
    return found.rate <= target * (1 + 1e-9) and found.high <= SURE * target


@lru_cache(maxsize=256)
def parts_to_be_sure(target: float, kind: str = "auto", *, at_least: int = 1) -> int:
    """Return about how many parts make ``target`` (0 < target < 1) sure, ``at_least`` or more.

    To a twentieth: steps grow with the number.
    """
    parts = max(at_least, parts_needed(target, kind), 1)
    while parts < _MOST_PARTS and not is_sure(promise_at(parts, target, kind), target):
        parts += max(1, parts // 20)
    return parts


def learning_curve(
    target: float, kind: str = "auto", *, parts: int | None = None
) -> tuple[PromiseAt, ...]:
    """Return what growing numbers of parts can promise, up to where ``target`` is sure.

    ``parts``: how many there are now; that number is among them. At most five.
    """
    enough = parts_to_be_sure(target, kind)
    last = next((number for number in _ROUND if number >= enough), _ROUND[-1])
    counts = {number for number in _ROUND if number <= last}
    if parts is not None:
        far = (number for number in counts if 4 * number >= parts)
        near = {number for number in counts if 0.8 * parts < number < 1.25 * parts}
        counts = (set(far) - near) | {parts, max(last, parts)}
    ordered = sorted(counts)
    if len(ordered) > _SHOWN:
        first = 0 if parts is None else max(0, min(ordered.index(parts), len(ordered) - _SHOWN))
        ordered = ordered[first : first + _SHOWN - 1] + ordered[-1:]
    return tuple(promise_at(number, target, kind) for number in ordered)


def curve_words(curve: Sequence[PromiseAt]) -> Message:
    """Say the curve in one line, up to where the rate stays: “50 → 2 %, 100 → 1 %”."""
    first: dict[str, int] = {}
    for one in curve:
        first.setdefault(percent(one.rate), one.parts)
    points = ", ".join(f"{parts} → {rate} %" for rate, parts in first.items())
    return say("Good parts → false calls that can be promised: {points}", points=points)
