"""What ``deeprx library`` answers: once as JSON, once for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from deeprx_gui.cli.output import print_line, print_note, print_table
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.domain.library import (
    PROPOSAL_WORDS,
    RUN_WORDS,
    STATE_WORDS,
    Following,
    LibraryContent,
    LibraryRevision,
    LimitProposal,
    Rollout,
    SentProposal,
    StateChange,
    StationPlace,
    StationRun,
    pending,
    scope_words,
)
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.follow_report import FollowReport


def _time(when: datetime) -> str:
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def listing(
    known: LibraryContent, stations: Sequence[StationPlace], wanted: str = ""
) -> CommandOutput:
    """Answer ``list``: every revision, and what is still to come; ``wanted``: of one product."""
    names = {one.number: one.name for one in stations}
    products = [
        revisions
        for revisions in known.products().values()
        if not wanted or wanted.casefold() in {revisions[-1].name.casefold(), revisions[-1].lineage}
    ]

    def show() -> None:
        if not products:
            print_line(tr("The library has no such product yet. Publish one first."))
            return
        header = (tr("Product"), tr("Revision"), tr("State"), tr("By"), tr("When"), tr("Why"))
        print_table(header, [_row(one) for found in products for one in found])
        for found in products:
            for stage in pending(_of(known, found[0].product), known.now):
                print_line(
                    tr(
                        "{name} {revision} goes to {scope} at {when} ({who}).",
                        name=found[-1].name,
                        revision=_label(found, stage.row),
                        scope=render(scope_words(stage.scope, names)),
                        when=_time(stage.starts),
                        who=stage.who,
                    )
                )

    answer = [
        {
            "product": found[-1].name,
            "lineage": found[0].lineage,
            "revisions": [revision_as_json(one) for one in found],
            "rollouts": [_rollout_json(one, found, names) for one in _of(known, found[0].product)],
        }
        for found in products
    ]
    return CommandOutput({"products": answer, "four_eyes": known.four_eyes}, show)


def _of(known: LibraryContent, product: int) -> list[Rollout]:
    return [one for one in known.rollouts if one.product == product]


def _label(found: Sequence[LibraryRevision], row: int) -> str:
    return next((one.label for one in found if one.row == row), "–")


def _row(one: LibraryRevision) -> tuple[str, ...]:
    last = one.withdrawn or one.released
    who, when, why = (one.who, one.at, one.why) if last is None else (last.who, last.at, last.why)
    return one.name, one.label, render(STATE_WORDS[one.state]), who, _time(when), why or one.why


def revision_as_json(one: LibraryRevision) -> dict[str, object]:
    """Return a revision as the commands print it."""
    return {
        "product": one.name,
        "revision": one.number,
        "state": one.state.value,
        "sha256": one.sha256,
        "mb": round(one.size / 1e6, 3),
        "lineage": one.lineage,
        "mark": one.mark,
        "who": one.who,
        "login": one.login,
        "at": one.at.isoformat(),
        "why": one.why,
        "released": _change_json(one.released),
        "withdrawn": _change_json(one.withdrawn),
    }


def _change_json(change: StateChange | None) -> dict[str, object] | None:
    if change is None:
        return None
    return {
        "who": change.who,
        "login": change.login,
        "at": change.at.isoformat(),
        "why": change.why,
        "key": change.key or None,
    }


def _rollout_json(
    one: Rollout, found: Sequence[LibraryRevision], names: Mapping[int, str]
) -> dict[str, object]:
    return {
        "revision": next((r.number for r in found if r.row == one.row), None),
        "station": None if one.scope.station is None else names.get(one.scope.station),
        "line": one.scope.line,
        "starts": one.starts.isoformat(),
        "back": one.back,
        "who": one.who,
        "why": one.why,
    }


def status(
    known: LibraryContent, runs: Sequence[StationRun], following: Following
) -> CommandOutput:
    """Answer ``status``: what each station runs, as it last said."""
    names = {product: found[-1].name for product, found in known.products().items()}

    def show() -> None:
        print_line(_following_words(following))
        if not runs:
            print_line(tr("No station has said yet what it runs."))
            return
        header = (tr("Product"), tr("Station"), tr("Line"), tr("Runs"), tr("State"))
        rows = [
            (
                names.get(one.product, "–"),
                one.station.name,
                one.station.line or "–",
                "–" if one.revision is None else one.revision.label,
                render(RUN_WORDS[one.state]),
                _time(one.since),
                _time(one.reported),
            )
            for one in runs
        ]
        print_table((*header, tr("Since"), tr("Last heard")), rows)
        for one in runs:
            if one.trouble is not None:
                print_line(f"{one.station.name}: {render(one.trouble)}")

    found = [
        {
            "product": names.get(one.product),
            "station": one.station.name,
            "station_id": one.station.id,
            "line": one.station.line,
            "revision": None if one.revision is None else one.revision.number,
            "sha256": None if one.revision is None else one.revision.sha256,
            "state": one.state.value,
            "trouble": None if one.trouble is None else str(one.trouble),
            "since": one.since.isoformat(),
            "reported": one.reported.isoformat(),
        }
        for one in runs
    ]
    return CommandOutput({"stations": found, "this_pc": following_as_json(following)}, show)


def following_as_json(following: Following) -> dict[str, object]:
    """Return how this PC follows."""
    return {
        "mode": following.mode.value,
        "every": following.every,
        "signed": following.signed,
        "trusted": [{"name": one.name, "key": one.key} for one in following.trusted],
    }


def _following_words(following: Following) -> str:
    if not following.on:
        return tr("This PC does not follow the library.")
    return tr(
        "This PC follows the library ({mode}), looks every {every} s, signatures: {signed}.",
        mode=following.mode.value,
        every=f"{following.every:g}",
        signed=tr("asked for") if following.signed else tr("not asked for"),
    )


def follows(following: Following) -> CommandOutput:
    """Answer how this PC follows."""
    return CommandOutput(
        following_as_json(following), lambda: print_line(_following_words(following))
    )


def looked(report: FollowReport) -> CommandOutput:
    """Answer a look: what came, what stands in the way; exit code 2 where something does."""
    problem = report.offline is not None

    def show() -> None:
        for sentence in report.news:
            print_line(render(sentence))
        if not report.news:
            print_line(tr("Nothing new."))

    found = [
        {
            "product": one.name,
            "state": one.state.value,
            "target": None if one.target is None else one.target.number,
            "running": None if one.running is None else one.running.number,
            "changed": one.profile is not None,
            "sentence": None if one.sentence is None else render(one.sentence),
        }
        for one in report.products
    ]
    troubled = problem or any(one.state.value == "trouble" for one in report.products)
    answer = {
        "products": found,
        "offline": None if report.offline is None else render(report.offline),
        "proposals_sent": report.sent,
    }
    return CommandOutput(answer, show, 2 if troubled else 0)


def proposals(found: Sequence[SentProposal], waiting: int) -> CommandOutput:
    """Answer ``proposals``; ``waiting``: those of this PC that are not sent yet."""

    def show() -> None:
        if waiting:
            print_note(tr("Proposals of this PC that are not sent yet: {n}.", n=waiting))
        if not found:
            print_line(tr("There are no proposals."))
            return
        header = (tr("Number"), tr("Product"), tr("Station"), tr("By"), tr("When"), tr("Limits"))
        rows = [
            (
                str(one.number),
                one.proposal.name,
                one.station,
                one.proposal.who,
                _time(one.proposal.at),
                " / ".join(_changes(one.proposal)),
                render(PROPOSAL_WORDS[one.state]),
            )
            for one in found
        ]
        print_table((*header, tr("State")), rows)
        for one in found:
            print_line(consequence_words(one))

    return CommandOutput({"proposals": [_proposal_json(one) for one in found],
                          "waiting": waiting}, show)  # fmt: skip


def _changes(made: LimitProposal) -> Iterator[str]:
    for before, after in ((made.before_review, made.review), (made.before_ng, made.ng)):
        yield "=" if before == after else f"{100 * (after / before - 1):+.1f} %"


def consequence_words(one: SentProposal) -> str:
    """Return what a proposal would change, and why it was made."""
    made = one.proposal
    return tr(
        "{number}: of the last {parts} parts {after} would be stopped, before {before}. {why}",
        number=one.number,
        parts=made.parts,
        after=made.stopped_after,
        before=made.stopped_before,
        why=made.why,
    ).rstrip()


def _proposal_json(one: SentProposal) -> dict[str, object]:
    made = one.proposal
    return {
        "number": one.number,
        "product": made.name,
        "station": one.station,
        "state": one.state.value,
        "review": made.review,
        "ng": made.ng,
        "before_review": made.before_review,
        "before_ng": made.before_ng,
        "parts": made.parts,
        "stopped_before": made.stopped_before,
        "stopped_after": made.stopped_after,
        "who": made.who,
        "at": made.at.isoformat(),
        "why": made.why,
        "answered_by": one.answered_by or None,
        "answer": one.answer or None,
    }
