"""Words and numbers that tables, pictures and reports share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict

VERDICT_WORDS: Final[Mapping[Verdict, Message]] = {
    Verdict.OK: say("OK"),
    Verdict.REVIEW: say("REVIEW"),
    Verdict.NG: say("NG"),
    Verdict.ERROR: say("ERROR"),
}

LABEL_WORDS: Final[Mapping[Label, Message]] = {
    Label.GOOD: say("Good"),
    Label.BAD: say("Bad"),
    Label.UNKNOWN: say("Unknown"),
}

DECISION_WORDS: Final[Mapping[Decision, Message]] = {
    Decision.OK: say("OK"),
    Decision.NG: say("NG"),
}

CAUSE_WORDS: Final[Mapping[Cause, Message]] = {
    Cause.DARK: say("dark"),
    Cause.BRIGHT: say("bright"),
    Cause.BLURRED: say("blurred"),
    Cause.SHIFTED: say("shifted"),
    Cause.FROZEN: say("the same picture again"),
    Cause.DIRT: say("dirt"),
    Cause.PAGES: say("more than one page"),
    Cause.TRANSPARENT: say("transparency left out"),
    Cause.RANGE: say("another brightness range than learnt"),
    Cause.SIZE: say("another size than learnt"),
    Cause.COLOUR: say("colour instead of grey, or the reverse"),
}
"""What is wrong with a picture, in a word or two."""

UNKNOWN: Final = "–"
"""Stands where a number is not known."""


def times_limit_text(times: float) -> str:
    """Return a score in × limit as text, a dash when there is none."""
    if not math.isfinite(times):
        return UNKNOWN
    return f"{times:.2f}" if times < 100 else f"{times:.0f}"


def times_sign_text(times: float) -> str:
    """Return a score in × limit with its sign, as on charts: ``1.40×``; a dash without a score."""
    text = times_limit_text(times)
    return text if text == UNKNOWN else f"{text}×"


def percent(share: float) -> str:
    """Return a share 0..1 in percent, without the sign, with as many digits as it is known to."""
    value = 100 * share
    return f"{value:.0f}" if value >= 9.5 else f"{value:.2g}"


def percent_cell(share: float | None) -> str:
    """Return a share 0..1 as it stands in a column of such: 4.0 %, a dash when there is none."""
    return UNKNOWN if share is None else f"{100 * share:.1f} %"


def time_left(seconds: float, *, step: int = 5) -> Message:
    """Say how long something still takes, as coarsely as it is known.

    ``step``: seconds between 10 and 90 are multiples of it.
    """
    if seconds < 1:
        return say("almost done")
    if seconds < 90:
        unit = 1 if seconds < 10 else step
        return say("about {n} s left", n=max(1, round(seconds / unit) * unit))
    return say("about {n} min left", n=max(2, round(seconds / 60)))
