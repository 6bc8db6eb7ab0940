"""A connection to the central database: TLS checked, never waiting for ever."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Self

from pg8000.native import Connection

from deeprx_gui.central import sql_errors
from deeprx_gui.domain.central import CentralPlace, Tls, Trouble
from deeprx_gui.domain.errors import CentralError

TIMEOUT_SECONDS: Final = 10.0
"""The longest any answer of the server is waited for, unless asked otherwise."""
_NAME: Final = "Deep RX Inspector"
_SESSION: Final = "SET search_path = deeprx, pg_catalog; SET timezone = 'UTC'"

Rows = Sequence[Sequence[Any]]


class CentralConnection:
    """One connection of one thread; every method raises CentralError.

    After an error of the connection itself (``broken``) it is of no use any more: close it and
    connect anew. Values are given by name: ``run("… WHERE id = :id", id=3)``.
    """

    def __init__(
        self, place: CentralPlace, password: str, *, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self.place = place
        self.broken = False
        self._backend = 0
        with sql_errors.as_central_error(place), _reached(place, timeout) as where:
            self._connection = Connection(
                place.user,
                password=password,  # the driver cannot be asked for one without
                database=place.database,
                ssl_context=_tls(place),
                timeout=timeout,
                application_name=_NAME,
                **where,
            )
        try:
            self.run(_SESSION)
        except BaseException:
            self.close()
            raise

    def run(self, sql: str, **values: Any) -> Rows:  # noqa: ANN401 - whatever SQL takes
        """Return the rows of a statement; without values it may be several statements."""
        with self._checked():
            return self._connection.run(sql, **values) or ()

    def copy_in(self, sql: str, lines: Iterator[str]) -> None:
        """Send lines of ``COPY … FROM STDIN`` (text format, each with its line break)."""
        with self._checked():
            self._connection.run(sql, stream=lines)

    @property
    def touched(self) -> int:
        """How many rows the last statement touched, -1 where it does not say."""
        return int(self._connection.row_count)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            if not self.broken:
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def script(self, sql: str) -> None:
        """Run a file of statements; what looks like a named value in it is left alone."""
        with self._checked():
            self._connection.execute_simple(sql)

    @property
    def backend(self) -> int:
        """The number of the server's process that answers, for ``pg_cancel_backend``."""
        if self._backend == 0:
            self._backend = int(self.run("SELECT pg_backend_pid()")[0][0])
        return self._backend

    def wait_at_most(self, seconds: float) -> None:
        """Wait so long for any answer from now on."""
        self._connection._usock.settimeout(seconds)  # noqa: SLF001 - the driver has no other way

    def cut(self) -> None:
        """End what another thread is waiting for on this connection: the server is silent."""
        self.broken = True
        with contextlib.suppress(OSError, AttributeError):  # it may be closing at this moment
            self._connection._usock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - as above

    def close(self) -> None:
        """Let the connection go; may be called again."""
        try:
            self._connection.close()
        except Exception:  # noqa: BLE001 - it is gone already, which is what was wanted
            self.broken = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _checked(self) -> Iterator[None]:
        try:
            with sql_errors.as_central_error(self.place):
                yield
        except CentralError as error:
            if error.trouble in {Trouble.UNREACHABLE, Trouble.SHUTTING_DOWN, Trouble.CERTIFICATE}:
                self.broken = True
            raise
        except BaseException:
            self.broken = True
            raise


@contextmanager
def _reached(place: CentralPlace, timeout: float) -> Iterator[dict[str, Any]]:
    """Give the way to the server as pg8000 takes it; closed when it cannot go on from there."""
    if place.host.startswith("/"):  # the folder of a socket, as PostgreSQL's own programs take it
        yield {"unix_sock": f"{place.host.rstrip('/')}/.s.PGSQL.{place.port}"}
        return
    wire = socket.create_connection((place.host, place.port), timeout)
    try:
        yield {"host": place.host, "sock": wire}
    except BaseException:
        wire.close()
        raise


def _tls(place: CentralPlace) -> ssl.SSLContext | bool:
    if place.tls is Tls.OFF:
        if not place.on_this_pc:
            raise sql_errors.make(Trouble.CERTIFICATE, place, "TLS is off")
        return False
    try:
        context = ssl.create_default_context(cafile=place.authority or None)
    except OSError as error:  # the file is not there, or no certificate
        why = f"{place.authority}: {error.strerror or error}"
        raise sql_errors.make(Trouble.CERTIFICATE, place, why) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
