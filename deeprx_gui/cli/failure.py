"""How a command that cannot go on says so: a sentence, the exit code, and JSON where asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deeprx_gui.cli.engineer import AccessError
from deeprx_gui.cli.output import print_help, print_json, print_note
from deeprx_gui.cli.parser import UsageError
from deeprx_gui.cli.streams import ReaderGoneError
from deeprx_gui.domain.errors import (
    BackboneError,
    CentralError,
    DeepRxError,
    FitError,
    ImageError,
    ProfileError,
    RequestError,
    RuntimeChoiceError,
    StorageError,
    means_memory,
)
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import render, tr

EXIT_ERROR, EXIT_CANCELLED = 2, 130

MEMORY = "memory"
KINDS: Mapping[type[BaseException], str] = {
    UsageError: "usage",
    AccessError: "access",
    RequestError: "request",
    ImageError: "image",
    FitError: "fit",
    BackboneError: "backbone",
    RuntimeChoiceError: "runtime",
    ProfileError: "profile",
    StorageError: "storage",
    CentralError: "central",
    OSError: "storage",
    MemoryError: MEMORY,
    KeyboardInterrupt: "cancelled",
}
"""The word that ``--json`` gives for each failure; the first that fits counts."""
UNEXPECTED = "unexpected"

_log = logging.getLogger(__name__)


class DetailedError(DeepRxError):
    """A refusal of which ``--json`` tells more than the sentence."""

    def __init__(self, message: Message, details: Mapping[str, object]) -> None:
        super().__init__(message)
        self.details = details


class DetailedProfileError(DetailedError, ProfileError):
    """A detailed refusal about a profile."""


class DetailedFitError(DetailedError, FitError):
    """A detailed refusal to learn."""


def report(error: BaseException, log_file: Path | None, *, as_json: bool) -> int:
    """Say what happened and what to do; return the exit code."""
    if isinstance(error, ReaderGoneError):
        return EXIT_ERROR  # whoever read our output went away, nobody is left to tell
    kind = next((word for cls, word in KINDS.items() if isinstance(error, cls)), UNEXPECTED)
    kind = MEMORY if means_memory(error) else kind
    sentence = render(_message(error, log_file))
    print_note(sentence)
    if isinstance(error, UsageError):
        print_help(error.usage)
        if error.command:
            print_note(tr("Help: {command}", command=f"{error.command} --help"))
    if as_json:
        with suppress(ReaderGoneError, StorageError):  # it may be the output that failed
            details = error.details if isinstance(error, DetailedError) else {}
            print_json({"error": sentence, "kind": kind, **details})
    return EXIT_CANCELLED if isinstance(error, KeyboardInterrupt) else EXIT_ERROR


def _message(error: BaseException, log_file: Path | None) -> Message:
    match error:
        case KeyboardInterrupt():
            return say("Cancelled. What was saved before is untouched.")
        case DeepRxError():
            return error.message
        case _ if means_memory(error):
            _log.error("out of memory", exc_info=error)
            return say(
                "This PC has not enough memory for that. Close other programs, or choose a smaller "
                "picture size. What was saved before is untouched."
            )
        case OSError():
            _log.error("system error", exc_info=error)
            return say(
                "“{path}” cannot be read or written ({reason}). Check the path, the disk and your "
                "rights, then try again. What was saved before is untouched.",
                path=error.filename or "?",
                reason=error.strerror or type(error).__name__,
            )
    _log.error("unexpected error", exc_info=error)
    if log_file is None:
        return say(
            "Something unexpected went wrong ({reason}); nothing saved before is lost. "
            "Please tell support this line.",
            reason=f"{type(error).__name__}: {error}",
        )
    return say(
        "Something unexpected went wrong; nothing saved before is lost. "
        "Please send the file {log} to support.",
        log=log_file,
    )
