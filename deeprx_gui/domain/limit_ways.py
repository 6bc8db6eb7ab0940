"""Ways to set the limits: from a target, or from labels. One answer for window and command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.check_findings import LabelledSet
from deeprx_gui.domain.consequences import amount
from deeprx_gui.domain.false_call_target import TargetAnswer, answer_for
from deeprx_gui.domain.label_limits import Costs, LabelledScores, at_most, cheapest
from deeprx_gui.domain.learning_curve import PromiseAt, learning_curve
from deeprx_gui.domain.limit_advice import catch_all, offer_words
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.part_words import shown_parts
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.words import percent


class Way(StrEnum):
    """What the limits are set by."""

    TARGET = "target"
    CATCH_ALL = "catch-all"
    AT_MOST = "at-most"
    COSTS = "costs"


@dataclass(frozen=True)
class Wish:
    """What a person wants. ``target``: false calls, 0..1; ``false_calls``: of the labelled parts.

    ``costs`` also say the share of bad parts on the line and how many parts a shift makes, which
    every way's consequences are told with.
    """

    way: Way
    costs: Costs
    target: float = 0.005
    false_calls: int = 0


@dataclass(frozen=True)
class Proposal:
    """``limits`` to use, or ``None`` and ``reason``: why nothing is to be changed, or can be.

    ``reason`` is also what the proposal is in one sentence, which goes into the history.
    """

    limits: Limits | None
    reason: Message
    answer: TargetAnswer | None = None


def propose(profile: Profile, now: Limits, labelled: LabelledSet, wish: Wish) -> Proposal:
    """Return the limits that a wish asks for, instead of those used ``now``."""
    scores = labelled.scores
    if wish.way is Way.TARGET:
        found = _for_target(profile, wish.target)
    elif wish.way is Way.CATCH_ALL:
        found = _catching_all(profile, now, scores)
    elif wish.way is Way.AT_MOST:
        found = _at_most(now, scores, wish.false_calls)
    else:
        found = _cheapest(now, scores, wish.costs)
    if found.limits == now:
        return Proposal(None, say("These limits are used already."), found.answer)
    return found


def part_scores(profile: Profile) -> list[float]:
    """Return a held-out score of each part that a profile learnt from."""
    return shown_parts(profile).highest([normal.held_out for normal in profile.normals])


def same_target(before: Profile, now: Profile) -> Limits | None:
    """Return the limits of a new revision for what those of the one before were set to promise.

    ``None`` where they were the suggested ones or moved by hand, or where it makes no difference.
    """
    promise = before.limits.ng_promise
    if promise is None or before.limits == before.suggested:
        return None
    answer = answer_for(now, promise.rate)
    return None if answer is None or answer.limits == now.limits else answer.limits


def promised_by_more(profile: Profile) -> tuple[PromiseAt, ...]:
    """Return what other numbers of parts would promise, with what the fit aimed at."""
    record = record_of(profile)
    return learning_curve(record.rate, record.kind, parts=len(part_scores(profile)) or None)


def target_words(target: float) -> Message:
    """Say a target as people state it."""
    one_in = round(1 / target)
    if abs(1 / target - one_in) < 1e-6 * one_in:
        return say("At most 1 false call in {n} good parts.", n=one_in)
    return say("At most {rate} % false calls.", rate=percent(target))


def _for_target(profile: Profile, target: float) -> Proposal:
    answer = answer_for(profile, target)
    if answer is None:
        return Proposal(
            None, say("Nothing is known about the scores of good parts. Learn the product again.")
        )
    return Proposal(answer.limits, target_words(target), answer)


def _catching_all(profile: Profile, now: Limits, scores: LabelledScores) -> Proposal:
    if not scores.bad:
        return Proposal(None, _no_bad_part())
    if scores.bad[0] <= 0:
        return Proposal(
            None,
            say(
                "A bad part looks exactly like the good ones to this product, so no limit finds "
                "it. Look at its picture, or try other settings."
            ),
        )
    good = () if scores.held_out else scores.good
    offer = catch_all(now, scores.bad, good, part_scores(profile))
    if offer is None:
        return Proposal(
            None,
            say_n(
                "The bad part is stopped already.",
                "All {n} bad parts are stopped already.",
                n=len(scores.bad),
            ),
        )
    return Proposal(now.moved(review=offer.review), offer_words(offer))


def _at_most(now: Limits, scores: LabelledScores, false_calls: int) -> Proposal:
    if false_calls >= len(scores.good):
        return Proposal(
            None,
            say_n(
                "Only {n} good part is known: allow fewer false calls than that.",
                "Only {n} good parts are known: allow fewer false calls than that.",
                n=len(scores.good),
            ),
        )
    return Proposal(
        at_most(now, scores, false_calls),
        say_n(
            "At most {n} false call among {good} good parts.",
            "At most {n} false calls among {good} good parts.",
            n=false_calls,
            good=len(scores.good),
        ),
    )


def _cheapest(now: Limits, scores: LabelledScores, costs: Costs) -> Proposal:
    if not scores.bad:
        return Proposal(None, _no_bad_part())
    found = cheapest(now, scores, costs)
    if found is now:
        return Proposal(
            None, say("No limit is cheaper than those used now, as far as the labels tell.")
        )
    return Proposal(
        found,
        say(
            "Cheapest where a false call costs {call} yen and a miss {miss} yen, with {share} % "
            "bad parts.",
            call=amount(costs.false_call),
            miss=amount(costs.miss),
            share=percent(costs.bad_share),
        ),
    )


def _no_bad_part() -> Message:
    return say(
        "No picture is labelled bad, so nothing can be said about misses. Label some bad parts."
    )
