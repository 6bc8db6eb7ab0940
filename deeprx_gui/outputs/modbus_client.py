"""Modbus TCP, this PC as client: we write the PLC's registers and poll its trigger coil."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from itertools import pairwise

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import HEARTBEAT, PART, SEQUENCE, STATE, VERDICT, Heartbeat
from deeprx_gui.outputs.plc_panel import PlcPanel

_log = logging.getLogger(__name__)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # our states say it better


class ModbusClient:
    """Writes the block of ``docs/outputs.md`` into the PLC, its sequence number last."""

    def __init__(self, spec: OutputSpec, options: Options, commands: ReceiverCommands) -> None:
        """Build from a checked spec; nothing is reached before ``open``."""
        self._host, self._port = host_and_port(spec.address)
        self._address = spec.address
        self._base = options.whole("base")
        self._coil = options.whole("coil")
        self._unit = options.whole("unit")
        self._timeout = options.number("timeout")
        self._full = options.text("map") == "2"
        self._level = options.switch("level")
        self._panel = PlcPanel(options, commands, full=self._full)
        # what the PLC acknowledges one by one is not acted on late; else only the newest counts
        self.present_only = not (self._full and options.switch("ack"))
        self._asks_for_ack = self._full and options.switch("ack")
        self.every: float | None = options.whole("poll") / 1000
        self._commands = commands
        self._heartbeat = Heartbeat(time.monotonic())
        self._written: dict[int, list[int]] = {}
        self._armed = self._acknowledging = False
        self._held = False
        self._client: ModbusTcpClient | None = None

    def open(self) -> None:
        """Connect, and show that there is no verdict yet. Raises Unreachable."""
        client = ModbusTcpClient(
            self._host, port=self._port, timeout=self._timeout, retries=0, name="deeprx"
        )
        self._client = client
        if not client.connect():  # type: ignore[no-untyped-call]
            raise self._gone("")
        # A coil that is 1 now was set while nobody looked: it counts once it has been 0.
        self._armed = False
        self._acknowledging = True
        self._panel.forget()
        whole = self._panel.registers(self._heart(running=False), running=False)
        self._write(0, whole)
        places = (HEARTBEAT, VERDICT, SEQUENCE, STATE, PART, len(whole))
        self._written = {a: whole[a:b] for a, b in pairwise(places) if b <= len(whole)}

    def deliver(self, told: NumberedRecord) -> None:
        """Write one verdict, then its sequence number: whoever sees the new number sees it all."""
        self._panel.tell(told)
        self._show()

    def idle(self, *, running: bool) -> None:
        """Let the heart beat, say how things stand, look at the coils. Raises Unreachable."""
        self._news(HEARTBEAT, [self._heart(running=running), int(running)])
        if self._asks_for_ack:
            self._look_for_an_acknowledgement()
        self._show()
        self._look_for_a_trigger()
        self._show()

    def _show(self) -> None:
        """Write what differs from what was written, a new sequence number after all it counts."""
        self._panel.go_on()
        block = self._panel.block()
        part, verdict = self._panel.part(), block.verdict_registers()
        sequence = block.sequence_registers()
        fresh = sequence != self._written.get(SEQUENCE)
        if self._full and (fresh or part[:2] != self._written.get(PART, part)[:2]):
            self._news(PART, part)
        self._news(VERDICT, verdict)
        self._news(SEQUENCE, sequence)
        if self._full:
            self._news(STATE, self._panel.state())

    def _news(self, first: int, values: list[int]) -> None:
        if self._written.get(first) != values:
            self._write(first, values)
            self._written[first] = values

    def _heart(self, *, running: bool) -> int:
        return self._heartbeat.at(time.monotonic(), running=running)

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
                _log.info("a trigger of the PLC was not taken: %s", problem)
            if self._level:
                self._armed = False
                return
            self._ask("write_coil", self._coil, value=False)
            self._held = self._read_coil()
            self._armed = not self._held

    def _look_for_an_acknowledgement(self) -> None:
        """Take the rising edge of the coil behind the trigger, and reset it."""
        is_set = self._read_coil(1)
        if is_set and not self._acknowledging:
            self._panel.acknowledge()
            self._ask("write_coil", self._coil + 1, value=False)
            is_set = self._read_coil(1)
        if not is_set:
            self._panel.release()
        self._acknowledging = is_set

    def _read_coil(self, place: int = 0) -> bool:
        return bool(self._ask("read_coils", self._coil + place, count=1).bits[0])

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
