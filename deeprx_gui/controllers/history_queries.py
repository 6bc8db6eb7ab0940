"""What the History page reads from the store: pages, figures, news. Plain functions for lanes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from deeprx_gui.domain.errors import Cancelled, CentralError, StorageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import (
    MOST_COUNTED,
    HistorySummary,
    RecordedProfile,
    RecordedStation,
    RecordQuery,
)
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.state.history_decisions import DecisionRequest
from deeprx_gui.state.history_rows import CHUNK, RowRequest

if TYPE_CHECKING:
    from deeprx_gui.central.records import CentralRecords

HistoryStore = Callable[[], RecordSource]
"""Opens where verdicts are read from: this PC, or all stations."""
LocalStore = Callable[[], RecordStore]
READING: Final = say("Reading the history")
_MOST_PAGES: Final = 10
"""Beyond so many pages of news the list is begun anew."""
_MOST_NORMALS: Final = 2000


@dataclass(frozen=True)
class RecordCount:
    """How many records a list has below its newest one; ``open_ended``: or more."""

    count: int
    open_ended: bool


@dataclass(frozen=True)
class NewRecords:
    """What the store holds newest; ``joined``: down to a record that was known."""

    records: tuple[Record, ...]
    joined: bool


@dataclass(frozen=True)
class StoreStatus:
    """How it stands with the store: what to say about it, what was ever judged, and where."""

    notice: Message | None
    writable: bool
    profiles: tuple[RecordedProfile, ...]
    stations: tuple[RecordedStation, ...]


@dataclass(frozen=True)
class FalseCallPictures:
    """Kept pictures of false calls; ``absent``: how many have no picture."""

    profile_id: str
    paths: tuple[Path, ...]
    absent: int


def store_status(store: LocalStore) -> StoreStatus:
    """Open the store if need be and say how it stands. Raises StorageError."""
    opened = store()
    return StoreStatus(opened.notice, opened.writable, opened.profiles(), opened.stations())


def stations_status(store: HistoryStore, stop: Event) -> Generator[Progress, None, StoreStatus]:
    """Say what all stations judged; nothing can be decided from here. Raises CentralError."""
    yield Progress(0, 0, READING)
    opened = store()
    with read_unless(opened, stop):
        return StoreStatus(None, False, opened.profiles(), opened.stations())


@contextmanager
def read_unless(store: RecordSource, stop: Event) -> Iterator[None]:
    """Read until the request is cancelled; then raise ``Cancelled``."""
    try:
        with store.unless(stop.is_set):
            yield
    except (StorageError, CentralError):
        if stop.is_set():
            raise Cancelled from None
        raise


def read_rows(
    store: HistoryStore, query: RecordQuery, wanted: RowRequest, stop: Event
) -> Generator[Progress, None, tuple[Record, ...]]:
    """Read what a list wants. Raises StorageError."""
    yield Progress(0, 0, READING)
    before = None if wanted.before is None else wanted.before.key
    opened = store()
    with read_unless(opened, stop):
        return opened.page(query, before=before, count=wanted.count, skip=wanted.skip)


def count_rows(
    store: HistoryStore, query: RecordQuery, newest: int, stop: Event
) -> Generator[Progress, None, RecordCount]:
    """Count a list that began at the record ``newest``, whatever arrived since."""
    yield Progress(0, 0, READING)
    opened = store()
    with read_unless(opened, stop):
        count = opened.count(query)
        newer = sum(record.key > newest for record in opened.page(query, count=CHUNK))
    if not opened.counted(query) and count > MOST_COUNTED:
        return RecordCount(MOST_COUNTED, open_ended=True)
    return RecordCount(count - newer, open_ended=False)


def read_picture(
    centre: Callable[[], CentralRecords], record: Record, stop: Event
) -> Generator[Progress, None, Frame | Message]:
    """Read the kept picture of a part of any station. Raises CentralError and ImageError."""
    from deeprx_gui.work.central_picture import picture_of

    yield Progress(0, 0, READING)
    opened = centre()
    with read_unless(opened, stop):
        return picture_of(opened, record)


def summarise(
    store: HistoryStore, query: RecordQuery, stop: Event
) -> Generator[Progress, None, HistorySummary]:
    """Summarise the records of a period. Raises StorageError."""
    yield Progress(0, 0, READING)
    opened = store()
    with read_unless(opened, stop):
        return opened.summary(query)


def read_news(
    store: HistoryStore, query: RecordQuery, known: int, stop: Event, *, only_new: bool = False
) -> Generator[Progress, None, NewRecords]:
    """Read what is newer than the record ``known``, and where that is cheap what follows it.

    A search for a text or a rare station would read every row to fill its page; then, or where it
    is asked for, ``only_new`` is read.
    """
    records: list[Record] = []
    opened = store()
    if only_new or query.text or query.serial or query.station_id:
        yield Progress(0, 0, READING)
        with read_unless(opened, stop):
            newer = opened.newer(query, known, count=_MOST_PAGES * CHUNK)
        return NewRecords(newer[::-1], joined=len(newer) < _MOST_PAGES * CHUNK)
    for _ in range(_MOST_PAGES):
        yield Progress(0, 0, READING)
        before = records[-1].key if records else None
        with read_unless(opened, stop):
            page = opened.page(query, before=before, count=CHUNK)
        records += page
        if len(page) < CHUNK or page[-1].key <= known:
            return NewRecords(tuple(records), joined=True)
    return NewRecords(tuple(records), joined=False)


def decide_all(
    store: LocalStore, wanted: tuple[DecisionRequest, ...], who: str
) -> Generator[Progress, None, tuple[Record, ...]]:
    """Write decisions down, one after the other; ``Progress.item`` is each record as it is now."""
    done = []
    for number, each in enumerate(wanted, 1):
        record = store().decide(each.number, each.decision, who=who)
        done.append(record)
        yield Progress(number, len(wanted), say("Saving…"), item=record)
    return tuple(done)


def find_normals(
    store: LocalStore, profile_id: str
) -> Generator[Progress, None, FalseCallPictures]:
    """Find the kept pictures of what was called wrongly, the newest last. Raises StorageError."""
    opened = store()
    wrong = RecordQuery(
        profile_id=profile_id,
        verdicts=frozenset({Verdict.REVIEW, Verdict.NG}),
        decision=Decision.OK,
    )
    paths, absent = [], 0
    for number, record in enumerate(opened.rows(wrong), 1):
        path = opened.folder / record.picture
        if record.picture and path.is_file():
            paths.append(path)
        else:
            absent += 1
        yield Progress(number, 0, say("Looking for pictures"))
    return FalseCallPictures(profile_id, tuple(paths[-_MOST_NORMALS:]), absent)
