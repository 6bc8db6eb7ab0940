"""Modbus TCP, this PC as server: the PLC polls our registers and writes the trigger coil.

pymodbus 3.16 asks an ``action`` before it reads or writes its own memory. Ours fills that memory
from the newest ``Block`` at every read, all in the server's own loop: one request always sees one
verdict, whole, and no other thread ever touches pymodbus.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from functools import partial

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import host_and_port, listening
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import FULL_LENGTH, LENGTH, Heartbeat
from deeprx_gui.outputs.modbus_places import ModbusPlaces
from deeprx_gui.outputs.plc_panel import PlcPanel

HOLD = 0.05
"""Seconds after the last write of 1 before we reset the trigger coil: another 1 meanwhile is the
same one."""
_STARTS_WITHIN = 5.0
_READS_BITS, _READS_INPUTS = 2, 1
_WRITES_COILS = frozenset({5, 15})
_COILS = frozenset({1, *_WRITES_COILS})
_READS_REGISTERS = frozenset({3, 4})
_LAST_COIL = 65535

_log = logging.getLogger(__name__)
# What pymodbus says of its own is said better by our states; it repeats itself at every retry.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ModbusServer:
    """The registers, served; see ``docs/outputs.md`` for the map."""

    every = 0.25
    present_only = True

    def __init__(self, spec: OutputSpec, options: Options, commands: ReceiverCommands) -> None:
        """Build from a checked spec; nothing listens before ``open``."""
        self._host, self._port = host_and_port(spec.address)
        self._base = options.whole("base")
        self._coil = options.whole("coil")
        full = options.text("map") != "1"
        self._length = FULL_LENGTH if full else LENGTH
        self._panel = PlcPanel(options, commands, full=full)
        self._level = options.switch("level")
        self._commands = commands
        self._heartbeat = Heartbeat(time.monotonic())
        self._living = (0, False)
        self._triggered = self._acknowledging = False
        self._reset_at: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Listen, in a loop and thread of its own. Raises Unreachable."""
        sock = listening(self._host, self._port)
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(self._loop, sock, started), name="modbus-server", daemon=True
        )
        self._thread.start()
        if not started.wait(_STARTS_WITHIN):
            raise _ended()

    def deliver(self, told: NumberedRecord) -> None:
        """Show one verdict from the next request on."""
        self._alive()
        self._panel.tell(told)

    def idle(self, *, running: bool) -> None:
        """Update the heartbeat register."""
        self._alive()
        self._living = (self._heartbeat.at(time.monotonic(), running=running), running)

    def notice(self) -> Message | None:
        """A PLC that does not poll is not known to be one."""
        return None

    def close(self) -> None:
        """Stop serving and end the thread."""
        thread, loop = self._thread, self._loop
        if thread is None or loop is None:
            return
        if thread.is_alive():
            loop.call_soon_threadsafe(self._end)
        thread.join(0.5)
        self._thread = self._loop = None

    def abort(self) -> None:
        """Nothing here waits for the other side."""

    def _alive(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            raise _ended()

    def _serve(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        started: threading.Event,
    ) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._main(sock, started))
        except Exception:  # noqa: BLE001 - the next ``idle`` sees it and begins again
            _log.exception("the Modbus server ended")
        finally:
            sock.close()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _main(self, sock: socket.socket, started: threading.Event) -> None:
        self._ending = asyncio.Event()
        server = ModbusTcpServer(self._device(), address=(self._host, self._port))
        # Our own socket instead of the one pymodbus would open: it says why when it cannot, and on
        # Windows it does not share its port with another program.
        places = ModbusPlaces(server)
        server.call_create = partial(server.loop.create_server, places.newcomer, sock=sock)
        await server.serve_forever(background=True)
        started.set()
        await self._ending.wait()
        await server.shutdown()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)  # transports say goodbye in the loop's next round

    def _end(self) -> None:
        self._ending.set()

    def _device(self) -> SimDevice:
        registers = partial(
            SimData, self._base, count=self._length, datatype=DataType.REGISTERS, readonly=True
        )
        return SimDevice(
            id=0,  # whatever device number the PLC asks for
            simdata=(
                [SimData(self._coil, values=[False] * self._coils, datatype=DataType.BITS)],
                [SimData(0, values=[False] * 16, datatype=DataType.BITS, readonly=True)],
                [registers(values=0)],
                [registers(values=0)],
            ),
            action=self._before_access,
        )

    async def _before_access(  # noqa: PLR0917 - pymodbus's signature
        self,
        function: int,
        start: int,  # noqa: ARG002
        address: int,
        count: int,  # noqa: ARG002
        memory: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Bring pymodbus's memory up to date; notice rising edges of our coils."""
        if function in _READS_REGISTERS:
            heartbeat, running = self._living
            memory[: self._length] = self._panel.registers(heartbeat, running=running)
        elif function == _READS_BITS:
            memory[0] = self._panel.block().bits(running=self._living[1])
        elif function in _WRITES_COILS and values is not None:
            if not self._coil <= address <= address + len(values) - 1 < self._coil + self._coils:
                return ExcCodes.ILLEGAL_ADDRESS
            for number, value in enumerate(values, address):
                self._written(number, is_set=bool(value))
        if function in _COILS:
            bits = int(self._triggered) | int(self._acknowledging) << 1
            words = bits << self._coil % 16
            memory[0] = words & 0xFFFF
            if len(memory) > 1:
                memory[1] = words >> 16
        return None

    @property
    def _coils(self) -> int:
        """The trigger, and behind it "result acknowledged" where there is a coil behind it."""
        return 2 if self._coil < _LAST_COIL else 1

    def _written(self, number: int, *, is_set: bool) -> None:
        if number == self._coil:
            self._trigger_written(is_set=is_set)
        elif is_set and not self._acknowledging:
            self._acknowledging = True
            self._panel.acknowledge()
            asyncio.get_running_loop().call_later(HOLD, self._let_acknowledge)
        elif not is_set:
            self._let_acknowledge()

    def _trigger_written(self, *, is_set: bool) -> None:
        """Fire on a rising edge; a 1 that is written again and again is one edge."""
        rises = is_set and not self._triggered
        self._triggered = is_set
        if self._reset_at is not None:
            self._reset_at.cancel()
        if is_set and not self._level:
            self._reset_at = asyncio.get_running_loop().call_later(HOLD, self._reset)
        problem = self._commands.trigger() if rises else None
        if problem is not None:
            _log.info("a trigger of the PLC was not taken: %s", problem)

    def _reset(self) -> None:
        self._triggered = False

    def _let_acknowledge(self) -> None:
        if self._acknowledging:
            self._acknowledging = False
            self._panel.release()


def _ended() -> ReceiverUnreachable:
    return ReceiverUnreachable(say("The Modbus server ended. It is started again."))
