"""Opening what scores pictures for a profile, after a look at the memory it will take."""

from __future__ import annotations

from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.predict import check_judging


def open_scorer(engines: EnginePool, profile: Profile) -> Scorer:
    """Open what scores frames for a profile.

    Raises ProfileError with the figure when that would need more memory than this PC has, and what
    ``EnginePool.for_profile`` raises.
    """
    check_judging(profile)
    return engines.for_profile(profile)
