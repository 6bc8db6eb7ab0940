"""Operator mode: only the Inspect page, full screen; the way out asks for the engineer's PIN.

Where people sign in by name, it asks for an engineer's name and PIN or password instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from deeprx_gui.access import PinAccepted, PinAnswer, PinLocked
from deeprx_gui.central_settings import database_of
from deeprx_gui.controllers.inspect_controller import InspectController
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.station_controller import StationController
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.jobs.lane import LeavingLanes, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.inspect.page import InspectPage
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.main_window import MainWindow

if TYPE_CHECKING:
    from deeprx_gui.controllers.sign_in_controller import SignInController
    from deeprx_gui.domain.central import CentralPlace


class OperatorController(QObject):
    """Who may leave, which product is on the line, and what closing means while a line runs."""

    def __init__(
        self,
        job_service: JobService,
        window: MainWindow,
        page: InspectPage,
        station: StationController,
        controller: InspectController,
    ) -> None:
        super().__init__(controller)
        self._job_service, self._window, self._page = job_service, window, page
        self._station, self._inspect = station, controller
        self._access = job_service.services.access
        self.sign_in: SignInController | None = None
        self._place: CentralPlace | None = None
        self._leaving = LeavingLanes()
        self._look_at_place()
        job_service.central_changed.connect(self._look_at_place)
        self._after: Callable[[], None] = self._leave
        self.sheets = page.sheets
        self.sheets.setup.set_has_pin(self._access.has_pin)
        self._connect()

    @Slot()
    def _look_at_place(self) -> None:
        """Ask for names from now on where a central database is set up, and only there.

        Another one than before knows nobody who is signed in: an engineer's window becomes the
        operator's.
        """
        before, place = self._place, self._job_service.services.people.place
        self._place = place
        if self.sign_in is not None and database_of(before) == database_of(place):
            return
        guarded = self.sign_in is not None and self.sign_in.people.was_active
        if self.sign_in is not None:
            self._let_go()
            self._page.sheets.setup.set_by_name(by_name=False)
            self._page.sheets.setup.set_has_pin(self._access.has_pin)
        if place is not None:
            self.sign_in = self._make_sign_in()
        if guarded and not self._page.operator and (place is not None or self._access.has_pin):
            self._rights_ended(
                say("The central database was changed, and nobody is signed in any more.")
            )

    def _let_go(self) -> None:
        """End what asks for names, without waiting for its thread."""
        before, self.sign_in = self.sign_in, None
        if before is not None:
            self._leaving.add(before.leave())

    def _make_sign_in(self) -> SignInController:
        from deeprx_gui.controllers.sign_in_controller import SignInController

        made = SignInController(self._job_service, self._page, self._window, self)
        made.people.ended.connect(self._rights_ended)
        return made

    @property
    def _by_name(self) -> SignInController | None:
        """What asks for a name, where people sign in."""
        return self.sign_in if self.sign_in is not None and self.sign_in.active else None

    def stop(self) -> bool:
        """End what talks to the centre, or did; False when a thread did not end in time."""
        self._let_go()
        return self._leaving.stop()

    def _connect(self) -> None:
        page, sheets, window = self._page, self.sheets, self._window
        page.product_requested.connect(self._choose_product)
        page.top.operator.clicked.connect(self.enter)
        page.top.leave.clicked.connect(self.ask_to_leave)
        page.escape_requested.connect(self._ask_to_stop)
        page.body.run.field.scanned.connect(self._scanned)
        sheets.product.chosen.connect(self.open_product)
        sheets.reset.given.connect(self._inspect.reset)
        sheets.pin.entered.connect(self._check)
        sheets.pin.new_chosen.connect(self._set_pin)
        sheets.setup.pin.clicked.connect(self._ask_new_pin)
        window.leave_requested.connect(self.ask_to_close)
        self._station.product_wanted.connect(self._product_wanted)

    # -- in and out -------------------------------------------------------------------------

    @Slot()
    def enter(self) -> None:
        """Show only the Inspect page, full screen."""
        self._access.leave(who=self._job_service.settings.who)
        if self.sign_in is not None:
            self.sign_in.leave_engineers_work()
        self._page.set_operator(True)
        self._window.set_operator(self._page)
        self._page.setFocus()

    @Slot()
    def ask_to_leave(self) -> None:
        """Leave operator mode once the PIN was given, at once where there is none."""
        self.ask_pin(self._leave)

    @Slot()
    def ask_to_close(self) -> None:
        """Close the window from operator mode: as leaving it, and then by the usual way."""
        self.ask_pin(self._leave_and_close)

    @Slot(object)
    def _rights_ended(self, message: Message) -> None:
        """Close what lies over the window, go back to operator mode, and say why."""
        for sheet in self._window.findChildren(Sheet):
            if sheet.isVisible():
                sheet.close_sheet()
        if not self._page.operator:
            self.enter()
        self._job_service.tell(message, NoticeKind.WARNING)

    def _leave(self) -> None:
        self._page.set_operator(False)
        self._window.set_operator(None)

    def _leave_and_close(self) -> None:
        self._leave()
        self._window.close()

    def guard_running(self, then: Callable[[], None]) -> None:
        """Do ``then``, which ends the program, after asking if the line runs or a job does."""
        close = say("Stop and close")
        if self._inspect.running:
            question = say("The inspection is running. Stop it and close the program?")
            self.sheets.confirm.ask(question, close, then)
        elif self._job_service.busy:
            question = say(
                "The program is still at work: learning, scoring or writing. Stop that and close? "
                "What is not finished is lost."
            )
            self.sheets.confirm.ask(question, close, then, say("Go on"))
        else:
            then()

    @Slot()
    def _ask_to_stop(self) -> None:
        """Ask before stopping: Escape is easily pressed by mistake."""
        self.sheets.confirm.ask(say("Stop the inspection?"), say("Stop"), self._inspect.halt)

    # -- the PIN ------------------------------------------------------------------------------

    def ask_pin(self, after: Callable[[], None]) -> None:
        """Call on once the PIN was given, at once where there is none."""
        self._after = after
        if self._by_name is not None:
            self._by_name.ask_engineer(after)
        elif self._access.has_pin:
            self.sheets.pin.ask()
        else:
            after()

    @Slot(str)
    def _check(self, pin: str) -> None:
        who = self._job_service.settings.who
        self._job_service.ask(
            partial(self._access.check, pin, who=who), say("Checking the PIN"), self._answered
        )

    def _answered(self, answer: PinAnswer) -> None:
        pad = self.sheets.pin
        if isinstance(answer, PinAccepted):
            pad.close_sheet()
            self._after()
        elif isinstance(answer, PinLocked) and answer.problem is None:
            pad.show_locked(answer.seconds)
        else:
            pad.show_wrong(answer.message)

    @Slot()
    def _ask_new_pin(self) -> None:
        self.sheets.setup.close_sheet()
        if self._access.granted:
            self.sheets.pin.ask_new()
        else:
            self.ask_pin(self.sheets.pin.ask_new)

    @Slot(str)
    def _set_pin(self, pin: str) -> None:
        who = self._job_service.settings.who

        def done(_nothing: None) -> None:
            self.sheets.pin.close_sheet()
            self.sheets.setup.set_has_pin(True)
            self._job_service.tell(
                say(
                    "The PIN is set. The program starts in operator mode from now on; leaving it "
                    "asks for the PIN."
                )
            )

        def failed(failure: JobFailed) -> None:
            self.sheets.pin.show_problem(failure.message)

        job = self._job_service.files.start(
            once(partial(self._access.set_pin, pin, who=who), say("Saving…"))
        )
        job.done.connect(done)
        job.failed.connect(failed)

    # -- the product --------------------------------------------------------------------------

    @Slot()
    def _choose_product(self) -> None:
        profile = self._job_service.session.profile
        self.sheets.product.offer("" if profile is None else profile.id)

    @Slot(str)
    def open_product(self, profile_id: str) -> None:
        """Switch to another product; a running line continues with it."""
        session = self._job_service.session
        if session.profile is not None and session.profile.id == profile_id:
            return
        ran = self._inspect.running

        def opened(profile: Profile) -> None:
            session.open_profile(profile)
            self._job_service.tell(say("“{name}” is open.", name=profile.name), NoticeKind.INFO)
            if ran:
                self._inspect.start()

        def load() -> None:
            self._job_service.ask(
                partial(self._job_service.services.store.load, profile_id), say("Opening…"), opened
            )

        self._job_service.guard(lambda: self._inspect.restart_with(load))

    @Slot(str)
    def _scanned(self, text: str) -> None:
        """A scanned product name selects the product; any other text is the next serial number."""
        found = self._station.line.product_named(text)
        if found:
            self.open_product(found)
        else:
            self._inspect.name_next(text)

    @Slot(str)
    def _product_wanted(self, name: str) -> None:
        found = self._station.line.product_named(name)
        if found:
            self.open_product(found)
