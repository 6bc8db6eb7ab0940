"""The audit trail in the central database: stations add to it, readers look into it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.audit import AuditEntry, AuditQuery, AuditRow
from deeprx_gui.domain.json_text import parse_json_text

_ADD: Final = """
INSERT INTO audit (uid, station, at, who, role, what, product, revision, more)
SELECT uid, :station, at, who, role, what, product, revision, more
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
  uid uuid, at timestamptz, who text, role text, what text, product text, revision integer,
  more text)
ON CONFLICT DO NOTHING
"""
_SELECT: Final = """
SELECT a.uid, a.at, a.who, a.role, a.what, a.product, a.revision, a.more,
       coalesce(s.name, ''), coalesce(s.line, ''), a.login, a.received
FROM audit AS a LEFT JOIN stations AS s ON s.number = a.station
"""


def station_number(connection: CentralConnection, station_id: str) -> int | None:
    """Return a station's number in the centre, ``None`` before its first verdict was sent.

    Raises CentralError.
    """
    rows = connection.run("SELECT number FROM stations WHERE id = :id", id=station_id)
    return int(rows[0][0]) if rows else None


def add(connection: CentralConnection, station: int, entries: Sequence[AuditEntry]) -> None:
    """Add a station's entries; one that is there already stays as it is. Raises CentralError."""
    rows = json.dumps([_as_row(entry) for entry in entries])
    connection.run(_ADD, station=station, rows=rows)


def rows(connection: CentralConnection, query: AuditQuery) -> tuple[AuditRow, ...]:
    """Return the entries that were asked for, the newest first. Raises CentralError."""
    where, values = _where(query)
    found = connection.run(
        f"{_SELECT} WHERE {where} ORDER BY a.at DESC, a.uid LIMIT :most",
        most=query.limit,
        **values,
    )
    return tuple(_row(*row) for row in found)


_CONDITIONS: Final[dict[str, str]] = {
    "since": "a.at >= :since",
    "until": "a.at <= :until",
    "station": "s.name = :station",
    "who": "a.who = :who",
    "what": "starts_with(a.what, :what)",
    "product": "a.product = :product",
}


def _where(query: AuditQuery) -> tuple[str, dict[str, object]]:
    values = {key: getattr(query, key) for key in _CONDITIONS if getattr(query, key)}
    return " AND ".join(["true", *(_CONDITIONS[key] for key in values)]), values


def _as_row(entry: AuditEntry) -> dict[str, object]:
    return {
        "uid": str(entry.uid),
        "at": entry.at.isoformat(),
        "who": entry.who,
        "role": entry.role,
        "what": entry.what,
        "product": entry.product,
        "revision": entry.revision,
        "more": json.dumps(dict(entry.more), ensure_ascii=False) if entry.more else "",
    }


def _row(*values: Any) -> AuditRow:  # noqa: ANN401 - of the server
    uid, at, who, role, what, product, revision, more, station, line, login, received = values
    entry = AuditEntry(what, who, role, product, revision, _details(more), at, uid)
    return AuditRow(entry, station, line, login, received)


def _details(text: str) -> dict[str, str]:
    """Return what else was kept; anything that is no object of texts is left out."""
    try:
        raw = parse_json_text(text) if text else {}
        return {str(key): str(value) for key, value in raw.items()}
    except (ValueError, AttributeError):
        return {}
