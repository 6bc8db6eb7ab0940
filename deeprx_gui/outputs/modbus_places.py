"""Places of the Modbus server: how many PLCs may be connected at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from pymodbus.server import ModbusTcpServer

from deeprx_gui.outputs.places import Seat, few_files_left, who_goes

MOST_CLIENTS = 16

_log = logging.getLogger(__name__)


@dataclass
class _Guest:
    transport: asyncio.Transport
    address: str
    heard: float


class ModbusPlaces:
    """Lets clients in as ``who_goes`` says; all in the server's loop."""

    def __init__(self, server: ModbusTcpServer) -> None:
        self._server = server
        self._guests: dict[object, _Guest] = {}

    def newcomer(self) -> asyncio.Protocol:
        """Return pymodbus's protocol for a connection, with our conditions around it."""
        protocol: Any = self._server.handle_new_connection()
        made, lost, received = (
            protocol.connection_made, protocol.connection_lost, protocol.data_received
        )  # fmt: skip

        def connection_made(transport: asyncio.Transport) -> None:
            made(transport)
            self._sit_down(protocol, transport)

        def connection_lost(error: Exception | None) -> None:
            self._guests.pop(protocol, None)
            lost(error)

        def data_received(data: bytes) -> None:
            guest = self._guests.get(protocol)
            if guest is not None:
                guest.heard = time.monotonic()
                received(data)

        protocol.connection_made = connection_made
        protocol.connection_lost = connection_lost
        protocol.data_received = data_received
        return protocol  # type: ignore[no-any-return]

    def _sit_down(self, protocol: object, transport: asyncio.Transport) -> None:
        address = str((transport.get_extra_info("peername") or ("",))[0])
        sock = transport.get_extra_info("socket")
        if (sock is not None and few_files_left(sock.fileno())) or not self._makes_room(address):
            _log.warning("%s is refused: %d are connected", address, len(self._guests))
            transport.abort()
            return
        self._guests[protocol] = _Guest(transport, address, time.monotonic())

    def _makes_room(self, address: str) -> bool:
        if len(self._guests) < MOST_CLIENTS:
            return True
        now = time.monotonic()
        guests = list(self._guests.items())
        place = who_goes([Seat(g.address, now - g.heard) for _, g in guests], address)
        if place is None:
            return False
        protocol, guest = guests[place]
        _log.info("%s was silent and gives its place to another one", guest.address)
        self._guests.pop(protocol)
        guest.transport.abort()
        return True
