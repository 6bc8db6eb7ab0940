"""How far a scorer is from the scores a profile was saved with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from deeprx_gui.domain.errors import PlacementError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine import Scorer

TOLERANCE = 0.02
"""The greatest difference allowed, in x limit."""


def golden_difference(profile: Profile, scorer: Scorer) -> float:
    """Return the greatest difference in x limit between stored and re-computed golden scores."""
    differences = [
        abs(scorer.score_prepared(golden.pixels).value - golden.score) / profile.suggested.review
        for golden in profile.golden
    ]
    return float(np.max(differences, initial=0.0))  # unlike max(), NaN wherever it stands


def scored_difference(
    profile: Profile, one: Scorer, other: Scorer, frames: Iterable[Frame]
) -> float:
    """Return the greatest difference in x limit between what two scorers say of frames.

    A frame in which the part is not found is passed over: its place is sought in the same pixels,
    whatever computes the features.
    """
    differences = [0.0]
    for frame in frames:
        try:
            scores = one.score(frame).value, other.score(frame).value
        except PlacementError:
            continue
        differences.append(abs(scores[0] - scores[1]) / profile.suggested.review)
    return float(np.max(differences))
