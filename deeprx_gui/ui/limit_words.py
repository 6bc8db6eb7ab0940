"""What is said about the images that set the limit: pure, so that every sentence can be tested."""

from __future__ import annotations

from typing import Final

from deeprx_gui.domain.influence import LimitWithout
from deeprx_gui.domain.limit_setters import LEAST_CHANGE, LimitQuestion, LimitSetter
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.words import percent

SETTERS_TITLE: Final = say("What sets the limit?")
NO_BAD_PART: Final = say(
    "No bad part is known yet. “What can it see?” counts with planted defects instead."
)


def who_sets(question: LimitQuestion | None) -> Message:
    """Say in one sentence how many pictures set the limit, and that somebody should look."""
    if question is None:
        return say(
            "No picture was checked against the others, so nothing can be said about the limit."
        )
    if not question.setters:
        return say(
            "No single picture sets the limit: without any one of them it stays nearly the same."
        )
    waiting = len(question.open)
    if not waiting:
        return say("The pictures that set the limit were all confirmed as good parts.")
    return say_n(
        "{n} picture sets the limit. If it does not show a good part, bad parts pass because "
        "of it.",
        "{n} pictures set the limit. If one does not show a good part, bad parts pass because "
        "of it.",
        n=waiting,
    )


def without_it(question: LimitQuestion, setter: LimitSetter) -> tuple[Message, ...]:
    """Say what the limit, the promise and the misses would be without one picture."""
    one = setter.without
    found = [_limit_words(one)]
    if question.misses is not None and one.misses is not None:
        found.append(_misses_words(question, one.misses, question.misses))
    then, now = percent(one.promise.rate), percent(question.promise.rate)
    if then != now:
        found.append(say("Promised false calls: {then} % instead of {now} %.", then=then, now=now))
    if setter.suspect:
        found.append(say("It looks different from the others."))
    return tuple(found)


def _misses_words(question: LimitQuestion, then: int, now: int) -> Message:
    counts = {"then": then, "now": now, "bad": question.bad}
    if question.planted:
        return (
            say("Planted defects not judged NG: still {now} of {bad}.", **counts)
            if then == now
            else say("Planted defects not judged NG: {then} instead of {now} of {bad}.", **counts)
        )
    return (
        say("Bad parts not judged NG: still {now} of {bad}.", **counts)
        if then == now
        else say("Bad parts not judged NG: {then} instead of {now} of {bad}.", **counts)
    )


def _limit_words(one: LimitWithout) -> Message:
    if one.relative > 1 - LEAST_CHANGE:
        return say("Without it alone the limit would stay: another picture is as high.")
    return say("Without it the limit would be {n} % lower.", n=f"{100 * (1 - one.relative):.0f}")


def place_words(*, known: bool) -> Message:
    """Say what the frame in a picture means."""
    if known:
        return say("The frame shows where the picture differs most from what the others taught.")
    return say("The place is not known: this product was learnt by an older program. Learn again.")
