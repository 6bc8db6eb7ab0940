"""Modbus TCP in either role; each imports pymodbus, so only the chosen one is loaded."""

from __future__ import annotations

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.base import Receiver
from deeprx_gui.outputs.commands import ReceiverCommands


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> Receiver:
    """Build the receiver of a checked spec in its role."""
    if options.text("role") == "client":
        from deeprx_gui.outputs.modbus_client import ModbusClient

        return ModbusClient(spec, options, commands)
    from deeprx_gui.outputs.modbus_server import ModbusServer

    return ModbusServer(spec, options, commands)
