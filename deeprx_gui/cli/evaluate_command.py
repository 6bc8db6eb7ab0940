"""``deeprx evaluate``: measure a detector on a data set with known good and bad parts."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from deeprx_gui.capture.dataset import read_dataset
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_fit_options, fit_settings
from deeprx_gui.cli.output import drive, print_json, print_table
from deeprx_gui.i18n import tr
from deeprx_gui.work.evaluate import evaluate


def add(parser: argparse.ArgumentParser, _common: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "dataset", type=Path, help=tr("folder with train/good, test/good and test/<kind of defect>")
    )
    add_fit_options(parser)
    parser.add_argument("--normals", type=int, help=tr("how many normal images to learn from"))
    parser.add_argument("--seed", type=int, default=0, help=tr("which ones, reproducibly"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Evaluate and print."""
    result = drive(
        evaluate(
            read_dataset(args.dataset),
            fit_settings(args),
            engines=context.engines(args.runtime),
            scratch=context.paths.scratch,
            normals=args.normals,
            seed=args.seed,
        )
    )
    answer = asdict(result)
    if args.json:
        print_json(answer)
    else:
        rows = [(key, "–" if value is None else str(value)) for key, value in answer.items()]
        print_table((tr("Figure"), tr("Value")), rows)
    return 0
