"""A picture of another kind than learnt: a remark, or an ERROR where the engineer chose so."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np

from deeprx_gui.domain.frame import Frame, Stored
from deeprx_gui.domain.health import CAUSE_ADVICE, HealthMonitor
from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.picture_facts import LearntPictures
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.judging import Judge
from tests.work.live_shift import Brightness

LEARNT = LearntPictures((40, 30), grey=True, share=1)


def judge(*, strict: bool) -> Judge:
    scorer: Any = Brightness()
    return Judge(scorer, Limits(1.0, 2.0), HealthMonitor([]), LEARNT, strict=strict)


def captured(width: int, stored: Stored) -> CapturedImage:
    frame = Frame(np.full((30, width, 3), 20, np.uint8), "x", stored)
    return CapturedImage(1, frame, datetime.now(UTC), 0.0, "camera")


def test_a_picture_as_learnt_is_judged_without_a_word() -> None:
    for strict in (False, True):
        found = judge(strict=strict).judge(captured(40, Stored()))
        assert (found.verdict, found.causes) == (Verdict.OK, ())


def test_another_size_is_a_remark_or_an_error_with_its_reason() -> None:
    other = captured(41, Stored())
    remarked = judge(strict=False).judge(other)
    assert (remarked.verdict, remarked.causes) == (Verdict.OK, (Cause.SIZE,))
    refused = judge(strict=True).judge(other)
    assert (refused.verdict, refused.causes) == (Verdict.ERROR, (Cause.SIZE,))
    assert math.isnan(refused.score)
    assert refused.error == CAUSE_ADVICE[Cause.SIZE]


def test_further_pages_never_refuse_a_picture() -> None:
    found = judge(strict=True).judge(captured(40, Stored(pages=3, transparent=True)))
    assert (found.verdict, found.causes) == (Verdict.OK, (Cause.PAGES, Cause.TRANSPARENT))
