"""Options that several commands share, and what they turn into."""

from __future__ import annotations

import argparse
from dataclasses import replace

from deeprx_gui.domain.fit_settings import PRESETS, FitSettings
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Scoring
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import REDUCTIONS
from deeprx_gui.engine.runtimes.table import CHOICES
from deeprx_gui.i18n import tr


def taps(text: str) -> tuple[int, ...]:
    """Parse ``8,16``; argparse turns the ValueError into a sentence."""
    return tuple(int(part) for part in text.split(","))


def add_fit_options(parser: argparse.ArgumentParser) -> None:
    """Add everything a fit can be told; what is not given comes from the preset."""
    add = parser.add_argument
    add("--preset", choices=PRESETS, default="balanced", help=tr("settings to start from"))
    add("--detector", choices=DETECTORS, help=tr("how distances are measured"))
    add("--backbone", choices=BACKBONES, help=tr("the network that looks"))
    add("--taps", type=taps, metavar="8,16", help=tr("strides at which features are taken"))
    add("--size", type=int, metavar="256", help=tr("picture size for the network in pixels"))
    add("--squash", action="store_true", help=tr("squash to a square, give up the aspect ratio"))
    add("--score", choices=REDUCTIONS, help=tr("maximum of the score map, or mean of its top 1 %%"))
    add("--sigma", type=float, metavar="1.0", help=tr("smoothing of the score map in grid cells"))
    add("--squared", action="store_true", help=tr("score with d² in place of d"))
    add("--shrinkage", type=float, metavar="0.001", help=tr("regularisation of the covariance"))
    add(
        "--false-call-rate",
        type=float,
        metavar="0.01",
        help=tr("false-call rate to promise, 0 to 1"),
    )
    add_runtime_option(parser)


def add_runtime_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--runtime``."""
    parser.add_argument(
        "--runtime", choices=CHOICES, default="auto", help=tr("what computes (default: auto)")
    )


def fit_settings(args: argparse.Namespace) -> FitSettings:
    """Return the preset with everything that was given on the command line."""
    base = PRESETS[args.preset].settings
    detector_settings = dict(base.detector.settings)
    if args.squared:
        detector_settings["squared"] = True
    if args.shrinkage is not None:
        detector_settings["shrinkage"] = args.shrinkage
    return replace(
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
        ),
        detector=DetectorChoice(args.detector or base.detector.name, detector_settings),
        false_call_rate=base.false_call_rate
        if args.false_call_rate is None
        else args.false_call_rate,
    )
