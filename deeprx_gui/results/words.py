"""Judged rows and numbers as the tables, pictures and reports on disk share them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge


@dataclass(frozen=True, eq=False)
class JudgedResult:
    """A result judged by certain limits; ``times`` is the score in × limit, NaN without one."""

    result: ScoredImage
    verdict: Verdict
    times: float


def judge_results(results: Sequence[ScoredImage], limits: Limits) -> list[JudgedResult]:
    """Judge results, in their order."""
    return [JudgedResult(r, judge(r.value, limits), limits.times(r.value)) for r in results]


def worst_first(rows: Sequence[JudgedResult]) -> list[JudgedResult]:
    """Order rows for reading: what could not be judged, then the highest scores."""
    return sorted(rows, key=lambda r: -math.inf if math.isnan(r.times) else -r.times)


def score_text(score: float) -> str:
    """Return a raw score with about four digits."""
    decimals = 3 - math.floor(math.log10(score)) if score > 0 else 2
    return f"{score:.{min(max(decimals, 0), 8)}f}"


def share_text(share: float) -> str:
    """Return a share 0..1 as a report gives it: 25%, 2.0%, 0.05%."""
    value = 100 * share
    decimals = 0 if value >= 10 or value == 0 else 1 if value >= 0.1 else 2
    return f"{value:.{decimals}f}%"
