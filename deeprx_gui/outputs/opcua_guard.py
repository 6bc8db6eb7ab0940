"""The OPC UA server's door: only encrypted channels of accepted clients, and none that floods.

A client that asks more than its share of one processor is read from more slowly; one that does not
read is cut off. Neither keeps the line's own threads waiting for long.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import Any, Final

from asyncua import Server, ua
from asyncua.common.connection import TransportLimits
from asyncua.common.utils import Buffer
from asyncua.server.binary_server_asyncio import BinaryServer, OPCUAProtocol
from asyncua.ua.ua_binary import header_from_binary, uatcp_to_binary

from deeprx_gui.domain.message import say
from deeprx_gui.outputs.opcua_decoding import bound_decoder
from deeprx_gui.outputs.opcua_keys import Certificate, OpcUaKeys
from deeprx_gui.outputs.opcua_limits import announce
from deeprx_gui.outputs.opcua_off_loop import OffLoop, Spent
from deeprx_gui.outputs.opcua_processor import (
    CertificateRefused,
    GuardedProcessor,
    TrustingFactory,
)
from deeprx_gui.outputs.opcua_sessions import GuardedSessions, Rules
from deeprx_gui.outputs.opcua_shares import Shares
from deeprx_gui.outputs.places import Seat, few_files_left, who_goes

LARGEST_CHUNK: Final = 65_535
LARGEST_MESSAGE: Final = 256 * 1024
"""Bytes of one request, and of one chunk of it."""
ENOUGH_UNREAD, MOST_UNREAD, EVER_UNREAD = 256 * 1024, 1024 * 1024, 8 * 1024 * 1024
"""Bytes that wait for a client: from the first on its requests wait, from the second it is cut off
where it takes none of them, from the third in any case."""
READS_WITHIN: Final = 10.0
"""Seconds in which a client takes some of what waits for it."""
MOST_REQUESTS: Final = 32
"""Requests of one client that wait; then nothing more is read from it."""
_SENT_BY_CLIENTS: Final = frozenset({b"HEL", b"OPN", b"MSG", b"CLO"})
_HEADER_BYTES: Final = 8

_log = logging.getLogger(__name__)
# What asyncua says of its own is said better by our states; it repeats itself for every request.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)
bound_decoder()


class GuardedProtocol(OPCUAProtocol):  # type: ignore[misc]
    """One connection."""

    processor: GuardedProcessor | None
    transport: asyncio.Transport | None
    messages: asyncio.Queue[tuple[Any, Any]]
    _buffer: bytearray

    def __init__(self, server: GuardedBinaryServer, **given: Any) -> None:  # noqa: ANN401
        super().__init__(**given)
        self._server, self._shares = server, server.shares
        self._buffer = bytearray()
        self.address = ""
        self.heard = time.monotonic()
        self._unread_then, self._read_at = 0, self.heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername") or ("",)
        self.address = str(peer[0])
        sock = transport.get_extra_info("socket")
        few = sock is not None and few_files_left(sock.fileno())
        if few or not self._server.makes_room(self.address):
            _log.warning("%s is refused: all places are taken", self.address)
            transport.close()
            return
        super().connection_made(transport)
        if self.processor is not None:
            self.processor = GuardedProcessor(
                self.iserver, transport, self.limits, self._server.off_loop, self._charge
            )
            self.processor.set_policies(self.policies)

    def connection_lost(self, ex: BaseException | None) -> None:
        super().connection_lost(ex)
        self._shares.forget(self)

    def data_received(self, data: bytes) -> None:
        """Take messages apart; a client whose bytes make no sense is let go."""
        self.heard = time.monotonic()
        self._buffer += data
        self._take_all()

    def _take_all(self) -> None:
        """Queue the whole messages, as many as may wait; the rest is looked at once there is room.

        What waits holds its own bytes alone.
        """
        try:
            while self.messages.qsize() < MOST_REQUESTS and self._take_one():
                pass
        except Exception as error:  # noqa: BLE001 - whatever it sent, it was no message
            _log.info("%s sent what is no message: %s", self.address, error)
            self._buffer.clear()
            self.let_go()
            return
        if self.messages.qsize() >= MOST_REQUESTS and self.transport is not None:
            self.transport.pause_reading()

    def _take_one(self) -> bool:
        if len(self._buffer) < _HEADER_BYTES:
            return False
        kind, size = bytes(self._buffer[:3]), int.from_bytes(self._buffer[4:8], "little")
        if kind not in _SENT_BY_CLIENTS:
            raise ValueError("no message that clients send")
        if not _HEADER_BYTES < size <= LARGEST_CHUNK:
            raise ValueError(f"a chunk of {size} bytes")
        if len(self._buffer) < size:
            return False
        buffer = Buffer(bytes(self._buffer[:size]))
        del self._buffer[:size]
        header = header_from_binary(buffer)
        if header.body_size <= 0:
            raise ValueError("a chunk without a body")
        self.messages.put_nowait((header, buffer))
        return True

    async def _process_received_message_loop(self) -> None:
        while True:
            header, buffer = await self.messages.get()
            if header is None:
                return
            while (seconds := self._shares.wait(self)) > 0:
                self._shares.slowed(self, self.address, seconds)
                await asyncio.sleep(seconds)
            with Spent() as spent:
                goes_on = await self._answered(header, buffer)
            session = self.processor.session if self.processor is not None else None
            known = session is not None and session.is_activated()
            self._shares.spent(self, spent.seconds, known=known)
            if not goes_on:
                self.let_go()
                return
            while self.unread > ENOUGH_UNREAD:  # it reads slowly: its requests wait
                await asyncio.sleep(0.02)
            if self.transport is not None and self.messages.qsize() < MOST_REQUESTS // 2:
                self._take_all()
                if self.messages.qsize() < MOST_REQUESTS:
                    self.transport.resume_reading()

    async def _answered(self, header: Any, buffer: Buffer) -> bool:  # noqa: ANN401
        try:
            goes_on: bool = await self._process_one_msg(header, buffer)
        except CertificateRefused as refused:
            error = ua.ErrorMessage(ua.StatusCode(refused.status), "the certificate is refused")
            if self.transport is not None:
                self.transport.write(uatcp_to_binary(ua.MessageType.Error, error))
                await asyncio.sleep(0)
            return False
        except Exception as error:  # noqa: BLE001 - it is let go, and says so in the log
            _log.info("%s is let go: %r", self.address, error)
            return False
        return goes_on

    def _charge(self, seconds: float) -> None:
        """Charge what was published to its session by itself; who has gone is charged nothing."""
        if self.transport is not None and not self.transport.is_closing():
            self._shares.spent(self, seconds, known=True)

    @property
    def unread(self) -> int:
        """Bytes that wait for the client."""
        return 0 if self.transport is None else int(self.transport.get_write_buffer_size())

    def cuts_off(self, now: float) -> bool:
        """Cut off a client that does not read; says whether it did. Called again and again."""
        unread = self.unread
        if unread <= MOST_UNREAD or unread < self._unread_then:
            self._read_at = now
        self._unread_then = unread
        is_stuck = now - self._read_at >= READS_WITHIN
        if self.transport is None or not (is_stuck or unread > EVER_UNREAD):
            return False
        self._shares.note(
            say("{client} did not read and was cut off. It may connect again.", client=self.address)
        )
        self.transport.abort()
        return True

    def let_go(self) -> None:
        """End the connection once what was written is sent."""
        if self.transport is not None:
            self.transport.close()


class GuardedBinaryServer(BinaryServer):  # type: ignore[misc]
    """Listens on a socket of ours; its clients are guarded."""

    clients: list[GuardedProtocol]

    def __init__(
        self, iserver: GuardedSessions, sock: socket.socket, limits: TransportLimits, shares: Shares
    ) -> None:
        super().__init__(iserver, "", 0, limits)
        self._sock = sock
        self.shares = shares
        self.off_loop = OffLoop()
        self._looking: asyncio.Task[None] | None = None

    def makes_room(self, address: str) -> bool:
        """Say whether there is a place for a newcomer; a silent client gives up its own."""
        if len(self.clients) < self.iserver.max_connections:
            return True
        now = time.monotonic()
        place = who_goes([Seat(c.address, now - c.heard) for c in self.clients], address)
        if place is None:
            return False
        leaving = self.clients.pop(place)
        if leaving.transport is not None:
            leaving.transport.abort()
        return True

    def _make_protocol(self) -> GuardedProtocol:
        return GuardedProtocol(
            self,
            iserver=self.iserver,
            policies=self._policies,
            clients=self.clients,
            closing_tasks=self.closing_tasks,
            limits=self.limits,
        )

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make_protocol, sock=self._sock)
        self.cleanup_task = asyncio.create_task(self._close_task_loop())
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """End at once: whoever is connected is let go."""
        for task in (self._looking, self.cleanup_task):
            if task is not None:
                task.cancel()
        if self._server is not None:
            self._server.close()
        for client in list(self.clients):
            if client.transport is not None:
                client.transport.abort()
        self.off_loop.close()
        await asyncio.sleep(0)

    async def _look(self) -> None:
        """Cut off those who do not read what is published to them."""
        while True:
            await asyncio.sleep(0.2)
            for client in list(self.clients):
                client.cuts_off(time.monotonic())


class GuardedServer(Server):  # type: ignore[misc]
    """asyncua's server: Basic256Sha256, signed and encrypted, and nothing else."""

    def __init__(self, sessions: GuardedSessions, keys: OpcUaKeys) -> None:
        super().__init__(iserver=sessions)
        self.shares = Shares()
        self._keys = keys
        self.limits = TransportLimits(
            max_recv_buffer=LARGEST_CHUNK,
            max_send_buffer=LARGEST_CHUNK,
            max_chunk_count=8,
            max_message_size=LARGEST_MESSAGE,
        )
        self.application_type = ua.ApplicationType.Server
        self.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt], Rules())

    async def use_own(self, own: Certificate) -> None:
        """Take the server's own certificate and key."""
        await self.set_application_uri(own.uri)
        self.iserver.certificate = own.x509
        self.iserver.private_key = self._keys.private_key()

    async def listen(self, sock: socket.socket) -> None:
        """Serve on a socket that listens."""
        await self._setup_server_nodes()
        await announce(self, self.iserver.most)
        policies = [TrustingFactory(each, self._keys) for each in self._policies]
        await self.iserver.start()
        self.bserver = GuardedBinaryServer(self.iserver, sock, self.limits, self.shares)
        self.bserver.set_policies(policies)
        await self.bserver.start()

    async def end(self) -> None:
        """Let everybody go."""
        if self.bserver is not None:
            await self.bserver.stop()
        if self.iserver.time_task is not None:
            self.iserver.time_task.cancel()
        self.iserver.method_service.stop()
