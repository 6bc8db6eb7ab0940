"""Verdict: the word every picture ends in."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.limits import Limits


class Verdict(StrEnum):
    """OK, REVIEW, NG or ERROR; an exception never becomes OK."""

    OK = "OK"
    REVIEW = "REVIEW"
    NG = "NG"
    ERROR = "ERROR"


VERDICTS = (Verdict.OK, Verdict.REVIEW, Verdict.NG, Verdict.ERROR)
"""The order in which ``judge_many`` numbers them."""


def judge(score: float | None, limits: Limits) -> Verdict:
    """Turn a raw score into a verdict; no score, or one that is not finite, is an ERROR."""
    if score is None or not math.isfinite(score):
        return Verdict.ERROR
    if score > limits.ng:
        return Verdict.NG
    return Verdict.REVIEW if score > limits.review else Verdict.OK


def judge_many(scores: Float64, limits: Limits) -> NDArray[np.int8]:
    """Judge many scores at once: indices into ``VERDICTS``, shape (n,). NaN is ERROR."""
    out = (scores > limits.review).astype(np.int8) + (scores > limits.ng).astype(np.int8)
    out[~np.isfinite(scores)] = 3
    return out
