"""Consequences of other limits, before they are used: what flips, false calls, misses, cost."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.label_limits import Costs, LabelledScores, Outcome, outcome_of
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.order_statistics import counted_band
from deeprx_gui.domain.words import percent


@dataclass(frozen=True)
class Consequences:
    """Labelled parts under the limits ``before`` and ``after``.

    ``held_out``: the good ones are those that were learnt from, each checked against the others.
    ``per_shift`` and ``bad_share``: parts that a shift makes, and the share of bad ones.
    """

    before: Outcome
    after: Outcome
    held_out: bool
    per_shift: int
    bad_share: float
    costs: Costs | None = None

    @property
    def rates(self) -> tuple[float, float, float]:
        """The share of good parts called NG afterwards, and its exact 90 % interval, 0..1."""
        counted = self.after.false_calls, self.after.good
        return counted[0] / max(counted[1], 1), *counted_band(*counted)

    @property
    def shift(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """False calls, good parts in review and misses of a shift, before and after."""
        line = Costs(0, 0, self.bad_share, self.per_shift)
        return self.before.per_shift(line), self.after.per_shift(line)

    @property
    def shift_cost(self) -> tuple[float, float] | None:
        """What a shift costs before and after, where it is known what a mistake costs."""
        costs = self.costs
        if costs is None:
            return None
        before, after = (outcome.cost(costs) for outcome in (self.before, self.after))
        return before * self.per_shift, after * self.per_shift


def consequences_of(
    now: Limits,
    then: Limits,
    scores: LabelledScores,
    *,
    per_shift: int,
    bad_share: float,
    costs: Costs | None = None,
) -> Consequences:
    """Return what moving the limits from ``now`` to ``then`` does to the labelled parts."""
    return Consequences(
        outcome_of(now, scores),
        outcome_of(then, scores),
        scores.held_out,
        per_shift,
        bad_share,
        costs,
    )


def label_problems(scores: LabelledScores, contradicting: int) -> tuple[Message, ...]:
    """Say what is wrong with the labels: none, one kind only, pictures labelled good and bad."""
    found = []
    if contradicting:
        found.append(
            say_n(
                "{n} picture is labelled good and bad. Decide which it is: until then it is not "
                "counted.",
                "{n} pictures are labelled good and bad. Decide which they are: until then they "
                "are not counted.",
                n=contradicting,
            )
        )
    if scores.held_out and not scores.bad:
        found.append(
            say(
                "No picture is labelled. Label good and bad parts on Check, or check folders "
                "called good and NG."
            )
        )
    elif scores.held_out:
        found.append(
            say_n(
                "No picture is labelled good. The {n} part that was learnt from is counted "
                "instead, checked against the others.",
                "No picture is labelled good. The {n} parts that were learnt from are counted "
                "instead, each checked against the others.",
                n=len(scores.good),
            )
        )
    elif not scores.bad:
        found.append(
            say("No picture is labelled bad, so misses cannot be counted. Label some bad parts.")
        )
    return tuple(found)


def consequence_lines(found: Consequences) -> tuple[Message, ...]:
    """Say the consequences, a line each."""
    lines = [_false_calls(found)]
    before, after = found.before, found.after
    if before.good_in_review or after.good_in_review:
        lines.append(
            say(
                "Good parts in review: {before} → {after} of {good}.",
                before=before.good_in_review,
                after=after.good_in_review,
                good=after.good,
            )
        )
    if after.bad:
        lines.append(
            say(
                "Misses: {before} → {after} of {bad} bad parts.",
                before=before.misses,
                after=after.misses,
                bad=after.bad,
            )
        )
    lines.append(_shift(found))
    cost = found.shift_cost
    if cost is not None:
        lines.append(
            say(
                "Cost of a shift: {before} → {after} yen.",
                before=amount(cost[0]),
                after=amount(cost[1]),
            )
        )
    return tuple(lines)


def _false_calls(found: Consequences) -> Message:
    rate, low, high = found.rates
    words = {
        "before": found.before.false_calls,
        "after": found.after.false_calls,
        "good": found.after.good,
        "rate": amount(1000 * rate),
        "low": amount(1000 * low),
        "high": amount(1000 * high),
    }
    if found.held_out:
        return say(
            "False calls: {before} → {after} of {good} parts learnt from; of 1,000 good parts "
            "about {rate} ({low} to {high} in nine of ten cases).",
            **words,
        )
    return say(
        "False calls: {before} → {after} of {good} good parts; of 1,000 about {rate} ({low} to "
        "{high} in nine of ten cases).",
        **words,
    )


def _shift(found: Consequences) -> Message:
    (called, _, missed), (calling, _, missing) = found.shift
    words = {
        "parts": amount(found.per_shift),
        "share": percent(found.bad_share),
        "called": amount(called),
        "calling": amount(calling),
    }
    if not found.after.bad:
        return say("In a shift of {parts} parts: {called} → {calling} false calls.", **words)
    return say(
        "In a shift of {parts} parts, {share} % of them bad: {called} → {calling} false calls, "
        "{missed} → {missing} misses.",
        missed=amount(missed),
        missing=amount(missing),
        **words,
    )


def amount(value: float) -> str:
    """Return a number of parts or yen as exactly as an estimate is read: 0.4, 12, 3,400."""
    if value < 9.95:
        text = f"{value:.1f}"
        return text.removesuffix(".0")
    return f"{value:,.0f}"
