"""The window's front door: ``deeprx-gui [--data-dir DIR] [--lang ja|en] [--operator]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

from deeprx_gui import log
from deeprx_gui import settings as settings_module
from deeprx_gui.cli import failure
from deeprx_gui.cli.common import (
    add_version,
    command_in,
    common_options,
    paths_of,
    speak_as_asked,
)
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.streams import ReaderGoneError, configure_streams
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.i18n import tr

_SELF_TEST = "--self-test"


def main(argv: Sequence[str]) -> int:
    """Open the window; with a command, be the command line."""
    if _SELF_TEST in argv:  # so that the program without a console can be asked, too
        argv = ["self-test", *(word for word in argv if word != _SELF_TEST)]
    if command_in(argv, surely=True) is not None:
        from deeprx_gui.cli.main import main as command_line  # not needed to open a window

        return command_line(argv)
    configure_streams()
    try:
        paths = paths_of(argv)
        speak_as_asked(argv, paths)
        args = build_parser().parse_args(list(argv))
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except (DeepRxError, ReaderGoneError) as error:
        return failure.report(error, None, as_json=False)
    log.setup(paths)
    settings = settings_module.load(paths.settings_file)
    if hasattr(args, "lang"):
        settings = replace(settings, language=args.lang)
    from deeprx_gui.app import run  # Qt only when a window opens

    try:
        return run(paths, settings, operator=args.operator, argv=[sys.argv[0]])
    finally:
        log.close()


def build_parser() -> Parser:
    """Return the parser of the window's program."""
    parser = Parser(
        "deeprx-gui",
        parents=[common_options()],
        description=tr(
            "Open the window. Written with a command, it works without one; “{command}” lists "
            "the commands.",
            command="deeprx --help",
        ),
        examples=(
            "deeprx-gui",
            "deeprx-gui --lang ja",
            "deeprx-gui --data-dir D:/inspection",
            "deeprx-gui --operator",
        ),
    )
    parser.add_argument(
        "--operator",
        action="store_true",
        help=tr("only the page Inspect, full screen; leaving it asks for the engineer's PIN"),
    )
    add_version(parser)
    return parser
