"""Output: whom the verdicts are told, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from deeprx_gui.domain.message import Message


class OutputKind(StrEnum):
    """How the world is told."""

    FILES = "files"
    TCP = "tcp"
    MODBUS = "modbus"
    MQTT = "mqtt"
    HTTP = "http"


@dataclass(frozen=True)
class OutputSpec:
    """One output as it is chosen and stored: kind, address, options (JSON-able).

    ``address``: a folder, ``host:port``, or a URL. A password is never an option: where a receiver
    wants one, the option names the environment variable it lies in.
    """

    kind: OutputKind
    address: str
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class OutputLink(StrEnum):
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
    link: OutputLink
    problem: Message | None = None
    waiting: int = 0
    dropped: int = 0
