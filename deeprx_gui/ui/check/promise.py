"""What can be said about a limit: its promise, or that a hand moved it."""

from __future__ import annotations

from collections.abc import Sequence

from deeprx_gui.domain.limits import HeldOutScheme, Promise
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.part_words import more_parts, parts_missing
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.words import parts_to_count, percent

_SCHEMES = {
    HeldOutScheme.LEAVE_ONE_OUT: say("leave-one-out"),
    HeldOutScheme.K_FOLD: say("K-fold"),
}
REVIEW_BAND_OFF_SHORT = say("off")
"""In the field of the review limit, where the review band is off."""
REVIEW_BAND_OFF_MEANS = say(
    "Review band off: every part is OK or NG. Lower this limit to have parts reviewed."
)
_RATES = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def promise_text(
    limit: float,
    promise: Promise | None,
    scheme: HeldOutScheme,
    held_out: Sequence[float],
    *,
    grouped: bool = False,
) -> Message:
    """Say what share of good parts lies above a limit, and how sure that is.

    ``grouped``: some parts have several pictures, and the promise counts parts.
    """
    if promise is None:
        return say_n(
            "Moved by hand: no promise. {n} of {total} normal images, checked against the "
            "others, lies above.",
            "Moved by hand: no promise. {n} of {total} normal images, checked against the "
            "others, lie above.",
            n=sum(score > limit for score in held_out),
            total=len(held_out),
        )
    if grouped and promise.tail is not None:
        return say(
            "About {rate} % of good parts above this limit, {low} to {high} % in nine of ten cases "
            "(curve through the highest scores of {parts} parts, {scheme}, approximate)",
            rate=percent(promise.rate),
            low=percent(promise.tail.low),
            high=percent(promise.tail.high),
            parts=promise.normals,
            scheme=_SCHEMES[scheme],
        )
    if grouped:
        return say(
            "At most about {rate} % of good parts above this limit ({parts} parts held out, "
            "{scheme}, approximate)",
            rate=percent(promise.rate),
            parts=promise.normals,
            scheme=_SCHEMES[scheme],
        )
    if promise.tail is not None:
        return say(
            "About {rate} % of good parts above this limit, {low} to {high} % in nine of ten cases "
            "(curve through the highest of {images} held-out images, {scheme}, approximate)",
            rate=percent(promise.rate),
            low=percent(promise.tail.low),
            high=percent(promise.tail.high),
            images=promise.normals,
            scheme=_SCHEMES[scheme],
        )
    return say(
        "At most about {rate} % of good parts above this limit ({images} held-out images, "
        "{scheme}, approximate)",
        rate=percent(promise.rate),
        images=promise.normals,
        scheme=_SCHEMES[scheme],
    )


def short_promise(text: Message, promise: Promise | None, verdict: Verdict) -> Message:
    """Return a promise in parts, not percent; a limit moved by hand has nothing to leave out.

    ``verdict``: what begins at this limit, REVIEW or NG.
    """
    if promise is None:
        return text
    base = parts_to_count(promise.rate)
    counts: dict[str, object] = {"base": f"{base:,}", "n": round(base * promise.rate)}
    if promise.tail is None:
        if verdict is Verdict.NG:
            return say("Of {base} good parts at most about {n} are stopped as NG", **counts)
        return say("Of {base} good parts at most about {n} go to review or are stopped", **counts)
    counts |= {
        "low": round(base * promise.tail.low),
        "high": round(base * promise.tail.high),
    }
    if verdict is Verdict.NG:
        return say(
            "Of {base} good parts about {n} are stopped as NG, {low} to {high} in nine of ten "
            "cases",
            **counts,
        )
    return say(
        "Of {base} good parts about {n} go to review or are stopped, {low} to {high} in nine of "
        "ten cases",
        **counts,
    )


def tighter_promise(promise: Promise | None, *, grouped: bool = False) -> Message | None:
    """Say how many more normal images the next tighter promise needs, where it needs any.

    ``grouped``: some parts have several pictures; it is parts that are needed.
    """
    if promise is None or promise.rank > 1:
        return None
    rate = next((r for r in _RATES if r < promise.rate * 0.95), None)
    if rate is None:
        return None
    if grouped:
        return parts_missing(promise.normals, rate, promise.kind)
    missing = more_parts(promise.normals, rate, promise.kind)
    if not missing:
        return None
    return say_n(
        "To promise {rate} %, teach {n} more normal image.",
        "To promise {rate} %, teach {n} more normal images.",
        n=missing,
        rate=percent(rate),
    )
