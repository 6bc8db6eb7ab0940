"""``deeprx sees``: the smallest planted defects a profile finds."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from deeprx_gui.atomic import reporting, write_over
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import bad_known, one_step_more
from deeprx_gui.domain.sees import SmallestSeen, seen_words
from deeprx_gui.i18n import render, tr
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.sees import smallest_seen
from deeprx_gui.work.sees_pictures import side_by_side


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
    seen = drive(smallest_seen(profile, engines=context.engines(args.runtime), images=images))
    step = one_step_more(profile, bad_known(profile, (), seen.planted))
    files = {} if args.out is None else _write(absolute(args.out), seen.smallest)
    if args.json:
        print_json(
            {
                "profile": profile.name,
                "seen": [_as_json(each, files) for each in seen.smallest],
                "step": None if step is None else asdict(step),
            }
        )
        return 0
    for each in seen.smallest:
        print_line(render(seen_words(each)))
    print_line(tr("Planted defects four times as strong as just visible; real ones may differ."))
    if step is not None:
        print_line(render(step_words(step)))
    for pictures in files.values():
        for file in pictures:
            print_line(tr("Picture: {path}", path=file))
    return 0


def _write(folder: Path, found: tuple[SmallestSeen, ...]) -> dict[str, tuple[Path, Path]]:
    """Write each picture as it was planted, and one that shows where the defect is."""
    files = {}
    with reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for seen in found:
        shown = side_by_side(seen)
        if seen.picture is not None and shown is not None:
            files[seen.kind] = folder / f"{seen.kind}.png", folder / f"{seen.kind}-shown.png"
            for file, pixels in zip(files[seen.kind], (seen.picture, shown), strict=True):
                write_over(file, encode_png(pixels))
    return files


def _as_json(seen: SmallestSeen, files: dict[str, tuple[Path, Path]]) -> dict[str, object]:
    picture, shown = files.get(seen.kind, (None, None))
    return {
        "kind": seen.kind,
        "pixels": seen.extent,
        "mm": seen.mm,
        "found": seen.found,
        "tried": seen.tried,
        "largest_tried": seen.largest,
        "picture": None if picture is None else str(picture),
        "shown": None if shown is None else str(shown),
    }
