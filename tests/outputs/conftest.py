"""Verdicts to tell, ports to tell them on, and waiting for what threads do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.domain.output import OutputConnection, OutputSpec, OutputState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.table import parse_output
from tests.made_record import made_record

FAST = (0.02, 0.05)
"""Pauses between attempts, for tests."""


def record(number: int = 1, **changes: Any) -> Record:
    """A part as outputs tell it: every field that travels is unlike its default."""
    told: dict[str, Any] = {
        "uid": f"uid-{number:04d}",
        "when": datetime(2026, 7, 1, 8, 30, 15, 123456, tzinfo=UTC),
        "profile_id": "a1",
        "profile": "ブラケット",
        "revision": 7,
        "score": 3.0,
        "limits": Limits(2.0, 2.5),
        "milliseconds": 3.25,
        "latency": 21.5,
        "serial": f"S-{number}",
        "number": number,
    }
    return made_record(number, Verdict.NG, **{**told, **changes})


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Return as soon as the condition holds; fail when it never does."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this never came true"
        pause.wait(0.003)


def output_threads() -> list[str]:
    names = ("output-", "modbus-server", "line-server", "paho-mqtt")
    return [t.name for t in threading.enumerate() if t.name.startswith(names)]


class Rig:
    """Outputs under test, and what they were asked."""

    def __init__(self) -> None:
        self.triggers: list[str] = []
        self.products: list[str] = []
        self.hubs: list[OutputHub] = []
        self.origins: list[str] = []
        self.status = LineStatus()

    def outputs(self, *written: str | OutputSpec) -> OutputHub:
        specs = [parse_output(w) if isinstance(w, str) else w for w in written]
        hub = OutputHub(
            specs,
            on_trigger=self._trigger,
            on_product=self.products.append,
            on_status=lambda: self.status,
            pauses=FAST,
        )
        self.hubs.append(hub)
        hub.start()
        return hub

    def _trigger(self, serial: str, origin: str) -> None:
        self.triggers.append(serial)
        self.origins.append(origin)


def only(hub: OutputHub) -> OutputState:
    (state,) = hub.states()
    return state


def is_ready(hub: OutputHub) -> bool:
    return only(hub).link is OutputConnection.READY


def is_retrying(hub: OutputHub) -> bool:
    return only(hub).link is OutputConnection.RETRYING


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    for hub in rig.hubs:
        hub.close()
    until(lambda: not output_threads())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "結果 1"
