"""Golden images: proof that this PC scores like the one the profile was learnt on."""

from __future__ import annotations

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.golden_difference import TOLERANCE, golden_difference

__all__ = ["TOLERANCE", "check_golden", "golden_difference"]


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
