"""The OPC UA server against a real asyncua client, on loopback."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.line_status import LineProduct, LineStatus, TriggerCounts
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputConnection
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs import opcua
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.outputs.opcua_people import OpcUaPeople
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.table import parse_output
from tests.outputs.conftest import FAST, free_port, is_retrying, only, record, until
from tests.outputs.opcua_identity import Identity, identity

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import Client, ua

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


def test_a_single_job_is_answered_by_its_own_verdict(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            await is_in(client, "Ready")
            job, error = await client.start("S-1", meas="M-9")
            assert error == 0
            assert shop.fired == ["S-1"]
            assert await client.state() == "SingleExecution"
            assert await client.value("Line.Busy")
            with pytest.raises(ua.UaError):  # one at a time
                await client.start("S-2")
            shop.answer(1001, "S-1")
            await is_in(client, "Ready")
            await soon(lambda: events.heard)
            (event,) = events.heard
            result = await client.value("ResultManagement.Results.Result")
            assert event.JobId.Id == result.JobId.Id == job
            assert await client.value("Verdict.JobId") == job
            assert result.PartId.Id == "S-1"
            assert result.MeasId.Id == "M-9"
            assert result.ResultState == 1
            pairs = [each.Value for each in event.ResultContent]
            content = {pair.Key.Name: pair.Value.Value for pair in pairs}
            assert content["Verdict"] == "NG"
            assert content["Times"] == 1.5, "one scale: multiples of the suggested limit"
            assert content["Revision"] == 7
            assert content["Places"] == [0.5, 0.25, 0.75, 0.5, 1.5]
            assert await client.value("Verdict.VerdictCode") == 3
            assert await client.value("Line.ResultValid")

    run(talks())


def test_what_the_line_refuses_is_an_error_with_a_sentence(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            await is_in(client, "Ready")
            shop.refuses = "yes"
            assert await client.start("S-1") == ("", -1)
            assert await client.state() == "Ready"
            assert "the line says no" in await client.value("Line.LastRefusal")
            assert await client.start("S-1", recipe="Nut") == ("", -2)
            assert shop.fired == []
            with pytest.raises(ua.UaError, match="BadInvalidArgument"):
                await client.start("x" * 201)

    run(talks())


def test_the_state_machine_and_what_each_state_refuses(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            steps = await listens(client, 1018)
            await is_in(client, "Ready")
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.change("Stop")
            assert await client.change("Halt") == 0
            assert await client.state() == "Halted"
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.start("S-1")
            assert "StartSingleJob" in await client.value("Line.LastRefusal")
            assert await client.change("Reset") == 0
            assert await client.state() == "Preoperational"
            assert await client.change("SelectModeAutomatic") == 0
            await is_in(client, "Ready")
            shop.status = replace(shop.status, source_away=True)
            await is_in(client, "Error")
            shop.status = replace(shop.status, source_away=False)
            await is_in(client, "Ready")
            shop.status = replace(shop.status, running=False)
            await is_in(client, "Initialized")
            await soon(lambda: len(steps.heard) >= 8)
            assert [each.Message.Text for each in steps.heard][:2] == [
                "Ready → Halted (Halt)",
                "Halted → Preoperational (Reset)",
            ]
            number = await client.value("VisionStateMachine.CurrentState.Number")
            assert number == 4, "the StateNumber of Operational"

    run(talks())


def test_products_are_recipes_that_can_be_listed_and_prepared(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client, 1022)
            empty = ua.RecipeIdExternalDataType(), ua.ProductIdDataType()
            page = [ua.Variant(0, ua.VariantType.UInt32)] * 2
            rest = [*page, ua.Variant(0, ua.VariantType.Int32)]

            async def listed(prepared: int) -> list[tuple[str, str]]:
                wanted = ua.Variant(prepared, ua.VariantType.Int32)
                where = "RecipeManagement.GetRecipeListFiltered"
                complete, count, _, found, error = await client.call(where, *empty, wanted, *rest)
                assert (complete, count, error) == (True, len(found), 0)
                return [(each.Description.Text, each.Version) for each in found]

            assert await listed(2) == [("ブラケット", "7"), ("Nut", "2")]
            assert await listed(1) == [("ブラケット", "7")]

            async def prepare(name: str) -> tuple[str, bool, int]:
                wanted = ua.RecipeIdExternalDataType(Id=name), ua.RecipeIdInternalDataType()
                made, done, error = await client.call("RecipeManagement.PrepareRecipe", *wanted)
                return made.Id, done, error

            await is_in(client, "Ready")
            assert await prepare("ブラケット") == ("a1", True, 0)
            assert await prepare("Bolt") == ("", False, -2)
            assert await prepare("nut") == ("b2", False, 0)
            assert shop.wanted == ["Nut"]
            await is_in(client, "Initialized")  # not ready before it is in use
            with pytest.raises(ua.UaError, match="BadInvalidState"):
                await client.start("S-1")
            shop.products = tuple(replace(each, in_use=each.id == "b2") for each in PRODUCTS)
            await is_in(client, "Ready")
            await soon(lambda: events.heard)
            assert events.heard[0].InternalId.Id == "b2"
            step = await client.value("AutomaticModeStateMachine.LastTransition")
            assert step.Text == "InitializedToReadyRecipe"

    run(talks())


def test_continuous_execution_names_the_line_s_own_parts(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            await is_in(client, "Ready")
            job, error = await client.start(job="StartContinuous")
            assert error == 0
            assert await client.state() == "ContinuousExecution"
            for number in range(3):
                shop.hub.tell(record(number, verdict=Verdict.OK, score=1.0))
            await soon(lambda: len(events.heard) == 3)
            assert {each.JobId.Id for each in events.heard} == {job}
            assert await client.change("Stop") == 0
            assert await client.state() == "Ready"
            shop.hub.tell(record(9))
            await soon(lambda: len(events.heard) == 4)
            assert events.heard[3].JobId.Id.startswith("line-")
            sequence = await client.value("Verdict.Sequence")
            assert events.heard[3].JobId.Id == f"line-{sequence}"

    run(talks())


def test_results_can_be_asked_for_again(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            shop.hub.tell(record(31, serial="P-31"))
            end = time.monotonic() + 20
            while await client.value("Verdict.PartId") != "P-31":
                assert time.monotonic() < end
            late = ua.Variant(0, ua.VariantType.Int32)
            by_id = "ResultManagement.GetResultById"
            _, result, error = await client.call(by_id, ua.ResultIdDataType(Id="uid-0031"), late)
            assert (error, result.PartId.Id) == (0, "P-31")
            *_, error = await client.call(by_id, ua.ResultIdDataType(Id="other"), late)
            assert error == -4
            parts = await client.call(
                "ResultManagement.GetResultComponentsById", ua.ResultIdDataType(Id="uid-0031"), late
            )
            assert parts[6].Id == "P-31"
            assert parts[-1] == 0
            zero = ua.Variant(0, ua.VariantType.UInt32)
            filters = (
                late, ua.MeasIdDataType(), ua.PartIdDataType(Id="P-31"),
                ua.RecipeIdExternalDataType(), ua.RecipeIdInternalDataType(),
                ua.ConfigurationIdDataType(), ua.ConfigurationIdDataType(),
                ua.ProductIdDataType(), ua.JobIdDataType(), zero, zero, late,
            )  # fmt: skip
            found = await client.call("ResultManagement.GetResultListFiltered", *filters)
            assert [each.ResultId.Id for each in found[3]] == ["uid-0031"]

    run(talks())


def test_thirty_parts_none_missed_doubled_or_taken_for_another(shop: Shop) -> None:
    shop.answers = True

    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            for number in range(30):
                await is_in(client, "Ready")
                job, error = await client.start(f"P-{number}")
                assert error == 0
                await soon(lambda number=number: len(events.heard) > number)  # type: ignore[misc]
                assert events.heard[-1].JobId.Id == job
                assert events.heard[-1].PartId.Id == f"P-{number}"
            assert len(events.heard) == 30

    run(talks())


def test_one_read_sees_one_verdict(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            end = threading.Event()

            def tells() -> None:
                number = 5000
                while not end.wait(0.002):
                    number += 1
                    if only(shop.hub).waiting < 5:
                        shop.hub.tell(record(number, serial=f"{number}", revision=number))

            teller = threading.Thread(target=tells)
            teller.start()
            try:
                nodes = [client.node(f"Verdict.{name}") for name in ("PartId", "Revision", "Uid")]
                seen = 0
                while seen < 40:
                    part, revision, uid = await client.client.read_values(nodes)
                    if uid >= "uid-5000":
                        seen += 1
                        assert part == f"{revision}" == uid[4:]
            finally:
                end.set()
                teller.join()
            await soon(lambda: only(shop.hub).waiting == 0)

    run(talks())


def test_a_client_that_comes_back_goes_on_where_the_line_is(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            shop.hub.tell(record(1, serial="before"))
            events = await listens(client)
            transport = client.client.uaclient.protocol.transport
            before = await client.value("Verdict.Sequence")
            transport.abort()  # the network breaks
            shop.hub.tell(record(2, serial="meanwhile"))
            with suppress(Exception):
                await client.value("Line.Ready")
        assert events.heard == [] or events.heard[0].PartId.Id == "meanwhile"
        async with plc(shop.port, shop.who) as client:
            again = await listens(client)
            shop.hub.tell(record(3, serial="after"))
            await soon(lambda: again.heard)
            assert again.heard[0].PartId.Id == "after"
            assert await client.value("Verdict.Sequence") >= before + 2

    run(talks())


def test_a_certificate_is_refused_until_an_engineer_accepts_it(shop: Shop, tmp_path: Path) -> None:
    stranger = identity(tmp_path, "stranger")
    assert refusal(shop, stranger)
    until(lambda: "stranger" in shop.problem())
    assert stranger.certificate.fingerprint[:16] in shop.problem()
    shop.keys.accept(stranger.certificate.fingerprint)
    assert refusal(shop, stranger) == ""
    shop.keys.refuse(stranger.certificate.fingerprint)
    assert refusal(shop, stranger)
    shop.keys.accept(stranger.certificate.fingerprint)


def test_an_expired_certificate_is_refused_though_it_was_accepted(
    shop: Shop, tmp_path: Path
) -> None:
    old = identity(tmp_path, "old", days=2, since=-10)
    shop.keys.trusted.add(old.certificate)
    server = shop.keys.own_file  # the client's library asks nothing of its own certificate
    assert refusal(shop, old, server=server)
    until(lambda: "expired" in shop.problem())


def test_wrong_names_passwords_and_nobody_are_refused(shop: Shop, tmp_path: Path) -> None:
    assert "BadUserAccessDenied" in refusal(shop, shop.who, password=PASSWORD.upper())
    assert "BadUserAccessDenied" in refusal(shop, shop.who, name="nobody")
    assert refusal(shop, shop.who, name=None), "anonymous"
    person = identity(tmp_path, "engineer")
    assert "BadUserAccessDenied" in refusal(shop, shop.who, user=person)
    shop.keys.users.add(person.certificate)
    assert refusal(shop, shop.who, user=person) == ""
    assert refusal(shop, shop.who) == ""


def test_without_encryption_one_may_only_ask_for_the_endpoints(shop: Shop) -> None:
    async def talks() -> None:
        client = Client(f"opc.tcp://127.0.0.1:{shop.port}/deeprx", timeout=10)
        found = await client.connect_and_get_server_endpoints()
        policies = {
            (each.SecurityPolicyUri.rpartition("#")[2], each.SecurityMode.name) for each in found
        }
        assert policies == {("Basic256Sha256", "SignAndEncrypt")}
        with pytest.raises((ua.UaError, ConnectionError, TimeoutError)):
            await client.connect()

    run(talks())


def test_nobody_may_touch_the_subscriptions_of_another(shop: Shop, tmp_path: Path) -> None:
    person = identity(tmp_path, "other")
    shop.keys.users.add(person.certificate)

    async def talks() -> None:
        async with plc(shop.port, shop.who) as one, plc(shop.port, shop.who, user=person) as other:
            events = Events()
            mine = await one.client.create_subscription(50, events)
            number = mine.subscription_id
            for theft in (
                other.client.uaclient.session.delete_subscriptions([number]),
                other.client.uaclient.session.transfer_subscriptions(
                    ua.TransferSubscriptionsParameters(SubscriptionIds=[number])
                ),
            ):
                with pytest.raises(ua.UaError):
                    await theft
            await mine.subscribe_data_change(one.node("Verdict.PartId"))
            shop.hub.tell(record(5, serial="mine"))
            await soon(lambda: "mine" in events.heard)

    run(talks())


def test_a_client_that_floods_is_slowed_and_the_line_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.answers = True

    async def floods(client: Plc) -> None:
        node = client.node("ResultManagement.Results.Result")
        while True:
            with suppress(ua.UaError):
                await asyncio.gather(*(node.read_value() for _ in range(50)))

    async def talks() -> None:
        async with plc(shop.port, shop.who) as bad:
            dropped = only(shop.hub).dropped
            flood = asyncio.create_task(floods(bad))
            await soon(lambda: "slowed down" in shop.problem(), 60)
            monkeypatch.undo()
            async with plc(shop.port, shop.who) as good:
                events = await listens(good)
                for number in range(5):
                    await is_in(good, "Ready")
                    await good.start(f"F-{number}")
                    await soon(lambda number=number: len(events.heard) > number)  # type: ignore[misc]
            assert only(shop.hub).dropped == dropped
            flood.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await flood

    # the share of a slow PC, so that a slow test machine can exceed it
    monkeypatch.setattr("deeprx_gui.outputs.opcua_guard.SHARE", 0.05)
    monkeypatch.setattr("deeprx_gui.outputs.opcua_guard.BURST", 0.05)
    monkeypatch.setattr("deeprx_gui.outputs.opcua_guard.STRANGERS_BURST", 0.05)
    run(talks())


def test_bytes_that_are_no_messages_end_their_own_connection_only(shop: Shop) -> None:
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 4096, b"HELF\xff\xff\xff\x7f" + b"x" * 70_000):
        with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as sock:
            with suppress(OSError):
                sock.sendall(junk)
            with suppress(ConnectionError):
                while sock.recv(4096):
                    pass
    assert refusal(shop, shop.who) == ""


def hub_of(port: int, folder: Path) -> OutputHub:
    hub = OutputHub([parse_output(f"opcua:{port}")], folder=folder, pauses=FAST)
    hub.start()
    return hub


def test_a_port_in_use_is_said_and_tried_again(port: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", port)), closing(hub_of(port, tmp_path)) as hub:
        until(lambda: is_retrying(hub))
        assert f"127.0.0.1:{port}" in str(only(hub).problem)


def test_where_the_library_is_missing_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with closing(hub_of(4840, tmp_path)) as hub:
        until(lambda: is_retrying(hub))
        assert "pip install asyncua==2.1.0" in str(only(hub).problem)


def test_anonymous_may_look_on_where_that_was_chosen_and_acknowledged_verdicts_wait(
    tmp_path: Path,
) -> None:
    shop = Shop(tmp_path, "?anonymous=1&ack=1")

    async def talks() -> None:
        async with plc(shop.port, shop.who, name=None) as client:
            assert await client.value("Line.Ready")
            with pytest.raises(ua.UaError, match="BadUserAccessDenied"):
                await client.change("Halt")
        async with plc(shop.port, shop.who) as client:
            events = await listens(client)
            for number in (1, 2):
                shop.hub.tell(record(number))
            await soon(lambda: events.heard)
            assert await client.value("Verdict.Sequence") == 1
            assert await client.value("Line.ResultValid")
            with pytest.raises(ua.UaError):
                await client.call("Line.Acknowledge", ua.Variant(7, ua.VariantType.UInt32))
            await client.call("Line.Acknowledge", ua.Variant(1, ua.VariantType.UInt32))
            await soon(lambda: len(events.heard) == 2)
            assert await client.value("Verdict.Sequence") == 2

    try:
        run(talks())
    finally:
        shop.close()
