"""All outputs of a station behind one interface."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.inspection import Record, RunCounts
from deeprx_gui.domain.line_status import LineProduct, LineStatus
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.output import OutputConnection, OutputSpec, OutputState
from deeprx_gui.outputs.base import PAUSES, NumberedRecord, Output, reduced
from deeprx_gui.outputs.commands import ReceiverCommands, TriggerListener
from deeprx_gui.outputs.sequence import SequenceNumbers
from deeprx_gui.outputs.table import OUTPUTS, open_output

_log = logging.getLogger(__name__)


class OutputHub:
    """Tells every verdict to every output; none of its methods but ``close`` waits for anybody.

    An output whose settings make no sense is shown as stopped; the others work. ``on_trigger``
    (serial number, may be empty, and where it comes from), ``on_product`` (name) and ``on_status``
    are called in threads of the outputs and must return at once; a DeepRxError of the first two is
    what the receiver is answered.
    """

    def __init__(
        self,
        specs: Iterable[OutputSpec],
        *,
        on_trigger: TriggerListener | None = None,
        on_product: Callable[[str], None] | None = None,
        on_status: Callable[[], LineStatus] | None = None,
        on_products: Callable[[], tuple[LineProduct, ...]] | None = None,
        sequence: SequenceNumbers | None = None,
        folder: Path | None = None,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        """Build every output; nothing is reached before ``start``. Never raises.

        ``sequence``: what numbers the verdicts, also over restarts. ``folder``: the data folder.
        """
        self._sequence = sequence or SequenceNumbers()
        commands = ReceiverCommands(
            on_trigger,
            on_product,
            on_status,
            on_products,
            sequence=self._sequence.last,
            folder=folder,
        )
        specs = tuple(specs)
        self._wants_places = any(
            spec.kind in OUTPUTS and OUTPUTS[spec.kind].places for spec in specs
        )
        self._outputs = tuple(_opened(spec, commands, pauses) for spec in specs)
        self._lock = threading.Lock()
        self._counts = RunCounts(datetime.now(UTC))

    def start(self) -> None:
        """Begin to reach the receivers."""
        for output in self._outputs:
            output.start()

    def tell(self, record: Record, *, trigger: int = 0, score_map: Float32 | None = None) -> None:
        """Tell a verdict to everybody. Never waits for a receiver, never raises.

        ``trigger``: the number of the trigger it answers, 0 where none came from outside.
        ``score_map`` (h, w): the raw scores over the picture; looked at only where an output tells
        places.
        """
        heat = reduced(score_map) if self._wants_places and score_map is not None else None
        with self._lock:  # everybody hears the same order
            self._counts = self._counts.plus(record.verdict)
            told = NumberedRecord(record, self._sequence.next(), self._counts, trigger, heat)
            for output in self._outputs:
                output.tell(told)

    def set_running(self, running: bool) -> None:
        """Say whether the inspection runs (heartbeat and status of a PLC, MQTT's topic)."""
        for output in self._outputs:
            output.set_running(running)

    def states(self) -> tuple[OutputState, ...]:
        """Say how every output stands, in the order of the specs."""
        return tuple(output.state() for output in self._outputs)

    def close(self) -> None:
        """End all outputs together, within about a second. May be called again."""
        for output in self._outputs:
            output.stop()
        for output in self._outputs:
            output.close()
        self._sequence.close()


class _BrokenOutput:
    """Stands for an output that cannot be built."""

    def __init__(self, spec: OutputSpec, problem: Message) -> None:
        self.spec = spec
        self._problem = problem
        self._missed = 0

    def start(self) -> None:
        """Nothing can be started."""

    def tell(self, told: NumberedRecord) -> None:  # noqa: ARG002 - nobody hears it
        """Count the verdict as dropped."""
        self._missed += 1

    def set_running(self, running: bool) -> None:
        """Ignore: the output could not be built."""

    def state(self) -> OutputState:
        """Return the state with the reason."""
        return OutputState(self.spec, OutputConnection.STOPPED, self._problem, 0, self._missed)

    def stop(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held."""


def _opened(spec: OutputSpec, commands: ReceiverCommands, pauses: tuple[float, ...]) -> Output:
    commands = replace(commands, origin=f"{spec.kind}:{spec.address}")
    try:
        return open_output(spec, commands=commands, pauses=pauses)
    except DeepRxError as error:
        _log.warning("output %s %s: %s", spec.kind, spec.address, error)
        return _BrokenOutput(spec, error.message)
