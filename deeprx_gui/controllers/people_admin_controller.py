"""The sheet with the people of the centre: reads as this station, changes as an administrator."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QPushButton

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import PeopleList, Person, checked_name, checked_secret
from deeprx_gui.jobs.lane import Lane, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.paths import resources_dir
from deeprx_gui.people.secret_hash import hashed
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from deeprx_gui.ui.main_window import MainWindow
from deeprx_gui.ui.people.people_sheet import PeopleAction, PeopleRequest, PeopleSheet


class PeopleAdminController(QObject):
    """Made where a central place is set; hangs its button into the settings."""

    def __init__(
        self, job_service: JobService, window: MainWindow, lane: Lane, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._job_service, self._window, self._lane = job_service, window, lane
        self._people = job_service.services.people
        self.sheet: PeopleSheet | None = None
        self.confirm: ConfirmSheet | None = None
        self.button = QPushButton()
        theme.set_icon(self.button, "operator")
        bind(self.button.setText, say("People…"))
        settings = window.settings_sheet
        settings.body.insertWidget(settings.body.count() - 1, self.button)  # above the version
        self.button.clicked.connect(settings.close_sheet)
        self.button.clicked.connect(self.open)

    def close(self) -> None:
        """Take the button out of the settings."""
        self.button.hide()
        self.button.deleteLater()
        if self.sheet is not None:
            self.sheet.close_sheet()

    @Slot()
    def open(self) -> None:
        """Show who there is."""
        place = self._people.place
        if place is None:
            return
        if self.sheet is None:
            self.sheet = PeopleSheet(self._window)
            self.confirm = ConfirmSheet(self._window)
            self.sheet.requested.connect(self._requested)
        self.sheet.begin("")
        self._start(partial(_listed, place, self._people.password()), None)

    @Slot(object)
    def _requested(self, request: PeopleRequest) -> None:
        if request.action is not PeopleAction.RETIRE or self.confirm is None:
            self._do(request)
            return
        if self.sheet is not None:
            self.sheet.set_busy(busy=False)
        self.confirm.ask(
            say(
                "Retire {name}? {name} can sign in nowhere any more, and the name stays taken.",
                name=request.name,
            ),
            say("Retire"),
            partial(self._do, request),
            say("Go back"),
        )

    def _do(self, request: PeopleRequest) -> None:
        place = self._people.place
        if place is not None:
            who = self._job_service.settings.who
            there = replace(place, user=request.login)
            self._start(partial(_change, there, request, who), _done(request))

    def _start(self, call: partial[PeopleList], said: Message | None) -> None:
        sheet = self.sheet
        if sheet is None:
            return

        def done(people: PeopleList) -> None:
            sheet.show_people(people, said)

        def failed(failure: JobFailed) -> None:
            sheet.show_message(failure.message)

        sheet.set_busy(busy=True)
        job = self._lane.start(once(call, say("Asking the central database")))
        job.done.connect(done)
        job.failed.connect(failed)


def _listed(place: CentralPlace, password: str) -> PeopleList:
    from deeprx_gui.central import migrations, people
    from deeprx_gui.central.connect import CentralConnection

    with CentralConnection(place, password) as connection:
        migrations.check(connection, migrations.steps(resources_dir() / "central"))
        return people.listed(connection)


def _change(place: CentralPlace, request: PeopleRequest, who: str) -> PeopleList:
    from deeprx_gui.central import migrations, people
    from deeprx_gui.central.connect import CentralConnection

    with CentralConnection(place, request.password) as connection:
        migrations.check(connection, migrations.steps(resources_dir() / "central"))
        match request.action:
            case PeopleAction.ADD:
                secret = hashed(checked_secret(request.secret, request.role))
                person = Person(0, checked_name(request.name), request.role, secret)
                people.add(connection, person, who=who)
            case PeopleAction.ROLE:
                people.set_role(connection, request.name, request.role, who=who)
            case PeopleAction.SECRET:
                known = people.listed(connection).named(request.name)
                role = request.role if known is None else known.role
                secret = hashed(checked_secret(request.secret, role))
                people.set_secret(connection, request.name, secret, who=who)
            case PeopleAction.RETIRE:
                people.retire(connection, request.name, who=who)
        return people.listed(connection)


def _done(request: PeopleRequest) -> Message:
    name = request.name.strip()
    match request.action:
        case PeopleAction.ADD:
            return say("{name} may sign in at every connected station.", name=name)
        case PeopleAction.ROLE:
            return say("{name} has another role now.", name=name)
        case PeopleAction.SECRET:
            return say("{name} has a new PIN or password.", name=name)
        case PeopleAction.RETIRE:
            return say("{name} is retired.", name=name)
