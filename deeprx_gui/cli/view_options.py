"""Options that say what part of the picture counts and how parts are brought to their place."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.json_text import JsonError, read_json_file
from deeprx_gui.domain.message import say
from deeprx_gui.domain.view import Positioning, Region, Shape, ShapeKind, View
from deeprx_gui.i18n import tr
from deeprx_gui.profiles.view_document import (
    LARGEST_SCALE,
    LARGEST_SHIFT,
    LARGEST_TURN,
    is_shapes,
    shape_from_raw,
)
from deeprx_gui.work.reference import positioning_from

_DEFAULTS = {"align_shift": 0.1, "align_turn": 5.0, "align_quality": 0.5}


def add_view_options(parser: Parser) -> None:
    """Add region, ignored areas, positioning and scale."""
    add = parser.add_argument
    add(
        "--region",
        type=_shapes,
        action="append",
        metavar="X0,Y0,X1,Y1|FILE",
        help=tr("what counts: corners as shares of the picture, or a JSON file; may be repeated"),
    )
    add(
        "--ignore",
        type=_shapes,
        action="append",
        metavar="X0,Y0,X1,Y1|FILE",
        help=tr("what never counts, written like --region; may be repeated"),
    )
    add("--align", action="store_true", help=tr("bring parts to their place before looking"))
    add(
        "--align-shift",
        type=argument_types.number(0, LARGEST_SHIFT, "0.1"),
        metavar="0.1",
        help=tr("how far parts may be moved, as a share of the longer side"),
    )
    add(
        "--align-turn",
        type=argument_types.number(0, LARGEST_TURN, "5"),
        metavar="5",
        help=tr("how far parts may be turned, in degrees either way"),
    )
    add(
        "--align-quality",
        type=argument_types.number(0, 1, "0.5"),
        metavar="0.5",
        help=tr("a worse match than this means that the part is not in place"),
    )
    add(
        "--accept-placement",
        action="store_true",
        help=tr("save also where the part was not found in more than a few normal images"),
    )
    add(
        "--mm-per-pixel",
        type=argument_types.number(0, LARGEST_SCALE, "0.05"),
        metavar="0.05",
        help=tr("millimetres per pixel of the picture"),
    )


def view_of(args: argparse.Namespace) -> View:
    """Return the view as far as no picture is needed for it."""
    region = Region(_joined(args.region), _joined(args.ignore))
    return View(region, None, args.mm_per_pixel or None)


def aligned(settings: FitSettings, args: argparse.Namespace, images: Sequence[Path]) -> FitSettings:
    """Return the settings with positioning after these normal images, where it was asked for.

    Raises RequestError when positioning is set up without being switched on.
    """
    given = {name: getattr(args, name) for name in _DEFAULTS}
    if not args.align:
        if args.accept_placement or any(value is not None for value in given.values()):
            raise RequestError(
                say("Parts are only brought to their place with --align. Add it, or leave it out.")
            )
        return settings
    shift, turn, quality = (
        default if given[name] is None else given[name] for name, default in _DEFAULTS.items()
    )
    job = positioning_from(images, shift=shift, turn=turn, quality=quality)
    found: Positioning = drive(job)
    return replace(settings, view=replace(settings.view, positioning=found))


def _joined(given: Sequence[tuple[Shape, ...]] | None) -> tuple[Shape, ...]:
    return tuple(shape for shapes in given or () for shape in shapes)


def _shapes(text: str) -> tuple[Shape, ...]:
    """Return the rectangle of ``x0,y0,x1,y1``, or the shapes in a file."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return _from_file(argument_types.path(text))
    raw = {"kind": ShapeKind.RECTANGLE.value, "points": [numbers[:2], numbers[2:]]}
    if not is_shapes([raw]):
        raise RequestError(
            say(
                "“{text}” is no rectangle within the picture. Write left, top, right, bottom as "
                "shares from 0 to 1, for example 0.1,0.1,0.9,0.9.",
                text=text,
            )
        )
    return (shape_from_raw(raw),)


def _from_file(path: Path) -> tuple[Shape, ...]:
    try:
        raw = read_json_file(path)
    except OSError as error:
        raise RequestError(
            say(
                "The file with the region, {path}, cannot be read ({reason}). Check the path, or "
                "write left,top,right,bottom as shares from 0 to 1.",
                path=path,
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    except JsonError:
        raw = None
    if not is_shapes(raw) or not raw:
        raise RequestError(
            say(
                "The file {path} holds no region. It must be a JSON list of shapes like "
                "{example}, at least one.",
                path=path,
                example='{"kind": "polygon", "points": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]}',
            )
        )
    return tuple(shape_from_raw(shape) for shape in raw)
