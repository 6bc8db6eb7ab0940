"""What ``deeprx limits`` says, as JSON and for reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from deeprx_gui.cli.fit_command import limits_as_json
from deeprx_gui.cli.output import print_line, print_table
from deeprx_gui.domain.check_findings import LabelledPicture, LabelledSet
from deeprx_gui.domain.consequences import Consequences, consequence_lines, label_problems
from deeprx_gui.domain.false_call_target import (
    TargetAnswer,
    limits_words,
    promise_band,
    sureness_words,
    surer_words,
)
from deeprx_gui.domain.learning_curve import PromiseAt
from deeprx_gui.domain.limit_ways import Proposal, Wish, part_scores, promised_by_more
from deeprx_gui.domain.limits import Limits, Promise, PromiseKind
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.domain.words import VERDICT_WORDS, percent
from deeprx_gui.i18n import render, tr, tr_n

_KINDS = {PromiseKind.RANK: say("counted"), PromiseKind.TAIL: say("curve")}
_SHOWN = 20


@dataclass(frozen=True)
class Flip:
    """A picture whose verdict changes."""

    picture: LabelledPicture
    before: Verdict
    after: Verdict


@dataclass(frozen=True)
class LimitsReport:
    """Everything that was found. ``share_from``: where the share of bad parts comes from."""

    profile: Profile
    pictures: Sequence[LabelledPicture]
    labelled: LabelledSet
    wish: Wish | None
    proposal: Proposal | None
    consequences: Consequences | None
    share_from: str
    saved: Profile | None

    @property
    def flips(self) -> list[Flip]:
        """The pictures whose verdict changes under the proposed limits, worst first."""
        if self.proposal is None or self.proposal.limits is None:
            return []
        found = (
            Flip(p, judge(p.score, self.profile.limits), judge(p.score, self.proposal.limits))
            for p in self.pictures
        )
        changed = [flip for flip in found if flip.before is not flip.after]
        return sorted(changed, key=lambda flip: -flip.picture.score)

    @property
    def curve(self) -> tuple[PromiseAt, ...]:
        """What more parts would promise, for the target or for what the fit aimed at."""
        answer = None if self.proposal is None else self.proposal.answer
        if answer is not None:
            return answer.curve
        return promised_by_more(self.profile)

    @property
    def problems(self) -> tuple[Message, ...]:
        """What is wrong with the labels, where there are any pictures."""
        if not self.pictures:
            return ()
        return label_problems(self.labelled.scores, len(self.labelled.contradicting))


def as_json(report: LimitsReport) -> dict[str, object]:
    """Return what ``--json`` prints; shares are 0..1, limits raw and in × the suggested one."""
    profile, proposal = report.profile, report.proposal
    saved = report.saved
    return {
        "profile": profile.name,
        "id": profile.id,
        "revision": profile.revision,
        "parts": len(part_scores(profile)),
        "limits": _limits(profile.limits, profile),
        "suggested": _limits(profile.suggested, profile),
        "learning_curve": [{**asdict(one), "kind": one.kind.value} for one in report.curve],
        "way": None if report.wish is None else report.wish.way.value,
        "target": None if proposal is None else _target(proposal.answer),
        "labels": _labels(report),
        "proposed": (
            None
            if proposal is None or proposal.limits is None
            else _limits(proposal.limits, profile)
        ),
        "reason": None if proposal is None else render(proposal.reason),
        "consequences": _consequences(report),
        "saved": None if saved is None else saved.revision,
    }


def _limits(limits: Limits, profile: Profile) -> dict[str, object]:
    unit = profile.suggested.review
    bands = [None if p is None else promise_band(p) for p in limits.promises]
    return {
        **limits_as_json(limits),
        "review_times": limits.review / unit,
        "ng_times": limits.ng / unit,
        "review_band": bands[0],
        "false_call_band": bands[1],
    }


def _target(answer: TargetAnswer | None) -> dict[str, object] | None:
    if answer is None:
        return None
    return {
        "rate": answer.target,
        "reached": answer.reached,
        "promised": answer.promise.rate,
        "kind": answer.promise.kind.value,
        "low": answer.low,
        "high": answer.high,
        "missing_parts": answer.missing,
        "surer_parts": answer.surer,
    }


def _labels(report: LimitsReport) -> dict[str, object] | None:
    if not report.pictures:
        return None
    scores = report.labelled.scores
    contradicting = report.labelled.contradicting
    return {
        "good": 0 if scores.held_out else len(scores.good),
        "bad": len(scores.bad),
        "not_judged": sum(math.isnan(picture.score) for picture in report.pictures),
        "contradicting": [[str(report.pictures[n].path) for n in same] for same in contradicting],
        "remarks": [render(problem) for problem in report.problems],
    }


def _consequences(report: LimitsReport) -> dict[str, object] | None:
    found = report.consequences
    if found is None:
        return None
    rate, low, high = found.rates
    before, after = (
        dict(zip(("false_calls", "good_in_review", "misses"), counts, strict=True))
        for counts in found.shift
    )
    cost = found.shift_cost
    return {
        "counted": "held-out" if found.held_out else "labels",
        "before": asdict(found.before),
        "after": asdict(found.after),
        "false_call_rate": rate,
        "false_call_interval": [low, high],
        "per_shift": {
            "parts": found.per_shift,
            "bad_share": found.bad_share,
            "bad_share_from": report.share_from,
            "before": before,
            "after": after,
            "cost": None if cost is None else {"before": cost[0], "after": cost[1]},
        },
        "flips": [
            {
                "path": str(flip.picture.path),
                "label": flip.picture.label.value,
                "before": flip.before.value,
                "after": flip.after.value,
            }
            for flip in report.flips
        ],
    }


def show(report: LimitsReport) -> None:
    """Print the limits, what they promise, and where asked for others with their consequences."""
    profile, proposal = report.profile, report.proposal
    print_line(
        tr(
            "“{name}” revision {revision}: {limits}",
            name=profile.name,
            revision=f"r{profile.revision:04d}",
            limits=limits_words(profile.limits, profile.suggested.review),
        )
    )
    _show_promise(profile.limits.ng_promise)
    for problem in report.problems:
        print_line(render(problem))
    if proposal is not None:
        _show_proposal(report, proposal)
    print_line()
    _show_curve(report.curve, len(part_scores(profile)))
    if report.saved is not None:
        print_line()
        print_line(
            tr(
                "The limits are saved as revision {revision} of “{name}”.",
                revision=report.saved.revision,
                name=report.saved.name,
            )
        )


def _show_promise(promise: Promise | None) -> None:
    if promise is None:
        print_line(tr("The limits were set by hand. No false-call rate is promised."))
    else:
        print_line(render(sureness_words(promise)))


def _show_proposal(report: LimitsReport, proposal: Proposal) -> None:
    print_line()
    print_line(render(proposal.reason))
    if proposal.limits is not None:
        print_line(render(limits_words(proposal.limits, report.profile.suggested.review)))
    if proposal.answer is not None:
        print_line(render(sureness_words(proposal.answer.promise)))
        print_line(render(surer_words(proposal.answer)))
    if report.consequences is None:
        return
    for line in consequence_lines(report.consequences):
        print_line(render(line))
    if report.pictures and report.share_from == "labels":
        print_line(
            tr(
                "{share} % of the labelled parts are bad, and so many are assumed on the line; "
                "--bad-share says otherwise.",
                share=percent(report.consequences.bad_share),
            )
        )
    flips = report.flips
    if flips:
        print_line(
            tr_n("{n} verdict changes:", "{n} verdicts change:", n=len(flips)),
        )
    for flip in flips[:_SHOWN]:
        before, after = (render(VERDICT_WORDS[v]) for v in (flip.before, flip.after))
        print_line(f"  {before} → {after}  {flip.picture.path}")
    if len(flips) > _SHOWN:
        print_line("  " + tr("and {n} more", n=len(flips) - _SHOWN))


def _show_curve(curve: Sequence[PromiseAt], parts: int) -> None:
    print_line(tr("What so many good parts can promise:"))
    header = (tr("Parts"), tr("False calls"), tr("In nine of ten cases"), tr("Known by"))
    rows = [
        (
            tr("{n} (now)", n=one.parts) if one.parts == parts else str(one.parts),
            f"{percent(one.rate)} %",
            tr("{low} to {high} %", low=percent(one.low), high=percent(one.high)),
            render(_KINDS[one.kind]),
        )
        for one in curve
    ]
    print_table(header, rows)
