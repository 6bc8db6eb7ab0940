"""The settings a profile was learnt with."""

from __future__ import annotations

from dataclasses import replace

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.view import WHOLE
from deeprx_gui.engine.detectors.table import chosen_for


def learnt_with(profile: Profile, now: FitSettings) -> FitSettings:
    """Return the settings a profile was learnt with; the rates that are aimed at stay as now."""
    return replace(
        now,
        backbone=profile.backbone.name,
        taps=profile.backbone.taps,
        preprocessing=profile.preprocessing,
        scoring=profile.scoring,
        detector=chosen_for(profile.detector),
        view=WHOLE,  # the region stands in the draft
        takt_ms=None,
    )
