"""Profiles and results made of numbers: no engine, no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from deeprx_gui.domain.limits import Limits, suggest_limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import GoldenImage, NormalImage, Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.statistics import Statistics
from tests import made_profile as made


def made_profile(
    held_out: Sequence[float] = tuple(np.linspace(5.0, 10.0, 50)),
    limits: Limits | None = None,
    *,
    review_rate: float = 0.05,
) -> Profile:
    """A profile whose suggested limits come from ``held_out`` (50 scores: review 9.90, NG 10)."""
    suggested = suggest_limits(held_out, review_rate=review_rate)
    rng = np.random.default_rng(1)
    golden = tuple(
        GoldenImage(f"golden {i}", rng.integers(0, 255, (48, 64, 3)).astype(np.uint8), 7.0)
        for i in range(3)
    )
    return made.made_profile(
        limits=limits or suggested,
        suggested=suggested,
        revision=3,
        normals=tuple(NormalImage(f"n{i}.png", s) for i, s in enumerate(held_out)),
        origin=made.made_origin(when=datetime(2026, 1, 5, 8, tzinfo=UTC)),
        statistics=Statistics({}),
        golden=golden,
    )


def made_scored(
    value: float | None,
    name: str = "1.png",
    label: Label = Label.UNKNOWN,
    *,
    folder: str = "/parts/today",
    error: Message | None = None,
    grid: tuple[int, int] = (12, 16),
) -> ScoredImage:
    """One result: a map whose hottest place is ``value``; ``None`` makes an ERROR."""
    path = Path(folder) / name
    if value is None:
        sentence = say("{file} cannot be read: it is empty.", file=name)
        return ScoredImage(path, label, None, error or sentence)
    score_map = np.full(grid, value * 0.4, np.float32)
    score_map[grid[0] // 3, grid[1] // 2] = value
    return ScoredImage(path, label, Score(value, score_map, 2.5), None, 64, 48)


def many_scored(count: int, seed: int = 0) -> tuple[ScoredImage, ...]:
    """Results around the limit of ``made_profile``: nine good parts, then a bad one, and so on."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        bad = i % 10 == 9
        value = float(rng.normal(14.0, 3.0) if bad else rng.normal(8.0, 1.0))
        label = Label.BAD if bad else Label.GOOD
        made.append(made_scored(max(value, 0.1), f"part{i}.png", label, grid=(4, 4)))
    return tuple(made)
