"""``deeprx self-test``: check this PC and this program."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deeprx_gui import __version__
from deeprx_gui.atomic import write_over
from deeprx_gui.cli import argument_types
from deeprx_gui.cli.context import Context
from deeprx_gui.cli.options import add_json_option, add_runtime_option
from deeprx_gui.cli.output import print_json, print_line, print_note, print_table
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.path_display import absolute
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.side_files import SideFiles
from deeprx_gui.domain import edition
from deeprx_gui.domain.self_test import Check, SelfTest, State
from deeprx_gui.i18n import render, tr
from deeprx_gui.work.self_checks import package_versions
from deeprx_gui.work.self_test import NAMES, self_test
from deeprx_gui.work.support_file import write_support_file

TIMEOUT = 600
EXIT_FAILED = 2


def add(parser: Parser, _common: Parser) -> None:
    """Declare the arguments."""
    add_runtime_option(parser)
    add_json_option(parser)
    parser.add_argument(
        "--report",
        type=argument_types.path,
        metavar="FILE",
        help=tr("write the answer of --json into this file as well"),
    )
    parser.add_argument(
        "--support",
        type=argument_types.path,
        metavar="FILE",
        help=tr("write a zip for support: this answer and the logs, no pictures, no profiles"),
    )
    parser.add_argument(
        "--timeout",
        type=argument_types.whole(1),
        default=TIMEOUT,
        metavar="SECONDS",
        help=tr("give up after this time, {seconds} s unless given", seconds=TIMEOUT),
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Run every check; exit 0 when none failed, else 2."""
    finished: list[Check] = []
    report = None if args.report is None else absolute(args.report)
    with _watched(args.timeout, finished, report):
        result = drive(
            self_test(context.engines(args.runtime), context.paths.data),
            lambda item: finished.append(item) if isinstance(item, Check) else None,
        )
    answer = as_json(result)
    files = SideFiles()
    if report is not None:
        files.write(lambda: write_over(report, _bytes(answer)))
    support = None if args.support is None else absolute(args.support)
    if support is not None:
        files.write(lambda: write_support_file(support, logs=context.paths.logs, report=answer))
    if args.json:
        print_json({**answer, **files.as_json()})
    else:
        rows = [(_word(c.state), render(c.title), render(c.detail)) for c in result.checks]
        print_table((tr("Result"), tr("Checked"), tr("Finding")), rows)
        if support is not None and files.problem is None:
            print_line(tr("For support: {path}", path=support))
    return files.exit_after(0 if result.ok else EXIT_FAILED)


def _word(state: State) -> str:
    if state is State.FAILED:
        return tr("FAILED")
    return tr("skipped") if state is State.SKIPPED else tr("passed")


@contextmanager
def _watched(seconds: int, finished: list[Check], report: Path | None) -> Iterator[None]:
    """End the program when a check hangs, and say which: nothing else could end it."""

    def give_up() -> None:
        hanging = next((n for n in NAMES if n not in {c.name for c in finished}), "?")
        print_note(
            tr(
                "“{check}” did not end within {seconds} s. Start the PC anew and try again; if it "
                "happens again, call support.",
                check=render(NAMES[hanging]) if hanging in NAMES else hanging,
                seconds=seconds,
            )
        )
        files = SideFiles()
        if report is not None:
            answer = {**as_json(SelfTest(tuple(finished))), "ok": False, "hanging": hanging}
            files.write(lambda: write_over(report, _bytes(answer)))
        os._exit(files.exit_after(EXIT_FAILED))

    watch = threading.Timer(seconds, give_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _bytes(answer: object) -> bytes:
    return json.dumps(answer, ensure_ascii=False, indent=1).encode() + b"\n"


def as_json(result: SelfTest) -> dict[str, object]:
    """Return what ``--json`` prints."""
    return {
        "ok": result.ok,
        "version": __version__,
        "edition": edition.name(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "frozen": bool(getattr(sys, "frozen", False)),
        "packages": package_versions(),
        "checks": [
            {
                "name": c.name,
                "ok": c.ok,
                "state": c.state.value,
                "detail": render(c.detail),
                "seconds": round(c.seconds, 3),
            }
            for c in result.checks
        ],
    }
