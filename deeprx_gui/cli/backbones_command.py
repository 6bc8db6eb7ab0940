"""``deeprx backbones``: which networks are on this PC, import and fetch."""

from __future__ import annotations

import argparse
from pathlib import Path

from deeprx_gui.cli.context import Context
from deeprx_gui.cli.output import note, print_json, print_table
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.i18n import render, tr


def add(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=tr("what"))
    listing = verbs.add_parser("list", parents=[common], help=tr("list the backbones"))
    importing = verbs.add_parser("import", parents=[common], help=tr("import a weights file"))
    importing.add_argument("file", type=Path, help=tr("the file as its publisher offers it"))
    fetching = verbs.add_parser(
        "fetch", help=tr("download the published weights (uses the network)")
    )
    fetching.add_argument("name", help=tr("name of the backbone"))
    for verb in (listing, importing, fetching):
        verb.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    if args.verb == "list":
        return _list(context, as_json=args.json)
    if args.verb == "import":
        status = context.library.import_file(args.file)
    else:
        note(tr("Downloading {name}…", name=args.name))
        status = context.library.fetch(args.name)
    if args.json:
        print_json(_as_json(status))
    else:
        print(tr("{name} is installed (sha256 {hash}).", name=status.name, hash=status.sha256))
    return 0


def _list(context: Context, *, as_json: bool) -> int:
    found = context.library.list()
    if as_json:
        print_json({"backbones": [_as_json(status) for status in found]})
        return 0
    rows = [
        (
            status.name,
            tr("installed") if status.installed else tr("not installed"),
            ", ".join(map(str, status.taps)),
            (status.sha256 or "")[:12],
            status.licence,
        )
        for status in found
    ]
    print_table((tr("Backbone"), tr("On this PC"), tr("Taps"), "sha256", tr("Licence")), rows)
    for status in found:
        if status.advice:
            print(render(status.advice))
    return 0


def _as_json(status: BackboneStatus) -> dict[str, object]:
    return {
        "name": status.name,
        "installed": status.installed,
        "taps": list(status.taps),
        "sha256": status.sha256,
        "licence": status.licence,
        "advice": render(status.advice) if status.advice else None,
    }
