"""``deeprx central people``: who may sign in at the stations, and as what."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.asking import ask_hidden, is_terminal
from deeprx_gui.cli.central_place import add_place_options, with_central
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_line, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import (
    ROLE_TITLES,
    PeopleRules,
    Person,
    Role,
    checked_name,
    checked_secret,
)
from deeprx_gui.i18n import render, tr
from deeprx_gui.people.secret_hash import hashed

if TYPE_CHECKING:
    from deeprx_gui.central.connect import CentralConnection

SECRET_VARIABLE = "DEEPRX_NEW_SECRET"  # noqa: S105 - the name of a variable
"""Environment variable with a person's new PIN or password, for scripts. Never an argument."""


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("people_verb", VERBS, [common])
    for verb in ("add", "role", "secret", "retire"):
        verbs[verb].add_argument("name", help=tr("name of the person"))
    for verb in ("add", "role"):
        verbs[verb].add_argument("role", type=_role, help=tr("operator, engineer or administrator"))
    verbs["rules"].add_argument(
        "--offline-days",
        type=_days,
        metavar="DAYS",
        help=tr("how long engineers keep their rights at a station that does not hear the centre"),
    )
    verbs["rules"].add_argument(
        "--idle-minutes",
        type=argument_types.whole(1),
        metavar="MINUTES",
        help=tr("after how long without a touch an engineer is signed out"),
    )
    for command in verbs.values():
        add_place_options(command)
        add_json_option(command)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer = VERBS[args.people_verb].run(args, context)
    return answer.tell(as_json=args.json)


def _list(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    found = with_central(args, context, people.listed)

    def show() -> None:
        if not found.people:
            print_line(
                tr(
                    "There are no people yet. Add the first administrator with “{command}”.",
                    command="deeprx central people add NAME administrator",
                )
            )
            return
        rows = [
            (p.name, render(ROLE_TITLES[p.role]), tr("retired") if p.retired else "")
            for p in found.people
        ]
        print_table((tr("Name"), tr("Role"), tr("State")), rows)
        print_line()
        _print_rules(found.rules)

    return CommandOutput({"people": [_as_json(p) for p in found.people],
                          "rules": _rules_as_json(found.rules)}, show)  # fmt: skip


def _add(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    name = checked_name(args.name)
    person = Person(0, name, args.role, hashed(_new_secret(args.role)))
    with_central(args, context, lambda c: people.add(c, person, who=context.settings.who))
    said = say(
        "{name} may sign in as {role} at every station that hears the centre.",
        name=name,
        role=ROLE_TITLES[args.role],
    )
    return _changed(person, said)


def _set_role(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    who = context.settings.who
    changed = with_central(
        args, context, lambda c: people.set_role(c, args.name, args.role, who=who)
    )
    return _changed(
        changed, say("{name} is {role} now.", name=changed.name, role=ROLE_TITLES[changed.role])
    )


def _set_secret(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    known = with_central(args, context, people.listed).named(args.name)
    # As strict as the role asks for; the server says when there is nobody of that name.
    secret = hashed(_new_secret(Role.ADMINISTRATOR if known is None else known.role))
    who = context.settings.who
    changed = with_central(
        args, context, lambda c: people.set_secret(c, args.name, secret, who=who)
    )
    return _changed(changed, say("{name} has a new PIN or password.", name=changed.name))


def _retire(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    changed = with_central(
        args, context, lambda c: people.retire(c, args.name, who=context.settings.who)
    )
    return _changed(
        changed,
        say(
            "{name} is retired: refused at each station as soon as it hears the centre, within a"
            " minute where it is connected. What {name} did stays in the audit trail.",
            name=changed.name,
        ),
        retired=True,
    )


def _rules(args: argparse.Namespace, context: Context) -> CommandOutput:
    from deeprx_gui.central import people

    def call(connection: CentralConnection) -> PeopleRules:
        before = people.listed(connection).rules
        rules = PeopleRules(
            before.offline_days if args.offline_days is None else args.offline_days,
            before.idle_minutes if args.idle_minutes is None else min(args.idle_minutes, 1440),
        )
        if rules != before:
            people.set_rules(connection, rules, who=context.settings.who)
        return rules

    rules = with_central(args, context, call)
    return CommandOutput(_rules_as_json(rules), lambda: _print_rules(rules))


def _new_secret(role: Role) -> str:
    """Return the new PIN or password from the environment or typed twice."""
    given = os.environ.pop(SECRET_VARIABLE, None)
    if given is not None:
        return checked_secret(given, role)
    if not is_terminal():
        raise RequestError(
            say(
                "The new PIN or password is asked for in a terminal. In a script put it into the"
                " environment variable {variable}. Nothing was changed.",
                variable=SECRET_VARIABLE,
            )
        )
    first = checked_secret(ask_hidden(tr("New PIN or password:")), role)
    if checked_secret(ask_hidden(tr("The same again:")), role) != first:
        raise RequestError(say("The two were not the same. Nothing was changed. Try again."))
    return first


def _role(text: str) -> Role:
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise RequestError(
            say("“{text}” is no role. Write operator, engineer or administrator.", text=text[:80])
        ) from None


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0.01 <= days <= 366:
        raise RequestError(
            say("“{text}” is not possible here. Write days from 0.01 to 366.", text=text[:80])
        )
    return days


def _changed(person: Person, said: Message, *, retired: bool = False) -> CommandOutput:
    answer = {**_as_json(person), "retired": retired}
    return CommandOutput(answer, lambda: print_line(render(said)))


def _print_rules(rules: PeopleRules) -> None:
    print_line(
        tr(
            "Without the centre engineers keep their rights for {days} days; after {minutes}"
            " minutes without a touch they are signed out.",
            days=f"{rules.offline_days:g}",
            minutes=rules.idle_minutes,
        )
    )


def _as_json(person: Person) -> dict[str, object]:
    return {"name": person.name, "role": person.role.value, "retired": person.retired}


def _rules_as_json(rules: PeopleRules) -> dict[str, object]:
    return {"offline_days": rules.offline_days, "idle_minutes": rules.idle_minutes}


_Run = Callable[[argparse.Namespace, Context], CommandOutput]
# The rights are the server's: no PIN of this PC has a say in them.
VERBS: Mapping[str, Verb[_Run]] = {
    "list": Verb(say("who may sign in, and as what"), Work.ANYBODYS, _list),
    "add": Verb(say("add a person; the first one is an administrator"), Work.ANYBODYS, _add),
    "role": Verb(say("give a person another role"), Work.ANYBODYS, _set_role),
    "secret": Verb(say("give a person another PIN or password"), Work.ANYBODYS, _set_secret),
    "retire": Verb(say("let a person sign in no more"), Work.ANYBODYS, _retire),
    "rules": Verb(say("how long without the centre, how long idle"), Work.ANYBODYS, _rules),
}
