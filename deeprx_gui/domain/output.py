"""Output: whom the verdicts are told, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deeprx_gui.domain.connection import Spec
from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class OutputSpec(Spec):
    """One output. Its address: a folder, ``host:port``, or a URL."""


class OutputConnection(StrEnum):
    """How things stand between the program and a receiver."""

    STARTING = "starting"
    READY = "ready"
    RETRYING = "retrying"
    STOPPED = "stopped"


@dataclass(frozen=True)
class OutputState:
    """What is told about an output.

    ``waiting``: verdicts not yet handed over; ``dropped``: those given up because the receiver was
    away for too long (they stay in the store all the same).
    """

    spec: OutputSpec
    link: OutputConnection
    problem: Message | None = None
    waiting: int = 0
    dropped: int = 0
