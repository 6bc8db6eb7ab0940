"""``deeprx self-test``: check this PC and this program."""

from __future__ import annotations

import argparse
import platform

from deeprx_gui import __version__
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.progress import drive
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.self_test import SelfTest, self_test


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    add_runtime_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Run every check; exit 0 when all passed, else 2."""
    result = drive(self_test(context.engines(args.runtime), context.paths.data))
    if args.json:
        print_json(as_json(result))
    else:
        rows = [
            (tr("passed") if c.ok else tr("FAILED"), render(c.title), render(c.detail))
            for c in result.checks
        ]
        print_table((tr("Result"), tr("Checked"), tr("Finding")), rows)
    return 0 if result.ok else 2


def as_json(result: SelfTest) -> dict[str, object]:
    """Return what ``--json`` prints."""
    return {
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
