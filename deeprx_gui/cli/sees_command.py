"""``deeprx sees``: the smallest planted defects a profile finds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from deeprx_gui.atomic import reporting, write_over
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.left_out import (
    exit_after,
    left_out_as_json,
    skipped_as_json,
    tell_skipped,
)
from deeprx_gui.cli.normal_images import collect_normal_images
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.side_files import SideFiles
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.left_out import LeftOut, count_left_out
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
        "images",
        nargs="*",
        type=argument_types.path,
        help=tr("other pictures of good parts, or folders of them"),
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
    """Plant, score, say; 2 where something that was named could not be opened or written."""
    profile = context.store.load(context.find(args.profile))
    images, left_out = _given(args.images)
    skipped: list[SkippedImage] = []
    seen = drive(
        smallest_seen(profile, engines=context.engines(args.runtime), images=images),
        lambda item: skipped.append(item) if isinstance(item, SkippedImage) else None,
    )
    tell_skipped(skipped)
    step = one_step_more(profile, bad_known(profile, (), seen.planted))
    files, written = SideFiles(), dict[str, tuple[Path, Path]]()
    if args.out is not None:
        files.write(lambda: _write(absolute(args.out), seen.smallest, written))
    code = files.exit_after(exit_after(left_out))
    if args.json:
        print_json(
            {
                "profile": profile.name,
                "seen": [_as_json(each, written) for each in seen.smallest],
                "step": None if step is None else asdict(step),
                "skipped": skipped_as_json(skipped),
                "left_out": left_out_as_json(count_left_out(left_out)),
                **files.as_json(),
            }
        )
        return code
    for each in seen.smallest:
        print_line(render(seen_words(each)))
    print_line(tr("Planted defects four times as strong as just visible; real ones may differ."))
    if step is not None:
        print_line(render(step_words(step)))
    for pictures in written.values():
        for file in pictures:
            print_line(tr("Picture: {path}", path=file))
    return code


def _given(paths: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[LeftOut, ...]]:
    """Return the pictures named or in named folders, and what was left out of them."""
    if not paths:
        return (), ()
    taken, images, _ = collect_normal_images(paths)
    return images, taken.left_out


def _write(
    folder: Path, found: Sequence[SmallestSeen], written: dict[str, tuple[Path, Path]]
) -> None:
    """Write each picture as it was planted, and one that shows where the defect is.

    ``written`` gets the two files of each kind. Raises StorageError.
    """
    with reporting(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for seen in found:
        shown = side_by_side(seen)
        if seen.picture is not None and shown is not None:
            files = folder / f"{seen.kind}.png", folder / f"{seen.kind}-shown.png"
            for file, pixels in zip(files, (seen.picture, shown), strict=True):
                write_over(file, encode_png(pixels))
            written[seen.kind] = files


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
