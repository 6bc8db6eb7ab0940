"""The central database in the window: its sheet, and the forwarder where one is set up.

On a PC that stands alone nothing of it is imported but this.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot

from deeprx_gui import central_settings
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.forwarding import ForwardPhase, ForwardState
from deeprx_gui.domain.message import Message, say
from deeprx_gui.jobs.lane import Lane, once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.paths import resources_dir
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.station_identity import identity

if TYPE_CHECKING:
    from deeprx_gui.controllers.page_parts import PartsContext
    from deeprx_gui.ui.central_sheet import CentralEntry, CentralSheet
    from deeprx_gui.work.forward import Forwarder

_LOOK_MS: Final = 1000
_log = logging.getLogger(__name__)


class CentralController(QObject):
    """``name``: what people call this station."""

    def __init__(self, shared: PartsContext, name: Callable[[], str]) -> None:
        super().__init__(shared.window)
        self._job_service, self._window = shared.job_service, shared.window
        self._running, self._name = shared.running, name
        self._file = shared.job_service.services.paths.central_file
        self._lane: Lane | None = None
        self._sheet: CentralSheet | None = None
        self._told: Message | None = None
        self.forwarder: Forwarder | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._window.settings_sheet.central.clicked.connect(self.open)
        self._window.header.central.clicked.connect(self.open)
        self._start()

    def stop(self) -> bool:
        """End what runs; nothing is lost by it."""
        self._timer.stop()
        if self.forwarder is not None:
            self.forwarder.stop()
            self.forwarder = None
        return self._lane is None or self._lane.stop()

    @property
    def sheet(self) -> CentralSheet:
        """The sheet, made when it is first opened."""
        if self._sheet is None:
            from deeprx_gui.ui.central_sheet import CentralSheet

            self._sheet = CentralSheet(self._window)
            self._sheet.test_requested.connect(self._test)
            self._sheet.save_requested.connect(self._save)
            self._sheet.alone.clicked.connect(self._stand_alone)
            self._sheet.retry.clicked.connect(self._retry)
        return self._sheet

    @Slot()
    def open(self) -> None:
        """Show where the database is and how far the sending is."""
        self._window.settings_sheet.close_sheet()
        self.sheet.show_place(central_settings.load(self._file))
        self._look()
        self.sheet.open()

    # The forwarder --------------------------------------------------------------------------

    def _start(self) -> None:
        place = central_settings.load(self._file)
        self._window.header.central.setVisible(place is not None)
        if place is None:
            return
        from deeprx_gui.central import migrations, password
        from deeprx_gui.work.forward import Forwarder, ForwardSetup

        paths = self._job_service.services.paths
        self.forwarder = Forwarder(
            ForwardSetup(
                place,
                partial(password.read, place),
                identity(paths.station_id_file, self._name()),
                paths.data,
                paths.results,
                paths.profiles,
                migrations.steps(resources_dir() / "central"),
            ),
            live=self._running,
        )
        self.forwarder.start()
        self._timer.start()
        self._look()

    def _end(self) -> None:
        self._timer.stop()
        if self.forwarder is not None:
            self.forwarder.stop(0.2)  # it ends by itself once the server lets go
            self.forwarder = None

    @Slot()
    def _look(self) -> None:
        if self.forwarder is None:
            return
        state = self.forwarder.state
        self._window.header.show_central(state)
        if self._sheet is not None and self._sheet.isVisible():
            self._sheet.show_state(state)
        self._tell(state)

    def _tell(self, state: ForwardState) -> None:
        """Say once what somebody has to mend."""
        if state.phase is not ForwardPhase.STOPPED:
            self._told = None
        elif state.problem is not None and state.problem != self._told:
            self._told = state.problem
            self._job_service.tell(state.problem, NoticeKind.WARNING, say("Settings"), self.open)

    @Slot()
    def _retry(self) -> None:
        if self.forwarder is not None:
            self.forwarder.try_now(refused=True)

    # What is asked --------------------------------------------------------------------------

    def _ask(self, call: Callable[[], Message], done: Callable[[Message], None]) -> None:
        """Ask the server in a lane of its own: it may take its time to answer."""
        self._lane = self._lane or Lane("central", self)
        self.sheet.set_busy(True)
        job = self._lane.start(once(call, say("Asking the central database")))
        job.done.connect(done)
        job.failed.connect(self._failed)

    def _failed(self, failure: JobFailed) -> None:
        self.sheet.show_result(failure.message, NoticeKind.ERROR)

    @Slot(object)
    def _test(self, entry: CentralEntry) -> None:
        self._ask(
            partial(_tried, entry.place, entry.password),
            lambda words: self.sheet.show_result(words, NoticeKind.SUCCESS),
        )

    @Slot(object)
    def _save(self, entry: CentralEntry) -> None:
        def done(words: Message) -> None:
            self._end()
            self._start()
            self._changed()
            self.sheet.show_place(entry.place)
            self._look()
            self.sheet.show_result(words, NoticeKind.SUCCESS)

        self._ask(partial(_saved, entry.place, entry.password, self._keep), done)

    def _changed(self) -> None:
        """Let the library, the people and History know where the database is now."""
        self._job_service.services.people.move(central_settings.load(self._file))
        self._job_service.central_changed.emit()

    def _keep(self, place: CentralPlace) -> None:
        central_settings.save(place, self._file)

    @Slot()
    def _stand_alone(self) -> None:
        place = central_settings.load(self._file)

        def forget() -> Message:
            from deeprx_gui.central import password

            central_settings.save(None, self._file)
            if place is not None:
                password.forget(place)
            return say("This PC stands alone again. What it sent stays in the central database.")

        def done(words: Message) -> None:
            self._end()
            self._changed()
            self._window.header.central.hide()
            self.sheet.show_place(None)
            self.sheet.show_result(words, NoticeKind.SUCCESS)

        self._ask(forget, done)


def _tried(place: CentralPlace, given: str) -> Message:
    """Connect, look at tables and rights, and say what was found. Raises DeepRxError."""
    from deeprx_gui.central import admin, migrations, password
    from deeprx_gui.central.connect import CentralConnection

    central_settings.check(place)
    with CentralConnection(place, given or password.read(place)) as connection:
        migrations.check(connection, migrations.steps(resources_dir() / "central"))
        found = admin.facts(connection)
    if "station" not in found.roles:
        return say(
            "{host} answers (PostgreSQL {version}), but the user {user} is no station there. Let"
            " the IT department make a user with “deeprx central station add”.",
            host=place.host,
            version=found.version.split()[0],
            user=place.user,
        )
    return say(
        "{host} answers (PostgreSQL {version}, {ms} ms). This station may send.",
        host=place.host,
        version=found.version.split()[0],
        ms=round(found.milliseconds),
    )


def _saved(place: CentralPlace, given: str, keep: Callable[[CentralPlace], None]) -> Message:
    from deeprx_gui.central import password

    words = _tried(place, given)
    if given:
        password.remember(place, given)
    keep(place)
    return words
