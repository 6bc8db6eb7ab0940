"""The verdict: one word for every score, and never OK for what is no score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.verdict import VERDICTS, Verdict, judge, judge_many

LIMITS = Limits(8.0, 10.0)


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (0.0, Verdict.OK),
        (7.999, Verdict.OK),
        (8.0, Verdict.OK),  # at the limit is still OK
        (8.000001, Verdict.REVIEW),
        (10.0, Verdict.REVIEW),
        (10.000001, Verdict.NG),
        (1e30, Verdict.NG),
        (None, Verdict.ERROR),
        (float("nan"), Verdict.ERROR),
        (float("inf"), Verdict.ERROR),
        (float("-inf"), Verdict.ERROR),
    ],
)
def test_judge(score: float | None, verdict: Verdict) -> None:
    assert judge(score, LIMITS) is verdict


def test_without_a_review_band_there_is_no_review() -> None:
    limits = Limits(9.0, 9.0)
    assert judge(9.0, limits) is Verdict.OK
    assert judge(9.0000001, limits) is Verdict.NG


@given(
    st.lists(st.floats(width=64) | st.sampled_from([8.0, 10.0])),
    st.floats(0.1, 100),
    st.floats(0, 100),
)
def test_many_at_once_are_judged_like_one_by_one(
    scores: list[float], review: float, band: float
) -> None:
    limits = Limits(review, review + band)
    found = [VERDICTS[i] for i in judge_many(np.array(scores, np.float64), limits)]
    assert found == [judge(score, limits) for score in scores]
