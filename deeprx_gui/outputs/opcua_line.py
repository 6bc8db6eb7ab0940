"""The vision system as clients see it: jobs, products, what is published and when.

Everything here runs in the server's loop.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from asyncua import Server

from deeprx_gui.domain.line_status import LineProduct, LineStatus
from deeprx_gui.domain.message import Message, say
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.opcua_machine import Cause, State, Transition, VisionMachine
from deeprx_gui.outputs.opcua_model import EVENT_TYPES
from deeprx_gui.outputs.opcua_nodes import VisionNodes
from deeprx_gui.outputs.opcua_results import Job, Results, verdict_values
from deeprx_gui.outputs.opcua_space import Call, Space
from deeprx_gui.outputs.verdict_panel import PanelView, VerdictPanel

_GIVES_UP_AFTER: Final = 10.0
"""Seconds after which a job whose verdict will not come no longer keeps the machine busy."""
_PREPARES_WITHIN: Final = 60.0

_log = logging.getLogger(__name__)


@dataclass
class _ManyParts:
    """A continuous execution: its parts came between its begin and its end.

    ``after`` and ``upto``: the triggers that had been accepted at its begin and at its end.
    """

    job: Job
    begun: datetime
    after: int
    ended: datetime | None = None
    upto: int | None = None

    def has(self, told: NumberedRecord) -> bool:
        """Say whether a verdict is of this job, however late it is shown."""
        if told.trigger:
            return self.after < told.trigger and (self.upto is None or told.trigger <= self.upto)
        taken = told.record.utc
        return self.begun <= taken and (self.ended is None or taken < self.ended)


class VisionLine:
    """One vision system: this PC's line."""

    def __init__(self, server: Server, commands: ReceiverCommands, *, ack: bool) -> None:
        self.nodes, self.commands = VisionNodes(server), commands
        self.panel = VerdictPanel(commands, ack=ack)
        self._ack = ack
        self.machine = VisionMachine()
        self._space = Space(0, 0)
        self.results = Results(self._space)
        self._jobs: dict[int, Job] = {}
        self._continuous: _ManyParts | None = None
        self._past: deque[_ManyParts] = deque(maxlen=20)
        self._single: tuple[int, Job, float] | None = None
        self._wanted: tuple[LineProduct, float] | None = None
        self._shown = commands.sequence
        self._refusal = ""

    async def build(self, calls: Mapping[str, Call]) -> None:
        """Make the types and the instance; ``calls``: what answers each method."""
        self._space = await self.nodes.build_types()
        self.results = Results(self._space)
        await self.nodes.build(calls)
        await self.nodes.write_none_yet(self._shown)
        await self.nodes.write_states(self.machine.state)
        await self.look()

    async def tell(self, told: NumberedRecord) -> None:
        """Show a verdict, as soon as the one before it is acknowledged where that is wanted."""
        self.panel.tell(told)
        await self.show()

    async def show(self) -> None:
        """Publish what the panel shows, if that is new."""
        view = self.panel.view()
        told = view.told
        if told is not None and told.sequence != self._shown:
            self._shown = told.sequence
            job = self._job_of(told)
            values = verdict_values(told, job)
            result = self.results.made(told, values, job)
            await self.nodes.write_verdict(values)
            await self.nodes.write_result(result)
            await self.nodes.emit(
                "ResultReadyEventType",
                f"{values['Verdict']} {values['PartId']}".strip(),
                **{
                    name: getattr(result, name)
                    for name in EVENT_TYPES["ResultReadyEventType"].properties
                },
            )
            await self._job_done(told.trigger)
        await self._write_line(view)

    async def look(self) -> None:
        """Follow the line; called again and again."""
        view = self.panel.view()
        await self.follow(view.status)
        await self._give_up(view)
        await self._write_line(view)

    async def follow(self, status: LineStatus) -> None:
        """Let the state machine follow the line."""
        prepared = self._prepared(status)
        held = self._wanted is not None and not prepared
        steps = self.machine.follow(replace(status, running=status.running and not held))
        await self.took(steps)
        if prepared is not None:
            self._wanted = None
            await self.nodes.emit(
                "RecipePreparedEventType",
                f"{prepared.name} is prepared",
                ExternalId=self.results.external(prepared),
                InternalId=self.results.internal(prepared),
                ProductId=self._space.made("ProductIdDataType", Id=prepared.name),
            )

    async def took(self, steps: list[Transition]) -> None:
        """Publish steps of the state machine."""
        for step in steps:
            await self.nodes.write_states(step.after, step)
            await self._changed(step)

    async def refuse(self, why: Message) -> None:
        """Say why a command was refused."""
        self._refusal = str(why)
        _log.info("an OPC UA command was refused: %s", why)
        await self._write_line(self.panel.view())

    def starts(self, cause: Cause, number: int, job: Job) -> None:
        """Note a job that was started, before its verdict can come."""
        if cause is Cause.START_CONTINUOUS:
            self._continuous = _ManyParts(job, datetime.now(UTC), self._accepted)
        else:
            self._jobs[number] = job
            self._single = (number, job, time.monotonic())
            for old in [n for n in self._jobs if n < number - 100]:
                del self._jobs[old]

    def ends(self) -> Job | None:
        """Forget the job of the execution that ends; its verdict, if it still comes, has its id."""
        job = self._single[1] if self._single else None
        if (many := self._continuous) is not None:
            many.ended, many.upto = datetime.now(UTC), self._accepted
            self._past.append(many)
            job = many.job
        self._continuous = self._single = None
        return job

    def prepares(self, product: LineProduct) -> None:
        """Note that a client wants a product."""
        self._wanted = (product, time.monotonic())
        self.machine.prepares = True

    def job_id(self) -> str:
        """Return a new name for a job, unique for ever."""
        return f"J{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"

    async def started(self, job: Job) -> None:
        """Tell that a job was started."""
        made = self._space.made("JobIdDataType", Id=job.id)
        await self.nodes.emit("JobStartedEventType", f"job {job.id} started", JobId=made)

    async def ready_again(self, job: Job | None) -> None:
        """Tell that the next job may be started."""
        made = self._space.made("JobIdDataType", Id=job.id if job else "")
        await self.nodes.emit("ReadyEventType", "ready", JobId=made)

    # -- inside ----------------------------------------------------------------------------

    def _job_of(self, told: NumberedRecord) -> Job:
        job = self._jobs.pop(told.trigger, None) if told.trigger else None
        if job is not None:
            return job
        executions = [*self._past, *([self._continuous] if self._continuous else [])]
        found = next((each.job for each in reversed(executions) if each.has(told)), None)
        return found or Job(f"line-{told.sequence}")

    @property
    def _accepted(self) -> int:
        return self.commands.status().counts.accepted

    async def _job_done(self, trigger: int) -> None:
        if self._single is None or self._single[0] != trigger:
            return
        job, self._single = self._single[1], None
        step = self.machine.job_done()
        if step is not None:
            await self.took([step])
            await self.ready_again(job)

    async def _give_up(self, view: PanelView) -> None:
        """End a job whose verdict will not come any more: the run was broken off."""
        if self._single is None:
            return
        number, job, begun = self._single
        may_come = view.status.running and view.status.answered < number
        held = self._ack and view.valid
        if may_come or held or time.monotonic() - begun < _GIVES_UP_AFTER:
            return
        await self.refuse(say("The job {job} got no verdict: the run was broken off.", job=job.id))
        await self._job_done(number)
        self._single = None

    def _prepared(self, status: LineStatus) -> LineProduct | None:
        """Return the product that was wanted, once it is in use."""
        if self._wanted is None:
            return None
        wanted, since = self._wanted
        in_use = next((each for each in self.commands.products() if each.in_use), None)
        if status.running and in_use is not None and in_use.id == wanted.id:
            return in_use
        if status.running and time.monotonic() - since > _PREPARES_WITHIN:
            self._refusal = str(say("“{name}” did not come into use.", name=wanted.name))
            self._wanted, self.machine.prepares = None, False
        return None

    async def _changed(self, step: Transition) -> None:
        await self.nodes.transition_event("StateChangedEventType", step)
        if step.after is State.ERROR:
            await self.nodes.transition_event("ErrorEventType", step, severity=700)
        elif step.before is State.ERROR:
            await self.nodes.transition_event("ErrorResolvedEventType", step)
        left = step.before in {State.SINGLE, State.CONTINUOUS}
        if left and step.cause is Cause.AUTO and step.after is not State.READY:
            self.ends()
        elif left and step.before is State.CONTINUOUS and step.cause is Cause.AUTO:
            await self.ready_again(self.ends())

    async def _write_line(self, view: PanelView) -> None:
        status, counts = view.status, view.status.counts
        in_use = next((each.name for each in self.commands.products() if each.in_use), "")
        values: dict[str, Any] = {
            "Running": status.running,
            "Ready": status.ready,
            "Busy": view.busy,
            "ResultValid": view.valid,
            "SourceAway": status.source_away,
            "RecordsBlocked": status.records_blocked,
            "AwaitsPerson": status.awaits_person,
            "Waiting": status.waiting,
            "Accepted": counts.accepted,
            "Refused": counts.refused,
            "Missed": counts.missed,
            "Bounced": counts.bounced,
            "Sequence": view.sequence & 0xFFFFFFFF,
            "Product": in_use,
            "LastRefusal": self._refusal,
        }
        await self.nodes.write_line(values)
