"""Who gets into the OPC UA server and what floods do, with a real asyncua client on loopback."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
from contextlib import closing, suppress
from pathlib import Path

import pytest

from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.table import parse_output
from tests.outputs.conftest import FAST, is_retrying, only, record, until
from tests.outputs.opcua_identity import identity

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import Client, ua

from tests.outputs.opcua_line_shop import (
    Events,
    Shop,
    is_in,
    listens,
    open_shop,
    refusal,
    run,
    shop,
    soon,
)
from tests.outputs.opcua_shop import PASSWORD, Plc, plc

__all__ = ["open_shop", "shop"]  # fixtures


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
    monkeypatch.setattr("deeprx_gui.outputs.opcua_shares.SHARE", 0.05)
    monkeypatch.setattr("deeprx_gui.outputs.opcua_shares.BURST", 0.05)
    monkeypatch.setattr("deeprx_gui.outputs.opcua_shares.STRANGERS_BURST", 0.05)
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
