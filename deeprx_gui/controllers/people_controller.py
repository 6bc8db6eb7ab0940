"""People at this station's window: hears the centre, lets people in, sees when they leave."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.people import Person, Role
from deeprx_gui.jobs.lane import Lane, once
from deeprx_gui.paths import resources_dir
from deeprx_gui.people.station_people import SignedIn, SignInAnswer
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.kit.next_turn import in_next_turn

ROUND_MS: Final = 60_000
LOOK_MS: Final = 5_000
_TIMEOUT: Final = 5.0
_FRESH_SECONDS: Final = 10.0
_AWAY_SECONDS: Final = 30.0
_TOUCHES: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)
_log = logging.getLogger(__name__)


class PeopleController(QObject):
    """Only where a central place is set. ``changed``: somebody signed in or out.

    ``ended`` carries why the engineer's rights of who was signed in are over.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(self, job_service: JobService, parent: QObject) -> None:
        super().__init__(parent)
        self._job_service = job_service
        self.people = job_service.services.people
        self.lane = Lane("central", self)
        self._touched = time.monotonic()
        self._heard, self._missed = -_FRESH_SECONDS, -_AWAY_SECONDS
        self._was_active = self.people.active
        self._watching = self._left = False
        self._rounds, self._looks = QTimer(self), QTimer(self)
        for clock, pause, call in (
            (self._rounds, ROUND_MS, self.meet_centre),
            (self._looks, LOOK_MS, self.look),
        ):
            clock.setInterval(pause)
            clock.timeout.connect(call)
            clock.start()
        self.changed.connect(self._watch)
        in_next_turn(self, self.meet_centre)

    def leave(self) -> Lane:
        """Sign out; return the lane, which ends without being waited for."""
        self._left = True
        self._rounds.stop()
        self._looks.stop()
        self.people.sign_out("closed")
        self._watch()
        self.lane.stop(0)
        return self.lane

    @property
    def was_active(self) -> bool:
        """Whether people signed in by name here as far as this has seen."""
        return self._was_active

    # -- the centre ---------------------------------------------------------------------------

    @Slot()
    def meet_centre(self) -> None:
        """Hear who may sign in, and send what waits of the audit trail."""
        if not self.lane.busy:
            job = self.lane.start(once(self._meet, say("Asking the central database")))
            job.finished.connect(self._met)

    @Slot()
    def _met(self) -> None:
        if self._left:
            return
        self.look()
        if self.people.active and not self._was_active:
            self._was_active = True
            self.changed.emit()
            self._job_service.tell(
                say(
                    "People sign in by name at this station from now on: choose “Operator mode”,"
                    " or start the program anew."
                ),
                NoticeKind.INFO,
            )

    def _meet(self, *, signing_in: bool = False) -> None:
        """Have a round in the lane's thread; what goes wrong is in the log.

        ``signing_in``: somebody waits, so only who may sign in is heard.
        """
        from deeprx_gui.work.central_sync import hear_station, synchronise_station

        tables = resources_dir() / "central"
        try:
            if signing_in:
                hear_station(self.people, tables)
            else:
                synchronise_station(self.people, tables, timeout=_TIMEOUT)
            self._heard = time.monotonic()
        except DeepRxError as error:
            self._missed = time.monotonic()
            _log.warning("the centre was not heard: %s", error)

    def _hear_soon(self) -> None:
        """Hear the centre before somebody signs in, unless it was just heard or is away."""
        now = time.monotonic()
        if now - self._heard >= _FRESH_SECONDS and now - self._missed >= _AWAY_SECONDS:
            self._meet(signing_in=True)

    # -- signing in -----------------------------------------------------------------------------

    def names(self, done: Callable[[tuple[Person, ...]], None], failed: Callable[[], None]) -> None:
        """Call ``done`` with who may sign in; a copy that cannot be read is told."""
        job = self.lane.start(once(self._names, say("Looking who may sign in")))
        job.done.connect(done)
        job.failed.connect(self._job_service.tell_failure)
        job.failed.connect(lambda _failure: failed())

    def _names(self) -> tuple[Person, ...]:
        self._hear_soon()
        return self.people.names()

    def sign_in(
        self, name: str, secret: str, wanted: Role, done: Callable[[SignInAnswer], None]
    ) -> None:
        """Let somebody in; ``done`` gets the answer."""

        def answered(answer: SignInAnswer) -> None:
            if isinstance(answer, SignedIn):
                self._touched = time.monotonic()
                self.changed.emit()
            done(answer)

        job = self.lane.start(
            once(partial(self.people.sign_in, name, secret, wanted=wanted), say("Checking the PIN"))
        )
        job.done.connect(answered)
        job.failed.connect(self._job_service.tell_failure)

    def sign_out(self, why: str = "") -> None:
        """Let nobody be signed in."""
        self.people.sign_out(why)
        self.changed.emit()

    @Slot()
    def look(self) -> None:
        """Look whether who is signed in may stay so."""
        was_granted, before = self.people.granted, self.people.name
        message = self.people.look(time.monotonic() - self._touched)
        if self.people.name != before or self.people.granted != was_granted:
            self.changed.emit()
        if message is None:
            return
        if was_granted and not self.people.granted:
            self.ended.emit(message)
        else:
            self._job_service.tell(message, NoticeKind.WARNING)

    # -- touches ------------------------------------------------------------------------------

    @Slot()
    def _watch(self) -> None:
        """Look at keys and mouse only while an engineer is signed in."""
        application = QCoreApplication.instance()
        if application is None or self._watching == self.people.granted:
            return
        self._watching = self.people.granted
        if self._watching:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's
        """Remember when something was touched."""
        if event.type() in _TOUCHES:
            self._touched = time.monotonic()
        return False
