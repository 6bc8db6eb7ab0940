"""Bytes and filters made to harm: against the real OPC UA server, on loopback."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
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

from deeprx_gui.outputs.opcua_filters import hand_out
from deeprx_gui.outputs.opcua_guard import MOST_REQUESTS, MOST_UNREAD, GuardedProtocol
from deeprx_gui.outputs.opcua_server import OpcUaServer
from deeprx_gui.outputs.opcua_shares import Shares
from tests.outputs.conftest import record
from tests.outputs.opcua_line_shop import Shop, listens, open_shop, refusal, run, shop, soon
from tests.outputs.opcua_shop import Plc, plc

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
    kind: bytes = ua_binary.nodeid_to_binary(ua.FourByteNodeId(number))
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


def test_only_a_client_that_takes_nothing_of_a_long_backlog_is_cut_off() -> None:
    async def reads() -> None:
        inner = SimpleNamespace(max_pending_messages_per_connection=10_000)
        given: dict[str, Any] = {"policies": [], "clients": [], "closing_tasks": []}
        server: Any = SimpleNamespace(shares=Shares())
        protocol = GuardedProtocol(server, iserver=inner, limits=None, **given)
        unread, aborted = [0], []
        protocol.transport = SimpleNamespace(  # type: ignore[assignment]
            get_write_buffer_size=lambda: unread[0], abort=lambda: aborted.append(True)
        )

        def looks(begin: float, *backlog: int) -> bool:
            for second, size in enumerate(backlog):
                unread[0] = size
                if protocol.cuts_off(begin + second):
                    return True
            return False

        slowly = [2 * MOST_UNREAD - 1000 * second for second in range(60)]
        assert not looks(0.0, *slowly), "it is slow, but it reads"
        assert not looks(60.0, *[MOST_UNREAD] * 60), "little waits"
        assert not looks(120.0, *[2 * MOST_UNREAD] * 9)
        assert not looks(129.0, 2 * MOST_UNREAD - 1)
        assert not aborted
        assert looks(130.0, *[2 * MOST_UNREAD] * 12)
        assert aborted

    asyncio.run(reads())


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


def clause(*names: str, attribute: int = ua.AttributeIds.Value) -> Any:
    path = [ua.QualifiedName(name) for name in names]
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=ua.NodeId(ua.ObjectIds.BaseEventType),
        BrowsePath=path,
        AttributeId=ua.AttributeIds(attribute),
    )


def either(*indexes: int) -> Any:
    operands = [ua.ElementOperand(Index=index) for index in indexes]
    return ua.ContentFilterElement(ua.FilterOperator.Or, operands)


def event_filter(*elements: Any, selects: Any = None) -> Any:
    return ua.EventFilter(
        SelectClauses=[selects or clause("Message")],
        WhereClause=ua.ContentFilter(Elements=list(elements)),
    )


async def watches(client: Plc, path: str, wanted: Any) -> tuple[Any, int]:
    """Create a monitored item with a filter; returns its subscription and its id."""
    subscription = await client.client.create_subscription(50, None)
    of_events = isinstance(wanted, ua.EventFilter)
    attribute = ua.AttributeIds.EventNotifier if of_events else ua.AttributeIds.Value
    item = ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(client.node(path).nodeid, attribute),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(1, 50, wanted, 10, True),
    )
    parameters = ua.CreateMonitoredItemsParameters(
        subscription.subscription_id, ua.TimestampsToReturn.Both, [item]
    )
    (made,) = await client.client.uaclient.session.create_monitored_items(parameters)
    made.StatusCode.check()
    return subscription, made.MonitoredItemId


TRUE = ua.ContentFilterElement(
    ua.FilterOperator.Equals, [ua.LiteralOperand(ua.Variant(1)), ua.LiteralOperand(ua.Variant(1))]
)
BAD_FILTERS = {
    "named twice": event_filter(either(1, 1), TRUE),
    "a circle": event_filter(either(1, 2), either(0, 0), TRUE),
    "itself": event_filter(either(0, 0)),
    "nothing there": event_filter(either(1, 7), TRUE),
    "too many": event_filter(*[TRUE] * 21),
    "the library's own": event_filter(selects=clause("emitting_node")),
    "a method": event_filter(selects=clause("to_event_fields")),
}


@pytest.mark.parametrize("case", BAD_FILTERS)
def test_a_filter_that_would_hang_or_fail_is_refused_and_events_go_on(
    shop: Shop, case: str
) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            with pytest.raises(ua.UaError, match="BadEventFilterInvalid"):
                await watches(client, "", BAD_FILTERS[case])
            subscription, item = await watches(client, "", event_filter(either(1, 2), TRUE, TRUE))

            async def modifies(wanted: Any) -> None:
                change = ua.MonitoredItemModifyRequest(
                    item, ua.MonitoringParameters(1, 50, wanted, 10, True)
                )
                parameters = ua.ModifyMonitoredItemsParameters(
                    subscription.subscription_id, ua.TimestampsToReturn.Both, [change]
                )
                await client.client.uaclient.session.modify_monitored_items(parameters)

            await modifies(None)
            for wanted in (BAD_FILTERS[case], ua.DataChangeFilter()):
                with pytest.raises(ua.UaError, match=r"Bad.*Filter"):
                    await modifies(wanted)
            events = await listens(client)
            shop.hub.tell(record(7, serial="after"))
            await soon(lambda: events.heard)
            assert events.heard[0].PartId.Id == "after"

    run(talks())


def test_variables_take_filters_of_their_own_kind(shop: Shop) -> None:
    async def talks() -> None:
        async with plc(shop.port, shop.who) as client:
            deadband = ua.DataChangeFilter(DeadbandType=ua.DeadbandType.Absolute, DeadbandValue=1.0)
            await watches(client, "Verdict.Sequence", deadband)
            for wanted in (deadband, ua.AggregateFilter()):
                with pytest.raises(ua.UaError, match="BadFilterNotAllowed"):
                    await watches(client, "Verdict.PartId", wanted)

    run(talks())


def test_an_item_that_fails_is_deleted_and_the_others_are_told() -> None:
    told: list[int] = []

    class Service:
        def __init__(self, *items: int) -> None:
            self._monitored_events = {"here": list(items)}

        async def _trigger_event(self, event: Any, item: int) -> None:
            if item == 1:
                raise KeyError(event)
            told.append(item)

        def delete_monitored_items(self, items: list[int]) -> None:
            self._monitored_events["here"].remove(*items)

    bad, good = Service(1, 2), Service(3)
    both = {n: SimpleNamespace(monitored_item_srv=each) for n, each in enumerate((bad, good))}
    asyncio.run(hand_out(both, SimpleNamespace(emitting_node="here")))
    assert told == [2, 3]
    assert bad._monitored_events == {"here": [2]}


def test_closing_ends_listening_even_where_the_loop_hangs() -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    port, listening, goes_on = sock.getsockname()[1], threading.Event(), threading.Event()

    async def hangs() -> None:
        made = await asyncio.get_running_loop().create_server(asyncio.Protocol, sock=sock)
        listening.set()
        goes_on.wait(60)
        with suppress(ValueError, OSError):
            made.close()

    server: Any = object.__new__(OpcUaServer)
    server._thread = threading.Thread(target=asyncio.run, args=(hangs(),), daemon=True)
    server._loop = server._ending = None
    server._aborted, server._socket = threading.Event(), sock
    server._thread.start()
    assert listening.wait(60)
    server.close()
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    goes_on.set()
