"""What stands below a command: ``deeprx profiles list``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

from deeprx_gui.domain.message import Message

RunT = TypeVar("RunT")


class Work(Enum):
    """Whose work a command is: where a PIN is set, the engineer's needs it."""

    ANYBODYS = auto()
    ENGINEERS = auto()
    """It teaches, or changes product profiles or what they are judged with."""
    BY_VERB = auto()
    """The verbs below the command say it."""


@dataclass(frozen=True)
class Verb(Generic[RunT]):
    """A line of the help, whose work it is, and the function that does it."""

    help: Message
    work: Work
    run: RunT
