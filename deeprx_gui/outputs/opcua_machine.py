"""State machine of a vision system after OPC 40100-1: a table, no network and no library.

``VisionStateMachine`` and its ``AutomaticModeStateMachine`` are one machine here: the state
``Operational`` is the four states of automatic mode. The names of states and transitions are the
browse names of the specification (8.2.6, 8.3.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.line_status import LineStatus


class State(StrEnum):
    """A state; the last four lie within ``Operational``."""

    PREOPERATIONAL = "Preoperational"
    HALTED = "Halted"
    ERROR = "Error"
    INITIALIZED = "Initialized"
    READY = "Ready"
    SINGLE = "SingleExecution"
    CONTINUOUS = "ContinuousExecution"

    @property
    def is_operational(self) -> bool:
        return self in _AUTOMATIC


_AUTOMATIC = frozenset({State.INITIALIZED, State.READY, State.SINGLE, State.CONTINUOUS})
OPERATIONAL: Final = "Operational"


class Cause(StrEnum):
    """A method that a client calls; ``AUTO``: the line itself."""

    AUTO = "Auto"
    SELECT = "SelectModeAutomatic"
    HALT = "Halt"
    RESET = "Reset"
    START_SINGLE = "StartSingleJob"
    START_CONTINUOUS = "StartContinuous"
    STOP = "Stop"
    ABORT = "Abort"
    PREPARE = "PrepareRecipe"


@dataclass(frozen=True)
class Transition:
    """One step: ``name`` of the specification, whether it is one of automatic mode."""

    name: str
    before: State
    after: State
    cause: Cause

    @property
    def within_automatic(self) -> bool:
        return self.before.is_operational and self.after.is_operational


def _outer(state: State) -> str:
    return OPERATIONAL if state.is_operational else state.value


def _step(before: State, after: State, cause: Cause, name: str = "") -> Transition:
    plain = f"{_outer(before)}To{_outer(after)}"
    if before.is_operational and after.is_operational:
        plain = f"{before.value}To{after.value}"
    return Transition(name or plain + ("Auto" if cause is Cause.AUTO else ""), before, after, cause)


S, C = State, Cause
_BY_METHOD: Final[Mapping[tuple[State, Cause], Transition]] = {
    (step.before, step.cause): step
    for step in (
        _step(S.PREOPERATIONAL, S.INITIALIZED, C.SELECT, "PreoperationalToInitialized"),
        _step(S.PREOPERATIONAL, S.HALTED, C.HALT),
        _step(S.HALTED, S.PREOPERATIONAL, C.RESET),
        _step(S.ERROR, S.PREOPERATIONAL, C.RESET),
        _step(S.ERROR, S.HALTED, C.HALT),
        *(_step(state, S.PREOPERATIONAL, C.RESET) for state in sorted(_AUTOMATIC)),
        *(_step(state, S.HALTED, C.HALT) for state in sorted(_AUTOMATIC)),
        _step(S.READY, S.SINGLE, C.START_SINGLE),
        _step(S.READY, S.CONTINUOUS, C.START_CONTINUOUS),
        _step(S.SINGLE, S.READY, C.STOP, "SingleExecutionToReadyStop"),
        _step(S.SINGLE, S.READY, C.ABORT, "SingleExecutionToReadyAbort"),
        _step(S.CONTINUOUS, S.READY, C.STOP, "ContinuousExecutionToReadyStop"),
        _step(S.CONTINUOUS, S.READY, C.ABORT, "ContinuousExecutionToReadyAbort"),
    )
}
MAY_PREPARE: Final = frozenset({State.INITIALIZED, State.READY})
"""Where ``PrepareRecipe`` is taken."""


class VisionMachine:
    """The state, and what may become of it. Not safe to share by threads: it lives in one loop.

    It goes to automatic mode by itself when the program starts; after ``Reset`` it waits for
    ``SelectModeAutomatic``.
    """

    def __init__(self) -> None:
        self.state = State.PREOPERATIONAL
        self.prepares = False
        """A client has asked for a product: being ready is then told as prepared."""
        self._by_itself = True

    def may(self, cause: Cause) -> bool:
        """Say whether a method may be called in this state."""
        if cause is Cause.PREPARE:
            return self.state in MAY_PREPARE
        return (self.state, cause) in _BY_METHOD

    def call(self, cause: Cause) -> Transition:
        """Take the step of a method. Raises KeyError where it is not allowed."""
        step = self._take(_BY_METHOD[self.state, cause])
        if cause in {Cause.RESET, Cause.SELECT}:
            self._by_itself = cause is Cause.SELECT
        return step

    def job_done(self) -> Transition | None:
        """The job of ``StartSingleJob`` has its result."""
        return self._auto(State.READY) if self.state is State.SINGLE else None

    def follow(self, line: LineStatus) -> list[Transition]:
        """Follow the line; returns the steps that were taken, in order."""
        steps: list[Transition] = []
        while (step := self._next(line)) is not None:
            steps.append(step)
        return steps

    def _next(self, line: LineStatus) -> Transition | None:
        trouble = line.source_away or line.records_blocked
        match self.state:
            case State.HALTED:
                return None
            case State.PREOPERATIONAL if trouble:
                return self._auto(State.ERROR)
            case State.PREOPERATIONAL if self._by_itself:
                return self._auto(State.INITIALIZED, "PreoperationalToInitializedAuto")
            case State.PREOPERATIONAL:
                return None
            case State.ERROR:
                return None if trouble else self._trouble_ends()
            case _ if trouble:
                return self._auto(State.ERROR)
            case State.INITIALIZED if line.running:
                return self._becomes_ready()
            case State.SINGLE | State.CONTINUOUS if not line.running:
                return self._auto(State.READY)
            case State.READY if not line.running:
                return self._auto(State.INITIALIZED)
            case _:
                return None

    def _trouble_ends(self) -> Transition:
        """Go on; after ``Reset`` the machine still waits for ``SelectModeAutomatic``."""
        return self._auto(State.INITIALIZED if self._by_itself else State.PREOPERATIONAL)

    def _becomes_ready(self) -> Transition:
        if self.prepares:
            self.prepares = False
            return self._take(_step(S.INITIALIZED, S.READY, C.PREPARE, "InitializedToReadyRecipe"))
        return self._auto(State.READY)

    def _auto(self, after: State, name: str = "") -> Transition:
        return self._take(_step(self.state, after, Cause.AUTO, name))

    def _take(self, step: Transition) -> Transition:
        self.state = step.after
        return step
