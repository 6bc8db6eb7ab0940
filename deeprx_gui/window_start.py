"""The window's front door: ``deeprx-gui [--data-dir DIR] [--lang ja|en] [--operator] [FILE …]``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path

from deeprx_gui import log, single_instance
from deeprx_gui import settings as settings_module
from deeprx_gui.cli import argument_types, failure
from deeprx_gui.cli.common import (
    add_version,
    command_in,
    common_options,
    paths_of,
    speak_as_asked,
)
from deeprx_gui.cli.parser import Parser
from deeprx_gui.cli.streams import ReaderGoneError, configure_streams
from deeprx_gui.domain.errors import DeepRxError, StorageError
from deeprx_gui.i18n import tr
from deeprx_gui.paths import Paths
from deeprx_gui.single_instance import WindowInstance
from deeprx_gui.startup_error import show_startup_error

_SELF_TEST = "--self-test"
_EXIT_FAILED = 2

_log = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> int:
    """Open the window; with a command, be the command line."""
    if _SELF_TEST in argv:  # so that the program without a console can be asked, too
        argv = ["self-test", *(word for word in argv if word != _SELF_TEST)]
    command = command_in(argv, surely=True)
    if command is not None and not single_instance.is_profile(command):
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
    if args.lang is not None:
        settings = replace(settings, language=args.lang)
    try:
        window = _only_window(paths, args.files, argv)
        if isinstance(window, int):
            return window
        from deeprx_gui.app import run  # Qt only when a window opens

        with _closing(window):
            return run(
                paths,
                settings,
                operator=args.operator,
                argv=[sys.argv[0]],
                files=args.files,
                place=None if window is None else window.place,
            )
    finally:
        log.close()


def _only_window(
    paths: Paths, files: Sequence[Path], argv: Sequence[str]
) -> WindowInstance | int | None:
    """Return the right to open the window, or an exit code when another window took over.

    ``None``: nobody can tell whether there is another one; this one opens.
    """
    place = single_instance.request_folder(paths.data)
    try:
        window = single_instance.claim_or_hand_over(place, files)
    except single_instance.NoAnswerError as error:
        show_startup_error(error.message, argv, has_console=sys.__stderr__ is not None)
        return _EXIT_FAILED
    except StorageError as error:
        _log.warning("starts cannot meet in %s: %s", place, error)
        return None
    if window is None:
        _log.info("another window took over")
        return 0
    return window


def _closing(window: WindowInstance | None) -> AbstractContextManager[object]:
    return nullcontext() if window is None else closing(window)


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
            "deeprx-gui D:/bracket.deeprx",
        ),
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=argument_types.path,
        metavar="FILE",
        help=tr("product profiles (.deeprx) to import, after a question in the window"),
    )
    parser.add_argument(
        "--operator",
        action="store_true",
        help=tr("only the page Inspect, full screen; leaving it asks for the engineer's PIN"),
    )
    add_version(parser)
    return parser
