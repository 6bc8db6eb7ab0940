"""One round with the centre: who may sign in comes here, the audit trail goes there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final, Protocol

from deeprx_gui.central import audit, migrations, people
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.copied_disk import Words, refuse_copy
from deeprx_gui.central.migrations import Step
from deeprx_gui.domain.audit import AuditBatch, AuditEntry
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.people import PeopleList
from deeprx_gui.work.forward_files import Installation

SIGN_IN_TIMEOUT: Final = 3.0
"""Seconds that signing in waits for the centre; the copy is used afterwards."""
_log = logging.getLogger(__name__)


class Queue(Protocol):
    """Where entries wait: ``people/audit_queue.py``."""

    def waiting(self) -> AuditBatch: ...
    def mark_sent(self, batch: AuditBatch) -> None: ...
    def put_aside(self, entry: AuditEntry) -> None: ...


class Hears(Protocol):
    """Who keeps the people that the centre knows: ``people/station_people.py``."""

    def hear(self, people: PeopleList, place: CentralPlace) -> None: ...


class Station(Hears, Protocol):
    """A station that has a place in the centre; ``place`` is ``None`` where it stands alone."""

    @property
    def place(self) -> CentralPlace | None: ...
    @property
    def audit(self) -> Queue: ...
    @property
    def password(self) -> Callable[[], str]: ...
    @property
    def data(self) -> Path: ...
    @property
    def station_id(self) -> Callable[[], str]: ...


@dataclass(frozen=True)
class CentralRound:
    """Where and as what a station meets the centre; ``steps``: the tables this program knows.

    ``words``: by what the centre knows this installation, ``None``: it is not looked at.
    """

    place: CentralPlace
    password: str
    station_id: str
    steps: Sequence[Step]
    words: Words | None = None


def synchronise(order: CentralRound, hears: Hears, queue: Queue, *, timeout: float = 10.0) -> int:
    """Hear who may sign in, then send what waits; return how many entries were sent.

    Before the station is known in the centre (its first verdict) entries wait. Raises CentralError
    and StorageError; what was sent until then is remembered.
    """
    with CentralConnection(order.place, order.password, timeout=timeout) as connection:
        migrations.check(connection, order.steps)
        hears.hear(people.read(connection), order.place)
        if order.words is not None:
            refuse_copy(connection, order.station_id, order.words)
        return send_audit(connection, order.station_id, queue)


def synchronise_station(station: Station, tables: Path, *, timeout: float = 10.0) -> int:
    """Have a round with the centre of a station; ``tables`` is the folder of the steps.

    Does nothing where it stands alone. Raises as ``synchronise``.
    """
    if station.place is None:
        return 0
    order = CentralRound(
        station.place, station.password(), station.station_id(), migrations.steps(tables),
        Installation(station.data),
    )  # fmt: skip
    return synchronise(order, station, station.audit, timeout=timeout)


def hear_station(station: Station, tables: Path, *, seconds: float = SIGN_IN_TIMEOUT) -> None:
    """Hear who may sign in, before somebody does; what waits of the audit trail goes later.

    It takes no longer than ``seconds`` in all: what comes later is kept for the next one. Raises
    CentralError and StorageError.
    """
    place = station.place
    if place is None:
        return
    failures: list[BaseException] = []

    def hear() -> None:
        try:
            with CentralConnection(place, station.password(), timeout=seconds) as connection:
                migrations.check(connection, migrations.steps(tables))
                station.hear(people.read(connection), place)
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            failures.append(error)

    thread = Thread(target=hear, name="hear people", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if thread.is_alive():
        raise CentralError(
            say("The central database on {host} does not answer in time.", host=place.host),
            Trouble.UNREACHABLE,
        )


def send_audit(connection: CentralConnection, station_id: str, queue: Queue) -> int:
    """Send what waits, over a connection somebody else may use too; return how many were sent.

    An entry that the server refuses is put aside, so that it does not hold up the others. Raises
    CentralError and StorageError.
    """
    station = audit.station_number(connection, station_id)
    if station is None:
        return 0
    sent = 0
    while (batch := queue.waiting()).entries:
        try:
            audit.add(connection, station, batch.entries)
        except CentralError as error:
            if error.trouble is not Trouble.REFUSED:
                raise
            _one_by_one(connection, station, batch, queue)
        queue.mark_sent(batch)
        sent += len(batch.entries)
    return sent


def _one_by_one(
    connection: CentralConnection, station: int, batch: AuditBatch, queue: Queue
) -> None:
    for entry in batch.entries:
        try:
            audit.add(connection, station, [entry])
        except CentralError as error:
            if error.trouble is not Trouble.REFUSED:
                raise
            _log.error("the centre refuses %s: %s", entry, error)
            queue.put_aside(entry)
