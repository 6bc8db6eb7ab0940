"""Store and forward: what a station records follows to the central database (ADR 0031).

The station's own file is the queue. Whatever goes wrong here, inspecting goes on: what was not sent
waits, and goes as soon as it can.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deeprx_gui import __version__
from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import CentralError, DeepRxError, RequestError, StorageError
from deeprx_gui.domain.forwarding import ForwardPhase, ForwardState, SignIn
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.station import StationIdentity
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work import forward_files as files
from deeprx_gui.work.forward_corrections import CorrectionWatch
from deeprx_gui.work.forward_pass import ForwardWork

TIMEOUT_SECONDS: Final = 30.0
LOCK_SECONDS = 5
"""The longest a row of somebody else is waited for."""
_IDLE_SECONDS: Final = 1.0
_LIVE_PAUSE: Final = 0.04
"""Between two batches while parts are inspected."""
_REPORT_SECONDS: Final = 30.0
_END_SECONDS: Final = 5.0
_ENDING_TRIES: Final = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pauses:
    """Seconds until the next try.

    The ``first`` after trouble that goes by itself doubles up to ``most``; ``lasting`` is between
    tries where somebody has to do something first.
    """

    first: float = 1.0
    most: float = 60.0
    lasting: float = 120.0

    def after(self, failures: int, *, passes: bool) -> float:
        """Return the pause after so many failures in a row, spread so that not all come at once."""
        pause = self.lasting if not passes else min(self.most, self.first * 2.0 ** (failures - 1))
        return pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


@dataclass(frozen=True)
class ForwardSetup:
    """Who sends what from where to where. ``password`` is asked anew for each connection.

    ``data``: the data folder, ``results`` and ``profiles`` the folders in it; ``steps``: of the
    central tables, as this program knows them.
    """

    place: CentralPlace
    password: Callable[[], str]
    identity: StationIdentity
    data: Path
    results: Path
    profiles: Path
    steps: Sequence[migrations.Step]

    def work(self, live: Callable[[], bool] = lambda: False) -> ForwardWork:
        """Return the work that is to be done here."""
        watch = CorrectionWatch(self.profiles, ProfileStore(self.profiles))
        return ForwardWork(self.place, self.results, watch, self.identity.id, live)

    @contextmanager
    def session(self) -> Iterator[StationSession]:
        """Connect, sign in, and give the session. Raises CentralError, StorageError."""
        if not self.identity.id:
            raise StorageError(
                say(
                    "This station has no id, because its data folder cannot be written. Nothing is"
                    " sent to the central database. Ask whoever looks after this PC."
                )
            )
        installation = files.Installation(self.data)
        installation.prepare()
        with CentralConnection(self.place, self.password(), timeout=TIMEOUT_SECONDS) as connection:
            connection.run(f"SET lock_timeout = '{LOCK_SECONDS}s'")
            migrations.check(connection, self.steps)
            session = StationSession(
                connection,
                SignIn(
                    self.identity.id,
                    self.identity.name,
                    self.place.line,
                    installation.word,
                    installation.next_word,
                    installation.machine,
                    __version__,
                ),
            )
            installation.signed_in()
            yield session


class Forwarder:
    """A thread of its own that sends until it is stopped; no method raises or waits for a server.

    ``live``: whether parts are inspected just now; it then makes room for them.
    """

    def __init__(
        self,
        setup: ForwardSetup,
        *,
        live: Callable[[], bool] = lambda: False,
        pauses: Pauses | None = None,
    ) -> None:
        self._setup, self._pauses = setup, pauses or Pauses()
        self._work = setup.work(live)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._retry_refused = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="central", daemon=True)

    @property
    def state(self) -> ForwardState:
        """How far it is; from any thread."""
        return self._work.state

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def try_now(self, *, refused: bool = False) -> None:
        """Try at once, however long the pause still is; ``refused``: also what was refused."""
        if refused:
            self._retry_refused.set()
        self._wake.set()

    def finish(self, patience: float = _END_SECONDS) -> bool:
        """Let what waits go while the server takes it, for a few seconds, and end it."""
        end = time.monotonic() + patience
        self.try_now()
        while time.monotonic() < end and self.state.problem is None:
            if self.state.phase is ForwardPhase.UP_TO_DATE and not self._work.anything_new():
                break
            time.sleep(0.05)
        return self.stop()

    def stop(self, patience: float = _END_SECONDS) -> bool:
        """End it; False when the server did not let go in time (nothing is lost by that)."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(patience)
        return not self._thread.is_alive()

    def close(self) -> None:
        """End it."""
        self.stop()

    # In the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        refused = 0
        while not self._stopping.is_set():
            try:
                with closing(files.hold(self._setup.results)):
                    refused = 0
                    self._hold()
            except RequestError as error:  # another program sends, or the one before just ends
                refused += 1
                if refused > _ENDING_TRIES:
                    self._work.say_problem(ForwardPhase.WAITING, StorageError(error.message))
                self._pause(self._pauses.after(1, passes=True))
            except StorageError as error:
                self._work.say_problem(ForwardPhase.WAITING, error)
                self._pause(self._pauses.most)
            except Exception as error:  # noqa: BLE001 - a thread that ends is missed by nobody
                _log.exception("forwarding to the central database failed")
                self._work.say_problem(ForwardPhase.WAITING, StorageError(_unexpected(error)))
                self._pause(self._pauses.most)

    def _hold(self) -> None:
        """Send for as long as this program is the one that may."""
        while not self._stopping.is_set():
            try:
                self._send()
            except (CentralError, StorageError) as error:
                self._trouble(error)
            except Exception as error:  # noqa: BLE001 - it must never end a run
                _log.exception("forwarding to the central database failed")
                self._trouble(StorageError(_unexpected(error)))
        self._work.keep_mark()

    def _send(self) -> None:
        with self._setup.session() as session:
            self._work.begin(session)
            report_next, idle = 0.0, False
            while not self._stopping.is_set():
                if self._retry_refused.is_set():
                    self._retry_refused.clear()
                    self._work.retry_refused(session)
                sent = self._work.one_pass(session)
                self._failures = 0
                now = time.monotonic()
                if now >= report_next or (not sent and not idle):
                    self._work.report(session)
                    report_next = now + _REPORT_SECONDS
                idle = not sent
                if not sent:
                    self._work.keep_mark()
                    self._pause(_IDLE_SECONDS)
                elif self._work.live():
                    self._pause(_LIVE_PAUSE)

    def _trouble(self, error: CentralError | StorageError) -> None:
        passes = not isinstance(error, CentralError) or error.passes
        self._failures += 1
        _log.warning("%s", error)
        phase = ForwardPhase.WAITING if passes else ForwardPhase.STOPPED
        try:
            self._work.look_at_file()  # first, so that the numbers beside the sentence are right
        finally:
            self._work.say_problem(phase, error)
        self._work.keep_mark()
        end = time.monotonic() + self._pauses.after(self._failures, passes=passes)
        while not self._stopping.is_set() and not self._wake.is_set():
            self._work.look_at_file()
            left = end - time.monotonic()
            if left <= 0:
                break
            self._wake.wait(min(left, _IDLE_SECONDS * 5))
        self._wake.clear()

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        if not self._stopping.is_set():
            self._wake.clear()


def _unexpected(error: Exception) -> Message:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DeepRxError(
        say(
            "What was recorded could not be sent to the central database ({why}). Inspecting goes"
            " on, and it is tried again. If it stays so, send the file for support.",
            why=text,
        )
    ).message
