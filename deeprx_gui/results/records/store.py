"""``RecordStore``: every verdict, on disk before anybody sees it, found again among millions."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.history import (
    DecisionEntry,
    HistorySummary,
    RecordedProfile,
    RecordedStation,
    RecordQuery,
)
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.recorded_values import clean, decision_of, moment
from deeprx_gui.locks import HeldLock, try_hold
from deeprx_gui.results.records import aggregation, store_file, writing
from deeprx_gui.results.records.file_identity import FileIdentity
from deeprx_gui.results.records.readers import ReaderPool
from deeprx_gui.results.records.rows import SELECT, read
from deeprx_gui.results.records.search import branches, leap, numbers_sql
from deeprx_gui.results.records.sqlite_errors import (
    DiskFullError,
    as_storage_error,
    damage,
    is_damage,
)

FILE_NAME: Final = "records.sqlite"
LOCK_NAME: Final = "records.lock"
PATIENCE_SECONDS: Final = 5.0
_CHUNK: Final = 2000
_STEPS_AT_ONCE: Final = 20_000

_log = logging.getLogger(__name__)


class RecordStore:
    """The verdicts of one data folder; every method may be called from any thread.

    One program writes: the first that opened the folder. Any other reads (``writable`` is False,
    ``notice`` says why) until it opens the folder anew. Readers never wait for the writer nor the
    writer for them. A damaged file is put aside and a new one begun; ``notice`` says so.
    ``patience``: seconds to wait for another tool that has locked the file.
    Raises StorageError, here and from every method.
    """

    def __init__(
        self, folder: Path, *, read_only: bool = False, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.folder = folder
        self.file = folder / FILE_NAME
        self._patience = patience
        self._notice: Message | None = None
        self._lock = threading.RLock()
        self._held: HeldLock | None = None
        self._writer: writing.RecordWriter | None = None
        self._identity: FileIdentity | None = None
        self.replaced = 0  # times that a damaged file was put aside since this was opened
        self._readers = ReaderPool(self._reader)
        self._asking = threading.local()
        try:
            if not read_only:
                self._held = self._hold()
            if self._held is not None:
                self._open_to_record()
            elif self.file.exists():
                self._look()
        except BaseException:
            self.close()
            raise

    @property
    def writable(self) -> bool:
        """Whether this program is the one that records."""
        return self._writer is not None

    @property
    def notice(self) -> Message | None:
        """What a person should know about the file, ``None`` when all is well."""
        return self._notice

    # Writing --------------------------------------------------------------------------------

    def add(self, record: Record) -> Record:
        """Remember a verdict; it is on the disk when this returns, with its number.

        What is already there under the same ``uid`` or ``item`` is returned as it was stored, and
        nothing changes.
        """
        with self._lock, as_storage_error(self.file):
            self._check_file()
            try:
                added = self._writing().insert(record)
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._begin_anew(error)
                added = self._writing().insert(record)
            self._check_file()
            return added

    def check_file(self) -> None:
        """Raise StorageError when the file was deleted or replaced since it was opened."""
        with self._lock:
            self._check_file()

    def _check_file(self) -> None:
        if self._identity is not None:
            self._identity.check()

    def decide(self, number: int, decision: Decision | None, *, who: str, note: str = "") -> Record:
        """Log what a person decided and return the record with it; ``None`` takes it back.

        Raises RequestError for a number that is not there.
        """
        with self._lock, as_storage_error(self.file):
            if not self._writing().decide(number, decision, who, note):
                raise RequestError(
                    say(
                        "There is no verdict number {n}. Look it up in the history.",
                        n=number,
                    )
                )
        record = self.get(number)
        if record is None:
            raise AssertionError("verdicts are never deleted")
        return record

    def pictures_gone(self, names: Sequence[str]) -> None:
        """Note that pictures named in records are not there, and that this is no damage."""
        with self._lock, as_storage_error(self.file):
            self._writing().pictures_gone(names)

    # Reading --------------------------------------------------------------------------------

    def known(self, item: str) -> bool:
        """Say whether this file was judged already."""
        sql = "SELECT 1 FROM records WHERE item = ? AND item <> ''"
        with self._reading() as connection:
            return connection.execute(sql, (clean(item),)).fetchone() is not None

    def get(self, number: int | str) -> Record | None:
        """Return one verdict by its number, or by its identifier."""
        column = "uid" if isinstance(number, str) else "number"
        with self._reading() as connection:
            row = connection.execute(f"{SELECT}WHERE r.{column} = ?", (number,)).fetchone()
            return None if row is None else read(row)

    def newest(self) -> int:
        """Return the number of the latest verdict, 0 when there is none."""
        with self._reading() as connection:
            return int(connection.execute("SELECT max(number) FROM records").fetchone()[0] or 0)

    def page(
        self, query: RecordQuery, *, before: int | None = None, count: int = 100, skip: int = 0
    ) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts, the latest first.

        ``before``: only those with a lower number; the last one's ``number`` is what the next page
        begins before. ``skip``: leave out so many first, for a scroll bar that is dragged; its cost
        grows with their number where anything is filtered.
        """
        return self._page(query, count, before=before, skip=skip)

    def newer(self, query: RecordQuery, after: int, *, count: int = 100) -> tuple[Record, ...]:
        """Return up to ``count`` verdicts with a higher number than ``after``, the oldest first.

        It looks at nothing else, so it costs next to nothing, whatever is searched.
        """
        return self._page(query, count, after=after)

    def rows(self, query: RecordQuery) -> Iterator[Record]:
        """Yield every verdict of a query that is there now, the oldest first, in bounded memory."""
        last, after = self.newest(), 0
        while chunk := self._page(query, _CHUNK, after=after):
            for record in chunk:
                if record.number > last:
                    return
                yield record
            after = chunk[-1].number

    def counted(self, query: RecordQuery) -> bool:
        """Say whether ``count`` is exact."""
        return query.counted

    def count(self, query: RecordQuery) -> int:
        """Return how many verdicts fit.

        Exact and at once where ``query.counted``; else counting stops at ``MOST_COUNTED`` + 1.
        """
        with self._reading() as connection:
            return aggregation.count(connection, query)

    def summary(self, query: RecordQuery) -> HistorySummary:
        """Return counts, trend and the worst parts of a query."""
        with self._reading() as connection:
            return aggregation.summary(connection, query)

    def decisions(self, key: int) -> tuple[DecisionEntry, ...]:
        """Return everything people decided about a part, the latest first."""
        sql = "SELECT decision, who, at, note FROM decisions WHERE record = ? ORDER BY id DESC"
        with self._reading() as connection:
            return tuple(
                DecisionEntry(decision_of(decision), who, moment(at), note)
                for decision, who, at, note in connection.execute(sql, (key,))
            )

    def profiles(self) -> tuple[RecordedProfile, ...]:
        """Return the profiles verdicts were given with, by name."""
        sql = (
            "SELECT p.profile_id, c.profile, max(c.id) FROM products p"
            " JOIN contexts c ON c.product = p.id GROUP BY p.id ORDER BY c.profile"
        )
        with self._reading() as connection:
            return tuple(RecordedProfile(row[0], row[1]) for row in connection.execute(sql))

    def stations(self) -> tuple[RecordedStation, ...]:
        """Return the stations that gave verdicts, under their latest names, by name."""
        sql = (
            "SELECT station_id, station, max(id) FROM contexts WHERE station_id <> ''"
            " GROUP BY station_id ORDER BY station"
        )
        with self._reading() as connection:
            return tuple(RecordedStation(row[0], row[1]) for row in connection.execute(sql))

    def thinnable(self, uids: Sequence[str]) -> frozenset[str]:
        """Return those whose picture may be deleted: OK, and no person decided otherwise."""
        sql = "SELECT uid FROM records WHERE uid = ? AND verdict = 0 AND coalesce(decision, 0) = 0"
        with self._reading() as connection:
            return frozenset(u for u in uids if connection.execute(sql, (u,)).fetchone())

    @contextmanager
    def unless(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Let what this thread reads meanwhile end with StorageError once ``stopped()`` is true.

        It is asked often, between two steps of SQLite: for a search that nobody waits for any more.
        """
        self._asking.stopped = stopped
        try:
            yield
        finally:
            self._asking.stopped = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that cannot change anything (for checks of the whole file)."""
        with self._reading() as connection:
            yield connection

    def close(self) -> None:
        """Let the file and the lock go; may be called again."""
        with self._lock:
            self._readers.close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            if self._held is not None:
                self._held.close()
                self._held = None

    # Inside ---------------------------------------------------------------------------------

    def _page(
        self,
        query: RecordQuery,
        count: int,
        *,
        before: int | None = None,
        after: int | None = None,
        skip: int = 0,
    ) -> tuple[Record, ...]:
        with self._reading() as connection:
            found = branches(connection, query)
            if not found or count < 1:
                return ()
            if skip and query == RecordQuery():
                before, skip = leap(connection, before, skip)
            sql, values = numbers_sql(found, count, before=before, after=after, skip=skip)
            order = "DESC" if after is None else "ASC"
            rows = connection.execute(
                f"{SELECT}WHERE r.number IN ({sql}) ORDER BY r.number {order}",
                values,
            )
            return tuple(read(row) for row in rows)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with as_storage_error(self.file), self._readers.one() as connection:
            stopped: Callable[[], bool] | None = getattr(self._asking, "stopped", None)
            if stopped is None:
                yield connection
                return
            connection.set_progress_handler(stopped, _STEPS_AT_ONCE)
            try:
                yield connection
            finally:
                connection.set_progress_handler(None, 0)

    def _reader(self) -> sqlite3.Connection:
        if self._writer is None:
            return store_file.connect_or_nothing(self.file, self._patience)
        return store_file.connect_to_read(self.file, self._patience)

    def _writing(self) -> writing.RecordWriter:
        if self._writer is None:
            raise StorageError(
                self._notice
                or say("The verdicts were opened for reading only; nothing was recorded.")
            )
        return self._writer

    def _hold(self) -> HeldLock | None:
        try:
            held = try_hold(self.folder / LOCK_NAME)
        except StorageError as error:
            self._notice = error.message
            return None
        if held is None:
            self._notice = say(
                "Another Deep RX Inspector on this PC already records into this data folder. Here"
                " the verdicts can be looked at, but nothing is recorded. Close the other one, then"
                " start again here."
            )
        return held

    def _open_to_record(self) -> None:
        """Open for writing; where the disk is full and there is a file, for reading only."""
        try:
            self._open_writer()
        except DiskFullError as error:
            if not self.file.exists():
                raise
            self.close()
            self._readers = ReaderPool(self._reader)
            self._notice = error.message
            self._look()

    def _open_writer(self) -> None:
        aside = store_file.prepare(self.file, self._patience)
        if aside is not None:
            self._say_damaged(aside)
        with as_storage_error(self.file):
            self._writer = writing.RecordWriter(
                store_file.connect(self.file, self._patience, writes=True)
            )
        self._identity = FileIdentity(self.file)

    def _look(self) -> None:
        """Make sure that a file which is only read can be read; an older one is migrated first."""
        with as_storage_error(self.file):
            try:
                with closing(self._reader()) as connection:
                    older = store_file.is_older(connection)
                    if not older:
                        store_file.check(connection)
            except store_file.NotOursError as error:
                raise damage(str(error)) from error
        if older:
            self._migrate()

    def _migrate(self) -> None:
        held = try_hold(self.folder / LOCK_NAME)
        if held is None:
            raise StorageError(
                say(
                    "An older Deep RX Inspector is open and records into this data folder. Close"
                    " it, then try again: the verdicts are brought to the format of this version."
                )
            )
        with closing(held):
            store_file.prepare(self.file, self._patience)

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        """Put the damaged file aside in mid-run; the inspection goes on."""
        _log.error("%s is damaged: %s", self.file, error)
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._readers.call_in(self._patience)
        self.replaced += 1
        aside = store_file.put_aside(self.file)
        self._open_writer()
        self._say_damaged(aside)

    def _say_damaged(self, aside: Path) -> None:
        self._notice = say(
            "The file of verdicts was damaged. It is kept as “{file}” and a new one was begun;"
            " nothing was deleted. Send the file to support if you need what is in it.",
            file=aside,
        )
