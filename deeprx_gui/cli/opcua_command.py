"""``deeprx opcua``: certificates and users of the OPC UA server."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Final

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.asking import ask_hidden, is_terminal
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.profiles_output import CommandOutput
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.client_certificates import KnownCertificate
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import render, tr
from deeprx_gui.outputs import opcua_certificates
from deeprx_gui.outputs.opcua import keys_folder
from deeprx_gui.outputs.opcua_keys import Certificate, OpcUaKeys
from deeprx_gui.outputs.opcua_people import OpcUaPeople

PASSWORD_VARIABLE: Final = "DEEPRX_OPCUA_PASSWORD"  # noqa: S105 - the variable's name
"""Environment variable with a new password, for scripts. Never an argument: those are seen by
everybody who may list the processes of the PC, and stay in the shell's history."""


def add(parser: Parser, common: Parser) -> None:
    """Declare the verbs."""
    verbs = parser.add_commands("verb", VERBS, [common])
    for command in verbs.values():
        add_json_option(command)
    for name in ("password", "remove"):
        verbs[name].add_argument("name", help=tr("name of the user"))
    for name in ("accept", "refuse", "forget"):
        verbs[name].add_argument(
            "fingerprint",
            help=tr("the beginning of its SHA-256 fingerprint, 16 characters or more"),
        )
    verbs["add"].add_argument("file", type=argument_types.path, help=tr("certificate, DER or PEM"))
    verbs["add"].add_argument(
        "--person",
        action="store_true",
        help=tr("it is a person's, to sign in with, not that of a client program"),
    )
    verbs["export"].add_argument("file", type=argument_types.path, help=tr("file to write, DER"))
    verbs["renew"].add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help=tr("a name or address of this PC that clients use, as often as needed"),
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    return VERBS[args.verb].run(args, context).tell(as_json=args.json)


def _keys(context: Context) -> OpcUaKeys:
    return OpcUaKeys(keys_folder(context.paths.data))


def _people(context: Context) -> OpcUaPeople:
    return OpcUaPeople(keys_folder(context.paths.data) / "users.json")


def _show(_args: argparse.Namespace, context: Context) -> CommandOutput:
    keys = _keys(context)
    return _about(keys, keys.own())


def _renew(args: argparse.Namespace, context: Context) -> CommandOutput:
    keys = _keys(context)
    return _about(keys, keys.renew(args.host))


def _about(keys: OpcUaKeys, own: Certificate) -> CommandOutput:
    def show() -> None:
        print_line(tr("This PC's certificate: {file}", file=keys.own_file))
        print_line(tr("Fingerprint (SHA-256): {fingerprint}", fingerprint=own.fingerprint))
        print_line(tr("Thumbprint (SHA-1): {fingerprint}", fingerprint=own.thumbprint))
        print_line(tr("Application URI: {uri}", uri=own.uri))
        print_line(tr("Valid until {day}", day=f"{own.until:%Y-%m-%d}"))

    return CommandOutput({**_as_json(own), "file": str(keys.own_file)}, show)


def _clients(_args: argparse.Namespace, context: Context) -> CommandOutput:
    found = opcua_certificates.everything(_keys(context))
    kinds = (
        ("accepted", tr("Accepted clients:"), found.accepted),
        ("refused", tr("Refused clients:"), found.refused),
        ("users", tr("Certificates of users:"), found.persons),
    )

    def show() -> None:
        for _, title, certificates in kinds:
            print_line(title)
            for each in certificates:
                fault = f"  ({render(each.fault)})" if each.fault is not None else ""
                print_line(f"  {each.fingerprint}  {each.until:%Y-%m-%d}  {each.name}{fault}")
            if not certificates:
                print_line("  –")

    return CommandOutput(
        {key: [_as_json(each) for each in certificates] for key, _, certificates in kinds}, show
    )


def _accept(args: argparse.Namespace, context: Context) -> CommandOutput:
    accepted = _keys(context).accept(args.fingerprint)
    return _said(accepted, tr("“{name}” may connect from now on.", name=accepted.name))


def _refuse(args: argparse.Namespace, context: Context) -> CommandOutput:
    refused = _keys(context).refuse(args.fingerprint)
    words = tr(
        "“{name}” is refused from its next connection on.",
        name=refused.name,
    )
    return _said(refused, words)


def _forget(args: argparse.Namespace, context: Context) -> CommandOutput:
    forgotten = _keys(context).forget(args.fingerprint)
    return _said(forgotten, tr("“{name}” is no longer in the list.", name=forgotten.name))


def _export(args: argparse.Namespace, context: Context) -> CommandOutput:
    keys = _keys(context)
    file = opcua_certificates.save_copy(keys, absolute(args.file))
    return CommandOutput(
        {**_as_json(keys.own()), "file": str(file)},
        lambda: print_line(tr("This PC's certificate: {file}", file=file)),
    )


def _add(args: argparse.Namespace, context: Context) -> CommandOutput:
    certificate = opcua_certificates.add(_keys(context), absolute(args.file), person=args.person)
    words = (
        tr("“{name}” may sign in from now on.", name=certificate.name)
        if args.person
        else tr("“{name}” may connect from now on.", name=certificate.name)
    )
    return _said(certificate, words)


def _users(_args: argparse.Namespace, context: Context) -> CommandOutput:
    names = _people(context).names

    def show() -> None:
        for name in names:
            print_line(name)
        if not names:
            print_line(tr("No OPC UA user has a password."))

    return CommandOutput({"users": list(names)}, show)


def _password(args: argparse.Namespace, context: Context) -> CommandOutput:
    _people(context).set_password(args.name, _new_password())
    return CommandOutput(
        {"user": args.name},
        lambda: print_line(tr("“{name}” may sign in with this password.", name=args.name)),
    )


def _remove(args: argparse.Namespace, context: Context) -> CommandOutput:
    keys, people = _keys(context), _people(context)
    certificate = keys.users.find(args.name)
    if certificate is not None and args.name not in people.names:
        keys.users.remove(certificate)
    else:
        people.remove(args.name)
    return CommandOutput(
        {"user": args.name},
        lambda: print_line(tr("“{name}” may no longer sign in.", name=args.name)),
    )


def _new_password() -> str:
    """Return what is typed twice, or what lies in the environment variable. Raises RequestError."""
    given = os.environ.pop(PASSWORD_VARIABLE, None)
    if given is not None:
        return given
    if not is_terminal():
        raise RequestError(
            say(
                "Start the command in a terminal, where it asks for the password, or put the"
                " password into the environment variable {variable}.",
                variable=PASSWORD_VARIABLE,
            )
        )
    first = ask_hidden(tr("New password:"))
    again = ask_hidden(tr("The same again:"))
    if first != again:
        raise RequestError(say("The two passwords are not the same. Nothing was changed."))
    return first


def _said(certificate: Certificate, words: str) -> CommandOutput:
    return CommandOutput(_as_json(certificate), lambda: print_line(words))


def _as_json(certificate: Certificate | KnownCertificate) -> dict[str, object]:
    known = (
        opcua_certificates.known(certificate)
        if isinstance(certificate, Certificate)
        else certificate
    )
    return {
        "name": known.name,
        "fingerprint": known.fingerprint,
        "thumbprint": known.thumbprint,
        "uri": known.uri,
        "until": f"{known.until:%Y-%m-%d}",
        "came": known.came.isoformat(timespec="seconds") if known.came is not None else None,
        "fault": render(known.fault) if known.fault is not None else None,
    }


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], CommandOutput]]] = {
    "show": Verb(
        say("show this PC's certificate; the first time it is made"), Work.ANYBODYS, _show
    ),
    "clients": Verb(say("list accepted and refused certificates"), Work.ANYBODYS, _clients),
    "accept": Verb(say("let a client connect that was refused"), Work.ENGINEERS, _accept),
    "refuse": Verb(say("let a client connect no longer"), Work.ENGINEERS, _refuse),
    "forget": Verb(say("take a refused client from the list"), Work.ENGINEERS, _forget),
    "export": Verb(say("save this PC's certificate for clients"), Work.ANYBODYS, _export),
    "add": Verb(say("accept a certificate from a file"), Work.ENGINEERS, _add),
    "users": Verb(say("list the names that have a password"), Work.ANYBODYS, _users),
    "password": Verb(say("add a user, or change the password"), Work.ENGINEERS, _password),
    "remove": Verb(say("let a user sign in no longer"), Work.ENGINEERS, _remove),
    "renew": Verb(say("make a new key and certificate for this PC"), Work.ENGINEERS, _renew),
}
