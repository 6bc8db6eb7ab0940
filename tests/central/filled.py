"""Puts records of several stations into a central database, as a forwarder would."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from uuid import UUID

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.recorded_values import DECISIONS, message_to_text, promises_to_text
from deeprx_gui.domain.verdict import VERDICTS


def add_station(owner: CentralConnection, id_: str, name: str, line: str) -> int:
    """Make a station, or find it; return its number."""
    rows = owner.run(
        "INSERT INTO stations (id, name, line, installation) VALUES (:id, :name, :line, 'x')"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING number",
        id=id_, name=name, line=line,
    )  # fmt: skip
    return int(rows[0][0])


def fill(
    owner: CentralConnection, records: Iterable[Record], lines: Mapping[str, str] | None = None
) -> None:
    """Write records and what was decided about them; ``lines``: station id to line."""
    known: dict[object, int] = {}
    for record in records:
        if record.station_id not in known:
            line = (lines or {}).get(record.station_id, "")
            known[record.station_id] = add_station(owner, record.station_id, record.station, line)
        station = known[record.station_id]
        product = _product(owner, known, record)
        context = _context(owner, known, record, station, product)
        _verdict(owner, record, station, product, context)
        if record.decided_at is not None:
            _decision(owner, record, station)


def _product(owner: CentralConnection, known: dict[object, int], record: Record) -> int:
    key = ("product", record.profile_id)
    if key not in known:
        known[key] = owner.run(
            "INSERT INTO products (profile_id, name) VALUES (:id, :name)"
            " ON CONFLICT (profile_id) DO UPDATE SET name = excluded.name RETURNING number",
            id=record.profile_id, name=record.profile,
        )[0][0]  # fmt: skip
    return known[key]


def _context(
    owner: CentralConnection, known: dict[object, int], record: Record, station: int, product: int
) -> int:
    limits = record.limits
    context = {
        "station": station, "product": product, "profile": record.profile,
        "revision": record.revision, "review": limits.review, "ng": limits.ng,
        "promise": promises_to_text((limits.review_promise, limits.ng_promise)),
        "runtime": record.runtime, "source": record.source, "station_name": record.station,
        "operator": record.operator, "method": record.method,
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(context).encode()).digest()
    if digest not in known:
        known[digest] = owner.run(
            f"INSERT INTO contexts (digest, {', '.join(context)})"  # noqa: S608 - our words
            f" VALUES (:digest, :{', :'.join(context)}) ON CONFLICT (digest, station)"
            " DO UPDATE SET station = excluded.station RETURNING number",
            digest=digest, **context,
        )[0][0]  # fmt: skip
    month = f"{record.when:%Y-%m}"
    if month not in known:
        owner.run("SELECT make_month(:at)", at=record.when)
        known[month] = 1
    return known[digest]


def _verdict(
    owner: CentralConnection, record: Record, station: int, product: int, context: int
) -> None:
    finite = math.isfinite(record.score)
    owner.run(
        "INSERT INTO verdicts (at, uid, station, product, context, row, verdict, score, times,"
        " milliseconds, latency, serial, item, picture, causes, error, places) VALUES (:at, :uid,"
        " :station, :product, :context, :row, :verdict, :score, :times, :ms, :latency, :serial,"
        " :item, :picture, :causes, :error, :places)",
        at=record.when, uid=UUID(record.uid), station=station, product=product, context=context,
        row=record.number, verdict=VERDICTS.index(record.verdict),
        score=record.score if finite else None, times=record.times if finite else None,
        ms=record.milliseconds, latency=record.latency, serial=record.serial, item=record.item,
        picture=record.picture, causes=" ".join(record.causes),
        error="" if record.error is None else message_to_text(record.error),
        places=record.places,
    )  # fmt: skip


def _decision(owner: CentralConnection, record: Record, station: int) -> None:
    owner.run(
        "INSERT INTO decisions (uid, verdict_uid, verdict_at, station, row, decision, who, at,"
        " note) VALUES (gen_random_uuid(), :uid, :when, :station, :row, :decision, :who, :at,"
        " :note)",
        uid=UUID(record.uid), when=record.when, station=station, row=record.number,
        decision=None if record.decision is None else DECISIONS.index(record.decision),
        who=record.decided_by, at=record.decided_at, note=record.note,
    )  # fmt: skip
