"""A line with an OPC UA server, and a client of it, for tests; needs asyncua."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.line_status import LineProduct, LineStatus, TriggerCounts
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputConnection
from deeprx_gui.outputs import opcua
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.outputs.opcua_people import OpcUaPeople
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.table import parse_output
from tests.outputs.conftest import FAST, free_port, only, record, until
from tests.outputs.opcua_identity import Identity, identity

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua

from tests.outputs.opcua_shop import NAME, PASSWORD, Plc, plc

PRODUCTS = (LineProduct("a1", "ブラケット", 7, in_use=True), LineProduct("b2", "Nut", 2))


class Shop:
    """A server, the line behind it, and a client that is accepted."""

    def __init__(self, folder: Path, options: str = "") -> None:
        self.folder, self.port = folder, free_port()
        self.keys = OpcUaKeys(opcua.keys_folder(folder))
        self.who = identity(folder / "client")
        self.keys.trusted.add(self.who.certificate)
        OpcUaPeople(self.keys.folder / "users.json").set_password(NAME, PASSWORD)
        self.products: tuple[LineProduct, ...] = PRODUCTS
        self.status = LineStatus(running=True, most=8)
        self.fired: list[str] = []
        self.wanted: list[str] = []
        self.refuses = ""
        self.answers = False
        self._lock = threading.Lock()
        self.hub = OutputHub(
            [parse_output(f"opcua:{self.port}{options}")],
            on_trigger=self._fire,
            on_product=self.wanted.append,
            on_status=lambda: self.status,
            on_products=lambda: self.products,
            folder=folder,
            pauses=FAST,
        )
        self.hub.start()
        until(lambda: only(self.hub).link is OutputConnection.READY)
        until(lambda: "starts" not in str(only(self.hub).problem))

    def _fire(self, serial: str, _origin: str) -> int:
        with self._lock:
            if self.refuses:
                raise RequestError(say("the line says no"))
            counts = self.status.counts
            number = counts.accepted + 1
            self.status = replace(self.status, waiting=1, counts=replace(counts, accepted=number))
            self.fired.append(serial)
        if self.answers:
            threading.Thread(target=self.answer, args=(number, serial)).start()
        return number

    def trigger(self) -> int:
        """A sensor of the line triggers; returns the number of the trigger."""
        return self._fire("", "")

    def answer(self, number: int, serial: str, **more: Any) -> None:
        """The line has judged the part of a trigger."""
        with self._lock:
            self.status = replace(self.status, waiting=0, answered=number)
        hot = np.zeros((8, 8), np.float32)
        hot[2:4, 4:6] = 3.0
        self.hub.tell(record(number, serial=serial, **more), trigger=number, score_map=hot)

    def problem(self) -> str:
        return str(only(self.hub).problem or "")

    def reset(self) -> None:
        self.status = LineStatus(running=True, most=8, answered=1000, counts=_counts(1000))
        self.products, self.refuses, self.answers = PRODUCTS, "", False
        self.fired.clear()
        self.wanted.clear()

    def close(self) -> None:
        self.hub.close()


def _counts(accepted: int) -> TriggerCounts:
    return TriggerCounts(accepted=accepted)


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("opcua"))
    yield shop
    shop.close()


@pytest.fixture
def shop(open_shop: Shop) -> Shop:
    open_shop.reset()
    return open_shop


class Events:
    """What a subscription heard."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def event_notification(self, event: Any) -> None:
        self.heard.append(event)

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        self.heard.append(value)

    def of(self, plc: Plc, number: int) -> list[Any]:
        return [each for each in self.heard if each.EventType.Identifier == number]


async def listens(to: Plc, number: int = 1024) -> Events:
    """Subscribe to events of a type (ResultReady) of the vision system."""
    events = Events()
    subscription = await to.client.create_subscription(20, events)
    kind = to.client.get_node(ua.NodeId(number, 2))
    await subscription.subscribe_events(to.node(""), kind, queuesize=1000)
    return events


async def soon(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this never came true"
        await asyncio.sleep(0.005)


async def is_in(to: Plc, state: str) -> None:
    end = time.monotonic() + 30
    while (found := await to.state()) != state:
        assert time.monotonic() < end, f"{found}, not {state}"
        await asyncio.sleep(0.01)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 120))


def refusal(shop: Shop, who: Identity, **more: Any) -> str:
    """What a client hears that is not let in."""

    async def tries() -> str:
        try:
            async with plc(shop.port, who, **more):
                return ""
        except (ua.UaError, ConnectionError, TimeoutError, OSError) as error:
            return f"{type(error).__name__} {error}"

    return asyncio.run(asyncio.wait_for(tries(), 60))
