"""``deeprx profiles``: look after product profiles."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace

from deeprx_gui.cli import argument_types
from deeprx_gui.cli import profiles_output as answers
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.failure import DetailedProfileError
from deeprx_gui.cli.gate_command import (
    add_overrule_option,
    check_overrule,
    gate_as_json,
    judged,
)
from deeprx_gui.cli.options import add_json_option, add_must_find_option
from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput, label
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.corrections import MOST_MUST_FIND, CorrectionBook
from deeprx_gui.domain.errors import ProfileError, RequestError, StorageError, with_remarks
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import plan_join
from deeprx_gui.i18n import render, tr
from deeprx_gui.profiles.codec import SUFFIX
from deeprx_gui.profiles.exchange import contents_of
from deeprx_gui.profiles.history import RevisionFinding
from deeprx_gui.profiles.lineage import Relation


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    revision = tr("revision, for example 3 or r0003")
    for verb in ("show", "history", "diff", "rollback", "export"):
        verbs[verb].add_argument("name", help=tr("name of the product profile"))
    verbs["verify"].add_argument("name", nargs="?", help=tr("name of the profile, all if left out"))
    verbs["diff"].add_argument("old", type=argument_types.revision, help=revision)
    verbs["diff"].add_argument("new", type=argument_types.revision, help=revision)
    verbs["rollback"].add_argument("revision", type=argument_types.revision, help=revision)
    verbs["export"].add_argument(
        "target", type=argument_types.path, help=tr("file to write, or folder")
    )
    add_must_find_option(verbs["export"])
    verbs["import"].add_argument("file", type=argument_types.path, help=tr("a .deeprx file"))
    verbs["import"].add_argument("--name", metavar="NAME", help=tr("name to give it here"))
    as_revision = verbs["import"].add_argument(
        "--as-revision",
        action="store_true",
        help=tr("take it over as the new revision of the product that is here"),
    )
    as_new = verbs["import"].add_argument(
        "--as-new", action="store_true", help=tr("import it as another product")
    )
    verbs["import"].exclude_each_other(as_revision, as_new)
    for verb in ("show", "export"):
        verbs[verb].add_argument(
            "--revision", type=argument_types.revision, metavar="3", help=revision
        )
    for verb in ("rollback", "import"):
        verbs[verb].add_argument(
            "--why", default="", metavar="WHY", help=tr("reason, written into the history")
        )
        add_overrule_option(verbs[verb])
    for command in verbs.values():
        add_json_option(command)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer = VERBS[args.verb].run(args, context)
    return answer.tell(as_json=args.json)


def _list(_args: argparse.Namespace, context: Context) -> CommandOutput:
    return answers.listing(context.store.list())


def _show(args: argparse.Namespace, context: Context) -> CommandOutput:
    return answers.one(context.store.load(context.find(args.name), args.revision))


def _history(args: argparse.Namespace, context: Context) -> CommandOutput:
    return answers.history(args.name, context.store.history(context.find(args.name)))


def _diff(args: argparse.Namespace, context: Context) -> CommandOutput:
    found = context.store.diff(context.find(args.name), args.old, args.new)
    return answers.diff(args.name, args.old, args.new, found)


def _rollback(args: argparse.Namespace, context: Context) -> CommandOutput:
    key = context.find(args.name)
    who = context.settings.who
    check_overrule(args.overrule)
    wanted = context.store.load(key, args.revision)
    report = judged(context, key, wanted, args.overrule)
    profile = context.store.rollback(key, args.revision, who=who, why=args.why, judged=report)
    return CommandOutput(
        {
            "profile": profile.name,
            "id": profile.id,
            "revision": profile.revision,
            "gate": gate_as_json(report),
        },
        lambda: print_line(
            tr(
                "“{name}” now uses revision {revision}.",
                name=profile.name,
                revision=label(profile.revision),
            )
        ),
    )


def _export(args: argparse.Namespace, context: Context) -> CommandOutput:
    target = absolute(args.target)
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        target = target if target.suffix else target.with_suffix(SUFFIX)
    written = context.store.export(
        context.find(args.name), target, args.revision, must_find=not args.without_must_find
    )
    return answers.exported(args.name, written, contents_of(written))


def _import(args: argparse.Namespace, context: Context) -> CommandOutput:
    """Take in a file; for a product that is here somebody has to say as what."""
    who = context.settings.who
    if args.as_revision and args.name:
        raise RequestError(say("A revision keeps the product's name. Leave out --name."))
    found = context.store.examine(args.file)
    known = found.known
    if args.as_revision and known is None:
        raise RequestError(
            say(
                "“{file}” belongs to no product on this PC. Import it without --as-revision.",
                file=args.file.name,
            )
        )
    if known is None or args.as_new or args.name:
        profile = context.store.import_file(args.file, who=who, name=args.name, why=args.why)
        brought = plan_join(CorrectionBook(), found.must_find, MOST_MUST_FIND)
        return answers.imported(profile, "new", joined=brought.outcome)
    if known.relation is Relation.SAME:
        here = context.store.load(known.id, known.revision)
        joined = context.store.join_must_find(known.id, found.must_find)
        return answers.imported(here, "already", known, joined)
    if args.as_revision:
        check_overrule(args.overrule)
        joined = context.store.join_must_find(known.id, found.must_find)
        arriving = replace(found.profile, revision=0)
        with with_remarks(joined.remarks):
            report = judged(context, known.id, arriving, args.overrule)
            profile = context.store.import_revision(
                args.file,
                known.id,
                expected=known.revision,
                who=who,
                why=args.why,
                judged=report,
            )
        return answers.imported(profile, "revision", known, joined)
    raise DetailedProfileError(
        say(
            "{sentence} {saved} Differences: {changes}. Add --as-revision to take it over as the"
            " new revision of “{name}”, or --as-new to import it as another product.",
            sentence=known.sentence,
            saved=answers.saved_by_whom(known, found.profile),
            changes="; ".join(render(change.text) for change in known.changes) or tr("none"),
            name=known.name,
        ),
        answers.known_as_json(known, found.profile),
    )


def _verify(args: argparse.Namespace, context: Context) -> CommandOutput:
    if args.name:
        keys = {context.find(args.name): args.name}
    else:
        keys = {card.id: card.name for card in context.store.list()}
    return answers.findings([(n, f) for key, n in keys.items() for f in _findings(key, context)])


def _findings(key: str, context: Context) -> tuple[RevisionFinding, ...]:
    """Verify one profile; a folder that cannot even be looked at is a finding too."""
    try:
        return context.store.verify(key)
    except (ProfileError, StorageError) as error:
        return (RevisionFinding(None, error.message),)


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], CommandOutput]]] = {
    "list": Verb(say("list all profiles"), Work.ANYBODYS, _list),
    "show": Verb(say("show one profile"), Work.ANYBODYS, _show),
    "history": Verb(say("who changed what, when and why"), Work.ANYBODYS, _history),
    "diff": Verb(say("compare two revisions"), Work.ANYBODYS, _diff),
    "rollback": Verb(say("make an older revision the current one"), Work.ENGINEERS, _rollback),
    "export": Verb(say("write a profile to one file"), Work.ANYBODYS, _export),
    "import": Verb(say("take in a profile file"), Work.ENGINEERS, _import),
    "verify": Verb(say("read every revision and check it"), Work.ANYBODYS, _verify),
}
