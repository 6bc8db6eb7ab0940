"""``deeprx library``: publish products for all stations, release, roll out, follow."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from deeprx_gui import library_settings
from deeprx_gui.cli import argument_types
from deeprx_gui.cli import library_output as answers
from deeprx_gui.cli.central_place import connected
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.library_access import book_of, confirm, place_of, private_key, scope_of
from deeprx_gui.cli.library_follow import add_follow, add_key, change_keys, follow
from deeprx_gui.cli.options import add_json_option, add_must_find_option
from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.errors import ProfileError, RequestError
from deeprx_gui.domain.library import (
    LibraryRevision,
    ProposalState,
    RevisionState,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindTooLargeError
from deeprx_gui.i18n import tr

if TYPE_CHECKING:
    from deeprx_gui.central.connect import CentralConnection
    from deeprx_gui.central.library import Stage

_DAY = 24.0
_YES_NO: Mapping[str, bool] = {"on": True, "off": False}
_ANSWERS: Mapping[str, ProposalState] = {
    "accept": ProposalState.ACCEPTED,
    "reject": ProposalState.REJECTED,
}


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    revision = tr("revision, for example 3 or r0003")
    for verb in ("publish", "release", "withdraw", "rollout", "rollback"):
        verbs[verb].add_argument("name", help=tr("name of the product"))
        verbs[verb].add_argument(
            "--why", default="", metavar="WHY", help=tr("reason, written into the history")
        )
    for verb in ("release", "withdraw", "rollout"):
        verbs[verb].add_argument("revision", type=argument_types.revision, help=revision)
    for verb in ("publish", "rollback"):
        verbs[verb].add_argument(
            "--revision", type=argument_types.revision, metavar="3", help=revision
        )
    add_must_find_option(verbs["publish"])
    for verb in ("release", "rollout"):
        _add_stages(verbs[verb])
    hold = verbs["release"].add_argument(
        "--hold", action="store_true", help=tr("release without giving it to any station yet")
    )
    verbs["release"].exclude_each_other(hold, verbs["release"].options["--to"])
    verbs["release"].add_argument(
        "--key",
        type=argument_types.path,
        metavar="FILE",
        help=tr("sign with the key in this file; else with that of the credential store, if any"),
    )
    verbs["release"].add_argument(
        "--yes",
        action="store_true",
        help=tr("do not ask before what another PC published is released"),
    )
    verbs["list"].add_argument("name", nargs="?", default="", help=tr("name of the product"))
    add_answer = verbs["proposals"].add_argument
    add_answer("answer", nargs="?", choices=tuple(_ANSWERS), help=tr("accept or reject"))
    add_answer("number", nargs="?", type=argument_types.whole(1), help=tr("number of a proposal"))
    add_answer("--why", default="", metavar="WHY", help=tr("reason, written into the history"))
    add_follow(verbs["follow"])
    add_key(verbs["key"])
    verbs["rules"].add_argument(
        "--four-eyes",
        choices=tuple(_YES_NO),
        help=tr("on: a second person has to release; for administrators"),
    )
    for command in verbs.values():
        add_json_option(command)


def _add_stages(parser: Parser) -> None:
    parser.add_argument(
        "--to",
        metavar="SCOPE",
        help=tr("who gets it: all (if left out), line:NAME or station:NAME"),
    )
    parser.add_argument("--then", metavar="SCOPE", help=tr("who gets it later, see --after"))
    parser.add_argument(
        "--after",
        type=argument_types.number(0.01, 8760, "24"),
        metavar="HOURS",
        help=tr("hours until --then; 24 if left out"),
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer = VERBS[args.verb].run(args, context)
    return answer.tell(as_json=args.json)


def _publish(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.work.publish_revision import publish_from

    key = context.find(args.name)
    try:
        with connected(place_of(context)) as connection:
            made = publish_from(
                context.store, book_of(context), connection, key, args.revision,
                who=_who(context), why=args.why, must_find=not args.without_must_find,
            )  # fmt: skip
    except MustFindTooLargeError as error:
        raise ProfileError(
            say("{sentence} Add --without-must-find to leave them out.", sentence=error.message)
        ) from error
    return _one(made, tr(
        "“{name}” is in the library as {revision}, a draft. Stations get it once it is released.",
        name=made.name, revision=made.label,
    ))  # fmt: skip


def _list(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central.library import content
    from deeprx_gui.central.library_stations import stations

    with connected(place_of(context)) as connection:
        return answers.listing(content(connection), stations(connection), args.name)


def _release(args: argparse.Namespace, context: Context) -> CommandOutput:
    with connected(place_of(context)) as connection:
        from deeprx_gui.central.library import content
        from deeprx_gui.work.publish_revision import find_revision
        from deeprx_gui.work.release_revision import prove_draft, release

        revision = find_revision(content(connection), args.name, args.revision)
        stages = () if args.hold else _stages(args, connection)
        proved = drive(prove_draft(connection, revision, context.store, book_of(context)))
        if not proved.own and not args.yes:
            confirm(proved.summary)
        key = release(
            connection, proved, private_key(None if args.key is None else absolute(args.key)),
            stages, who=_who(context), why=args.why,
        )  # fmt: skip
        made = find_revision(content(connection), args.name, args.revision)
    text = tr("{revision} of “{name}” is released.", name=made.name, revision=made.label)
    if key:
        text = tr("{text} Signed with {key}.", text=text, key=key)
    return _one(made, text)


def _withdraw(args: argparse.Namespace, context: Context) -> CommandOutput:
    with connected(place_of(context)) as connection:
        from deeprx_gui.central.library import content, set_state
        from deeprx_gui.work.publish_revision import find_revision

        revision = find_revision(content(connection), args.name, args.revision)
        set_state(connection, revision, RevisionState.WITHDRAWN, who=_who(context), why=args.why)
        made = find_revision(content(connection), args.name, args.revision)
    return _one(made, tr(
        "{revision} of “{name}” is withdrawn. Stations that run it go to the last good one.",
        name=made.name, revision=made.label,
    ))  # fmt: skip


def _rollout(args: argparse.Namespace, context: Context) -> CommandOutput:
    with connected(place_of(context)) as connection:
        from deeprx_gui.central.library import content, roll_out
        from deeprx_gui.work.publish_revision import find_revision

        revision = find_revision(content(connection), args.name, args.revision)
        stages = _stages(args, connection)
        roll_out(connection, revision, stages, who=_who(context), why=args.why)
    return _one(revision, tr(
        "{revision} of “{name}” is rolled out. What was still to come of older plans is void for"
        " these stations.",
        name=revision.name, revision=revision.label,
    ))  # fmt: skip


def _rollback(args: argparse.Namespace, context: Context) -> CommandOutput:
    with connected(place_of(context)) as connection:
        from deeprx_gui.central.library import Stage, content, roll_out
        from deeprx_gui.work.publish_revision import find_revision

        known = content(connection)
        revision = find_revision(known, args.name, args.revision)
        if args.revision is None:
            before = known.before_last(revision.product)
            if before is None:
                raise RequestError(
                    say(
                        "“{name}” has no earlier released revision to go back to. Say which one"
                        " with --revision.",
                        name=revision.name,
                    )
                )
            revision = before
        roll_out(connection, revision, (Stage(),), who=_who(context), why=args.why, back=True)
    return _one(revision, tr(
        "All stations go back to {revision} of “{name}”, each with its next look.",
        name=revision.name, revision=revision.label,
    ))  # fmt: skip


def _status(_args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central.library import content
    from deeprx_gui.central.library_stations import runs

    following = library_settings.load(context.paths.library_file)
    with connected(place_of(context)) as connection:
        known = content(connection)
        return answers.status(known, runs(connection, known), following)


def _proposals(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central.library import content
    from deeprx_gui.central.library_stations import answer_proposal, proposals
    from deeprx_gui.work.publish_revision import accept

    with connected(place_of(context)) as connection:
        found = proposals(connection)
        if args.answer is None:
            return answers.proposals(found, len(book_of(context).proposals()))
        context.guard.admit("library proposals")
        chosen = next((one for one in found if one.number == args.number), None)
        if chosen is None:
            raise RequestError(say("Write the number of a proposal, as “deeprx library proposals”"
                                   " shows it."))  # fmt: skip
        who = _who(context)
        if _ANSWERS[args.answer] is ProposalState.REJECTED:
            answer_proposal(
                connection, chosen.number, ProposalState.REJECTED, who=who, answer=args.why
            )
            text = tr("Proposal {number} is rejected.", number=chosen.number)
            return CommandOutput(
                {"number": chosen.number, "state": "rejected"}, lambda: print_line(text)
            )
        job = accept(
            chosen, content(connection), connection, book_of(context),
            library_settings.load(context.paths.library_file), who=who, why=args.why,
        )  # fmt: skip
        made = drive(job)
    return _one(made, tr(
        "Proposal {number} became {revision} of “{name}”, a draft. Release it to put it in use.",
        number=chosen.number, name=made.name, revision=made.label,
    ))  # fmt: skip


def _rules(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central.library import content, set_four_eyes

    with connected(place_of(context)) as connection:
        if args.four_eyes is not None:
            context.guard.admit("library rules")
            set_four_eyes(connection, _YES_NO[args.four_eyes])
        four_eyes = content(connection).four_eyes
    text = (
        tr("A second person has to release.")
        if four_eyes
        else tr("Whoever published a revision may release it.")
    )
    return CommandOutput({"four_eyes": four_eyes}, lambda: print_line(text))


def _who(context: Context) -> str:
    return context.settings.who or "–"


def _one(made: LibraryRevision, text: str) -> CommandOutput:
    return CommandOutput(answers.revision_as_json(made), lambda: print_line(text))


def _stages(args: argparse.Namespace, connection: CentralConnection) -> tuple[Stage, ...]:
    """Return who gets a revision, and when. Raises RequestError."""
    from deeprx_gui.central.library import Stage
    from deeprx_gui.central.library_stations import stations

    if args.after is not None and args.then is None:
        raise RequestError(say("--after needs --then: who gets the revision later."))
    known = stations(connection)
    first = Stage(scope_of(args.to or "all", known))
    if args.then is None:
        return (first,)
    return first, Stage(scope_of(args.then, known), _DAY if args.after is None else args.after)


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], CommandOutput]]] = {
    "publish": Verb(say("put a revision of this PC into the library"), Work.ENGINEERS, _publish),
    "list": Verb(say("list what is in the library"), Work.ANYBODYS, _list),
    "release": Verb(say("let stations run a revision"), Work.ENGINEERS, _release),
    "withdraw": Verb(say("let no station run a revision any longer"), Work.ENGINEERS, _withdraw),
    "rollout": Verb(say("say which stations run a revision, and when"), Work.ENGINEERS, _rollout),
    "rollback": Verb(say("let all stations go back, in one step"), Work.ENGINEERS, _rollback),
    "status": Verb(say("say what each station runs"), Work.ANYBODYS, _status),
    "proposals": Verb(
        say("list limits proposed at stations; accept or reject them"), Work.ANYBODYS, _proposals
    ),
    "follow": Verb(say("say how this PC follows the library, or look now"), Work.ENGINEERS, follow),
    "key": Verb(
        say("make a key to sign releases; say whose this PC trusts"), Work.ENGINEERS, change_keys
    ),
    "rules": Verb(say("show or change what a release needs"), Work.ANYBODYS, _rules),
}
