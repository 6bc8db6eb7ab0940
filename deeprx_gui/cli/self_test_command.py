"""``deeprx self-test``: check this PC and this program."""

from __future__ import annotations

import argparse
import platform

from deeprx_gui import __version__
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_runtime_option
from deeprx_gui.cli.output import drive, print_json, print_table
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.self_test import self_test


def add(parser: argparse.ArgumentParser, _common: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object"))
    add_runtime_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run every check; exit 0 when all passed, else 2."""
    result = drive(self_test(context.engines(args.runtime), context.paths.data))
    if args.json:
        print_json(
            {
                "ok": result.ok,
                "version": __version__,
                "python": platform.python_version(),
                "checks": [
                    {
                        "name": c.name,
                        "ok": c.ok,
                        "detail": render(c.detail),
                        "seconds": round(c.seconds, 3),
                    }
                    for c in result.checks
                ],
            }
        )
    else:
        rows = [
            (tr("passed") if c.ok else tr("FAILED"), render(c.title), render(c.detail))
            for c in result.checks
        ]
        print_table((tr("Result"), tr("Check"), tr("Finding")), rows)
    return 0 if result.ok else 2
