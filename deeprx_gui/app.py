"""The composition root: makes everything, connects it, runs it, ends it.

What stands behind each page is made by ``controllers/page_parts.py``.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from deeprx_gui import station as stations
from deeprx_gui.controllers.ctrl_c import closing_on_ctrl_c
from deeprx_gui.controllers.history_links import HistoryLinks
from deeprx_gui.controllers.import_controller import ImportController, imported_words
from deeprx_gui.controllers.job_service import JobService, SharedServices
from deeprx_gui.controllers.library_door import LibraryDoor
from deeprx_gui.controllers.page_parts import (
    PARTS,
    CheckPart,
    HistoryPart,
    InspectPart,
    PartsContext,
    TeachPart,
    make_check,
    make_help,
    make_history,
    make_inspect,
    make_teach,
)
from deeprx_gui.controllers.profiles_controller import ProfilesController
from deeprx_gui.controllers.second_start_controller import SecondStartController
from deeprx_gui.controllers.settings_controller import SettingsController
from deeprx_gui.controllers.shared_heat import SharedHeat
from deeprx_gui.controllers.shared_record_store import SharedRecordStore
from deeprx_gui.controllers.shared_services import make_services
from deeprx_gui.controllers.unsaved_limits import ask_about_unsaved
from deeprx_gui.domain.audit import AuditEvent
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.i18n import set_language
from deeprx_gui.jobs.gui_thread_gc import GuiThreadGc
from deeprx_gui.paths import Paths
from deeprx_gui.settings import Settings
from deeprx_gui.single_instance import hold_data_folder
from deeprx_gui.state.inspect import InspectModel
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import TrayModel
from deeprx_gui.ui.kit.next_turn import in_next_turn
from deeprx_gui.ui.main_window import MainWindow, PageEntry
from deeprx_gui.ui.page import Page
from deeprx_gui.ui.page_prerender import AfterFirstPaint, PagePrerender
from deeprx_gui.ui.profiles.page import ProfilesPage
from deeprx_gui.ui.uncaught_errors import UncaughtErrors, log_qt_messages
from deeprx_gui.ui.window_state import WindowState

if TYPE_CHECKING:
    from deeprx_gui.controllers.central_controller import CentralController
    from deeprx_gui.controllers.check_controller import CheckController
    from deeprx_gui.controllers.compare_controller import CompareController
    from deeprx_gui.controllers.help_controller import HelpController
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.operator_controller import OperatorController
    from deeprx_gui.controllers.station_controller import StationController
    from deeprx_gui.controllers.teach_controller import TeachController
    from deeprx_gui.ui.check.page import CheckPage
    from deeprx_gui.ui.history.page import HistoryPage
    from deeprx_gui.ui.inspect.page import InspectPage
    from deeprx_gui.ui.teach.page import TeachPage
    from deeprx_gui.work.demo import DemoOutcome

PROFILES, TEACH, CHECK, INSPECT, HISTORY = range(5)
_SWITCH_SECONDS = 0.001

_log = logging.getLogger(__name__)


class Program(QObject):
    """Everything that lives as long as the window. ``start`` shows it, ``stop`` ends the lanes.

    Only the first page is made before the window is shown. Each other part is imported and made
    when it is first asked for, or by ``finish`` in the turns after the first paint.
    """

    def __init__(self, app: QApplication, services: SharedServices, settings: Settings) -> None:
        super().__init__()
        self._finished = False
        self.settings = SettingsController(app, settings, services.paths.settings_file, self)
        self.session = Session(self)
        self.results = ResultsModel(self.session, self)
        self.tray = TrayModel(self)
        self.cache = ThumbnailCache(self)
        self.profiles = ProfilesModel(self)
        self.inspect_model = InspectModel(self)
        self.records = SharedRecordStore(services.paths.results)
        self.state = WindowState(services.paths.window_file)
        self.profiles_page = ProfilesPage(self.session, self.profiles)
        entries = (
            PageEntry("profiles", say("Profiles"), lambda: self.profiles_page),
            PageEntry("teach", say("Teach"), lambda: self.teach_page),
            PageEntry("check", say("Check"), lambda: self.check_page),
            PageEntry("inspect", say("Inspect"), lambda: self.inspect_page),
            PageEntry("history", say("History"), lambda: self.history_page),
        )
        self.window = MainWindow(self.session, entries, settings)
        self.job_service = JobService(
            services, self.session, settings, partial(ask_about_unsaved, self.window), self
        )
        self.shared = PartsContext(
            owner=self,
            window=self.window,
            job_service=self.job_service,
            settings=self.settings,
            session=self.session,
            results=self.results,
            tray=self.tray,
            thumbnails=self.cache,
            profiles=self.profiles,
            inspection=self.inspect_model,
            records=self.records,
            heat=SharedHeat(self.settings, self),
            running=lambda: self.inspect_controller.running,
        )
        self._connect_first_page()
        self.profiles_controller = ProfilesController(self.shared, self.profiles_page, self)
        self.profiles_controller.opened.connect(self._show_check)
        self.profiles_controller.demo_done.connect(self._show_demo)
        self.imports = ImportController(self.shared, self._listed)
        self.profiles_page.import_requested.connect(self.imports.import_files)
        self.arrivals = SecondStartController(
            self.job_service,
            self.window,
            self.imports,
            lambda: self.inspect_page.operator,
            self._imported,
        )
        refresh = self.profiles_controller.refresh
        self.library = LibraryDoor(
            self.shared, self.profiles_page, lambda: self.inspect_controller, refresh
        )
        self.alarm = UncaughtErrors(self)
        self.collector = GuiThreadGc(self)
        self._connect()

    # -- the parts --------------------------------------------------------------------------

    @cached_property
    def _teach(self) -> TeachPart:
        part = make_teach(self.shared)
        part.page.lesson.go.clicked.connect(self._show_check)
        part.controller.learned.connect(self.profiles_controller.refresh)
        part.controller.setters.learn_wanted.connect(lambda: self.window.show_page(TEACH))
        self._put(TEACH, part.page)
        return part

    @cached_property
    def _check(self) -> CheckPart:
        part = make_check(self.shared)
        part.page.no_profile.button.clicked.connect(lambda: self.window.show_page(PROFILES))
        body = part.page.body
        body.limits.setters.clicked.connect(lambda _on: self.teach_controller.setters.open())
        body.advice.sees.clicked.connect(lambda _on: self.teach_controller.sees.open())
        part.next_step.learn_wanted.connect(lambda r: self.teach_controller.relearn(request=r))
        part.next_step.learnt.connect(self._show_check)
        self._put(CHECK, part.page)
        return part

    @cached_property
    def _inspect(self) -> InspectPart:
        part = make_inspect(self.shared)
        self._put(INSPECT, part.page)
        return part

    @cached_property
    def _history(self) -> HistoryPart:
        part = make_history(self.shared)
        links = HistoryLinks(
            self.job_service,
            partial(self.window.show_page, TEACH),
            lambda: self.teach_controller,
            lambda: self.history_controller,
            self,
        )
        part.controller.normals_found.connect(links.learn_from)
        part.false_calls.ignore_wanted.connect(links.ignore_area)
        self._put(HISTORY, part.page)
        return part

    @cached_property
    def help_controller(self) -> HelpController:
        """The guide, the self-test, the file for support."""
        return make_help(self.shared)

    @cached_property
    def central_controller(self) -> CentralController:
        """The database of all stations, where one is set up."""
        from deeprx_gui.controllers.central_controller import CentralController

        return CentralController(self.shared, lambda: self.station_controller.station.name)

    def _put(self, number: int, page: Page) -> None:
        self.window.add_page(number, page)
        self.state.restore_splitters(page)

    @property
    def teach_page(self) -> TeachPage:
        return self._teach.page

    @property
    def teach_controller(self) -> TeachController:
        return self._teach.controller

    @property
    def compare_controller(self) -> CompareController:
        return self._teach.compare

    @property
    def check_page(self) -> CheckPage:
        return self._check.page

    @property
    def check_controller(self) -> CheckController:
        return self._check.controller

    @property
    def inspect_page(self) -> InspectPage:
        return self._inspect.page

    @property
    def station_controller(self) -> StationController:
        return self._inspect.station

    @property
    def inspect_controller(self) -> InspectController:
        return self._inspect.controller

    @property
    def operator_controller(self) -> OperatorController:
        return self._inspect.operator

    @property
    def history_page(self) -> HistoryPage:
        return self._history.page

    @property
    def history_controller(self) -> HistoryController:
        return self._history.controller

    @property
    def finished(self) -> bool:
        """Whether every part is made."""
        return self._finished

    @Slot()
    def finish(self) -> None:
        """Make every part that is not made yet."""
        if self._finished:
            return
        self._finished = True
        with self.window.scans.set_aside():
            for part in PARTS:
                getattr(self, part)
        self.collector.leave_out_the_start()
        PagePrerender(self.window).start()
        self.help_controller.look_at_this_pc()

    @Slot()
    def _finish_in_turns(self) -> None:
        """Import or make one part in each turn of the event loop: clicks come through between."""
        for part, modules in PARTS.items():
            if part in vars(self):
                continue
            for module in (f"{__package__}.{name}" for name in modules):
                if module not in sys.modules:
                    import_module(module)
                    break
            else:
                with self.window.scans.set_aside():
                    getattr(self, part)
            in_next_turn(self, self._finish_in_turns)
            return
        self.finish()

    def _connect_first_page(self) -> None:
        """Whatever opens or changes a product needs the whole program: that comes first."""
        page = self.profiles_page
        asks = (page.open_requested, page.import_requested, page.demo_requested, page.new_requested)
        for signal in asks:
            signal.connect(self.finish)
        page.new_requested.connect(self._new_profile)
        page.details.check_requested.connect(self._show_check)
        if self.settings.export_folder:
            page.details.start_folder = self.settings.export_folder

    def _connect(self) -> None:
        window, job_service = self.window, self.job_service
        window.guide_requested.connect(self._open_guide)
        window.self_test_sheet.begin.clicked.connect(self._begin_self_test)
        window.save_requested.connect(job_service.save_limits)
        job_service.limits_gate = self.shared.judge_limits
        window.cancel_requested.connect(job_service.cancel)
        window.settings_sheet.changed.connect(self._settings_changed)
        window.close_requested.connect(self._close)
        self.settings.told.connect(window.tell)
        self.session.profile_changed.connect(window.status.clear)
        job_service.told.connect(window.tell)
        job_service.busy_changed.connect(window.set_busy)
        job_service.runtime_changed.connect(window.header.show_runtime)
        self.alarm.raised.connect(self._alarmed)

    def start(
        self,
        profile: str | None = None,
        results: Sequence[ScoredImage] = (),
        *,
        operator: bool = False,
    ) -> None:
        """Show the window, perhaps with a profile and scored pictures, or in operator mode."""
        # The window asks for the interpreter lock after every call into Qt; a worker busy with
        # Python gives it away after this long, 5 ms by default.
        sys.setswitchinterval(_SWITCH_SECONDS)
        self.collector.start()
        page = self.state.restore(self.window)
        self.window.show_page(page if profile is None else CHECK)
        self.window.show()
        self.profiles_controller.refresh()
        self.profiles_controller.check_samples()
        services = self.job_service.services
        wanted = operator or stations.starts_for_operators(services.paths.station_file)
        if wanted or services.access.has_pin or services.people.active:  # a PIN guards the work
            self.operator_controller.enter()
            profile = profile or self.station_controller.station.last_profile or None
        if profile is not None:
            self.finish()
            self.job_service.open_product(profile, partial(self._show_results, tuple(results)))
        self._after_paint = AfterFirstPaint(self.window, self._finish_in_turns)

    def stop(self) -> bool:
        """Remember the window and end the lanes; False when one did not end in time."""
        self.finish()
        self.state.keep(self.window, self.window.page)
        self.settings.keep_folders(
            images=self.teach_page.panel.empty.start_folder, exports=self.check_page.export_folder
        )
        self.alarm.silence()
        lines = [self.inspect_controller.stop(), self.station_controller.stop()]
        lines += [self.central_controller.stop(), self.operator_controller.stop()]
        ended = all([*lines, self.library.stop(), self.job_service.stop()])
        if ended:
            self.records.close()
            self.history_controller.sources.shared.close()
        # PySide's garbage collection crashes on an undo stack in a cycle with its steps.
        for owner in (self.session, self.tray, self.profiles, self.teach_page.draft):
            owner.undo_stack.clear()
        self.history_page.decisions.undo_stack.clear()
        self.collector.stop()
        return ended

    # -- what the window asks -------------------------------------------------------------------

    @Slot(object)
    def _settings_changed(self, settings: Settings) -> None:
        self.job_service.note_changes(AuditEvent.SETTINGS, self.settings.current, settings)
        with self.window.scans.set_aside():
            self.settings.change(settings)
        self.job_service.settings = self.settings.current

    @Slot()
    def _close(self) -> None:
        self.operator_controller.guard_running(
            lambda: self.job_service.guard(self.window.let_close)
        )

    @Slot(object)
    def _alarmed(self, message: Message) -> None:
        self.window.tell(Notice(message, NoticeKind.ERROR))

    def interrupt(self) -> None:
        """Close as by the cross of the window; from operator mode at once."""
        # A signal may come in the middle of making a part.
        in_next_turn(self, self._interrupted)

    @Slot()
    def _interrupted(self) -> None:
        if self.inspect_page.operator:
            self.window.let_close()
        else:
            self.window.close()

    # -- from page to page ---------------------------------------------------------------------

    @Slot()
    def _new_profile(self) -> None:
        self.window.show_page(TEACH)
        self.teach_controller.start_new()

    @Slot(str)
    def _open_guide(self, page: str) -> None:
        self.help_controller.open_guide(page)

    @Slot()
    def _begin_self_test(self) -> None:
        self.help_controller.begin()

    @Slot()
    def _show_check(self) -> None:
        self.window.show_page(CHECK)

    def _show_results(self, results: tuple[ScoredImage, ...]) -> None:
        if results:
            self.check_page.add_results(results)

    @Slot(object)
    def _imported(self, profile: Profile) -> None:
        """Open what was imported; while parts are inspected it is only listed."""
        self.finish()
        self._listed(profile)
        self.window.show_page(PROFILES)
        self.job_service.tell(imported_words(profile))
        if not self.inspect_controller.running:
            self.profiles_controller.open_profile(profile.id)

    def _listed(self, profile: Profile) -> None:
        """Show a product that was imported in the list."""
        self.profiles_page.view.select(profile.id)
        self.profiles_controller.refresh()

    @Slot(object)
    def _show_demo(self, outcome: DemoOutcome) -> None:
        self.check_page.add_results(outcome.results)
        in_next_turn(self, self._show_check)  # both at once are felt


def run(
    paths: Paths,
    settings: Settings,
    *,
    open_profile: str | None = None,
    open_results: Sequence[ScoredImage] | None = None,
    operator: bool = False,
    argv: Sequence[str] = (),
    files: Sequence[Path] = (),
    place: Path | None = None,
) -> int:
    """Open the window and run until it is closed; return the exit code.

    ``open_profile`` (id or name) is opened at once, with ``open_results`` in the table.
    ``operator``: begin in operator mode, with the last product. ``files``: profiles to import after
    a question. ``place``: where later starts of the program ask (single_instance.py).
    """
    set_language(settings.language_code)
    QGuiApplication.setApplicationName("Deep RX Inspector")
    QGuiApplication.setDesktopFileName("deeprx-inspector")
    app = QApplication.instance() or QApplication(list(argv) or sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("the window needs a QApplication")
    log_qt_messages()
    program = Program(app, make_services(paths), settings)
    shown = hold_data_folder(paths.data)
    program.start(open_profile, open_results or (), operator=operator)
    if place is not None:
        program.arrivals.watch(place)
    program.arrivals.offer(files)
    with closing_on_ctrl_c(program.interrupt, program):
        code = int(app.exec())
    if not program.stop():
        _log.error("a job did not end in time; everything is saved, leaving without it")
        with suppress(OSError):
            logging.shutdown()
        # Qt would abort the program over the thread that still runs. Files are written beside and
        # renamed, so ending here loses nothing.
        os._exit(code)
    _let_go(program)
    if shown is not None:
        shown.close()
    return code


def _let_go(program: Program) -> None:
    """Destroy the window while there is still an application, not when Python tidies up."""
    program.window.deleteLater()
    program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
