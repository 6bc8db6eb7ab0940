"""What stands behind each page: its widgets and the controllers that answer them.

Each part is imported and made when it is asked for; what connects parts with each other is in
``app``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deeprx_gui.capture.folder import IMAGE_SUFFIXES

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from deeprx_gui.controllers.check_controller import CheckController
    from deeprx_gui.controllers.compare_controller import CompareController
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.job_service import JobService
    from deeprx_gui.controllers.operator_controller import OperatorController
    from deeprx_gui.controllers.settings_controller import SettingsController
    from deeprx_gui.controllers.shared_heat import SharedHeat
    from deeprx_gui.controllers.shared_record_store import SharedRecordStore
    from deeprx_gui.controllers.station_controller import StationController
    from deeprx_gui.controllers.teach_controller import TeachController
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


@dataclass(frozen=True)
class PartsContext:
    """What the parts share. ``owner`` owns, in Qt's sense, what is no widget."""

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
    page = TeachPage(shared.session, tray, thumbnails, sorted(IMAGE_SUFFIXES))
    if folder := shared.settings.image_folder:
        page.panel.set_folder(folder)
    controller = TeachController(
        job_service, tray, thumbnails, page, shared.owner, results=shared.results
    )
    compare = CompareController(job_service, shared.results, page, shared.owner)
    controller.populate()
    return TeachPart(page, controller, compare)


@dataclass(frozen=True)
class CheckPart:
    """The page Check and what answers it."""

    page: CheckPage
    controller: CheckController


def make_check(shared: PartsContext) -> CheckPart:
    """Make the page Check."""
    from deeprx_gui.controllers.check_controller import CheckController
    from deeprx_gui.ui.check.page import CheckPage

    settings = shared.settings
    page = CheckPage(shared.session, shared.results, shared.thumbnails, sorted(IMAGE_SUFFIXES))
    shared.heat.add(page.picture)
    page.picture.opacity_changed.connect(shared.heat.set_opacity)
    page.picture.below_changed.connect(shared.heat.set_below)
    if settings.image_folder:
        page.image_folder = settings.image_folder
    if settings.export_folder:
        page.export_folder = settings.export_folder
    controller = CheckController(shared.job_service, shared.results, page, shared.owner)
    return CheckPart(page, controller)


@dataclass(frozen=True)
class InspectPart:
    """The page Inspect and what answers it: the station, the run, operator mode."""

    page: InspectPage
    station: StationController
    controller: InspectController
    operator: OperatorController


def make_inspect(shared: PartsContext) -> InspectPart:
    """Make the page Inspect; the receivers of verdicts are reached from then on."""
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.line_control import LineControl
    from deeprx_gui.controllers.operator_controller import OperatorController
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
    station.connect_receivers()
    controller.count()
    return InspectPart(page, station, controller, operator)


@dataclass(frozen=True)
class HistoryPart:
    """The page History and what answers it."""

    page: HistoryPage
    controller: HistoryController


def make_history(shared: PartsContext) -> HistoryPart:
    """Make the page History."""
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.state.history import HistoryModel
    from deeprx_gui.state.history_decisions import DecisionHistory
    from deeprx_gui.ui.history.page import HistoryPage

    owner, settings = shared.owner, shared.settings
    place_of = partial(Path.joinpath, shared.job_service.services.paths.results)
    page = HistoryPage(HistoryModel(owner), DecisionHistory(owner), shared.thumbnails, place_of)
    shared.heat.add(page.body.panel)
    page.body.panel.below_changed.connect(shared.heat.set_below)
    if settings.export_folder:
        page.body.export.start_folder = settings.export_folder
    controller = HistoryController(shared.job_service, shared.records, page, owner)
    return HistoryPart(page, controller)
