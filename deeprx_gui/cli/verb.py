"""What stands below a command: ``deeprx profiles list``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from deeprx_gui.domain.message import Message

RunT = TypeVar("RunT")


@dataclass(frozen=True)
class Verb(Generic[RunT]):
    """A line of the help, and the function that does it."""

    help: Message
    run: RunT
