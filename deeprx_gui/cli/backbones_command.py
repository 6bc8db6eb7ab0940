"""``deeprx backbones``: which networks are on this PC, import and fetch."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.verb import Verb, Work
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.message import say
from deeprx_gui.domain.onnx_order import IMAGENET_MEAN, IMAGENET_STD, OnnxContents, OnnxOrder
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.i18n import render, tr

_FEW = 40
"""Of so many layers all are listed; of more, those where a block ends. ``--json`` has all."""


def add(parser: Parser, common: Parser) -> None:
    """Declare the arguments."""
    verbs = parser.add_commands("verb", VERBS, [common])
    verbs["import"].add_argument(
        "file",
        type=argument_types.path,
        help=tr(
            "the weights file as its publisher offers it, a network as an ONNX file, or one "
            "written by export"
        ),
    )
    _add_onnx_options(verbs["import"])
    verbs["export"].add_argument("name", help=tr("name of the backbone"))
    verbs["export"].add_argument(
        "file", type=argument_types.path, help=tr("the file to write, *.deeprx-network")
    )
    verbs["fetch"].add_argument("name", help=tr("name of the backbone"))
    for verb in verbs.values():
        add_json_option(verb)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    return VERBS[args.verb].run(args, context)


def _add_onnx_options(parser: Parser) -> None:
    """Declare how an ONNX file is imported."""
    add = parser.add_argument
    add(
        "--taps",
        type=argument_types.words,
        metavar="LAYER,...",
        help=tr("ONNX: the layers whose features are used; without it they are listed"),
    )
    add(
        "--mean",
        type=argument_types.colours,
        default=IMAGENET_MEAN,
        metavar="R,G,B",
        help=tr("ONNX: what is taken off the pixels; ImageNet's unless given"),
    )
    add(
        "--std",
        type=argument_types.colours,
        default=IMAGENET_STD,
        metavar="R,G,B",
        help=tr("ONNX: what they are then divided by"),
    )
    add(
        "--white",
        type=int,
        choices=(1, 255),
        help=tr("ONNX: the value of a white pixel for mean and std; found from them unless given"),
    )
    add(
        "--size-multiple",
        type=argument_types.whole(1),
        metavar="N",
        help=tr("ONNX: sides of pictures are multiples of this; found out unless given"),
    )
    add(
        "--size",
        type=argument_types.whole(SIZES[0]),
        metavar="224",
        help=tr("ONNX: picture size for a network of one size whose file leaves it open"),
    )
    add("--name", default="", help=tr("ONNX: name of the backbone; that of the file unless given"))
    add("--licence", default="", metavar="TEXT", help=tr("ONNX: its licence, for the list"))


def _import(args: argparse.Namespace, context: Context) -> int:
    if args.taps is None:
        if args.file.suffix.lower() == ".onnx":
            return _tell_layers(context.library.look_into(args.file), as_json=args.json)
        _tell_installed(context.library.import_file(args.file), as_json=args.json)
        return 0
    order = OnnxOrder(
        taps=args.taps,
        mean=args.mean,
        std=args.std,
        white=args.white,
        multiple=args.size_multiple,
        size=args.size,
        name=args.name,
        licence=args.licence,
    )
    status = context.library.import_onnx(args.file, order)
    _tell_installed(status, as_json=args.json)
    if not args.json:
        _tell_order(order, status)
    return 0


def _tell_layers(contents: OnnxContents, *, as_json: bool) -> int:
    """List what can be tapped; the exit code says that nothing was imported."""
    if as_json:
        layers = [asdict(layer) for layer in contents.layers]
        print_json({"file": contents.file, "size": contents.size, "layers": layers})
        return 2
    print_table(
        (tr("Layer"), tr("Stride"), tr("Channels"), ""),
        [
            (x.name, str(x.stride), str(x.channels), tr("suggested") if x.suggested else "")
            for x in contents.layers
            if x.ends_block or x.suggested or len(contents.layers) <= _FEW
        ],
    )
    chosen = tuple(layer.name for layer in contents.layers if layer.suggested)
    print_line(
        "\n"
        + tr(
            "Nothing is imported yet. Choose layers, for example: {words}",
            words=OnnxOrder(chosen).words(contents.file),
        )
    )
    return 2


def _tell_order(order: OnnxOrder, status: BackboneStatus) -> None:
    print_line(
        tr(
            "Mean and standard deviation were read for pixels from 0 to {white} (black to white).",
            white=order.full_scale,
        )
    )
    if status.size is not None:
        print_line(
            tr(
                "It takes pictures of {size} × {size} pixels only; they are stretched to that.",
                size=status.size,
            )
        )


def _export(args: argparse.Namespace, context: Context) -> int:
    written = context.library.export(args.name, args.file)
    if args.json:
        print_json({"name": args.name, "file": str(written)})
        return 0
    print_line(
        tr(
            "{name} is written to {file}. On another PC: deeprx backbones import {file}",
            name=args.name,
            file=written,
        )
    )
    return 0


def _fetch(args: argparse.Namespace, context: Context) -> int:
    print_note(tr("Downloading {name}…", name=args.name))
    _tell_installed(context.library.fetch(args.name), as_json=args.json)
    return 0


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


def _list(args: argparse.Namespace, context: Context) -> int:
    found = context.library.list()
    if args.json:
        print_json({"backbones": [_as_json(status) for status in found]})
        return 0
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
        if status.words:
            words = tr("{name} was imported with: {words}", name=status.name, words=status.words)
            print_line(f"\n{words}")
    return 0


def _whether(status: BackboneStatus) -> str:
    if status.needs_full:
        return tr("full edition only")
    if status.own:
        return tr("learnt by every fit")
    return tr("installed") if status.installed else tr("not installed")


def _as_json(status: BackboneStatus) -> dict[str, object]:
    return {
        "name": status.name,
        "installed": status.installed,
        "own": status.own,
        "needs_full_edition": status.needs_full,
        "taps": list(status.taps),
        "sha256": status.sha256,
        "licence": status.licence,
        "advice": render(status.advice) if status.advice else None,
        "imported_with": status.words or None,
        "only_size": status.size,
    }


VERBS: Mapping[str, Verb[Callable[[argparse.Namespace, Context], int]]] = {
    "list": Verb(say("list the backbones"), Work.ANYBODYS, _list),
    "import": Verb(say("import a weights file or an ONNX network"), Work.ENGINEERS, _import),
    "export": Verb(say("write a network for PCs without torch"), Work.ENGINEERS, _export),
    "fetch": Verb(say("download the published weights (uses the network)"), Work.ENGINEERS, _fetch),
}
