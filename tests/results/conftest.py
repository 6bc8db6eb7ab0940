"""A profile and results made by hand; pictures are plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import (
    BackboneChoice,
    NormalImage,
    Profile,
)
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.statistics import Statistics
from tests.made_profile import made_origin, made_profile

LIMITS = Limits(10.0, 12.0, Promise(2, 50), Promise(1, 50))
Results = Callable[..., ScoredImage]


def result(
    name: str | Path,
    value: float | None,
    label: Label = Label.UNKNOWN,
    error: Message | None = None,
) -> ScoredImage:
    """A result whose map is 8 x 10 cells, cold but for one hot cell of ``value``."""
    path = Path("/line/lot 1") / name
    if value is None:
        return ScoredImage(path, label, None, error or say("{name} is gone.", name=path.name))
    score_map = np.full((8, 10), 3.0, np.float32)
    score_map[2, 7] = value
    return ScoredImage(path, label, Score(value, score_map, 2.5), None, 100, 80)


@pytest.fixture
def profile() -> Profile:
    return made_profile(
        "ギア <A&B>",
        limits=LIMITS,
        id="gear",
        revision=7,
        backbone=BackboneChoice("efficientnet-lite0", (8, 16), "ab" * 32),
        normals=tuple(NormalImage(f"{i}.png", 9.0) for i in range(50)),
        origin=made_origin(
            when=datetime(2025, 11, 21, 9, 5, tzinfo=UTC), why="new lamp", runtime="cpu"
        ),
        statistics=Statistics({}),
    )


@pytest.fixture
def batch() -> list[ScoredImage]:
    """Two OK, one REVIEW, two NG and an ERROR; one miss and one false call."""
    return [
        result("ok.png", 5.0, Label.GOOD),
        result("missed.png", 8.0, Label.BAD),
        result("review.png", 11.0, Label.GOOD),
        result("false call.png", 13.0, Label.GOOD),
        result("ng.png", 31.0, Label.BAD),
        result("gone.png", None),
    ]


@pytest.fixture
def picture() -> ByteImage:
    """RGB, 80 rows and 100 columns, a different grey in every corner."""
    y, x = np.mgrid[0:80, 0:100]
    return np.repeat((60 + x // 2 + y)[:, :, None], 3, axis=2).astype(np.uint8)
