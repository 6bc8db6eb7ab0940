"""Modbus TCP against a real pymodbus client and a real pymodbus server, on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from deeprx_gui.domain.output import OutputConnection
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs import modbus_places
from deeprx_gui.outputs.modbus_block import FULL_LENGTH, LENGTH
from tests.outputs.conftest import Rig, free_port, is_ready, is_retrying, only, record, until


@contextmanager
def plc(port: int) -> Iterator[ModbusTcpClient]:
    client = ModbusTcpClient("127.0.0.1", port=port, timeout=5)
    assert client.connect()  # type: ignore[no-untyped-call]
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]


def registers(client: ModbusTcpClient, base: int = 0) -> list[int]:
    return list(client.read_holding_registers(base, count=LENGTH).registers)


def coil(client: ModbusTcpClient, number: int = 0) -> bool:
    return client.read_coils(number, count=1).bits[0]


def test_the_plc_polls_verdicts_and_counters(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    with plc(port) as client:
        assert registers(client) == [2, 0, 0, 0, 0xFFFF, *[0] * 17]
        hub.tell(record(5))
        until(lambda: registers(client)[21] == 1)
        hub.tell(record(6, verdict=Verdict.OK, score=1.0))
        until(lambda: registers(client)[21] == 2)
        seen = registers(client)
        assert seen[3:5] == [1, 500]
        assert seen[8:16] == [0, 2, 0, 1, 0, 0, 0, 1]
        assert seen[18:20] == [0, 6]
        assert client.read_input_registers(0, count=LENGTH).registers == seen
        assert client.read_holding_registers(3, count=2).registers == [1, 500]
        assert client.read_discrete_inputs(0, count=5).bits[:5] == [
            False,
            True,
            False,
            False,
            False,
        ]
        assert client.read_holding_registers(3, count=2, device_id=255).registers == [1, 500]


def test_one_request_never_sees_half_a_verdict(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    end = threading.Event()

    def tells() -> None:
        number = 0
        while not end.is_set():
            number += 1
            hub.tell(record(number))

    teller = threading.Thread(target=tells)
    teller.start()
    try:
        with plc(port) as client:
            for _ in range(300):
                seen = registers(client)
                # Sequence, total, NG count and record number belong to the same verdict.
                assert seen[20:22] == seen[8:10] == seen[14:16] == seen[18:20]
    finally:
        end.set()
        teller.join()


def test_a_trigger_is_taken_once_and_reset_by_us(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    with plc(port) as client:
        for number in range(1, 4):
            assert client.write_coil(0, value=True).bits[0] is True  # the echo a PLC expects
            until(lambda: not coil(client))
            assert len(rig.triggers) == number
        client.write_coils(0, [True])
        until(lambda: not coil(client))
        assert len(rig.triggers) == 4
        client.write_coil(0, value=False)
        assert len(rig.triggers) == 4


def test_what_is_not_in_the_map_is_refused(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}?base=100&coil=7")
    until(lambda: is_ready(hub))
    with plc(port) as client:
        assert registers(client, 100)[0] == 2
        assert client.read_holding_registers(0, count=1).isError()
        assert client.read_holding_registers(100, count=FULL_LENGTH + 1).isError()
        assert client.write_register(103, 1).isError(), "verdicts cannot be forged"
        assert client.write_coil(40, value=True).isError()
        for wrong in (6, 9):
            refused = client.write_coil(wrong, value=True)
            assert refused.exception_code == ExcCodes.ILLEGAL_ADDRESS
        assert client.write_coils(6, [True, True]).exception_code == ExcCodes.ILLEGAL_ADDRESS
        assert rig.triggers == []
        client.write_coil(7, value=True)
        assert rig.triggers == [""]
        assert coil(client, 7) or not coil(client, 7)
        until(lambda: not coil(client, 7))


def test_the_heart_beats_while_the_inspection_runs(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    with_running = hub.set_running
    until(lambda: is_ready(hub))
    with plc(port) as client:
        assert registers(client)[1:3] == [0, 0]
        with_running(True)
        until(lambda: registers(client)[2] == 1)
        until(lambda: registers(client)[1] >= 1)
        with_running(False)
        until(lambda: registers(client)[2] == 0)
        stands = registers(client)[1]
        hub.tell(record(1))
        until(lambda: registers(client)[21] == 1)
        assert registers(client)[1] == stands


def test_a_port_in_use_is_said_and_tried_again(rig: Rig, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        hub = rig.outputs(f"modbus:{port}")
        until(lambda: is_retrying(hub))
        assert f"127.0.0.1:{port}" in str(only(hub).problem)
        hub.tell(record(1))
        hub.tell(record(2))
    until(lambda: is_ready(hub))
    with plc(port) as client:
        until(lambda: registers(client)[21] == 2)


def test_closing_lets_the_plc_go(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    with plc(port) as client:
        registers(client)
        hub.close()
        assert only(hub).link is OutputConnection.STOPPED
    socket.create_server(("127.0.0.1", port)).close()  # the port is free again


class Plc:
    """A PLC that is a server: holding registers 100.., coil 0; notes every write."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.writes: list[tuple[int, list[int]]] = []
        self.memory: list[int] = [0] * 32
        self.coil = False
        self.holds_coil = False
        self.looks = 0
        self.answers = True
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    def _run(self) -> None:
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        self._end = asyncio.Event()
        device = SimDevice(
            id=0,
            simdata=(
                [SimData(0, values=[False], datatype=DataType.BITS)],
                [SimData(0, values=[False], datatype=DataType.BITS)],
                [SimData(100, count=32, values=0, datatype=DataType.REGISTERS)],
                [SimData(100, count=32, values=0, datatype=DataType.REGISTERS)],
            ),
            action=self._action,
        )
        server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        await server.serve_forever(background=True)
        self._ready.set()
        await self._end.wait()
        await server.shutdown()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)

    async def _action(  # noqa: PLR0917
        self, function: int, start: int, address: int, count: int, memory: list[int], values: object
    ) -> ExcCodes | None:
        if not self.answers:
            await self._end.wait()
        if function == 16 and isinstance(values, list):
            self.writes.append((address - 100, list(values)))
            self.memory[address - 100 : address - 100 + len(values)] = values
        elif function in {5, 15} and isinstance(values, list):
            self.coil = bool(values[0]) or self.holds_coil
        if function in {1, 5, 15}:
            memory[0] = int(self.coil)
        self.looks += function == 1
        return None

    def is_looked_at(self) -> None:
        """Wait until the coil was read more than once from now on."""
        seen = self.looks
        until(lambda: self.looks >= seen + 3)

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)


@pytest.fixture
def machine(port: int) -> Iterator[Plc]:
    made = Plc(port)
    yield made
    made.close()


def written_to(port: int, more: str = "") -> str:
    return f"modbus:127.0.0.1:{port}?role=client&base=100&poll=10{more}"


def test_we_write_the_block_with_its_sequence_number_last(rig: Rig, machine: Plc) -> None:
    hub = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(hub))
    hub.tell(record(5))
    hub.tell(record(6, verdict=Verdict.OK, score=1.0))
    until(lambda: machine.memory[21] == 2)
    assert machine.memory[0] == 1
    assert machine.memory[3:5] == [1, 500]
    assert machine.memory[8:16] == [0, 2, 0, 1, 0, 0, 0, 1]
    verdicts = [address for address, _ in machine.writes if address >= 3]
    assert verdicts == [3, 20, 3, 20]


def test_a_trigger_coil_is_reset_and_counts_once(rig: Rig, machine: Plc) -> None:
    hub = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(hub))
    for number in range(1, 4):
        machine.is_looked_at()
        machine.coil = True
        until(lambda: not machine.coil)
        assert len(rig.triggers) == number


def test_a_trigger_coil_that_is_held_counts_once_and_is_said(rig: Rig, machine: Plc) -> None:
    hub = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(hub))
    machine.is_looked_at()
    machine.holds_coil = machine.coil = True
    until(lambda: "holds the trigger coil" in str(only(hub).problem))
    machine.is_looked_at()
    assert rig.triggers == [""]
    machine.holds_coil = machine.coil = False
    until(lambda: only(hub).problem is None)
    machine.coil = True
    until(lambda: len(rig.triggers) == 2)


def test_a_coil_set_before_we_came_is_no_trigger(rig: Rig, machine: Plc) -> None:
    machine.coil = True
    hub = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(hub))
    hub.tell(record(1))
    until(lambda: machine.memory[21] == 1)
    assert rig.triggers == []


def test_a_plc_that_comes_back_hears_only_the_newest(rig: Rig) -> None:
    port = free_port()
    hub = rig.outputs(written_to(port))
    until(lambda: is_retrying(hub))
    assert "does not answer" in str(only(hub).problem)
    for number in range(5):
        hub.tell(record(number))
    machine = Plc(port)
    try:
        until(lambda: machine.memory[21] == 5)
        assert [a for a, _ in machine.writes if a == 20] == [20]
        assert machine.memory[9] == 5, "the counters know of all of them"
        assert only(hub).dropped == 4
        until(lambda: is_ready(hub))
    finally:
        machine.close()
    until(lambda: is_retrying(hub))
    again = Plc(port)
    try:
        until(lambda: is_ready(hub))
        hub.tell(record(9))
        until(lambda: again.memory[21] == 6)
    finally:
        hub.close()
        again.close()


def test_a_plc_that_hangs_delays_nobody(rig: Rig, machine: Plc) -> None:
    hub = rig.outputs(written_to(machine.port, "&timeout=0.1"))
    until(lambda: is_ready(hub))
    machine.answers = False
    for number in range(1000):
        hub.tell(record(number))
    until(lambda: is_retrying(hub))
    hub.close()


def test_a_register_the_plc_does_not_have_is_named(rig: Rig, machine: Plc) -> None:
    hub = rig.outputs(f"modbus:127.0.0.1:{machine.port}?role=client&base=5000")
    until(lambda: "5000" in str(only(hub).problem))
    assert is_retrying(hub)


def test_noise_and_half_a_request_trigger_nothing_and_delay_nobody(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    with ExitStack() as wires:
        for sent in (bytes(200_000), b"\xff" * 200_000, b"\0\1\0\0\0\6\1\5"):
            wire = wires.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            with suppress(ConnectionError):
                wire.sendall(sent)
        with plc(port) as client:
            assert registers(client)[0] == 2
            assert not coil(client)
    assert rig.triggers == []


def test_more_connections_than_there_are_places_are_refused(
    rig: Rig, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modbus_places, "MOST_CLIENTS", 1)
    hub = rig.outputs(f"modbus:{port}")
    until(lambda: is_ready(hub))
    with plc(port) as first:
        registers(first)
        with (
            suppress(ConnectionResetError),
            socket.create_connection(("127.0.0.1", port), timeout=10) as second,
        ):
            assert second.recv(1) == b""
        assert registers(first)[0] == 2, "who was there stays"
