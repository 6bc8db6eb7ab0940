"""A row of the central database as a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, Final

from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.record_source import CentralRecord
from deeprx_gui.domain.recorded_values import (
    causes_from_text,
    decision_of,
    message_from_text,
    number,
    promises_from_text,
    unit_of,
)
from deeprx_gui.domain.verdict import VERDICTS

COLUMNS: Final = (
    "v.uid, v.at, p.profile_id, c.profile, c.revision, v.verdict, v.score, v.times, c.review, c.ng,"
    " c.promise, c.runtime, v.milliseconds, v.latency, c.source, v.serial, v.item, v.picture,"
    " v.error, v.causes, v.row, d.decision, d.who, d.at, d.note, c.station_name, s.id,"
    " c.operator, c.method, v.places, v.station"
)
JOINS: Final = (
    " JOIN contexts c ON c.number = v.context"
    " JOIN stations s ON s.number = v.station"
    " JOIN products p ON p.number = v.product"
    " LEFT JOIN decided d ON d.verdict_uid = v.uid AND d.verdict_at = v.at"
    " AND d.station = v.station AND d.decision IS NOT NULL"
)
_PRECISION: Final = 1e-6
"""Of ``times``, which the central database holds in four bytes."""


def read(row: Sequence[Any], place: CentralPlace) -> CentralRecord:
    """Return the record of a row of ``COLUMNS``. Raises CentralError for nonsense."""
    try:
        return _read(row)
    except (ValueError, TypeError, IndexError) as error:
        raise CentralError(
            say(
                "The central database on {host} holds a verdict ({uid}) that cannot be read"
                " ({why}). Tell the IT department.",
                host=place.host,
                uid=str(row[0]),
                why=str(error),
            ),
            Trouble.REFUSED,
        ) from error


def _read(row: Sequence[Any]) -> CentralRecord:
    (
        uid, at, profile_id, profile, revision, verdict, score, times, review, ng,
        promises, runtime, milliseconds, latency, source, serial, item, picture,
        error, causes, row_number, decision, who, decided_at, note, station, station_id,
        operator, method, places, station_number,
    ) = row  # fmt: skip
    promised = promises_from_text(promises) if promises else (None, None)
    unit = unit_of(review, promised[0], number(score), number(times), precision=_PRECISION)
    return CentralRecord(
        uid=uid.hex,
        when=at.astimezone(UTC),
        profile_id=profile_id,
        profile=profile,
        revision=revision,
        verdict=VERDICTS[verdict],
        score=number(score),
        limits=Limits(review, ng, promised[0], promised[1], unit),
        runtime=runtime,
        milliseconds=number(milliseconds),
        latency=number(latency),
        source=source,
        serial=serial,
        item=item,
        picture=picture,
        error=message_from_text(error) if error else None,
        causes=causes_from_text(causes),
        number=row_number,
        decision=decision_of(decision),
        decided_by=who or "",
        decided_at=None if decided_at is None else decided_at.astimezone(UTC),
        note=note or "",
        station=station,
        station_id=station_id,
        operator=operator,
        method=method,
        places=places,
        station_number=station_number,
    )
