"""How far a scorer is from the scores a profile was saved with."""

from __future__ import annotations

import numpy as np

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
