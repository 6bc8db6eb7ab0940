"""Check that the OPC UA server works here: it starts on loopback and tells its endpoints."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path
from typing import Final

from asyncua import Client

from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.outputs.address import LOOPBACK
from deeprx_gui.outputs.base import ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.opcua_server import OpcUaServer
from deeprx_gui.outputs.table import OUTPUTS, parse_output

_STARTS_WITHIN: Final = 90.0
"""Seconds, on a slow PC that does other things as well."""


def serves(folder: Path) -> Message:
    """Start the server and ask it. Raises Unreachable. ``folder``: for its certificate."""
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    spec = parse_output(f"opcua:{LOOPBACK}:{port}")
    options = complete_options(OUTPUTS["opcua"].fields, spec.options)
    server = OpcUaServer(spec, options, ReceiverCommands(folder=folder), folder)
    server.open()
    try:
        end = time.monotonic() + _STARTS_WITHIN
        while not server.is_ready:
            server.idle(running=False)
            if time.monotonic() > end:
                raise ReceiverUnreachable(say("The OPC UA server did not start."))
            time.sleep(0.05)
        policies = asyncio.run(_policies(port))
    finally:
        server.close()
    return say("It starts and offers {policies}", policies=", ".join(policies))


async def _policies(port: int) -> list[str]:
    client = Client(f"opc.tcp://{LOOPBACK}:{port}/deeprx", timeout=30)
    found = await client.connect_and_get_server_endpoints()
    return sorted({each.SecurityPolicyUri.rpartition("#")[2] for each in found})
