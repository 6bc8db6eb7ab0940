"""Modbus TCP in either role; each imports pymodbus, so only the chosen one is loaded."""

from __future__ import annotations

from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.base import Receiver
from deeprx_gui.outputs.commands import Commands
from deeprx_gui.outputs.table import option


def build(spec: OutputSpec, commands: Commands) -> Receiver:
    """Build the receiver of a checked spec in its role."""
    if option(spec, "role") == "client":
        from deeprx_gui.outputs.modbus_client import ModbusClient

        return ModbusClient(spec, commands)
    from deeprx_gui.outputs.modbus_server import ModbusServer

    return ModbusServer(spec, commands)
