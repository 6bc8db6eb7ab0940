"""Options that several commands share, and what they turn into."""

from __future__ import annotations

import argparse
from dataclasses import replace

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.view_options import add_view_options, view_of
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.fit_settings import (
    DEFAULT_PRESET,
    LONGEST_TAKT_MS,
    PRESETS,
    FitSettings,
)
from deeprx_gui.domain.limits import LIMITS
from deeprx_gui.domain.message import say
from deeprx_gui.domain.picture_facts import learnt_in
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Profile, Scoring
from deeprx_gui.engine.backbones.catalogue import known_backbones, suited
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.measure import REDUCTIONS
from deeprx_gui.engine.normalise import AUTO, NORMALISATIONS
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.engine.runtimes.table import CHOICES
from deeprx_gui.i18n import tr

_CHOSEN_BY_SEARCH = {
    "--detector": "detector",
    "--backbone": "backbone",
    "--taps": "taps",
    "--size": "size",
    "--score": "score",
    "--normalise": "normalise",
    "--squared": "squared",
    "--shrinkage": "shrinkage",
    "--set": "set",
}
"""Options that fix what the preset automatic chooses, with the attribute of each."""


def add_must_find_option(parser: Parser) -> None:
    """Add ``--without-must-find``."""
    parser.add_argument(
        "--without-must-find",
        action="store_true",
        help=tr("leave the pictures of the must-find set out of the file"),
    )


def add_fit_options(parser: Parser) -> None:
    """Add everything a fit can be told; what is not given comes from the preset."""
    add = parser.add_argument
    add(
        "--preset",
        choices=PRESETS,
        help=tr("settings to start from; automatic unless detector, network or size is given"),
    )
    add(
        "--takt",
        type=argument_types.number(1, LONGEST_TAKT_MS, "100"),
        metavar="100",
        help=tr("milliseconds that a picture may take, for the preset automatic"),
    )
    add("--detector", choices=DETECTORS, metavar="D", help=tr("how the distance is measured"))
    add("--backbone", choices=known_backbones(), metavar="B", help=tr("the network that looks"))
    add(
        "--taps",
        type=argument_types.taps,
        metavar="8,16",
        help=tr("where the network is tapped: small strides see fine details, large ones shapes"),
    )
    add(
        "--size",
        type=argument_types.whole(SIZES[0]),
        metavar="256",
        help=tr("picture size for the network in pixels; larger finds smaller defects"),
    )
    add("--squash", action="store_true", help=tr("squeeze the picture to a square"))
    add(
        "--score",
        "--reduce",
        choices=REDUCTIONS,
        help=tr("highest point of the map, or mean of its top 1 %"),
    )
    add(
        "--sigma",
        type=argument_types.number(0, 10, "1.0"),
        metavar="1.0",
        help=tr("smoothing of the score map in grid cells"),
    )
    add(
        "--min-area",
        type=argument_types.whole(1),
        metavar="1",
        help=tr("so many connected grid cells must reach a score for it to count"),
    )
    add(
        "--normalise",
        choices=(AUTO, *NORMALISATIONS),
        help=tr("measure each place by what is usual there in good parts, or not"),
    )
    add_view_options(parser)
    add("--squared", action="store_true", help=tr("score with the squared distance"))
    add(
        "--shrinkage",
        type=argument_types.number(0, 1, "0.001"),
        metavar="0.001",
        help=tr("how strongly the statistics are steadied; more helps when images are few"),
    )
    add(
        "--set",
        action="append",
        default=[],
        type=argument_types.setting,
        metavar="KEY=VALUE",
        help=tr("a setting of the detector, see docs/detectors.md; may be given several times"),
    )
    _add_promise_options(parser)
    add_runtime_option(parser)


def _add_promise_options(parser: Parser) -> None:
    """Add what a fit promises, and what the promise counts."""
    add = parser.add_argument
    add(
        "--false-call-rate",
        type=argument_types.number(0, 1, "0.01"),
        metavar="0.01",
        help=tr("share of good parts that may be called NG: 0.01 is 1 %"),
    )
    add(
        "--limit",
        choices=LIMITS,
        help=tr("limit from the order of the held-out scores, or from a tail fitted to them"),
    )
    add_part_option(parser)


def add_part_option(parser: Parser) -> None:
    """Add ``--part-from``."""
    parser.add_argument(
        "--part-from",
        type=argument_types.parts,
        metavar="auto|folder|name:REGEX|none",
        help=tr(
            "which pictures show the same part: found by looking, named by their folder or by what "
            "REGEX finds in the file name, or none; the promise counts parts"
        ),
    )


def add_runtime_option(parser: Parser) -> None:
    """Add ``--runtime``."""
    parser.add_argument(
        "--runtime",
        choices=CHOICES,
        default="auto",
        metavar="R",
        help=tr("what computes, chosen automatically unless given"),
    )


def add_draw_options(parser: Parser) -> None:
    """Declare how many normal images are learnt from, and which."""
    parser.add_argument(
        "--normals",
        type=argument_types.whole(1),
        metavar="N",
        help=tr("how many normal images to learn from"),
    )
    parser.add_argument(
        "--seed",
        type=argument_types.whole(0),
        default=0,
        metavar="S",
        help=tr("which of them are chosen; the same number chooses the same ones"),
    )


def add_strict_option(parser: Parser) -> None:
    """Add ``--strict``; ``None`` unless given."""
    parser.add_argument(
        "--strict",
        action="store_true",
        default=None,
        help=tr("a picture of another size, shape or colour kind than learnt is an ERROR"),
    )


def check_strict(profile: Profile) -> None:
    """Raise RequestError for a profile that does not know what its pictures were like."""
    if learnt_in(profile.extra) is None:
        raise RequestError(
            say(
                "“{name}” was learnt by an older program that did not note the size and colours of "
                "its pictures, so --strict cannot be kept. Learn it again.",
                name=profile.name,
            )
        )


def add_count_option(parser: Parser) -> None:
    """Add ``--count``: how many entries a list has at most."""
    parser.add_argument(
        "--count",
        type=argument_types.whole(1),
        default=50,
        metavar="50",
        help=tr("how many to list at most"),
    )


def add_json_option(parser: Parser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def _preset(args: argparse.Namespace) -> str:
    """Return the preset asked for; settings that a search would choose ask for a fixed one.

    Raises RequestError where both were asked for.
    """
    given = [option for option, name in _CHOSEN_BY_SEARCH.items() if _is_given(args, name)]
    if args.preset == DEFAULT_PRESET and given:
        raise RequestError(
            say(
                "The preset “automatic” chooses this itself: {options}. Leave it out, or start "
                "from another preset.",
                options=", ".join(given),
            )
        )
    preset: str = args.preset or ("balanced" if given else DEFAULT_PRESET)
    if args.takt is not None and preset != DEFAULT_PRESET:
        raise RequestError(
            say(
                "--takt goes with the preset “automatic”, which chooses within it. Leave it out, "
                "or leave out what fixes the settings."
            )
        )
    return preset


def _is_given(args: argparse.Namespace, name: str) -> bool:
    value = getattr(args, name, None)
    return value is not None and value is not False and value != []


def fit_settings(args: argparse.Namespace) -> FitSettings:
    """Return the preset with everything that was given on the command line."""
    base = PRESETS[_preset(args)].settings
    if base.automatic and args.takt is not None:
        base = replace(base, takt_ms=args.takt)
    detector_settings = dict(base.detector.settings)
    if args.squared:
        detector_settings["squared"] = True
    if args.shrinkage is not None:
        detector_settings["shrinkage"] = args.shrinkage
    detector_settings.update(args.set)
    chosen = replace(
        base,
        backbone=args.backbone or base.backbone,
        taps=args.taps or base.taps,
        preprocessing=Preprocessing(
            base.preprocessing.size if args.size is None else args.size,
            base.preprocessing.keep_aspect and not args.squash,
        ),
        scoring=Scoring(
            base.scoring.sigma if args.sigma is None else args.sigma,
            args.score or base.scoring.reduce,
            args.min_area or base.scoring.min_area,
            args.normalise or base.scoring.normalise,
        ),
        detector=DetectorChoice(args.detector or base.detector.name, detector_settings),
        false_call_rate=base.false_call_rate
        if args.false_call_rate is None
        else args.false_call_rate,
        view=view_of(args),
        limit=args.limit or base.limit,
        parts=args.part_from or base.parts,
    )
    sized = args.size is not None or args.squash
    return suited(chosen, sized=sized, tapped=args.taps is not None)
