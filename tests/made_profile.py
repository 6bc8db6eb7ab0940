"""One profile for every test that needs one; each says what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from deeprx_gui.domain.limits import HeldOutScheme, Limits
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    NormalImage,
    Preprocessing,
    Profile,
    RevisionOrigin,
    Scoring,
)
from deeprx_gui.domain.statistics import Statistics

LIMITS = Limits(10.0, 12.0)


def made_profile(name: str = "Bracket", *, limits: Limits = LIMITS, **changes: Any) -> Profile:
    """A small saved profile; ``limits`` are also the suggested ones unless ``changes`` say so."""
    profile = Profile(
        id=f"{name.lower()}-1",
        name=name,
        revision=1,
        preprocessing=Preprocessing(),
        scoring=Scoring(),
        backbone=BackboneChoice("efficientnet-lite0", (8, 16), "0" * 64),
        detector=DetectorChoice("deep-rx"),
        limits=limits,
        suggested=limits,
        held_out_scheme=HeldOutScheme.LEAVE_ONE_OUT,
        normals=(NormalImage("a.png", 9.0),),
        origin=made_origin(),
        statistics=Statistics({"mean": np.zeros(3)}),
        golden=(),
    )
    return replace(profile, **changes)


def made_origin(**changes: Any) -> RevisionOrigin:
    """Who saved a profile, when and why."""
    origin = RevisionOrigin("Sato", datetime(2026, 1, 2, tzinfo=UTC), "", "0.1", "torch-cpu")
    return replace(origin, **changes)
