"""Bytes and filters made to harm: against the real OPC UA server, on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua
from asyncua.common.connection import SecureConnection, TransportLimits
from asyncua.common.utils import Buffer
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.ua import ua_binary

from deeprx_gui.outputs.opcua_guard import MOST_REQUESTS, GuardedProtocol
from deeprx_gui.outputs.opcua_shares import Shares
from tests.outputs.opcua_line_shop import Shop, open_shop, refusal, shop

__all__ = ["open_shop", "shop"]  # fixtures

ENDLESS = struct.pack("<i", 2**24)  # enough to be told, little enough for a server that decodes it
HELLO = ua_binary.uatcp_to_binary(ua.MessageType.Hello, ua.Hello(0, 65_535, 65_535, 0, 0, "opc"))
ACKNOWLEDGE_BYTES = 28


class Stranger:
    """A connection without encryption and session, that may only ask for the endpoints."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._channel = SecureConnection(SecurityPolicyNone(), TransportLimits())
        self.sock.sendall(HELLO)
        self.answer()
        request = ua.OpenSecureChannelRequest()
        request.Parameters.SecurityMode = ua.MessageSecurityMode.None_
        request.Parameters.RequestedLifetime = 60_000
        self._send(ua_binary.struct_to_binary(request), ua.MessageType.SecureOpen)
        opened = self.answer()
        self._channel.security_token.ChannelId = int.from_bytes(opened[8:12], "little")
        self._channel.security_token.TokenId = 13

    def _send(self, body: bytes, kind: Any) -> None:
        self.sock.sendall(self._channel.message_to_binary(body, kind, request_id=1))

    def answer(self) -> bytes:
        """The next message, nothing where the server has let go."""
        data = b""
        with suppress(ConnectionError):
            while len(data) < 8 or len(data) < int.from_bytes(data[4:8], "little"):
                if not (more := self.sock.recv(65_536)):
                    return b""
                data += more
        return data

    def asks(self, *, extra: bytes = b"\0\0\0", rest: bytes = b"") -> bytes:
        """Ask for the endpoints; ``extra`` stands for the additional header."""
        number = ua.ObjectIds.GetEndpointsRequest_Encoding_DefaultBinary
        header = ua_binary.struct_to_binary(ua.RequestHeader())[:-3] + extra
        kind = ua_binary.nodeid_to_binary(ua.FourByteNodeId(number))
        url = struct.pack("<i", 3) + b"opc"
        self._send(kind + header + url + rest, ua.MessageType.SecureMessage)
        return self.answer()


@pytest.fixture
def stranger(shop: Shop) -> Iterator[Stranger]:
    made = Stranger(shop.port)
    with closing(made.sock):
        yield made


def literal(value: bytes) -> bytes:
    number = ua.ObjectIds.LiteralOperand_Encoding_DefaultBinary
    kind = ua_binary.nodeid_to_binary(ua.FourByteNodeId(number))
    return kind + b"\1" + struct.pack("<i", len(value)) + value


NONE = struct.pack("<i", -1)
HARMFUL = {
    "an array of nothing": {"extra": literal(b"\x80" + ENDLESS), "rest": NONE + NONE},
    "more dimensions than elements": {
        "extra": literal(b"\xc3" + struct.pack("<iBii", 1, 7, 1, 900_000)),
        "rest": NONE + NONE,
    },
    "a length that goes back": {"rest": ENDLESS + struct.pack("<i", -4) + NONE},
    "more names than bytes": {"rest": ENDLESS + struct.pack("<i", 0) * 50},
}


def test_a_stranger_is_told_the_endpoints(stranger: Stranger) -> None:
    assert b"opc.tcp" in stranger.asks(rest=NONE + NONE)
    assert b"opc.tcp" in stranger.asks(
        extra=literal(b"\x83" + struct.pack("<iB", 1, 7)), rest=2 * NONE
    )


@pytest.mark.parametrize("case", HARMFUL)
def test_what_a_message_declares_beyond_its_bytes_is_refused(
    shop: Shop, stranger: Stranger, case: str
) -> None:
    assert b"opc.tcp" not in stranger.asks(**HARMFUL[case])
    assert refusal(shop, shop.who) == "", "others are served"


def test_honest_arrays_are_decoded_as_before() -> None:
    for value in (
        ua.Variant([[1, 2], [3, 4], [5, 6]], ua.VariantType.Int32),
        ua.Variant(["a", "", "c"], ua.VariantType.String),
        ua.Variant([], ua.VariantType.Double, is_array=True),
        ua.Variant([ua.Variant(1), ua.Variant("x")], ua.VariantType.Variant),
    ):
        there = Buffer(ua_binary.variant_to_binary(value))
        assert ua_binary.variant_from_binary(there).Value == value.Value
        assert len(there) == 0


def test_messages_that_wait_hold_their_own_bytes_and_no_more_than_may_wait() -> None:
    async def takes() -> None:
        inner = SimpleNamespace(max_pending_messages_per_connection=10_000)
        given: dict[str, Any] = {"policies": [], "clients": [], "closing_tasks": []}
        server: Any = SimpleNamespace(shares=Shares())
        protocol = GuardedProtocol(server, iserver=inner, limits=None, **given)
        paused: list[bool] = []
        protocol.transport = SimpleNamespace(pause_reading=lambda: paused.append(True))  # type: ignore[assignment]
        protocol.data_received(HELLO * 5_000)
        assert protocol.messages.qsize() == MOST_REQUESTS
        assert paused
        _, buffer = protocol.messages.get_nowait()
        assert len(buffer._data) == len(HELLO)

    asyncio.run(takes())


def test_what_waited_behind_many_messages_is_answered_too(shop: Shop) -> None:
    with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as sock:
        sock.sendall(HELLO * 300)
        heard = 0
        while heard < 300 * ACKNOWLEDGE_BYTES and (data := sock.recv(65_536)):
            heard += len(data)
    assert heard == 300 * ACKNOWLEDGE_BYTES


def test_messages_that_only_servers_send_end_the_connection(shop: Shop) -> None:
    for kind in (b"ERR", b"ACK", b"RHE", b"XYZ"):
        with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as sock:
            sock.sendall(kind + b"F" + struct.pack("<I", 60_000))
            with suppress(ConnectionError):
                assert sock.recv(10) == b"", "at once, without waiting for the rest"
