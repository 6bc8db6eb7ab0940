"""Golden images: proof that this PC scores like the one the profile was learnt on."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
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


def check_golden(profile: Profile, scorer: Scorer) -> float:
    """Return the difference; raises ProfileError when it is beyond ``TOLERANCE``."""
    difference = golden_difference(profile, scorer)
    if not difference <= TOLERANCE:  # also catches NaN
        raise ProfileError(
            say(
                "“{profile}” does not reproduce its scores on this PC: the difference is "
                "{difference} × limit, at most {allowed} is allowed. "
                "Choose another runtime or learn again here.",
                profile=profile.name,
                difference=f"{difference:.3f}",
                allowed=TOLERANCE,
            )
        )
    return difference
