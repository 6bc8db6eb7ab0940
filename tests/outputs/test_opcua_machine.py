"""The state machine of OPC 40100-1, without a network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deeprx_gui.domain.line_status import LineStatus
from deeprx_gui.outputs.opcua_machine import Cause, State, VisionMachine
from deeprx_gui.outputs.opcua_model import STATES, TRANSITIONS

RUNS = LineStatus(running=True, most=8)
STANDS = LineStatus()


def names(machine: VisionMachine, line: LineStatus) -> list[str]:
    return [step.name for step in machine.follow(line)]


def in_state(state: State) -> VisionMachine:
    machine = VisionMachine()
    machine.state = state
    return machine


def test_it_becomes_ready_by_itself_and_follows_the_line() -> None:
    machine = VisionMachine()
    assert names(machine, STANDS) == ["PreoperationalToInitializedAuto"]
    assert names(machine, RUNS) == ["InitializedToReadyAuto"]
    assert names(machine, RUNS) == []
    assert names(machine, STANDS) == ["ReadyToInitializedAuto"]


def test_a_camera_that_goes_away_is_an_error_until_it_is_back() -> None:
    machine = in_state(State.SINGLE)
    away = replace(RUNS, source_away=True)
    assert names(machine, away) == ["OperationalToErrorAuto"]
    assert machine.state is State.ERROR
    assert names(machine, replace(RUNS, records_blocked=True)) == []
    assert names(machine, RUNS) == ["ErrorToOperationalAuto", "InitializedToReadyAuto"]


def test_after_reset_it_waits_for_automatic_mode_to_be_chosen() -> None:
    machine = in_state(State.READY)
    assert machine.call(Cause.RESET).name == "OperationalToPreoperational"
    assert names(machine, RUNS) == []
    assert machine.call(Cause.SELECT).name == "PreoperationalToInitialized"
    assert names(machine, RUNS) == ["InitializedToReadyAuto"]


def test_a_camera_that_goes_away_after_reset_does_not_choose_automatic_mode() -> None:
    machine = in_state(State.READY)
    machine.call(Cause.RESET)
    away = replace(RUNS, source_away=True)
    assert names(machine, away) == ["PreoperationalToErrorAuto"]
    assert names(machine, RUNS) == ["ErrorToPreoperationalAuto"]
    assert machine.state is State.PREOPERATIONAL
    machine.call(Cause.SELECT)
    assert names(machine, RUNS) == ["InitializedToReadyAuto"]
    assert names(machine, away) == ["OperationalToErrorAuto"]
    assert names(machine, RUNS) == ["ErrorToOperationalAuto", "InitializedToReadyAuto"]


def test_halted_stays_halted_whatever_the_line_does() -> None:
    machine = in_state(State.CONTINUOUS)
    assert machine.call(Cause.HALT).name == "OperationalToHalted"
    assert names(machine, RUNS) == names(machine, replace(RUNS, source_away=True)) == []
    assert machine.call(Cause.RESET).name == "HaltedToPreoperational"


def test_a_run_that_ends_during_a_job_leads_back_in_two_steps() -> None:
    machine = in_state(State.CONTINUOUS)
    assert names(machine, STANDS) == ["ContinuousExecutionToReadyAuto", "ReadyToInitializedAuto"]


def test_ready_after_a_product_was_asked_for_is_told_as_prepared() -> None:
    machine = in_state(State.INITIALIZED)
    machine.prepares = True
    assert names(machine, RUNS) == ["InitializedToReadyRecipe"]


ALLOWED = {
    State.PREOPERATIONAL: {Cause.SELECT, Cause.HALT},
    State.HALTED: {Cause.RESET},
    State.ERROR: {Cause.RESET, Cause.HALT},
    State.INITIALIZED: {Cause.RESET, Cause.HALT, Cause.PREPARE},
    State.READY: {
        Cause.RESET, Cause.HALT, Cause.PREPARE, Cause.START_SINGLE, Cause.START_CONTINUOUS,
    },
    State.SINGLE: {Cause.RESET, Cause.HALT, Cause.STOP, Cause.ABORT},
    State.CONTINUOUS: {Cause.RESET, Cause.HALT, Cause.STOP, Cause.ABORT},
}  # fmt: skip


@pytest.mark.parametrize("state", State)
def test_each_state_takes_its_own_methods_and_no_other(state: State) -> None:
    for cause in set(Cause) - {Cause.AUTO}:
        machine = in_state(state)
        assert machine.may(cause) is (cause in ALLOWED[state]), (state, cause)
        if cause is not Cause.PREPARE and machine.may(cause):
            step = machine.call(cause)
            assert step.name in TRANSITIONS, "a name of the specification"
            assert step.before is state
            assert machine.state is step.after
            assert state.value in STATES
