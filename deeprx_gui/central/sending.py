"""What a station writes into the central database: each batch whole or not at all, once by uid."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.copied_disk import copied
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.forwarding import ProductCorrections, Row, SignIn, Standing, VerdictBatch
from deeprx_gui.domain.message import say
from deeprx_gui.domain.recorded_values import clean

_DAY: Final = 86_400_000_000
"""Microseconds; a month begins with a day, all in UTC."""
_MOMENT: Final = "'epoch'::timestamptz + r.{0} * interval '1 microsecond'"

_VERDICT_COLUMNS: Final = (
    ("uid", "uuid"), ("context", "bigint"), ("product", "integer"), ("row", "bigint"),
    ("verdict", "smallint"), ("score", "double precision"), ("times", "real"),
    ("milliseconds", "real"), ("latency", "real"), ("serial", "text"), ("item", "text"),
    ("picture", "text"), ("causes", "text"), ("error", "text"), ("places", "text"),
)  # fmt: skip
"""Of the table ``verdicts``, but for its time and station."""
CONTEXT_COLUMNS: Final = (
    "profile", "revision", "review", "ng", "promise", "runtime", "source", "station", "operator",
    "method",
)  # fmt: skip
"""Of a station's contexts; ``station`` is ``station_name`` in the centre."""
VERDICT_COLUMNS: Final = ("at", *(name for name, _ in _VERDICT_COLUMNS))


_KEPT: Final = (
    " WHERE NOT EXISTS (SELECT 1 FROM dropped_months m"
    " WHERE m.first = date_trunc('month', {0}, 'UTC'))"
)
"""Rows of months that retention let go are passed over."""


def _insert(table: str, moments: Sequence[str], columns: Sequence[tuple[str, str]]) -> str:
    names = [name for name, _ in columns]
    values = [_MOMENT.format(name) for name in moments] + [f"r.{name}" for name in names]
    kinds = [f"{name} bigint" for name in moments] + [f"{name} {kind}" for name, kind in columns]
    return (
        f"INSERT INTO {table} ({', '.join([*moments, *names])}, station)"  # noqa: S608 - our words
        f" SELECT {', '.join(values)}, CAST(:station AS integer)"
        f" FROM json_to_recordset(CAST(:rows AS json)) AS r({', '.join(kinds)})"
    )


_ADD_VERDICTS: Final = (
    _insert("verdicts", ["at"], _VERDICT_COLUMNS)
    + _KEPT.format(_MOMENT.format("at"))
    + " ON CONFLICT DO NOTHING"
)
_ADD_DECISIONS: Final = (
    _insert(
        "decisions",
        ["verdict_at", "at"],
        [
            ("uid", "uuid"), ("verdict_uid", "uuid"), ("row", "bigint"), ("decision", "smallint"),
            ("who", "text"), ("note", "text"),
        ],
    )
    + _KEPT.format(_MOMENT.format("verdict_at"))
    + " ON CONFLICT DO NOTHING"
)  # fmt: skip
_DECISIONS_THERE: Final = (
    "WITH r AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r(uid uuid, at bigint))"  # noqa: S608 - our words
    " SELECT d.uid FROM r JOIN decisions d USING (uid) UNION SELECT r.uid FROM r JOIN"
    f" dropped_months m ON m.first = date_trunc('month', {_MOMENT.format('at')}, 'UTC')"
)
_ADD_CORRECTIONS: Final = (
    _insert(
        "corrections",
        ["at"],
        [
            ("uid", "text"), ("product", "integer"), ("kind", "text"), ("name", "text"),
            ("verdict_uid", "uuid"), ("who", "text"), ("state", "text"), ("revision", "integer"),
        ],
    )
    + " ON CONFLICT (station, uid) DO UPDATE SET state = excluded.state,"
    " revision = excluded.revision WHERE (corrections.state, corrections.revision)"
    " IS DISTINCT FROM (excluded.state, excluded.revision)"
)  # fmt: skip
_ADD_PICTURE: Final = (
    f"INSERT INTO pictures (at, uid, station, name, data) SELECT {_MOMENT.format('at')},"  # noqa: S608 - our words
    " CAST(:uid AS uuid), CAST(:station AS integer), CAST(:name AS text), CAST(:data AS bytea)"
    " FROM (SELECT CAST(:at AS bigint) AS at) AS r"
    + _KEPT.format(_MOMENT.format("at"))
    + " ON CONFLICT DO NOTHING"
)
_ADD_CONTEXT: Final = (
    "INSERT INTO contexts (digest, station, product, profile, revision, review, ng, promise,"
    " runtime, source, station_name, operator, method) VALUES (:digest, :number, :product,"
    " :profile, :revision, :review, :ng, :promise, :runtime, :source, :station, :operator, :method)"
    " ON CONFLICT (digest, station) DO NOTHING"
)


class StationSession:
    """A station that has signed in; used by one thread. Methods raise CentralError.

    ``clock_ahead``: seconds by which the clock of this PC is ahead of the server's.
    """

    def __init__(self, connection: CentralConnection, who: SignIn) -> None:
        self.connection = connection
        self._who = who
        self._days: set[int] = set()
        self._known: dict[int, tuple[Row, tuple[int, int]]] = {}
        self.clock_ahead = _clock_ahead(connection)
        self.station = self._sign_in()

    def _sign_in(self) -> int:
        run, who = self.connection.run, self._who
        name, line = _clean(who.name), _clean(who.line)
        with self.connection.transaction():
            run(
                "INSERT INTO stations (id, name, line, installation, machine) VALUES"
                " (:id, :name, :line, :word, :machine) ON CONFLICT (id) DO NOTHING",
                id=who.id, name=name, line=line, word=who.next_word, machine=who.machine,
            )  # fmt: skip
            rows = run(
                "UPDATE stations SET name = :name, line = :line, installation = :next,"
                " machine = :machine, program = :program, last_seen = now(),"
                " clock_ahead_ms = CAST(:ahead AS bigint)"
                " WHERE id = :id AND retired IS NULL"
                " AND (installation IN (:word, :next, '')"
                " OR (machine = :machine AND machine <> ''))"
                " RETURNING number",
                id=who.id, name=name, line=line, word=who.word, next=who.next_word,
                machine=who.machine, program=who.program, ahead=round(self.clock_ahead * 1000),
            )  # fmt: skip
            if not rows:
                raise self._refused()
        return int(rows[0][0])

    def _refused(self) -> CentralError:
        rows = self.connection.run(
            "SELECT name, retired IS NOT NULL FROM stations WHERE id = :id", id=self._who.id
        )
        place = self.connection.place
        if rows and rows[0][1]:
            return CentralError(
                say(
                    "The central database on {host} does not take anything from the station"
                    " “{name}” any more: an administrator retired it. Let it be taken up again, or"
                    " give this PC an id of its own with “deeprx central new-id”.",
                    host=place.host,
                    name=rows[0][0],
                ),
                Trouble.RIGHTS,
            )
        if not rows:
            return CentralError(
                say(
                    "In the central database on {host} the id of this PC belongs to a station with"
                    " another user name than {user}. Is this PC a copy of that one? Then give it"
                    " an id of its own with “deeprx central new-id”. If it replaces that one, let"
                    " an administrator hand it over: “deeprx central station hand-over”.",
                    host=place.host,
                    user=place.user,
                ),
                Trouble.CLONED,
            )
        return copied(place, rows[0][0])

    def report(self, *, newest: int, waiting: int, put_aside: int) -> None:
        """Tell how far this station is, which also shows whether it still is the only one."""
        self.connection.run(
            "UPDATE stations SET last_seen = now(), reported = now(), newest_row = :newest,"
            " waiting = :waiting, put_aside = :aside WHERE number = :number"
            " AND installation = :word",
            newest=newest, waiting=waiting, aside=put_aside, number=self.station,
            word=self._who.next_word,
        )  # fmt: skip
        self._check_alone()

    def _check_alone(self) -> None:
        if self.connection.touched != 1:
            raise self._refused()

    def send_verdicts(self, batch: VerdictBatch) -> int:
        """Write verdicts; return how many of them were new to the centre."""
        self._make_months(row["at"] for row in batch.verdicts)
        try:
            return self._add_verdicts(batch)
        except CentralError:
            self._days.clear()  # a month may be missing that was there: it is made anew
            raise

    def _add_verdicts(self, batch: VerdictBatch) -> int:
        with self.connection.transaction():
            self.connection.run(
                "UPDATE stations SET last_seen = now() WHERE number = :number"
                " AND installation = :word",
                number=self.station, word=self._who.next_word,
            )  # fmt: skip
            self._check_alone()
            found = {key: self._context(key, row) for key, row in batch.contexts.items()}
            ours = self._ours(batch.verdicts)
            rows = []
            for row in batch.verdicts:
                if row["uid"] not in ours:
                    continue
                product, context = found[int(str(row["context"]))]
                rows.append({**row, "context": context, "product": product})
                del rows[-1]["recorded_at"]
            self.connection.run(_ADD_VERDICTS, rows=_json(rows), station=self.station)
            added = self.connection.touched
        self._known.update({key: (batch.contexts[key], found[key]) for key in found})
        return added

    def send_decisions(self, rows: Sequence[Row]) -> None:
        """Write decisions."""
        self.connection.run(_ADD_DECISIONS, rows=_json(rows), station=self.station)

    def send_corrections(
        self, product: ProductCorrections, part: Sequence[Row] | None = None
    ) -> None:
        """Write what was said about pictures of a product; what is gone was taken back.

        ``part``: only these rows are written, but all of the product's are still there.
        """
        with self.connection.transaction():
            number = self._product(product.profile_id, product.name)
            part = product.rows if part is None else part
            rows = [{**row, "product": number} for row in part]
            self.connection.run(_ADD_CORRECTIONS, rows=_json(rows), station=self.station)
            self.connection.run(
                "UPDATE corrections SET state = 'taken-back' WHERE station = :station"
                " AND product = :product AND state IN ('pending', 'must-find')"
                " AND NOT uid IN (SELECT r.uid FROM json_to_recordset(CAST(:rows AS json))"
                " AS r(uid text))",
                station=self.station, product=number,
                rows=_json([{"uid": row["uid"]} for row in product.rows]),
            )  # fmt: skip

    def send_picture(self, row: Row, data: bytes) -> None:
        """Write a kept picture into the database."""
        self._make_months([row["at"]])
        self.connection.run(
            _ADD_PICTURE,
            at=row["at"], uid=row["uid"], station=self.station, name=_clean(row["name"]), data=data,
        )  # fmt: skip

    def arrived(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return the uids (32 hexadecimal digits) of those of its verdicts that the centre has.

        What retention let go there counts: it was there, and is not taken again. Of verdicts that
        another station recorded (``recorded_at``) those count that stand under any station.
        """
        own = [row for row in rows if not self.copied(row)]
        found = self._ask("arrived(q.at, q.uid)", own) if own else []
        settled = {Standing.OWN, Standing.THERE}
        others = {uid for uid, standing in self.standing(rows).items() if standing in settled}
        return frozenset(_hex(row[0]) for row in found) | others

    def copied(self, row: Row) -> bool:
        """Whether another station recorded a verdict, or the verdict of a decision."""
        return row.get("recorded_at", "") not in {"", self._who.id}

    def standing(self, rows: Sequence[Row]) -> dict[str, Standing]:
        """Return how those of the verdicts stand that another station recorded, by uid."""
        found: dict[str, Standing] = {}
        for other in sorted({str(row["recorded_at"]) for row in rows if self.copied(row)}):
            asked = [row for row in rows if row["recorded_at"] == other]
            answer = self._ask(
                "standing(:other, :station, q.at, q.uid, q.row)",
                asked, other=other, station=self.station,
            )  # fmt: skip
            found |= {_hex(uid): Standing(standing) for uid, standing in answer}
        return found

    def decisions_arrived(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return the uids of those decisions that ``arrived``, as of verdicts."""
        found = self.connection.run(
            _DECISIONS_THERE,
            rows=_json([{"uid": row["uid"], "at": row["verdict_at"]} for row in rows]),
        )
        return frozenset(_hex(row[0]) for row in found) | self.decisions_elsewhere(rows)

    def decisions_elsewhere(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return the uids of decisions about another station's verdicts that stand under it."""
        uids = [{"uid": row["uid"]} for row in rows if self.copied(row)]
        if not uids:
            return frozenset()
        found = self.connection.run(
            "SELECT decisions_elsewhere(:station, array_agg(r.uid))"
            " FROM json_to_recordset(CAST(:rows AS json)) AS r(uid uuid)",
            rows=_json(uids), station=self.station,
        )  # fmt: skip
        return frozenset(_hex(row[0]) for row in found)

    def _ours(self, rows: Sequence[Row]) -> set[object]:
        """Return the uids of the rows this station is to write: once by uid, also for copies.

        Copies of one disk may ask at the same time: one after the other then.
        """
        for other in sorted({str(row["recorded_at"]) for row in rows if self.copied(row)}):
            self.connection.run("SELECT pg_advisory_xact_lock(hashtext(:other))", other=other)
        passed = {
            uid
            for uid, standing in self.standing(rows).items()
            if standing in {Standing.THERE, Standing.WAITS}
        }
        return {row["uid"] for row in rows} - passed

    def _ask(self, call: str, rows: Sequence[Row], **more: object) -> Sequence[Sequence[Any]]:
        """Call a function of the centre with arrays of rows: ``q.at``, ``q.uid``, ``q.row``."""
        asked = [{"at": row["at"], "uid": row["uid"], "row": row.get("row", 0)} for row in rows]
        return self.connection.run(
            "SELECT found.* FROM (SELECT array_agg('epoch'::timestamptz"  # noqa: S608 - our words
            " + r.at * interval '1 microsecond') AS at, array_agg(r.uid) AS uid,"
            " array_agg(r.row) AS row FROM json_to_recordset(CAST(:rows AS json))"
            f" AS r(at bigint, uid uuid, row bigint)) AS q, LATERAL {call} AS found",
            rows=_json(asked),
            **more,
        )

    def _make_months(self, moments: Iterable[object]) -> None:
        """Make the partitions of months that were not seen before, apart from what follows."""
        for day in sorted({int(str(at)) // _DAY for at in moments} - self._days):
            self.connection.run(
                "SELECT make_month('epoch'::timestamptz"
                " + CAST(:at AS bigint) * interval '1 microsecond')",
                at=day * _DAY,
            )
            self._days.add(day)

    def _context(self, key: int, row: Row) -> tuple[int, int]:
        """Return the centre's numbers of a context's product and of itself, made where new."""
        known = self._known.get(key)
        if known is not None and known[0] == row:
            return known[1]
        run = self.connection.run
        values = {name: _clean(row[name]) for name in CONTEXT_COLUMNS}
        profile_id = str(_clean(row["profile_id"]))
        digest = hashlib.sha256(
            json.dumps([self._who.id, profile_id, values], sort_keys=True).encode()
        ).digest()
        find = "SELECT product, number FROM contexts WHERE digest = :digest AND station = :number"
        found = run(find, digest=digest, number=self.station)
        if not found:
            product = self._product(profile_id, str(values["profile"]))
            run(_ADD_CONTEXT, digest=digest, number=self.station, product=product, **values)
            found = run(find, digest=digest, number=self.station)
        return int(found[0][0]), int(found[0][1])

    def _product(self, profile_id: str, name: str) -> int:
        run = self.connection.run
        run(
            "INSERT INTO products (profile_id, name) VALUES (:id, :name)"
            " ON CONFLICT (profile_id) DO UPDATE SET name = excluded.name"
            " WHERE products.name <> excluded.name",
            id=_clean(profile_id), name=_clean(name),
        )  # fmt: skip
        return int(
            run("SELECT number FROM products WHERE profile_id = :id", id=_clean(profile_id))[0][0]
        )


def _clock_ahead(connection: CentralConnection) -> float:
    before = time.time()
    (row,) = connection.run("SELECT extract(epoch FROM clock_timestamp())")
    return (before + time.time()) / 2 - float(row[0])


def _hex(uid: object) -> str:
    return str(uid).replace("-", "")


def _json(rows: Sequence[Row]) -> str:
    """Return rows as JSON that PostgreSQL takes."""
    cleaned = [{key: _clean(value) for key, value in row.items()} for row in rows]
    return json.dumps(cleaned, ensure_ascii=False, allow_nan=False)


def _clean(value: object) -> object:
    """Return what PostgreSQL can keep: neither the character 0 nor bytes that are no letters."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return clean(value).replace("\0", "␀") if isinstance(value, str) else value
