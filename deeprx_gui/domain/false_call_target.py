"""A stated target, “at most 1 false call in 200”: both limits for it, how sure, what helps."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.learning_curve import (
    SURE,
    PromiseAt,
    asked_rate,
    is_sure,
    learning_curve,
    parts_to_be_sure,
)
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.limits import Limits, Promise, suggest_limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.order_statistics import rank_band
from deeprx_gui.domain.part_words import more_parts, shown_parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent, times_limit_text

LEAST_TARGET, MOST_TARGET = 1e-5, 0.5
_ONE_IN = re.compile(r"\s*1\s*/\s*(\d{1,9})\s*")


@dataclass(frozen=True)
class TargetAnswer:
    """What a target asks for and what the parts can promise.

    ``limits``: with their promises, in raw scores; ``unit``: the review limit as suggested, 1.00 on
    the scale. ``parts``: how many were learnt from. ``low`` to ``high``: where nine of ten realised
    shares above the NG limit lie. ``missing``: parts that are lacking for the target, 0 when it is
    promised. ``surer``: parts more that would make it sure (``learning_curve.SURE``), 0 when it is.
    """

    target: float
    limits: Limits
    unit: float
    parts: int
    low: float
    high: float
    missing: int
    surer: int
    curve: tuple[PromiseAt, ...]

    @property
    def promise(self) -> Promise:
        """The promise behind the NG limit."""
        assert self.limits.ng_promise is not None
        return self.limits.ng_promise

    @property
    def reached(self) -> bool:
        """Whether no more false calls are promised than asked for."""
        return self.missing == 0


def answer_for(profile: Profile, target: float) -> TargetAnswer | None:
    """Return both limits for at most ``target`` (0..1) false calls, ``None`` without any score.

    The limits are made as those of the fit, of the same scores; its review rate stays.
    """
    scores = shown_parts(profile).highest([normal.held_out for normal in profile.normals])
    if not scores or not all(map(math.isfinite, scores)):
        return None
    kind = record_of(profile).kind
    limits = suggest_limits(
        scores,
        false_call_rate=target,
        review_rate=asked_rate(profile.suggested.review_promise, FitSettings().review_rate),
        kind=kind,
    )
    promise = limits.ng_promise
    assert promise is not None
    low, high = promise_band(promise)
    parts = len(scores)
    now = PromiseAt(parts, promise.rate, low, high, promise.kind)
    sure = is_sure(now, target)
    return TargetAnswer(
        target,
        limits,
        profile.suggested.review,
        parts,
        low,
        high,
        more_parts(parts, target, kind),
        0 if sure else max(1, parts_to_be_sure(target, kind, at_least=parts) - parts),
        learning_curve(target, kind, parts=parts),
    )


def promise_band(promise: Promise) -> tuple[float, float]:
    """Return where nine of ten realised shares of a promise lie, of a rank or a fitted tail."""
    if promise.band is not None:
        return promise.band
    return rank_band(min(promise.rank, promise.normals), promise.normals)


def target_from_text(text: str) -> float:
    """Read ``1/200``, ``0.5%`` or ``0.005``; raises RequestError."""
    one_in = _ONE_IN.fullmatch(text)
    try:
        if one_in is not None:
            value = 1 / int(one_in.group(1))
        elif text.rstrip().endswith("%"):
            value = float(text.rstrip()[:-1]) / 100
        else:
            value = float(text)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not LEAST_TARGET <= value <= MOST_TARGET:
        raise RequestError(
            say(
                "“{text}” is no target for false calls. Write 1/200, 0.5% or 0.005, from 1/100000 "
                "to 1/2.",
                text=text,
            )
        )
    return value


def limits_words(limits: Limits, unit: float) -> Message:
    """Say where both limits are, as multiples of ``unit``."""
    review, ng = (times_limit_text(score / unit) for score in (limits.review, limits.ng))
    if limits.review == limits.ng:
        return say("NG from {ng} ×; no review band.", ng=ng)
    return say("REVIEW from {review} ×, NG from {ng} ×.", review=review, ng=ng)


def sureness_words(promise: Promise, share: Callable[[float], str] = percent) -> Message:
    """Say what share of good parts is stopped, how sure that is, and what that rests on."""
    low, high = promise_band(promise)
    words = {"rate": share(promise.rate), "low": share(low), "high": share(high)}
    if promise.tail is not None:
        return say_n(
            "About {rate} % of good parts are called NG, {low} to {high} % in nine of ten cases "
            "(a curve through the highest scores of {n} good part).",
            "About {rate} % of good parts are called NG, {low} to {high} % in nine of ten cases "
            "(a curve through the highest scores of {n} good parts).",
            n=promise.normals,
            **words,
        )
    return say_n(
        "At most about {rate} % of good parts are called NG, {low} to {high} % in nine of ten "
        "cases (counted: the order of the scores of {n} good part).",
        "At most about {rate} % of good parts are called NG, {low} to {high} % in nine of ten "
        "cases (counted: the order of the scores of {n} good parts).",
        n=promise.normals,
        **words,
    )


def surer_words(answer: TargetAnswer) -> Message:
    """Say whether the target is promised and what would make it surer."""
    missing, surer = rounded(answer.missing), rounded(answer.surer)
    if not answer.reached and surer <= missing:
        return say_n(
            "So few parts cannot promise {rate} %: about {n} more part would, and make it sure.",
            "So few parts cannot promise {rate} %: about {n} more parts would, and make it sure.",
            n=missing,
            rate=percent(answer.target),
        )
    if not answer.reached:
        return say_n(
            "So few parts cannot promise {rate} %: about {n} more part would, about {sure} would "
            "make it sure.",
            "So few parts cannot promise {rate} %: about {n} more parts would, about {sure} would "
            "make it sure.",
            n=missing,
            rate=percent(answer.target),
            sure=surer,
        )
    if not answer.surer:
        return say(
            "In 19 of 20 cases it stays below {twice} %: sure enough.",
            twice=percent(SURE * answer.target),
        )
    return say_n(
        "About {n} more part would make it surer: below {twice} % in 19 of 20 cases.",
        "About {n} more parts would make it surer: below {twice} % in 19 of 20 cases.",
        n=surer,
        twice=percent(SURE * answer.target),
    )


def rounded(parts: int) -> int:
    """Return a number of parts as exactly as “about” means it: upwards, to two digits."""
    if parts < 20:
        return parts
    step = max(5, int(10 ** (len(str(parts)) - 2)))
    return math.ceil(parts / step) * step
