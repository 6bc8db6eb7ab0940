"""``deeprx sees``: the smallest planted defects a profile finds."""

from __future__ import annotations

import argparse
from pathlib import Path

from deeprx_gui.atomic import reporting, write_over
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.sees import SmallestSeen, seen_words, smallest_seen


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("profile", help=tr("name of the product profile"))
    parser.add_argument(
        "images", nargs="*", type=argument_types.path, help=tr("other pictures of good parts")
    )
    parser.add_argument(
        "--out",
        type=argument_types.path,
        metavar="DIR",
        help=tr("folder for a picture of each smallest defect"),
    )
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Plant, score, say."""
    profile = context.store.load(context.find(args.profile))
    images = tuple(map(absolute, args.images))
    found = drive(smallest_seen(profile, engines=context.engines(args.runtime), images=images))
    files = {} if args.out is None else _write(absolute(args.out), found)
    if args.json:
        print_json({"profile": profile.name, "seen": [_as_json(s, files) for s in found]})
        return 0
    for seen in found:
        print_line(render(seen_words(seen)))
    print_line(tr("Planted defects four times as strong as just visible; real ones may differ."))
    for file in files.values():
        print_line(tr("Picture: {path}", path=file))
    return 0


def _write(folder: Path, found: tuple[SmallestSeen, ...]) -> dict[str, Path]:
    files = {}
    with reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for seen in found:
        if seen.picture is not None:
            files[seen.kind] = folder / f"{seen.kind}.png"
            write_over(files[seen.kind], encode_png(seen.picture))
    return files


def _as_json(seen: SmallestSeen, files: dict[str, Path]) -> dict[str, object]:
    return {
        "kind": seen.kind,
        "pixels": seen.extent,
        "mm": seen.mm,
        "found": seen.found,
        "tried": seen.tried,
        "picture": str(files[seen.kind]) if seen.kind in files else None,
    }
