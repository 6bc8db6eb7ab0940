"""A small profile, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from deeprx_gui.domain.limits import HeldOutScheme, Limits
from deeprx_gui.domain.profile import (
    BackboneChoice,
    DetectorChoice,
    NormalImage,
    Origin,
    Preprocessing,
    Profile,
    Scoring,
)
from deeprx_gui.domain.statistics import Statistics

MakeProfile = Callable[..., Profile]


@pytest.fixture
def make_profile() -> MakeProfile:
    def make(name: str = "Bracket", *, revision: int = 1, review: float = 10.0) -> Profile:
        limits = Limits(review, review * 1.2)
        return Profile(
            id=name.lower(),
            name=name,
            revision=revision,
            preprocessing=Preprocessing(),
            scoring=Scoring(),
            backbone=BackboneChoice("efficientnet-lite0", (8, 16), "0" * 64),
            detector=DetectorChoice("deep-rx"),
            limits=limits,
            suggested=limits,
            held_out_scheme=HeldOutScheme.LEAVE_ONE_OUT,
            normals=(NormalImage("a.png", 9.0),),
            origin=Origin("Sato", datetime(2026, 1, 2, tzinfo=UTC), "first", "0.1", "torch"),
            statistics=Statistics({"mean": np.zeros(3)}),
            golden=(),
        )

    return make
