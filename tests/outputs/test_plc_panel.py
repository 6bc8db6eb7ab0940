"""What a PLC sees of a line: nothing old, nothing twice, nothing skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.inspection import RunCounts
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.line_status import LineStatus, TriggerCounts
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import FULL_LENGTH, serial_registers
from deeprx_gui.outputs.plc_panel import PlcPanel
from deeprx_gui.outputs.sequence import RESERVED, SequenceNumbers
from deeprx_gui.outputs.table import OUTPUTS
from tests.outputs.conftest import Rig, is_ready, record, until
from tests.outputs.test_modbus import Plc, machine, plc, written_to

__all__ = ["machine"]

COUNTS = RunCounts(datetime(2026, 7, 1, tzinfo=UTC))


class Line:
    """The line's state as a test sets it, and the panel that shows it."""

    def __init__(self, **options: bool) -> None:
        self.status = LineStatus(running=True, most=8)
        chosen = complete_options(OUTPUTS["modbus"].fields, options)
        commands = ReceiverCommands(on_status=lambda: self.status, sequence=40)
        self.panel = PlcPanel(chosen, commands, full=True)

    def triggered(self, times: int = 1) -> None:
        counts = replace(self.status.counts, accepted=self.status.counts.accepted + times)
        self.status = replace(self.status, counts=counts, waiting=self.status.waiting + times)

    def told(self, trigger: int, verdict: Verdict = Verdict.OK) -> None:
        found = record(trigger, verdict=verdict, score=1.0, serial=f"SN{trigger}")
        self.panel.tell(NumberedRecord(found, 40 + trigger, COUNTS, trigger))
        self.status = replace(self.status, waiting=self.status.waiting - 1, answered=trigger)

    @property
    def words(self) -> list[int]:
        return self.panel.registers(0, running=True)

    @property
    def flags(self) -> list[bool]:
        """Ready, busy, result valid."""
        state = self.words[22]
        return [bool(state & 2), bool(state & 4), bool(state & 8)]


def test_the_handshake_of_one_part() -> None:
    line = Line()
    assert len(line.words) == FULL_LENGTH
    assert line.words[3] == 0
    assert line.words[21] == 40, "the number goes on from where it was"
    assert line.flags == [True, False, False]
    line.triggered()
    assert line.flags == [True, True, False]
    line.told(1)
    assert line.flags == [True, False, True]
    assert (line.words[3], line.words[21], line.words[33]) == (1, 41, 1)
    assert line.words[35:51] == serial_registers("SN1")
    line.panel.acknowledge()
    assert line.flags == [True, False, False]
    line.panel.release()
    assert line.flags == [True, False, False]


def test_a_new_trigger_makes_the_old_verdict_invalid_and_blank_takes_it_away() -> None:
    for blank in (False, True):
        line = Line(blank=blank)
        line.triggered()
        line.told(1)
        line.triggered()
        assert line.flags == [True, True, False]
        assert line.words[3] == (0 if blank else 1)
        assert line.words[21] == 41, "no verdict is announced by it"
        line.told(2, Verdict.NG)
        assert line.words[3] == 3


def test_a_verdict_that_comes_after_a_newer_trigger_is_never_valid() -> None:
    line = Line(blank=True)
    line.triggered(2)
    line.told(1)
    assert line.flags == [True, True, False]
    assert line.words[3] == 0, "it is blank"
    line.told(2)
    assert line.flags == [True, False, True]
    assert line.words[3] == 1


def test_a_verdict_without_a_trigger_is_old_once_a_trigger_came_while_it_waited() -> None:
    line = Line(ack=True)
    for number in (1, 2):
        line.panel.tell(NumberedRecord(record(number), 40 + number, COUNTS))
    assert not line.panel.view().is_old
    line.triggered()
    line.panel.acknowledge()
    line.panel.release()
    view = line.panel.view()
    assert view.told is not None
    assert (view.told.sequence, view.is_old) == (42, True)


def test_a_verdict_stays_until_it_is_acknowledged() -> None:
    line = Line(ack=True)
    line.triggered(3)
    for number in (1, 2, 3):
        line.told(number)
    seen = []
    for _ in range(3):
        assert line.flags[2]
        seen.append(line.words[33])
        line.panel.acknowledge()
        assert not line.words[22] & 8, "it is low in between"
        line.panel.release()
    assert seen == [1, 2, 3]
    assert line.flags == [True, False, False]


@pytest.mark.parametrize(
    ("change", "bit"),
    [
        ({"source_away": True}, 4),
        ({"records_blocked": True}, 5),
        ({"awaits_person": True}, 6),
    ],
)
def test_why_the_line_is_not_ready(change: dict[str, Any], bit: int) -> None:
    line = Line()
    line.status = replace(line.status, **change)
    assert line.words[22] & 1 << bit
    assert line.flags[0] == (bit == 6), "while a person is waited for triggers are still taken"


def test_the_counters_are_told() -> None:
    line = Line()
    counts = TriggerCounts(accepted=70_000, refused=2, missed=3, bounced=4)
    line.status = replace(line.status, counts=counts, waiting=8)
    assert line.words[23:32] == [8, 1, 4464, 0, 2, 0, 3, 0, 4]
    assert not line.flags[0], "as many wait as may"


def test_a_serial_is_never_cut_in_the_middle_of_a_character() -> None:
    words = serial_registers("部" * 11)
    data = b"".join(word.to_bytes(2, "big") for word in words).rstrip(b"\0")
    assert data.decode() == "部" * 10


def test_numbers_go_on_over_restarts_and_none_is_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "sequence.txt"
    first = SequenceNumbers(file)
    assert [first.next() for _ in range(3)] == [1, 2, 3]
    first.close()
    second = SequenceNumbers(file)
    assert second.last == 3
    assert second.next() == 4
    third = SequenceNumbers(file)  # the second was killed: it closed nothing
    assert 4 <= third.last <= 4 + RESERVED
    only_looks = file.read_bytes()
    SequenceNumbers(file).close()
    assert file.read_bytes() == only_looks
    file.write_text("nonsense")
    assert SequenceNumbers(file).last == 0


def test_a_restart_as_client_leaves_no_old_verdict_standing(rig: Rig, machine: Plc) -> None:
    """It used to hide a verdict: the sequence began at 1 again, and an old OK stayed."""
    hub = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(hub))
    hub.tell(record(1, verdict=Verdict.OK, score=1.0))
    until(lambda: machine.memory[21] == 1)
    hub.close()
    assert machine.memory[3] == 1
    again = rig.outputs(written_to(machine.port))
    until(lambda: is_ready(again))
    assert machine.memory[3] == 0, "none yet, at once"


def test_a_coil_that_mirrors_a_sensor_triggers_once_for_each_rise(rig: Rig, port: int) -> None:
    hub = rig.outputs(f"modbus:{port}?level=1")
    until(lambda: is_ready(hub))
    with plc(port) as client:
        for _part in range(2):
            for _cycle in range(30):
                client.write_coil(0, value=True)
            for _cycle in range(3):
                client.write_coil(0, value=False)
    assert len(rig.triggers) == 2


def test_the_acknowledgement_is_a_coil_of_its_own(rig: Rig, port: int) -> None:
    rig.status = LineStatus(running=True, most=8)
    hub = rig.outputs(f"modbus:{port}?coil=15")
    until(lambda: is_ready(hub))
    hub.tell(record(1))
    with plc(port) as client:
        until(lambda: client.read_holding_registers(22, count=1).registers[0] & 8)
        assert not client.write_coil(16, value=True).isError()
        assert not client.read_holding_registers(22, count=1).registers[0] & 8
        until(lambda: not client.read_coils(16, count=1).bits[0])
        assert rig.triggers == []


@pytest.mark.parametrize(("scale", "register"), [("suggested", 1500), ("limit", 1875)])
def test_the_score_register_is_in_the_scale_that_the_output_was_set_up_with(
    scale: str, register: int
) -> None:
    chosen = complete_options(OUTPUTS["modbus"].fields, {"scale": scale})
    panel = PlcPanel(chosen, ReceiverCommands(), full=True)
    moved = record(1, score=3.0, limits=Limits(1.6, 4.0, unit=2.0))
    panel.tell(NumberedRecord(moved, 1, COUNTS))
    assert panel.registers(0, running=True)[4] == register
