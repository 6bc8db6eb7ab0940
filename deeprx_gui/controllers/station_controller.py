"""How this PC inspects: kept as soon as it is chosen; the outputs live as long as the window."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import (
    SOURCES,
    check_source,
    find_devices,
    reads_files,
    source_words,
)
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.line_control import LineControl
from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.audit import AuditEvent
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.jobs.lane import Lane, once
from deeprx_gui.outputs.output_hub import OutputHub
from deeprx_gui.outputs.sequence import SequenceNumbers
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.outputs.table import checked as check_output
from deeprx_gui.state.inspect import InspectModel, RunState
from deeprx_gui.ui.inspect.page import InspectPage

_LOOK_MS = 500


class SwitchableOutputs:
    """Whom verdicts are told, also after the outputs were changed in the middle of a run."""

    def __init__(self, outputs: OutputHub) -> None:
        self.outputs = outputs

    def tell(self, record: Record, *, trigger: int = 0, score_map: Float32 | None = None) -> None:
        """Send a recorded verdict to the outputs; callable from any thread, never blocks.

        ``score_map``: (rows, columns), raw scores of the picture; its places are told with it.
        """
        self.outputs.tell(record, trigger=trigger, score_map=score_map)

    def set_running(self, running: bool) -> None:
        """Tell whether there is a run."""
        self.outputs.set_running(running)


class StationController(QObject):
    """Keeps the station and its outputs; looks for cameras in a lane of its own.

    ``product_wanted`` carries the product's name that a receiver asked for; it is emitted in the
    receiver's thread: connect bound slots only. ``line`` is asked there, too, and raises
    RequestError with what the receiver is answered.
    """

    product_wanted = Signal(str)

    def __init__(
        self,
        job_service: JobService,
        model: InspectModel,
        page: InspectPage,
        line: LineControl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._model, self._page = job_service, model, page
        self.line = line
        sheet = self._sheet = page.sheets.setup
        self._file = job_service.services.paths.station_file
        self._station = stations.load(self._file, sources=SOURCES, outputs=OUTPUTS)
        self._devices = Lane("devices", self)
        self._sequence = SequenceNumbers(job_service.services.paths.sequence_file)
        self.audience = SwitchableOutputs(self._make_outputs())
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self._look)
        page.setup_requested.connect(self.open_setup)
        model.run_changed.connect(self._follow_run)
        model.outputs_changed.connect(sheet.outputs.show_states)
        sheet.station_changed.connect(self.change)
        sheet.source.drafted.connect(self._draft_source)
        sheet.source.address.search_requested.connect(self.search)
        sheet.outputs.drafted.connect(self._draft_output)
        sheet.use(tuple(SOURCES.values()), tuple(OUTPUTS.values()))
        self._show()

    @property
    def station(self) -> Station:
        return self._station

    def connect_receivers(self) -> None:
        """Begin to reach the receivers."""
        self._reach()

    def stop(self) -> bool:
        """Stop the outputs and the camera search."""
        self._clock.stop()
        self.audience.outputs.close()
        return self._devices.stop()

    @Slot()
    def open_setup(self) -> None:
        """Show the sheet."""
        self._sheet.open(self._page.top.setup)

    @Slot(object)
    def change(self, station: Station) -> None:
        """Save changed settings."""
        before, self._station = self._station, station
        self._job_service.note_changes(AuditEvent.STATION, before, station)
        if station.outputs != before.outputs:
            self._exchange_outputs()
        self._show()
        self._job_service.ask(
            partial(stations.save, station, self._file), say("Saving…"), lambda _nothing: None
        )

    @Slot()
    def search(self) -> None:
        """Look for cameras; a driver may take seconds to answer."""
        job = self._devices.start(once(find_devices, say("Searching for cameras…")))
        job.done.connect(self._sheet.source.show_devices)
        job.failed.connect(self._job_service.tell_failure)

    @Slot()
    def restart_outputs(self) -> None:
        """Close the outputs and open them again: something changed that they read at the start."""
        self._exchange_outputs()

    # -- inside -----------------------------------------------------------------------------

    def _make_outputs(self) -> OutputHub:
        return OutputHub(
            self._station.outputs,
            on_trigger=self.line.fire,
            on_product=self._change_product,
            on_status=self.line.status,
            on_products=self.line.products,
            sequence=self._sequence,
            folder=self._job_service.services.paths.data,
        )

    def _change_product(self, name: str) -> None:
        self.line.check_product(name)
        self.product_wanted.emit(name)

    def _exchange_outputs(self) -> None:
        """Close the old outputs before the new ones open their ports; may take a second."""
        before, self.audience.outputs = self.audience.outputs, self._make_outputs()
        job = self._devices.start(once(before.close, say("Saving…")))
        job.finished.connect(self._reach)

    @Slot()
    def _reach(self) -> None:
        outputs = self.audience.outputs
        outputs.start()
        outputs.set_running(self._model.run.active)
        if self._station.outputs:
            self._clock.start()
        else:
            self._clock.stop()
        self._look()

    @Slot()
    def _look(self) -> None:
        self._model.set_outputs(self.audience.outputs.states())

    def _show(self) -> None:
        self._sheet.show_station(self._station)
        source = self._station.source
        self._page.show_station(
            self._station, source_words(source) or "", files=reads_files(source)
        )

    @Slot(object)
    def _follow_run(self, run: RunState) -> None:
        self._sheet.set_running(run.active)

    @Slot(object)
    def _draft_source(self, draft: SourceSpec) -> None:
        try:
            source = check_source(draft)
        except RequestError as error:
            self._sheet.source.show_problem(error.message)
            return
        self._sheet.source.show_problem(None)
        self.change(replace(self._station, source=source))

    @Slot(object)
    def _draft_output(self, draft: OutputSpec) -> None:
        try:
            output = check_output(draft)
        except RequestError as error:
            self._sheet.outputs.show_problem(error.message)
            return
        if output in self._station.outputs:
            self._sheet.outputs.show_problem(say("This output is there already."))
            return
        self.change(replace(self._station, outputs=(*self._station.outputs, output)))
