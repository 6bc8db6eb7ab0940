"""Recommend: which row of a comparison to take, in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from deeprx_gui.domain.compare import CompareRow
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.search import TrialRow, best_of, is_sure

EQUAL_AUROC = 0.01
"""Differences below this are chance on a few dozen pictures: the limit's misses decide, then time.
"""


def recommend(rows: Sequence[CompareRow], normals: int = 0) -> tuple[int | None, Message]:
    """Return the index of the recommended row and the reason; ``None`` when there is no basis.

    Without bad parts planted defects decide as in a search, if they tell the rows apart.

    Among rows that were measured: highest AUROC, because it does not depend on where a limit from
    few images happens to lie; among equals the fewest misses at the limit, then the quickest.
    """
    measured = [(i, r) for i, r in enumerate(rows) if r.measured]
    if not measured:
        return None, say("None of these could be measured. The table says why.")
    known = [(i, r, r.auroc) for i, r in measured if r.auroc is not None]
    if not known:
        planted = _by_planted(rows, normals)
        if planted is not None:
            return planted, _found(rows[planted])
        return None, say(
            "Without pictures of bad parts nobody can say which one finds more. Add a few, even "
            "five help, and compare again. Until then take the quickest that keeps its promise."
        )
    best = max(a for _, _, a in known)
    equal = [(i, r) for i, r, a in known if a >= best - EQUAL_AUROC]
    chosen, row = min(equal, key=lambda pair: (_misses(pair[1]), pair[1].ms_per_image))
    return chosen, _sentence(row, several=len(equal) > 1)


def _by_planted(rows: Sequence[CompareRow], normals: int) -> int | None:
    tried = [
        TrialRow(row.settings, row.found or 0.0, row.shares, row.ms_per_image)
        if row.settings is not None and row.measured
        else None
        for row in rows
    ]
    known = [row for row in tried if row is not None]
    best = best_of(known)
    if best is None or not is_sure(best, known, normals=normals):
        return None
    return tried.index(best)


def _found(row: CompareRow) -> Message:
    return say(
        "Take {detector} with {backbone} at {size} px: it finds {found} % of the planted defects "
        "at its limit and takes {ms} ms per picture.",
        detector=row.detector,
        backbone=row.backbone,
        size=row.size,
        found=round(100 * (row.found or 0.0)),
        ms=f"{row.ms_per_image:.1f}",
    )


def _misses(row: CompareRow) -> float:
    return math.inf if row.missed_rate is None else row.missed_rate


def _sentence(row: CompareRow, *, several: bool) -> Message:
    words = {
        "detector": row.detector,
        "backbone": row.backbone,
        "misses": f"{100 * (row.missed_rate or 0):.0f} %",
        "ms": f"{row.ms_per_image:.1f}",
    }
    if several:
        main = say(
            "Take {detector} with {backbone}: of those that tell good from bad best it "
            "misses the fewest bad parts at its limit ({misses}) or is the quickest ({ms} "
            "ms per picture).",
            **words,
        )
    else:
        main = say(
            "Take {detector} with {backbone}: it tells good from bad best, misses {misses} "
            "of the bad parts at its limit and takes {ms} ms per picture.",
            **words,
        )
    if not row.needs_positioning:
        return main
    return say(
        "{first} {second}",
        first=main,
        second=say("The parts must lie at the same place in every picture."),
    )
