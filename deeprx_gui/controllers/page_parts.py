"""What stands behind each page: its widgets and the controllers that answer them.

Each part is imported and made when it is asked for; what connects parts with each other is in
``app``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deeprx_gui.capture.folder import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from deeprx_gui.controllers.check_controller import CheckController
    from deeprx_gui.controllers.compare_controller import CompareController
    from deeprx_gui.controllers.corrections_controller import CorrectionsController
    from deeprx_gui.controllers.false_calls_controller import FalseCallsController
    from deeprx_gui.controllers.gate_controller import GateController
    from deeprx_gui.controllers.help_controller import HelpController
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.job_service import JobService
    from deeprx_gui.controllers.limits_sheet_controller import LimitsSheetController
    from deeprx_gui.controllers.next_step_controller import NextStepController
    from deeprx_gui.controllers.operator_controller import OperatorController
    from deeprx_gui.controllers.settings_controller import SettingsController
    from deeprx_gui.controllers.shared_heat import SharedHeat
    from deeprx_gui.controllers.shared_record_store import SharedRecordStore
    from deeprx_gui.controllers.station_controller import StationController
    from deeprx_gui.controllers.teach_controller import TeachController
    from deeprx_gui.domain.gate import GateReport
    from deeprx_gui.domain.profile import Profile
    from deeprx_gui.state.inspect import InspectModel
    from deeprx_gui.state.profiles import ProfilesModel
    from deeprx_gui.state.results import ResultsModel
    from deeprx_gui.state.session import Session
    from deeprx_gui.state.thumbnails import ThumbnailCache
    from deeprx_gui.state.tray import TrayModel
    from deeprx_gui.ui.check.page import CheckPage
    from deeprx_gui.ui.history.page import HistoryPage
    from deeprx_gui.ui.inspect.page import InspectPage
    from deeprx_gui.ui.main_window import MainWindow
    from deeprx_gui.ui.teach.page import TeachPage


PARTS: Final = {
    "_inspect": ("ui.inspect.page", "controllers.inspect_controller", "ui.inspect.sheets"),
    "_check": ("ui.check.page", "controllers.next_step_controller"),
    "_teach": ("ui.teach.page", "controllers.teach_controller"),
    "_history": ("ui.history.page", "controllers.history_controller"),
    "help_controller": (),
    "central_controller": (),
}
"""In the order in which they are made: the receivers of verdicts wait for the station. With the
modules that take longest to import, each in a turn of its own."""


@dataclass(frozen=True)
class PartsContext:
    """What the parts share. ``owner`` owns, in Qt's sense, what is no widget.

    ``running``: whether parts are inspected.
    """

    owner: QObject
    window: MainWindow
    job_service: JobService
    settings: SettingsController
    session: Session
    results: ResultsModel
    tray: TrayModel
    thumbnails: ThumbnailCache
    profiles: ProfilesModel
    inspection: InspectModel
    records: SharedRecordStore
    heat: SharedHeat
    running: Callable[[], bool]

    @cached_property
    def gate(self) -> GateController:
        """Judges revisions before they are put in use."""
        from deeprx_gui.controllers.gate_controller import GateController

        return GateController(self.job_service, self.records, self.window)

    def judge_limits(
        self,
        moved: Profile,
        go_on: Callable[[GateReport | None], None],
        stopped: Callable[[], None] | None,
    ) -> None:
        """Let the gate judge limits that a person moved; it is made when that is first asked."""
        self.gate.judge_limits(moved, go_on, stopped)

    @cached_property
    def corrections(self) -> CorrectionsController:
        """Answers “Was OK” and “Missed” on every page."""
        from deeprx_gui.controllers.corrections_controller import CorrectionsController

        return CorrectionsController(self.job_service, self.gate, self.window, self.running)


@dataclass(frozen=True)
class TeachPart:
    """The page Teach and what answers it."""

    page: TeachPage
    controller: TeachController
    compare: CompareController


def make_teach(shared: PartsContext) -> TeachPart:
    """Make the page Teach."""
    from deeprx_gui.controllers.compare_controller import CompareController
    from deeprx_gui.controllers.teach_controller import TeachController
    from deeprx_gui.ui.teach.page import TeachPage

    job_service, tray, thumbnails = shared.job_service, shared.tray, shared.thumbnails
    suffixes, place = sorted(IMAGE_SUFFIXES), shared.window.place
    page = TeachPage(shared.session, tray, thumbnails, suffixes, place)
    if folder := shared.settings.image_folder:
        page.panel.set_folder(folder)
    controller = TeachController(
        job_service, tray, thumbnails, page, shared.owner, results=shared.results, gate=shared.gate
    )
    compare = CompareController(job_service, shared.results, page, shared.owner)
    controller.populate()
    return TeachPart(page, controller, compare)


@dataclass(frozen=True)
class CheckPart:
    """The page Check and what answers it."""

    page: CheckPage
    controller: CheckController
    limits: LimitsSheetController
    next_step: NextStepController


def make_check(shared: PartsContext) -> CheckPart:
    """Make the page Check."""
    from deeprx_gui.controllers.check_controller import CheckController
    from deeprx_gui.controllers.correction_taps import serve_check
    from deeprx_gui.controllers.limits_sheet_controller import LimitsSheetController
    from deeprx_gui.controllers.next_step_controller import NextStepController
    from deeprx_gui.controllers.sample_editor import SampleEditor
    from deeprx_gui.ui.check.page import CheckPage

    settings = shared.settings
    suffixes, place = sorted(IMAGE_SUFFIXES), shared.window.place
    page = CheckPage(shared.session, shared.results, shared.thumbnails, suffixes, place)
    shared.heat.add(page.picture)
    page.picture.opacity_changed.connect(shared.heat.set_opacity)
    page.picture.below_changed.connect(shared.heat.set_below)
    if settings.image_folder:
        page.image_folder = settings.image_folder
    if settings.export_folder:
        page.export_folder = settings.export_folder
    controller = CheckController(shared.job_service, shared.results, page, shared.owner)
    limits = LimitsSheetController(shared.session, shared.results, page, shared.owner)
    next_step = NextStepController(shared.job_service, shared.results, page, shared.owner)
    serve_check(shared.corrections, page, shared.results, shared.session)
    page.sample_offered.connect(SampleEditor(shared.job_service, page, page).open)
    return CheckPart(page, controller, limits, next_step)


@dataclass(frozen=True)
class InspectPart:
    """The page Inspect and what answers it: the station, the run, operator mode."""

    page: InspectPage
    station: StationController
    controller: InspectController
    operator: OperatorController


def make_inspect(shared: PartsContext) -> InspectPart:
    """Make the page Inspect; the receivers of verdicts are reached from then on."""
    from deeprx_gui.controllers.correction_taps import serve_inspect
    from deeprx_gui.controllers.drift_controller import InspectDrift
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.line_control import LineControl
    from deeprx_gui.controllers.opcua_controller import OpcUaController
    from deeprx_gui.controllers.operator_controller import OperatorController
    from deeprx_gui.controllers.samples_controller import SamplesController
    from deeprx_gui.controllers.shadow_controller import ShadowController
    from deeprx_gui.controllers.station_controller import StationController
    from deeprx_gui.ui.inspect.page import InspectPage
    from deeprx_gui.ui.inspect.sheets import InspectSheets

    job_service, model, profiles = shared.job_service, shared.inspection, shared.profiles
    page = InspectPage(shared.session, model, InspectSheets(profiles, shared.window))
    shared.heat.add(page.picture)
    page.picture.below_changed.connect(shared.heat.set_below)
    station = StationController(job_service, model, page, LineControl(profiles), shared.owner)
    controller = InspectController(job_service, shared.records, model, page, station)
    operator = OperatorController(job_service, shared.window, page, station, controller)
    serve_inspect(shared.corrections, page, model, shared.records, job_service)
    ShadowController(job_service, shared.records, shared.gate, page, controller)
    SamplesController(job_service, page, station, controller, operator.ask_pin)
    OpcUaController(job_service, page, station)
    station.connect_receivers()
    controller.count()
    drift = InspectDrift(job_service, shared.records, model, controller)
    controller.ended.connect(drift.look)
    drift.look()
    return InspectPart(page, station, controller, operator)


@dataclass(frozen=True)
class HistoryPart:
    """The page History and what answers it."""

    page: HistoryPage
    controller: HistoryController
    false_calls: FalseCallsController


def make_history(shared: PartsContext) -> HistoryPart:
    """Make the page History."""
    from deeprx_gui.controllers.correction_taps import serve_history
    from deeprx_gui.controllers.drift_controller import HistoryDrift
    from deeprx_gui.controllers.false_calls_controller import FalseCallsController
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.controllers.plant_controller import PlantController
    from deeprx_gui.state.history import HistoryModel
    from deeprx_gui.state.history_decisions import DecisionHistory
    from deeprx_gui.ui.history.page import HistoryPage

    owner, settings = shared.owner, shared.settings
    place_of = partial(Path.joinpath, shared.job_service.services.paths.results)
    history, decisions = HistoryModel(owner), DecisionHistory(owner)
    page = HistoryPage(history, decisions, shared.thumbnails, place_of, shared.window.place)
    shared.heat.add(page.body.panel)
    page.body.panel.below_changed.connect(shared.heat.set_below)
    if settings.export_folder:
        page.body.export.start_folder = settings.export_folder
    controller = HistoryController(shared.job_service, shared.records, page, owner)
    serve_history(shared.corrections, page, shared.records)
    false_calls = FalseCallsController(
        shared.job_service, shared.records, shared.results, page, owner
    )
    HistoryDrift(shared.job_service, shared.records, page, controller)
    PlantController(shared.job_service, controller.sources, page, controller)
    return HistoryPart(page, controller, false_calls)


def make_help(shared: PartsContext) -> HelpController:
    """Answer the guide, the self-test and the file for support."""
    from deeprx_gui.controllers.help_controller import HelpController

    return HelpController(shared.job_service, shared.window, shared.running)
