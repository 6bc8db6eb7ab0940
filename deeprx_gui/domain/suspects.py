"""Which of the normal images do not look like the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

FALSE_ALARM = 0.1
"""Share of blameless trays in which somebody is accused, if scores have a Gumbel tail.

Such a tail is what maxima over many positions tend to. A defect among the normals usually lies
several times farther out than this asks for.
"""
_GUMBEL_MEDIAN = 0.3665
_GUMBEL_SPREAD = 1.303
"""Median and upper spread (as measured below) of the standard Gumbel distribution."""
FEWEST = 8
"""With fewer scores the spread itself is guesswork, and nobody is pointed at."""


def suspects(held_out: Sequence[float | None], limit: float) -> tuple[int, ...]:
    """Return the indices of images that may not be normal, worst first.

    ``held_out`` are held-out scores in the order of the images, ``None`` where there is none. An
    image is suspicious when it reaches ``limit`` (the review limit; with few images the largest
    score *is* the limit) and lies farther above the median than the largest of so many blameless
    ones would (``FALSE_ALARM``). The spread is measured on the upper half only, because such scores
    are skewed, and as a median, so that the suspects themselves do not widen it.
    """
    known = [s for s in held_out if s is not None and math.isfinite(s)]
    if len(known) < FEWEST:
        return ()
    # Not numpy's median: its first call imports the masked arrays, and the window waits for it.
    middle = median(known)
    spread = 1.4826 * median(s - middle for s in known if s >= middle)
    spreads = (math.log(len(known) / FALSE_ALARM) - _GUMBEL_MEDIAN) / _GUMBEL_SPREAD
    far = middle + spreads * max(spread, 1e-6 * abs(middle))
    found = [
        (score, index)
        for index, score in enumerate(held_out)
        if score is not None and score >= limit and score > far
    ]
    return tuple(index for _, index in sorted(found, reverse=True))
