"""Connections that only read: lent to threads, kept open for a while, stopped when asked to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from pg8000.exceptions import DatabaseError

from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection, Rows
from deeprx_gui.central.sql_errors import code_of
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import say

LONGEST_SECONDS: Final = 60.0
"""A question that takes longer is stopped by the server."""
_CONNECT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.05
"""How often it is looked whether anybody still waits for an answer."""
_PATIENCE_SECONDS: Final = 2.0
"""How long a question that was stopped may take to end before its connection is cut."""
_MOST_IDLE: Final = 3
_CANCELED = "57014"
_MAY_READ = "SELECT pg_has_role(current_user, 'deeprx_reader', 'USAGE')"


class CentralReaders:
    """Lends connections to threads. ``password`` is asked for with each new connection.

    ``steps``: what the tables must be as new as. Raises CentralError from ``run``.
    """

    def __init__(
        self,
        place: CentralPlace,
        password: Callable[[], str],
        steps: Sequence[migrations.Step],
        *,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._place, self._password, self._steps = place, password, steps
        self._longest = longest
        self._lock = threading.Lock()
        self._idle: list[CentralConnection] = []
        self._closed = False
        self._asking = threading.local()

    def run(self, sql: str, values: dict[str, Any]) -> Rows:
        """Return the answer to one question. Raises CentralError."""
        while True:
            connection, fresh = self._take()
            try:
                return self._ask(connection, sql, values)
            except CentralError as error:
                self._raise_unless_stale(connection, error, fresh=fresh)
            finally:
                self._give(connection)

    def _raise_unless_stale(
        self, connection: CentralConnection, error: CentralError, *, fresh: bool
    ) -> None:
        """The server may have been started anew since a connection was last used: try once more."""
        if _code(error) == _CANCELED and not self._stopped():
            raise CentralError(
                say(
                    "The search took longer than {seconds} s and was stopped. Choose a time, a"
                    " product or a station, then search again.",
                    seconds=f"{self._longest:g}",
                ),
                Trouble.BUSY,
            ) from error
        if fresh or self._stopped() or not connection.broken:
            raise error

    @contextmanager
    def unless(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Let what this thread asks meanwhile end with CentralError once ``stopped()`` is true."""
        self._asking.stopped = stopped
        try:
            yield
        finally:
            self._asking.stopped = None

    def close(self) -> None:
        """Close what is idle now, and the rest as it comes back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    # Inside ---------------------------------------------------------------------------------

    def _stopped(self) -> bool:
        stopped: Callable[[], bool] | None = getattr(self._asking, "stopped", None)
        return stopped is not None and stopped()

    def _take(self) -> tuple[CentralConnection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), False
        return self._connect(), True

    def _give(self, connection: CentralConnection) -> None:
        with self._lock:
            if connection.broken or self._closed or len(self._idle) >= _MOST_IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def _connect(self) -> CentralConnection:
        connection = CentralConnection(self._place, self._password(), timeout=_CONNECT_SECONDS)
        try:
            migrations.check(connection, self._steps)
            if not connection.run(_MAY_READ)[0][0]:
                raise CentralError(
                    say(
                        "The user {user} may see only what this PC sent to the central database."
                        " To look at all stations, let the IT department make {user} a member of"
                        " the role deeprx_reader.",
                        user=self._place.user,
                    ),
                    Trouble.RIGHTS,
                )
            connection.run(
                "SET default_transaction_read_only = on; SET jit = off;"
                f" SET statement_timeout = {round(self._longest * 1000)}"
            )
            _ = connection.backend  # asked for now: later the connection may be busy
            connection.wait_at_most(self._longest + _CONNECT_SECONDS)
        except BaseException:
            connection.close()
            raise
        return connection

    def _ask(self, connection: CentralConnection, sql: str, values: dict[str, Any]) -> Rows:
        stopped: Callable[[], bool] | None = getattr(self._asking, "stopped", None)
        if stopped is None:
            return connection.run(sql, **values)
        done = threading.Event()
        watch = threading.Thread(
            target=self._watch, args=(connection, stopped, done), name="central watch", daemon=True
        )
        watch.start()
        try:
            return connection.run(sql, **values)
        finally:
            done.set()
            watch.join()

    def _watch(
        self, connection: CentralConnection, stopped: Callable[[], bool], done: threading.Event
    ) -> None:
        """Stop a question that nobody waits for any more; its connection is not used again."""
        while not done.wait(_LOOK_SECONDS):
            if stopped():
                connection.broken = True
                self._cancel(connection.backend)
                if not done.wait(_PATIENCE_SECONDS):
                    connection.cut()
                return

    def _cancel(self, backend: int) -> None:
        try:
            with CentralConnection(
                self._place, self._password(), timeout=_PATIENCE_SECONDS
            ) as second:
                second.run("SELECT pg_cancel_backend(:backend)", backend=backend)
        except CentralError:
            return  # the server is away: the connection is cut instead


def _code(error: CentralError) -> str:
    cause = error.__cause__
    return code_of(cause) if isinstance(cause, DatabaseError) else ""
