"""Recommend: which row of a comparison to take, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deeprx_gui.domain.compare import CompareRow
from deeprx_gui.domain.message import Message, say

EQUAL_AUROC = 0.01
"""Differences below this are chance on a few dozen pictures: the limit's misses decide, then time.
"""


def recommend(rows: Sequence[CompareRow]) -> tuple[int | None, Message]:
    """Return the index of the recommended row and the reason; ``None`` when there is no basis.

    Among rows that were measured: highest AUROC, because it does not depend on where a limit from
    few images happens to lie; among equals the fewest misses at the limit, then the quickest.
    """
    measured = [(i, r) for i, r in enumerate(rows) if r.measured]
    if not measured:
        return None, say("None of these could be measured. The table says why.")
    known = [(i, r, r.auroc) for i, r in measured if r.auroc is not None]
    if not known:
        return None, say(
            "Without pictures of bad parts nobody can say which one finds more. Add a few, even "
            "five help, and compare again. Until then take the quickest that keeps its promise."
        )
    best = max(a for _, _, a in known)
    equal = [(i, r) for i, r, a in known if a >= best - EQUAL_AUROC]
    chosen, row = min(equal, key=lambda pair: (_misses(pair[1]), pair[1].ms_per_image))
    return chosen, _sentence(row, several=len(equal) > 1)


def _misses(row: CompareRow) -> float:
    return math.inf if row.miss_rate is None else row.miss_rate


def _sentence(row: CompareRow, *, several: bool) -> Message:
    words = {
        "detector": row.detector,
        "backbone": row.backbone,
        "auroc": f"{row.auroc or 0:.3f}",
        "misses": f"{100 * (row.miss_rate or 0):.0f} %",
        "ms": f"{row.ms_per_image:.1f}",
    }
    if several:
        main = say(
            "Take {detector} with {backbone}: of those that tell good from bad best (AUROC "
            "{auroc}) it misses the fewest bad parts at its limit ({misses}) or is the quickest "
            "({ms} ms per picture).",
            **words,
        )
    else:
        main = say(
            "Take {detector} with {backbone}: it tells good from bad best (AUROC {auroc}), misses "
            "{misses} of the bad parts at its limit and takes {ms} ms per picture.",
            **words,
        )
    if not row.needs_positioning:
        return main
    return say(
        "{first} {second}",
        first=main,
        second=say("The parts must lie at the same place in every picture."),
    )
