"""Whether a profile may be scored in a reduced precision: only where that is quicker and agrees."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Iterable

import numpy as np

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.golden_difference import TOLERANCE, golden_difference, scored_difference

_ROUNDS = 7
_WORTH = 0.9
"""What is not at least a tenth quicker is not worth a difference."""
_log = logging.getLogger(__name__)


def is_worth_while(
    profile: Profile,
    exact: Scorer,
    reduced: Scorer,
    held_out: Iterable[Frame] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> bool:
    """Say whether ``reduced`` keeps the scores and is quicker than ``exact``.

    The golden images must keep theirs, and so must ``held_out``: the normal images with the highest
    held-out scores, as far as they are on this PC; these set the limit. A profile without golden
    images has no proof, and is scored exactly.
    """
    if not profile.golden:
        return False
    difference = golden_difference(profile, reduced)
    if difference <= TOLERANCE:
        difference = float(
            np.maximum(difference, scored_difference(profile, exact, reduced, held_out))
        )
    if not difference <= TOLERANCE:  # also catches NaN
        _log.info("a reduced precision differs by %.3f x limit: it is not used", difference)
        return False
    pixels = profile.golden[0].pixels
    exact.score_prepared(pixels)  # compiled before it is timed, as the other one was
    ratios = []
    for _ in range(_ROUNDS):
        start = clock()
        exact.score_prepared(pixels)
        between = clock()
        reduced.score_prepared(pixels)
        ratios.append((clock() - between) / max(between - start, 1e-9))
    ratio = statistics.median(ratios)
    _log.info("a reduced precision takes %.2f of the time, differs by %.3f", ratio, difference)
    return ratio <= _WORTH
