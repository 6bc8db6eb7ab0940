"""The words and numbers that tables, pictures and reports share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label, Scored
from deeprx_gui.domain.verdict import Verdict, judge

VERDICT_WORDS: Final[Mapping[Verdict, Message]] = {
    Verdict.OK: say("OK"),
    Verdict.REVIEW: say("REVIEW"),
    Verdict.NG: say("NG"),
    Verdict.ERROR: say("ERROR"),
}

LABEL_WORDS: Final[Mapping[Label, Message]] = {
    Label.GOOD: say("Good"),
    Label.BAD: say("Bad"),
    Label.UNKNOWN: say("Unknown"),
}


@dataclass(frozen=True, eq=False)
class Row:
    """A result judged by certain limits; ``times`` is the score in × limit, NaN without one."""

    result: Scored
    verdict: Verdict
    times: float


def judged(results: Sequence[Scored], limits: Limits) -> list[Row]:
    """Judge results, in their order."""
    return [Row(r, judge(r.value, limits), limits.times(r.value)) for r in results]


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """Order rows for reading: what could not be judged, then the highest scores."""
    return sorted(rows, key=lambda r: -math.inf if math.isnan(r.times) else -r.times)


def times_text(times: float) -> str:
    """Return a score in × limit as text, a dash when there is none."""
    if not math.isfinite(times):
        return "–"
    return f"{times:.2f}" if times < 100 else f"{times:.0f}"


def score_text(score: float) -> str:
    """Return a raw score with about four digits."""
    decimals = 3 - math.floor(math.log10(score)) if score > 0 else 2
    return f"{score:.{min(max(decimals, 0), 8)}f}"


def percent(share: float) -> str:
    """Return a share 0..1 as text with the digits that matter: 25%, 2.0%, 0.05%."""
    value = 100 * share
    decimals = 0 if value >= 10 or value == 0 else 1 if value >= 0.1 else 2
    return f"{value:.{decimals}f}%"
