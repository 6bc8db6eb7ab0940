"""One verdict for every test that needs one; each says what matters to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.verdict import Verdict
from tests.made_profile import LIMITS

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
SCORES: Mapping[Verdict, float] = {
    Verdict.OK: 7.0,
    Verdict.REVIEW: 11.0,
    Verdict.NG: 15.0,
    Verdict.ERROR: math.nan,
}
"""On the side of ``LIMITS`` that the verdict says."""


def made_record(number: int = 1, verdict: Verdict = Verdict.OK, /, **changes: Any) -> Record:
    """The ``number``-th part of a shift, one a second, not yet stored."""
    record = Record(
        uid=f"uid-{number}",
        when=START if "when" in changes else START + timedelta(seconds=number),
        profile_id="bracket-1",
        profile="Bracket",
        revision=1,
        verdict=verdict,
        score=SCORES[verdict],
        limits=LIMITS,
        runtime="openvino-cpu",
        milliseconds=3.0,
        latency=12.0,
        source="camera:0",
    )
    return replace(record, **changes)
