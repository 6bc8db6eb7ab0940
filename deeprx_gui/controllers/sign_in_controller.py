"""Signing in at the Inspect page: an operator by name, an engineer to leave operator mode."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from deeprx_gui.access import PinLocked
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.people_admin_controller import PeopleAdminController
from deeprx_gui.controllers.people_controller import PeopleController
from deeprx_gui.domain.message import say
from deeprx_gui.domain.people import Person, Role
from deeprx_gui.jobs.lane import Lane
from deeprx_gui.people.station_people import SignedIn, SignInAnswer
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.inspect.page import InspectPage
from deeprx_gui.ui.main_window import MainWindow
from deeprx_gui.ui.people.sign_in_sheet import SignInSheet


class SignInController(QObject):
    """Asks who it is; made only where a central place is set."""

    def __init__(
        self, job_service: JobService, page: InspectPage, window: MainWindow, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._job_service, self._page = job_service, page
        self.people = PeopleController(job_service, self)
        self._here = job_service.services.people
        self.admin = PeopleAdminController(job_service, window, self.people.lane, self)
        self.sheet = SignInSheet(window)
        self._after: Callable[[], None] | None = None
        page.top.person.clicked.connect(self.ask_operator)
        self.sheet.entered.connect(self._check)
        self.sheet.sign_out.clicked.connect(self._sign_out)
        self.people.changed.connect(self._show)
        self._show()

    def leave(self) -> Lane:
        """Sign out and ask nobody any more; return the lane, which is not waited for."""
        top = self._page.top
        top.person.clicked.disconnect(self.ask_operator)
        top.show_person(None)
        self.sheet.close_sheet()
        self.admin.close()
        return self.people.leave()

    @property
    def active(self) -> bool:
        """Whether people sign in by name here."""
        return self._here.active

    @Slot()
    def ask_operator(self) -> None:
        """Ask who operates the line."""
        self._after = None
        self._ask()

    def ask_engineer(self, after: Callable[[], None]) -> None:
        """Call ``after`` once an engineer has signed in.

        Where that does not leave operator mode it was for one thing, and who operated the line
        before does so again.
        """
        self._after = after
        self._ask()

    def leave_engineers_work(self) -> None:
        """Sign an engineer out; who only operates the line stays."""
        if self._here.granted:
            self.people.sign_out("left")

    def _ask(self) -> None:
        def show(names: tuple[Person, ...]) -> None:
            engineer, signed_in = self._after is not None, bool(self._here.name)
            self.sheet.ask(names, engineer=engineer, signed_in=signed_in)

        self.people.names(show, self._show)

    @Slot(str, str)
    def _check(self, name: str, secret: str) -> None:
        wanted = Role.OPERATOR if self._after is None else Role.ENGINEER
        before = self._here.signed_in

        def answered(answer: SignInAnswer) -> None:
            if isinstance(answer, SignedIn):
                self._let_in(answer, before)
            elif isinstance(answer, PinLocked):
                self.sheet.show_locked(answer.seconds)
            else:
                self.sheet.show_problem(answer.message)

        self.people.sign_in(name, secret, wanted, answered)

    def _let_in(self, answer: SignedIn, before: SignedIn | None) -> None:
        self.sheet.close_sheet()
        after, self._after = self._after, None
        if answer.note is not None:
            self._job_service.tell(answer.note, NoticeKind.WARNING)
        if after is None:
            return
        was_operator = self._page.operator
        after()
        if was_operator and self._page.operator:
            self._here.resume(before)
            self.people.changed.emit()

    @Slot()
    def _sign_out(self) -> None:
        name = self._here.name
        self.sheet.close_sheet()
        self.people.sign_out()
        if name:
            self._job_service.tell(say("{name} is signed out.", name=name), NoticeKind.INFO)

    @Slot()
    def _show(self) -> None:
        self._page.top.show_person(self._here.name if self.active else None)
        if self.active:
            self._page.sheets.setup.set_by_name(by_name=True)
