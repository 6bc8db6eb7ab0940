"""Options that several commands share, and what they turn into."""

from __future__ import annotations

import argparse
from dataclasses import replace

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.view_options import add_view_options, view_of
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Scoring
from deeprx_gui.engine.backbones.catalogue import known_backbones, suited
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.measure import REDUCTIONS
from deeprx_gui.engine.preprocess import SIZES
from deeprx_gui.engine.runtimes.table import CHOICES
from deeprx_gui.i18n import tr


def add_fit_options(parser: Parser) -> None:
    """Add everything a fit can be told; what is not given comes from the preset."""
    add = parser.add_argument
    add("--preset", choices=PRESETS, default="balanced", help=tr("settings to start from"))
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
    add(
        "--false-call-rate",
        type=argument_types.number(0, 1, "0.01"),
        metavar="0.01",
        help=tr("share of good parts that may be called NG: 0.01 is 1 %"),
    )
    add_runtime_option(parser)


def add_runtime_option(parser: Parser) -> None:
    """Add ``--runtime``."""
    parser.add_argument(
        "--runtime",
        choices=CHOICES,
        default="auto",
        metavar="R",
        help=tr("what computes, chosen automatically unless given"),
    )


def add_json_option(parser: Parser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def fit_settings(args: argparse.Namespace) -> FitSettings:
    """Return the preset with everything that was given on the command line."""
    base = PRESETS[args.preset].settings
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
        ),
        detector=DetectorChoice(args.detector or base.detector.name, detector_settings),
        false_call_rate=base.false_call_rate
        if args.false_call_rate is None
        else args.false_call_rate,
        view=view_of(args),
    )
    sized = args.size is not None or args.squash
    return suited(chosen, sized=sized, tapped=args.taps is not None)
