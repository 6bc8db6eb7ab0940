"""Words and numbers that tables, pictures and reports share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.limits import Limits
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


REVIEW_BAND_OFF: Final = say("review band off")
"""Stands where the review limit would, when both limits are the same."""
_DIGITS: Final = (2, 3, 4, 6, 9)


def times_limit_text(times: float) -> str:
    """Return a multiple of the suggested review limit as text, a dash when there is none."""
    if not math.isfinite(times):
        return UNKNOWN
    return f"{times:.2f}" if times < 100 else f"{times:.0f}"


def limit_texts(limits: Limits) -> tuple[str, str]:
    """Return the review and the NG limit as multiples of the suggested review limit.

    With as many digits as two different limits need to look different; alike only where the review
    band is off, which is then to be said instead (``REVIEW_BAND_OFF``).
    """
    both = limits.review_times, limits.ng_times
    texts = times_limit_text(both[0]), times_limit_text(both[1])
    if not limits.has_review_band:
        return texts
    for digits in _DIGITS:
        if texts[0] != texts[1]:
            break
        texts = f"{both[0]:.{digits}f}", f"{both[1]:.{digits}f}"
    return texts


def limits_line(limits: Limits) -> Message:
    """Say where both limits are, as multiples of the suggested review limit."""
    review, ng = limit_texts(limits)
    if not limits.has_review_band:
        return say("NG above {ng} ×, review band off", ng=ng)
    return say("REVIEW above {review} ×, NG above {ng} ×", review=review, ng=ng)


def parts_to_count(share: float) -> int:
    """Return of how many parts a share 0..1 is said: 100, or more where that were less than two."""
    return next((base for base in (100, 1000) if base * share >= 1.95), 10_000)


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
