"""What whoever looks after the central database asks and orders: logins, stations, retention."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.message import say

ROLES: Final = ("station", "reader", "engineer", "admin")
"""What a login may be; ``deeprx_`` stands before it in the database."""
OLDEST_SERVER: Final = 150_000
_LOGIN: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_ROUNDS: Final = 4096
_PASSWORD_BYTES: Final = 18


@dataclass(frozen=True)
class ServerFacts:
    """What a connection found. ``clock_ahead``: of this PC's clock before the server's, seconds."""

    version: str
    number: int
    encrypted: bool
    encoding: str
    roles: Sequence[str]
    superuser: bool
    clock_ahead: float
    milliseconds: float


@dataclass(frozen=True)
class StationCard:
    """A station as the centre knows it. ``waiting``: verdicts it had not sent when last seen."""

    number: int
    id: str
    name: str
    line: str
    login: str
    program: str
    last_seen: datetime
    clock_ahead: float
    newest: int
    waiting: int
    put_aside: int
    retired: datetime | None
    verdicts: int


@dataclass(frozen=True)
class Month:
    """A month of verdicts that retention would drop.

    ``pictures``, ``bytes``: in the database. ``files``, ``file_bytes``: pictures of the month that
    lie as files on a share and go as well.
    """

    month: str
    verdicts: int
    pictures: int
    bytes: int
    files: int = 0
    file_bytes: int = 0


@dataclass(frozen=True)
class Sizes:
    """What the central database holds; ``counted`` from the counters, bytes with indexes."""

    counted: int
    months: int
    bytes: int
    verdict_bytes: int
    picture_bytes: int


def facts(connection: CentralConnection) -> ServerFacts:
    """Return what the server says about itself and this connection."""
    before = datetime.now(UTC)
    (row,) = connection.run(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
        " coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
        " current_setting('server_encoding'),"
        " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), clock_timestamp()"
    )
    after = datetime.now(UTC)
    roles = connection.run(
        "SELECT substr(rolname, 8) FROM pg_roles WHERE rolname = ANY (CAST(:names AS text[]))"
        " AND pg_has_role(current_user, oid, 'MEMBER') ORDER BY 1",
        names=[f"deeprx_{role}" for role in ROLES],
    )
    owns = connection.run(
        "SELECT 1 FROM pg_namespace WHERE nspname = 'deeprx'"
        " AND pg_has_role(current_user, nspowner, 'MEMBER')"
    )
    middle = before + (after - before) / 2
    return ServerFacts(
        row[0], row[1], row[2], row[3],
        [*(["owner"] if owns else []), *(name for (name,) in roles)], row[4],
        (middle - row[5]).total_seconds(), (after - before).total_seconds() * 1000,
    )  # fmt: skip


def stations(connection: CentralConnection) -> tuple[StationCard, ...]:
    """Return all stations that this user may see, by line and name."""
    counts, joined = (
        "coalesce(d.parts, 0)",
        (
            " LEFT JOIN (SELECT station, sum(parts)::bigint AS parts FROM days GROUP BY 1) d"
            " ON d.station = s.number"
        ),
    )
    if not connection.run("SELECT has_table_privilege('deeprx.days', 'SELECT')")[0][0]:
        counts, joined = "newest_row", ""
    rows = connection.run(
        "SELECT number, id, name, line, login::text, program, last_seen, clock_ahead_ms / 1000.0,"  # noqa: S608 - our words
        f" newest_row, waiting, put_aside, retired, {counts} FROM stations s{joined}"
        " ORDER BY line, name, number"
    )
    cards = []
    for row in rows:
        values = [*row]
        values[7] = float(row[7])
        cards.append(StationCard(*values))
    return tuple(cards)


def sizes(connection: CentralConnection) -> Sizes:
    """Return what the database holds. Raises CentralError where this user may not see it."""
    (row,) = connection.run(
        "SELECT (SELECT coalesce(sum(parts), 0)::bigint FROM days),"
        " (SELECT count(*) FROM pg_inherits WHERE inhparent = 'deeprx.verdicts'::regclass) - 2,"
        " pg_database_size(current_database()),"
        " (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint"
        "  FROM pg_partition_tree('deeprx.verdicts')),"
        " (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint"
        "  FROM pg_partition_tree('deeprx.pictures'))"
    )
    return Sizes(*row)


def months_before(connection: CentralConnection, until: datetime) -> tuple[Month, ...]:
    """Return the whole months that end before a moment, the oldest first."""
    rows = connection.run("SELECT * FROM months_before(:until)", until=until)
    return tuple(Month(*row) for row in rows)


def picture_names(connection: CentralConnection, month: str) -> Iterator[str]:
    """Yield where kept pictures of a month lie on a share, as ``work/forward_pictures.py`` does it.

    Names are as their stations wrote them.
    """
    begin = datetime.fromisoformat(f"{month}-01T00:00:00+00:00")
    while f"{begin:%Y-%m}" == month:
        rows = connection.run(
            "SELECT station, picture FROM verdicts WHERE at >= :begin AND at < :end"
            " AND picture <> ''",
            begin=begin, end=begin + timedelta(days=1),
        )  # fmt: skip
        for station, picture in rows:
            _, _, name = str(picture).partition("/")
            yield f"station-{station}/{name}"
        begin += timedelta(days=1)


def drop_month(connection: CentralConnection, month: str) -> None:
    """Drop all verdicts, kept pictures and decisions of a month; its counters stay."""
    connection.run("SELECT drop_month(:month)", month=month)


def check_login(name: str) -> str:
    """Return the name of a login. Raises RequestError for one that would need quoting."""
    if not _LOGIN.fullmatch(name) or name.startswith("pg_"):
        raise RequestError(
            say(
                "“{name}” is not possible here. Write a user name of small letters, digits and _,"
                " for example line_3.",
                name=name,
            )
        )
    return name


def make_login(connection: CentralConnection, name: str, role: str) -> str:
    """Make a login of a role and return its password, which is kept nowhere."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    with connection.transaction():
        connection.run(
            f"CREATE ROLE {check_login(name)} LOGIN PASSWORD '{_verifier(password)}'"
            f" IN ROLE deeprx_{role}"
        )
        (row,) = connection.run("SELECT current_database()")
        quoted = str(row[0]).replace('"', '""')
        connection.run(f'GRANT CONNECT ON DATABASE "{quoted}" TO {name}')
    return password


def new_password(connection: CentralConnection, name: str) -> str:
    """Give a login another password and return it."""
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    connection.run(f"ALTER ROLE {check_login(name)} PASSWORD '{_verifier(password)}'")
    return password


def _verifier(password: str) -> str:
    """Return what the server keeps of a password (RFC 5803): the password itself never reaches it.

    So it cannot stand in the server's log either.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    salt64, stored64, server64 = (
        base64.b64encode(part).decode() for part in (salt, stored, server)
    )
    return f"SCRAM-SHA-256${_ROUNDS}:{salt64}${stored64}:{server64}"


def find_station(connection: CentralConnection, key: str) -> StationCard:
    """Return the station with this id, login or name. Raises RequestError unless it is one."""
    known = stations(connection)
    for found in (
        [s for s in known if s.id == key],
        [s for s in known if s.login == key and s.retired is None],
        [s for s in known if s.name == key],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise RequestError(
                say(
                    "Several stations are called “{name}”. Write the id of one: {known}.",
                    name=key,
                    known=", ".join(station.id for station in found),
                )
            )
    raise RequestError(
        say(
            "There is no station “{name}”. Choose one of: {known}.",
            name=key,
            known=", ".join(station.name for station in known) or "–",
        )
    )


def retire(connection: CentralConnection, number: int, *, retired: bool) -> None:
    """Take nothing more from a station, or take it up again; what it sent stays."""
    connection.run(
        "UPDATE stations SET retired = CASE WHEN :on THEN now() END WHERE number = :number",
        on=retired, number=number,
    )  # fmt: skip


def let_sign_in(connection: CentralConnection, login: str, *, allowed: bool) -> str:
    """Lock the login of a retired station, or open it again; return the command if that failed.

    Empty: done, or not needed because another station that is in use has the same login. Only an
    owner of the server, or one who may make logins, has the right to this.
    """
    shared = connection.run(
        "SELECT 1 FROM stations WHERE login = :login AND retired IS NULL", login=login
    )
    if not allowed and shared:
        return ""
    quoted = login.replace('"', '""')
    command = f'ALTER ROLE "{quoted}" {"LOGIN" if allowed else "NOLOGIN"}'
    try:
        connection.run(command)
    except CentralError as error:
        if error.trouble is not Trouble.RIGHTS:
            raise
        return command
    return ""


def hand_over(connection: CentralConnection, number: int, login: str) -> None:
    """Let another login write for a station: its PC was replaced."""
    check_login(login)
    known = connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=login)
    if not known:
        raise RequestError(
            say(
                "There is no login “{name}”. Make it first: “deeprx central station add {name}”.",
                name=login,
            )
        )
    connection.run(
        "UPDATE stations SET login = :login, installation = '', machine = '' WHERE number = :n",
        login=login, n=number,
    )  # fmt: skip
