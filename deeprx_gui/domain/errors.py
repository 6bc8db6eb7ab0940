"""Errors that end in a sentence a line engineer can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deeprx_gui.domain.central import PASSING, Trouble
from deeprx_gui.domain.message import Message, in_one


class DeepRxError(Exception):
    """Base of every expected failure; ``message`` says what happened and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


@contextmanager
def with_remarks(remarks: Sequence[Message]) -> Iterator[None]:
    """Let an expected failure inside also say what was done before it and stays done."""
    try:
        yield
    except DeepRxError as error:
        error.message = in_one((error.message, *remarks)) or error.message
        raise


class ImageError(DeepRxError):
    """A picture could not be read."""


class PlacementError(ImageError):
    """The part does not lie where it should: there is nothing to measure."""


class FitError(DeepRxError):
    """The normal images cannot support a fit."""


class BackboneError(DeepRxError):
    """A backbone is unknown, not installed, or its weights are not what they should be."""


class RuntimeChoiceError(DeepRxError):
    """The runtime asked for is not available on this PC."""


class ProfileError(DeepRxError):
    """A product profile is missing, damaged, hostile or made by a newer program."""


class SourceError(DeepRxError):
    """A source of pictures cannot be reached, or stopped delivering."""


class StorageError(DeepRxError):
    """The disk is full, read-only, or the folder cannot be written."""


class CentralError(DeepRxError):
    """The central database cannot be reached, or does not take what was sent."""

    def __init__(self, message: Message, trouble: Trouble) -> None:
        super().__init__(message)
        self.trouble = trouble

    @property
    def passes(self) -> bool:
        """Whether the same may succeed later without anybody doing anything here."""
        return self.trouble in PASSING


class RequestError(DeepRxError):
    """What was asked for makes no sense as asked (wrong option, unknown name, empty folder)."""


class Cancelled(Exception):  # noqa: N818 - a cancel is not an error
    """The person pressed Cancel (or Ctrl-C)."""


_MEMORY_WORDS = (
    "bad_alloc",
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
)
_NO_MEMORY_ON_WINDOWS = frozenset({8, 14, 1455})
"""Too little storage, out of memory, the paging file is too small: loading a library says these."""


def means_memory(error: BaseException) -> bool:
    """Say whether memory ran out: OpenVINO and torch say so in errors that mean anything else too.

    C++'s ``std::bad_alloc`` comes as a RuntimeError with that word, torch's own allocators write
    the others; a library that cannot be loaded for want of memory is an ImportError or an OSError.
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        number = getattr(error, "winerror", None)
        return error.errno == errno.ENOMEM or number in _NO_MEMORY_ON_WINDOWS
    text = str(error).lower()
    known = isinstance(error, RuntimeError | ImportError)
    return known and any(word in text for word in _MEMORY_WORDS)
