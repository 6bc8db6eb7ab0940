"""Modbus TCP, this PC as client: we write the PLC's registers and poll its trigger coil."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import HEARTBEAT, SEQUENCE, VERDICT, Heartbeat, RegisterBlock

_log = logging.getLogger(__name__)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our states say it better


class ModbusClient:
    """Writes the block of ``docs/outputs.md`` into the PLC, its sequence number last."""

    present_only = True

    def __init__(self, spec: OutputSpec, options: Options, commands: ReceiverCommands) -> None:
        """Build from a checked spec; nothing is reached before ``open``."""
        self._host, self._port = host_and_port(spec.address)
        self._address = spec.address
        self._base = options.whole("base")
        self._coil = options.whole("coil")
        self._unit = options.whole("unit")
        self._timeout = options.number("timeout")
        self._high_word_first = options.text("words") == "high"
        self.every: float | None = options.whole("poll") / 1000
        self._commands = commands
        self._heartbeat = Heartbeat(time.monotonic())
        self._written: list[int] = []
        self._armed = False
        self._held = False
        self._client: ModbusTcpClient | None = None

    def open(self) -> None:
        """Connect, and show the map's version. Raises Unreachable."""
        client = ModbusTcpClient(
            self._host, port=self._port, timeout=self._timeout, retries=0, name="deeprx"
        )
        self._client = client
        if not client.connect():  # type: ignore[no-untyped-call]
            raise self._gone("")
        # A coil that is 1 now was set while nobody looked: it counts once it has been 0.
        self._armed = False
        self._written = []
        self._write(0, [RegisterBlock().registers(0, running=False)[0]])

    def deliver(self, told: NumberedRecord) -> None:
        """Write one verdict, then its sequence number: whoever sees the new number sees it all."""
        block = RegisterBlock(told, self._high_word_first)
        self._write(VERDICT, block.verdict_registers())
        self._write(SEQUENCE, block.sequence_registers())

    def idle(self, *, running: bool) -> None:
        """Let the heart beat and look at the trigger coil. Raises Unreachable."""
        living = [self._heartbeat.at(time.monotonic(), running=running), int(running)]
        if living != self._written:
            self._write(HEARTBEAT, living)
            self._written = living
        self._look_for_a_trigger()

    def notice(self) -> Message | None:
        """Say that the PLC holds the trigger coil, which then triggers nothing."""
        if not self._held:
            return None
        return say(
            "The PLC holds the trigger coil at 1. The next trigger counts once the coil was 0;"
            " tell whoever programs the PLC."
        )

    def close(self) -> None:
        """Let go of the PLC; its heartbeat register stands still from now on."""
        client, self._client = self._client, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]

    def abort(self) -> None:
        """Break off a request that waits for an answer."""
        sock = getattr(self._client, "socket", None)
        if sock is not None:
            with suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)

    def _look_for_a_trigger(self) -> None:
        """Fire on a rising edge and reset the coil; a PLC that holds it at 1 fires once."""
        if not self._read_coil():
            self._armed, self._held = True, False
        elif self._armed:
            problem = self._commands.trigger()
            if problem is not None:
                _log.warning("a trigger of the PLC was not taken: %s", problem)
            self._ask("write_coil", self._coil, value=False)
            self._held = self._read_coil()
            self._armed = not self._held

    def _read_coil(self) -> bool:
        return bool(self._ask("read_coils", self._coil, count=1).bits[0])

    def _write(self, first: int, values: list[int]) -> None:
        self._ask("write_registers", self._base + first, values=values)

    def _ask(self, what: str, address: int, **arguments: object) -> ModbusPDU:
        client = self._client
        if client is None:
            raise self._gone("")
        try:
            answer: ModbusPDU = getattr(client, what)(address, device_id=self._unit, **arguments)
        except (ModbusException, OSError) as error:
            raise self._gone(str(error)) from error
        if answer.isError():
            code = getattr(answer, "exception_code", 0)
            raise ReceiverUnreachable(
                say(
                    "The PLC at {address} does not allow {what} at {number} (Modbus error {code})."
                    " Check the register and coil numbers with whoever programs the PLC.",
                    address=self._address,
                    what=what,
                    number=address,
                    code=int(code),
                )
            )
        return answer

    def _gone(self, why: str) -> ReceiverUnreachable:
        _log.debug("%s: %s", self._address, why)
        return ReceiverUnreachable(
            say(
                "The PLC at {address} does not answer. It is tried again; check its power, the"
                " cable and the address.",
                address=self._address,
            )
        )
