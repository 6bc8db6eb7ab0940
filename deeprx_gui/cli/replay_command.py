"""``deeprx replay``: what a revision would have said to the last parts."""

from __future__ import annotations

import argparse

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.gate_command import (
    gate_as_json,
    history_of,
    part_as_json,
    print_gate,
    said,
)
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.message import say
from deeprx_gui.domain.words import VERDICT_WORDS
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.correct import propose
from deeprx_gui.work.replay import LAST, MOST_LAST, judge_revision, known_parts

CANDIDATE = "candidate"


def revision_or_candidate(text: str) -> int | str:
    """Return a revision's number, or the word for what pending corrections would make."""
    return CANDIDATE if text.strip().lower() == CANDIDATE else argument_types.revision(text)


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("profile", help=tr("name of the product profile"))
    parser.add_argument(
        "--revision",
        type=revision_or_candidate,
        metavar="3",
        help=tr("revision, for example 3 or r0003; candidate: what waiting corrections would make"),
    )
    parser.add_argument(
        "--last",
        type=argument_types.whole(1),
        default=LAST,
        metavar=str(LAST),
        help=tr("so many of the last parts whose picture was kept"),
    )
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Judge the last parts again; without ``--revision`` by the one in use. Nothing is changed."""
    key = context.find(args.profile)
    if args.last > MOST_LAST:
        raise RequestError(say("At most {most} parts are judged again.", most=MOST_LAST))
    store = context.store
    with history_of(context) as records:
        if args.revision == CANDIDATE:
            proposal = drive(
                propose(
                    key,
                    store=store,
                    engines=context.engines(args.runtime),
                    scratch=context.paths.scratch,
                    records=records,
                    last=args.last,
                )
            )
            if proposal.report is None:
                raise RequestError(
                    say("The waiting corrections name only bad parts: nothing would be learnt.")
                )
            report = proposal.report
        else:
            before = store.load(key)
            after = before if args.revision is None else store.load(key, args.revision)
            known = known_parts(store.corrections, key, records, args.last)
            engines = context.engines(args.runtime)
            report = drive(judge_revision(before, after, known, engines=engines))
    if args.json:
        print_json(as_json(args.profile, report))
    else:
        _print(report)
    return 0


def as_json(name: str, report: GateReport) -> dict[str, object]:
    """Return what ``--json`` prints."""
    replay = report.replay
    return {
        "profile": name,
        "in_use": replay.before,
        "revision": replay.after or CANDIDATE,
        "judged": len(replay.parts),
        "different": [part_as_json(part) for part in replay.different],
        "differs_from_recorded": [
            part_as_json(part)
            for part in replay.recent
            if part.recorded is not None and part.recorded is not part.after.verdict
        ],
        "gate": gate_as_json(report),
    }


def _print(report: GateReport) -> None:
    replay = report.replay
    name = f"r{replay.after:04d}" if replay.after else tr("candidate")
    print_line(
        tr(
            "{name} judged {n} parts; {different} differently from {before}, which is in use.",
            name=name,
            n=len(replay.parts),
            different=len(replay.different),
            before=f"r{replay.before:04d}",
        )
    )
    shown = [
        part
        for part in replay.parts
        if part.differs or (part.recorded is not None and part.recorded is not part.after.verdict)
    ]
    if shown:
        header = (tr("Part"), tr("Number"), tr("Recorded"), tr("In use"), name)
        print_table(
            header,
            [
                (
                    part.name,
                    str(part.number or "–"),
                    "–" if part.recorded is None else render(VERDICT_WORDS[part.recorded]),
                    said(part.before),
                    said(part.after),
                )
                for part in shown
            ],
        )
    print_gate(report)
