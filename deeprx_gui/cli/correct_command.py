"""``deeprx correct``: tell a product which verdicts were wrong, and apply it as one revision."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.fit_command import changes_of, limits_as_json
from deeprx_gui.cli.gate_command import (
    add_overrule_option,
    admitted,
    check_overrule,
    gate_as_json,
    history_of,
    print_gate,
)
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_note
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.corrections import TITLES, Correction, CorrectionBook, CorrectionKind
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.correct import Proposal, apply, propose
from deeprx_gui.work.note_corrections import take_in
from deeprx_gui.work.rescore_record import no_picture


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("profile", help=tr("name of the product profile"))
    for option, sentence in (
        ("--was-ok", say("a picture of a good part that was stopped; may be repeated")),
        ("--missed", say("a picture of a bad part that passed; may be repeated")),
    ):
        add(
            option,
            action="append",
            type=argument_types.path,
            default=[],
            metavar="IMAGE",
            help=render(sentence),
        )
    add(
        "--from-history",
        action="append",
        default=[],
        metavar="UID",
        help=tr("a verdict of the history that a person decided: identifier or number"),
    )
    add(
        "--take-back",
        action="append",
        default=[],
        metavar="NAME",
        help=tr("forget a correction that waits, by the name of its picture or its identifier"),
    )
    add(
        "--remove",
        action="append",
        default=[],
        metavar="NAME",
        help=tr("take a picture out of the must-find set"),
    )
    add("--apply", action="store_true", help=tr("make one revision of everything that waits"))
    add("--why", default="", metavar="WHY", help=tr("reason, written into the history"))
    add_overrule_option(parser)
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Note corrections; with ``--apply`` make one revision of them."""
    key = context.find(args.profile)
    check_overrule(args.overrule)
    corrections = context.store.corrections
    _take_back(args, context, key)
    _note(args, context, key)
    if not args.apply:
        answer = _Answer(context.store.load(key), corrections.book(key))
        _tell(answer, json=args.json)
        return 0
    with history_of(context) as records:
        proposal = drive(
            propose(
                key,
                store=context.store,
                engines=context.engines(args.runtime),
                scratch=context.paths.scratch,
                records=records,
                who=context.settings.who,
            )
        )
    report = None if proposal.report is None else admitted(proposal.report, args.overrule)
    overrule = "" if report is None else report.overruled
    who = context.settings.who
    saved = apply(proposal, context.store, who=who, why=args.why, overrule=overrule)
    changes = () if proposal.candidate is None else changes_of(saved, context.store)
    answer = _Answer(saved, corrections.book(key), proposal, report, changes)
    _tell(answer, json=args.json)
    return 0


def _note(args: argparse.Namespace, context: Context, key: str) -> None:
    """Note what was said; each picture is kept with the product at once."""
    who, store = context.settings.who, context.store
    for kind, images in (
        (CorrectionKind.WAS_OK, args.was_ok),
        (CorrectionKind.MISSED, args.missed),
    ):
        for image in images:
            take_in(store, key, kind, absolute(image), who=who)
    if not args.from_history:
        return
    with history_of(context) as records:
        for word in args.from_history:
            record = None if records is None else _record(records, word)
            if record is None or records is None or record.profile_id != key:
                raise RequestError(
                    say("There is no verdict “{word}” of this product in the history.", word=word)
                )
            file = records.folder / record.picture
            missing = no_picture(record, file)
            if missing is not None:
                raise RequestError(
                    say("Verdict {word} cannot be corrected. {why}", word=word, why=missing)
                )
            kind = _kind(record, word)
            name = record.serial or file.name
            take_in(store, key, kind, file, who=who, name=name, uid=record.uid)


def _record(records: RecordStore, word: str) -> Record | None:
    return records.get(int(word) if word.isascii() and word.isdigit() else word)


def _kind(record: Record, word: str) -> CorrectionKind:
    if record.decision is None:
        raise RequestError(
            say(
                "Nobody decided what verdict {word} really is. Say so first: “deeprx history "
                "decide {number} ok” or “ng”.",
                word=word,
                number=record.number,
            )
        )
    return CorrectionKind.WAS_OK if record.decision is Decision.OK else CorrectionKind.MISSED


def _take_back(args: argparse.Namespace, context: Context, key: str) -> None:
    corrections = context.store.corrections
    book = corrections.book(key)
    if args.take_back:
        corrections.take_back(key, _ids(book.pending, args.take_back))
    if args.remove:
        corrections.remove_must_find(key, _ids(book.must_find, args.remove))


def _ids(given: Sequence[Correction], names: Sequence[str]) -> list[str]:
    found = []
    for name in names:
        ids = [one.id for one in given if name in (one.id, one.name, Path(one.name).stem)]
        if not ids:
            known = ", ".join(one.name for one in given) or "–"
            raise RequestError(
                say("“{name}” is not among these pictures: {known}.", name=name, known=known)
            )
        if len(ids) > 1:
            raise RequestError(
                say(
                    "Several of these pictures are called “{name}”. Write the identifier of the "
                    "one that is meant: {ids}.",
                    name=name,
                    ids=", ".join(ids),
                )
            )
        found += ids
    return found


@dataclass(frozen=True, eq=False)
class _Answer:
    """What the command answers; ``proposal`` is ``None`` where nothing was applied."""

    profile: Profile
    book: CorrectionBook
    proposal: Proposal | None = None
    report: GateReport | None = None
    changes: Sequence[Message] = ()


def _tell(answer: _Answer, *, json: bool) -> None:
    if json:
        print_json(_as_json(answer))
        return
    book, proposal = answer.book, answer.proposal
    for one in book.pending:
        title = render(TITLES[one.kind])
        print_line(tr("Waiting – {kind}: {name}", kind=title, name=one.name))
    if proposal is None and book.pending:
        print_note(tr("Add --apply to make one revision of what waits."))
    if proposal is not None:
        _print_applied(answer, proposal)
    names = ", ".join(one.name for one in book.must_find) or "–"
    print_line(tr("Must-find set ({n}): {names}", n=len(book.must_find), names=names))


def _print_applied(answer: _Answer, proposal: Proposal) -> None:
    if proposal.candidate is None:
        print_line(tr("Nothing was to be learnt; the revision stays as it is."))
        return
    print_line(
        tr(
            "“{name}” now uses revision {revision}.",
            name=answer.profile.name,
            revision=f"r{answer.profile.revision:04d}",
        )
    )
    for change in answer.changes:
        print_line(f"  {render(change)}")
    if proposal.why_again is not None:
        print_note(tr("Everything was learnt again: {why}", why=render(proposal.why_again)))
    for remark in proposal.remarks:
        print_note(render(remark))
    if answer.report is not None:
        print_gate(answer.report)


def _as_json(answer: _Answer) -> dict[str, object]:
    profile, book, proposal = answer.profile, answer.book, answer.proposal
    learnt = proposal is not None and proposal.candidate is not None
    again = None if proposal is None else proposal.why_again
    return {
        "profile": profile.name,
        "id": profile.id,
        "revision": profile.revision,
        "applied": proposal is not None,
        "exact": proposal.exact if proposal is not None and learnt else None,
        "learnt_again_because": None if again is None else render(again),
        "limits": limits_as_json(profile.limits),
        "changes": [render(change) for change in answer.changes],
        "remarks": [] if proposal is None else [render(remark) for remark in proposal.remarks],
        "gate": gate_as_json(answer.report),
        "pending": [_one(one) for one in book.pending],
        "must_find": [_one(one) for one in book.must_find],
        "learnt": [_one(one) for one in book.learnt],
    }


def _one(one: Correction) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "name": one.name,
        "who": one.who,
        "when": one.when.isoformat(),
        "uid": one.uid or None,
        "revision": one.revision or None,
    }
