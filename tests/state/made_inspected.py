"""Judged parts made by hand."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Cause, InspectedPart
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.verdict import Verdict
from tests.made_record import made_record

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
SCORES = {Verdict.OK: 8.0, Verdict.REVIEW: 11.0, Verdict.NG: 15.7, Verdict.ERROR: float("nan")}
_numbers = itertools.count(1)


def made_part(
    verdict: Verdict = Verdict.OK,
    *,
    at: float = 0.0,
    latency: float = 40.0,
    error: Message | None = None,
    causes: tuple[Cause, ...] = (),
    size: tuple[int, int] = (48, 64),
    profile_id: str = "bracket-1",
    serial: str = "",
    picture: str = "",
    item: str = "",
) -> InspectedPart:
    """Make one part; ``at``: seconds after ``START``; ``size``: height and width of its picture."""
    number = next(_numbers)
    score = SCORES[verdict]
    record = made_record(
        number,
        verdict,
        when=START + timedelta(seconds=at),
        profile_id=profile_id,
        score=score,
        milliseconds=12.0,
        latency=latency,
        source="replay:parts",
        error=error,
        causes=causes,
        number=number,
        serial=serial,
        picture=picture,
        item=item,
    )
    pixels = np.full((*size, 3), 60 + number % 100, np.uint8)
    score_map = np.full((6, 8), 3.0, np.float32)
    score_map[2, 5] = score if np.isfinite(score) else 0.0
    missing = verdict is Verdict.ERROR
    return InspectedPart(record, Frame(pixels, "replay"), None if missing else score_map)
