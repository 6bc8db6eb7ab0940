"""Nodes of the one vision system: built once, then written to; its events.

Everything here runs in the server's loop.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import Server, ua
from asyncua.common.event_objects import BaseEvent

from deeprx_gui.outputs.opcua_filters import hand_out
from deeprx_gui.outputs.opcua_machine import OPERATIONAL, State, Transition
from deeprx_gui.outputs.opcua_model import (
    AUTOMATIC_METHODS,
    EVENT_TYPES,
    RECIPE_METHODS,
    RESULT_METHODS,
    RESULT_PARTS,
    STATE_METHODS,
    STATES,
    TRANSITIONS,
    Member,
)
from deeprx_gui.outputs.opcua_results import ARRAYS, VERDICT_VARIABLES, variant
from deeprx_gui.outputs.opcua_space import Call, Space, SpaceBuilder

ROOT: Final = "VisionSystem"
_MACHINE, _AUTOMATIC = f"{ROOT}.VisionStateMachine", f"{ROOT}.AutomaticModeStateMachine"
_RESULT = f"{ROOT}.ResultManagement.Results.Result"
_LINE, _VERDICT = f"{ROOT}.Line", f"{ROOT}.Verdict"
LINE_VARIABLES: Final = {
    "Running": "Boolean",
    "Ready": "Boolean",
    "Busy": "Boolean",
    "ResultValid": "Boolean",
    "SourceAway": "Boolean",
    "RecordsBlocked": "Boolean",
    "AwaitsPerson": "Boolean",
    "Waiting": "UInt32",
    "Accepted": "UInt32",
    "Refused": "UInt32",
    "Missed": "UInt32",
    "Bounced": "UInt32",
    "Sequence": "UInt32",
    "Product": "String",
    "LastRefusal": "String",
}
"""What ``VisionSystem.Line`` holds."""
_SYSTEM_STATES: Final = {
    State.SINGLE: 1, State.CONTINUOUS: 1, State.READY: 2, State.INITIALIZED: 2, State.ERROR: 5,
    State.HALTED: 6, State.PREOPERATIONAL: 6,
}  # fmt: skip

_log = logging.getLogger(__name__)


class VisionNodes:
    """The nodes below ``VisionSystem``; ``space`` is known once the types are there."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.space = Space(0, 0)
        self._written: dict[str, Any] = {}

    async def build_types(self) -> Space:
        """Make the types of the specification."""
        self._build = SpaceBuilder(self._server)
        self.space = await self._build.build_types()
        return self.space

    async def build(self, calls: Mapping[str, Call]) -> None:
        """Make the instance; ``calls``: what answers each method."""
        build = self._build
        objects = self._server.nodes.objects
        root = await build.add_object(objects, ROOT, "VisionSystemType", own=True)
        machine = await build.add_object(root, _MACHINE, "VisionStateMachineType", own=False)
        await build.add_state_variables(machine, _MACHINE)
        await build.add_methods(machine, _MACHINE, STATE_METHODS, calls)
        inner = await build.add_object(
            machine, _AUTOMATIC, "VisionAutomaticModeStateMachineType", own=False
        )
        await build.add_state_variables(inner, _AUTOMATIC)
        await build.add_methods(inner, _AUTOMATIC, AUTOMATIC_METHODS, calls)
        recipes = await build.add_object(
            root, f"{ROOT}.RecipeManagement", "RecipeManagementType", own=False
        )
        await build.add_methods(recipes, f"{ROOT}.RecipeManagement", RECIPE_METHODS, calls)
        results = await build.add_object(
            root, f"{ROOT}.ResultManagement", "ResultManagementType", own=False
        )
        await build.add_methods(results, f"{ROOT}.ResultManagement", RESULT_METHODS, calls)
        folder = await build.add_object(
            results, f"{ROOT}.ResultManagement.Results", "ResultFolderType", own=False
        )
        await build.add_result(folder, _RESULT)
        name = ua.QualifiedName("SystemState", self.space.standard)
        path = f"{ROOT}.SystemState"
        await build.add_variable(root, path, "SystemStateDescriptionDataType", name=name)
        line = await build.add_object(root, _LINE, 58, own=True)
        for name, data_type in LINE_VARIABLES.items():
            await build.add_variable(line, f"{_LINE}.{name}", data_type)
        acknowledge = (Member("Sequence", "UInt32"),)
        await build.add_own_method(line, f"{_LINE}.Acknowledge", acknowledge, calls["Acknowledge"])
        verdict = await build.add_object(root, _VERDICT, 58, own=True)
        for name, data_type in VERDICT_VARIABLES.items():
            array = name in ARRAYS
            await build.add_variable(verdict, f"{_VERDICT}.{name}", data_type, array=array)
        for node in (root, self._server.nodes.server):
            await node.set_event_notifier([ua.EventNotifier.SubscribeToEvents])
        await self._server.nodes.server.add_reference(root.nodeid, ua.NodeId(48))
        for kind in EVENT_TYPES.values():
            await root.add_reference(self.space.type_id(kind.number), ua.NodeId(41))

    async def transition_event(self, name: str, step: Transition, *, severity: int = 100) -> None:
        """Send an event about a step."""
        await self.emit(
            name,
            f"{step.before.value} → {step.after.value} ({step.cause.value})",
            severity=severity,
            **{
                "Transition": ua.LocalizedText(step.name),
                "Transition/Id": self.space.type_id(TRANSITIONS[step.name][0]),
                "FromState": ua.LocalizedText(step.before.value),
                "FromState/Id": self.space.type_id(STATES[step.before.value][0]),
                "ToState": ua.LocalizedText(step.after.value),
                "ToState/Id": self.space.type_id(STATES[step.after.value][0]),
            },
        )

    async def emit(self, name: str, text: str, *, severity: int = 100, **fields: Any) -> None:  # noqa: ANN401
        """Send an event from the vision system, and from the server object above it."""
        now = datetime.now(UTC)
        event = BaseEvent(sourcenode=self.space.own_id(ROOT), message=text, severity=severity)
        event.EventType = self.space.type_id(EVENT_TYPES[name].number)
        event.EventId = uuid.uuid4().bytes
        event.SourceName = ROOT
        event.Time = event.ReceiveTime = now
        for key, value in fields.items():
            made = ua.Variant(value)
            event.add_property(key, value, made.VariantType)
        subscriptions = self._server.iserver.subscription_service.subscriptions
        for emitter in (self.space.own_id(ROOT), ua.NodeId(ua.ObjectIds.Server)):
            event.emitting_node = emitter
            await hand_out(subscriptions, event)

    async def write_states(self, state: State, step: Transition | None = None) -> None:
        """Show a state, and the step that led to it."""
        outer = OPERATIONAL if state.is_operational else state.value
        await self._write_state(_MACHINE, outer)
        await self._write_state(_AUTOMATIC, state.value if state.is_operational else None)
        if step is not None:
            path = _AUTOMATIC if step.within_automatic else _MACHINE
            number, value, _ = TRANSITIONS[step.name]
            await self._write(f"{path}.LastTransition", ua.Variant(ua.LocalizedText(step.name)))
            await self._write(f"{path}.LastTransition.Id", ua.Variant(self.space.type_id(number)))
            await self._write(
                f"{path}.LastTransition.Number", ua.Variant(value, ua.VariantType.UInt32)
            )
        described = self.space.made(
            "SystemStateDescriptionDataType", State=_SYSTEM_STATES[state], StateDescription=state
        )
        await self._write(f"{ROOT}.SystemState", ua.Variant(described))

    async def _write_state(self, path: str, name: str | None) -> None:
        if name is None:
            for part in ("", ".Id", ".Number"):
                await self._write_bad(f"{path}.CurrentState{part}")
            return
        number, value, _ = STATES[name]
        await self._write(f"{path}.CurrentState", ua.Variant(ua.LocalizedText(name)))
        await self._write(f"{path}.CurrentState.Id", ua.Variant(self.space.type_id(number)))
        await self._write(f"{path}.CurrentState.Number", ua.Variant(value, ua.VariantType.UInt32))

    async def write_line(self, values: Mapping[str, Any]) -> None:
        """Show what has changed of ``LINE_VARIABLES``."""
        for name, value in values.items():
            if name not in self._written or self._written[name] != value:
                self._written[name] = value
                kind = ua.VariantType[LINE_VARIABLES[name]]
                await self._write(f"{_LINE}.{name}", ua.Variant(value, kind))

    async def write_verdict(self, values: Mapping[str, Any]) -> None:
        """Show a verdict."""
        for name, value in values.items():
            await self._write(f"{_VERDICT}.{name}", variant(value, name))

    async def write_none_yet(self, sequence: int) -> None:
        """Show that there is no verdict yet: the number of the last run, and nothing else."""
        none = {name: "" for name, kind in VERDICT_VARIABLES.items() if kind == "String"}
        await self.write_verdict({**none, "Sequence": sequence & 0xFFFFFFFF, "VerdictCode": 0})

    async def write_result(self, result: Any) -> None:  # noqa: ANN401
        """Show a result and its components."""
        await self._write(_RESULT, ua.Variant(result))
        for name in RESULT_PARTS:
            value = getattr(result, name)
            kind = ua.VariantType.Int32 if name == "ResultState" else None
            await self._write(f"{_RESULT}.{name}", ua.Variant(value, kind))

    async def _write(self, path: str, value: ua.Variant) -> None:
        when = datetime.now(UTC)
        status = await self._server.iserver.aspace.write_attribute_value(
            self.space.own_id(path),
            ua.AttributeIds.Value,
            ua.DataValue(value, SourceTimestamp=when, ServerTimestamp=when),
        )
        if not status.is_good():
            _log.error("%s cannot be written: %s", path, status.name)

    async def _write_bad(self, path: str) -> None:
        bad = ua.StatusCode(ua.StatusCodes.BadStateNotActive)
        await self._server.iserver.aspace.write_attribute_value(
            self.space.own_id(path), ua.AttributeIds.Value, ua.DataValue(StatusCode=bad)
        )
