"""``deeprx backbones``: which networks are on this PC, import and fetch."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.verb import Verb
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import render, tr


def add(parser: Parser, common: Parser) -> None:
    """Declare the arguments."""
    verbs = parser.add_commands("verb", VERBS, [common])
    verbs["import"].add_argument(
        "file", type=argument_types.path, help=tr("the weights file as its publisher offers it")
    )
    verbs["fetch"].add_argument("name", help=tr("name of the backbone"))
    for verb in verbs.values():
        add_json_option(verb)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    VERBS[args.verb].run(args, context)
    return 0


def _import(args: argparse.Namespace, context: Context) -> None:
    _tell_installed(context.library.import_file(args.file), as_json=args.json)


def _fetch(args: argparse.Namespace, context: Context) -> None:
    print_note(tr("Downloading {name}…", name=args.name))
    _tell_installed(context.library.fetch(args.name), as_json=args.json)


def _tell_installed(status: BackboneStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(status))
        return
    print_line(
        tr(
            "{name} is installed. Its taps are {taps}; learn with it: --backbone {name}.",
            name=status.name,
            taps=", ".join(map(str, status.taps)),
        )
    )


def _list(args: argparse.Namespace, context: Context) -> None:
    found = context.library.list()
    if args.json:
        print_json({"backbones": [_as_json(status) for status in found]})
        return
    rows = [
        (
            status.name,
            _whether(status),
            ", ".join(map(str, status.taps)),
            (status.sha256 or "")[:12],
            status.licence,
        )
        for status in found
    ]
    print_table((tr("Backbone"), tr("On this PC"), tr("Taps"), "sha256", tr("Licence")), rows)
    for status in found:
        if status.advice:
            print_line(f"\n{render(status.advice)}")


def _whether(status: BackboneStatus) -> str:
    if status.own:
        return tr("learnt by every fit")
    return tr("installed") if status.installed else tr("not installed")


def _as_json(status: BackboneStatus) -> dict[str, object]:
    return {
        "name": status.name,
        "installed": status.installed,
        "own": status.own,
        "taps": list(status.taps),
        "sha256": status.sha256,
        "licence": status.licence,
        "advice": render(status.advice) if status.advice else None,
    }


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], None]]] = {
    "list": Verb(say("list the backbones"), _list),
    "import": Verb(say("import a weights file"), _import),
    "fetch": Verb(say("download the published weights (uses the network)"), _fetch),
}
