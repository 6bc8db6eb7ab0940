"""Limit advice: what one step more would find, and the limit that finds every known bad part.

It is offered and never used by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.limit_setters import StepCost
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.words import percent

_STEP = 0.01
"""Limits are offered in hundredths of the suggested review limit, as they are shown."""


@dataclass(frozen=True)
class CatchAll:
    """A review limit below every one of the ``bad`` bad parts.

    ``review``: raw score; ``times``: the same in x suggested review limit. ``calls`` of ``good``
    good parts would lie between both limits; ``held_out``: those are held-out normal images,
    because no good part was checked.
    """

    review: float
    times: float
    bad: int
    calls: int
    good: int
    held_out: bool


def catch_all(
    limits: Limits,
    bad: Sequence[float] | Float64,
    good: Sequence[float] | Float64,
    held_out: Sequence[float] | Float64,
) -> CatchAll | None:
    """Return the highest review limit that leaves no bad part OK.

    ``bad``, ``good``: (n,) raw scores of labelled parts, ``held_out`` of normal images. ``None``
    where every bad part is found already, none is known, or one scores 0.
    """
    if not len(bad):
        return None
    lowest = float(np.min(bad))
    if not 0 < lowest <= limits.review:
        return None
    shown = limits.times(lowest)
    step = _STEP if shown > 2 * _STEP else shown / 4
    steps = math.ceil(shown / step - 1e-9) - 1
    times = steps * step
    review = times * limits.unit
    counted = np.asarray(good if len(good) else held_out, np.float64)
    return CatchAll(
        review,
        times,
        len(bad),
        int(np.count_nonzero((counted > review) & (counted <= limits.ng))),
        len(counted),
        held_out=not len(good),
    )


def step_words(step: StepCost) -> Message:
    """Say what allowing more false calls would find."""
    words = {
        "now": percent(step.now),
        "then": percent(step.then),
        "more": step.more,
        "bad": step.bad,
    }
    if step.planted:
        return say(
            "{now} % → {then} % false calls finds {more} more of {bad} planted defects.", **words
        )
    return say("{now} % → {then} % false calls finds {more} more of {bad} bad parts.", **words)


def offer_words(offer: CatchAll) -> Message:
    """Say which review limit finds every bad part, and what it costs."""
    words = {"times": f"{offer.times:.2f}", "good": offer.good, "bad": offer.bad}
    if offer.held_out:
        return say_n(
            "REVIEW from {times} × finds all {bad} bad parts; {n} of {good} normal images "
            "goes to review.",
            "REVIEW from {times} × finds all {bad} bad parts; {n} of {good} normal images "
            "go to review.",
            n=offer.calls,
            **words,
        )
    return say_n(
        "REVIEW from {times} × finds all {bad} bad parts; {n} of {good} good parts goes to review.",
        "REVIEW from {times} × finds all {bad} bad parts; {n} of {good} good parts go to review.",
        n=offer.calls,
        **words,
    )
