"""Launcher of the installed program: every failure at start-up is reported to the user.

A program without a console has no standard output and nobody who reads it: what is printed goes to
the log, and a start that fails is told in a message box that says where the log lies.
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from collections.abc import Sequence
from typing import Literal

from deeprx_gui import __main__, installation_check, log
from deeprx_gui.domain.message import Message, say
from deeprx_gui.startup_error import show_startup_error

Door = Literal["window", "console"]
EXIT_FAILED = 2
_SELF_TEST = frozenset({"self-test", "--self-test", __main__.PROBE})

_log = logging.getLogger(__name__)


def run_reporting_failures(door: Door) -> int:
    """Run the program; return its exit code. Never raises."""
    multiprocessing.freeze_support()
    words = sys.argv[1:]
    has_console = sys.stderr is not None
    log.catch_output()
    try:
        damage = _damage()
        # The self-test runs in a damaged program too: finding out what is wrong is what it is for.
        if damage is not None and not _SELF_TEST & set(words):
            show_startup_error(damage, words, has_console=has_console)
            return EXIT_FAILED
        return __main__.window() if door == "window" else __main__.console()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException as error:  # noqa: BLE001 - the last door: whatever it is, it is told
        _log.critical("the program could not start", exc_info=error)
        show_startup_error(_failed(error, words), words, has_console=has_console)
        return EXIT_FAILED


def _damage() -> Message | None:
    folder = installation_check.program_folder()
    return None if folder is None else installation_check.missing_or_resized_file(folder)


def _failed(error: BaseException, words: Sequence[str]) -> Message:
    reason = f"{type(error).__name__}: {error}"
    try:
        from deeprx_gui.cli.common import paths_of

        place = paths_of(words).logs / log.FILE_NAME
    except Exception:  # noqa: BLE001 - what is broken may be just this
        return say("The program could not start ({reason}). Tell support this line.", reason=reason)
    return say(
        "The program could not start ({reason}). Please send the file {log} to support.",
        reason=reason,
        log=place,
    )
