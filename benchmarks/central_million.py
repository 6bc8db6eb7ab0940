"""What History over all stations costs with millions of verdicts in PostgreSQL.

    python benchmarks/central_million.py [--rows 2000000] [--json]

Starts a PostgreSQL of its own in a scratch folder (loopback, not as root), lets it make the rows
itself (ten stations on five lines, eight products, two years, 4 % not OK), fills the counters, and
asks what a person asks through ``CentralRecords``. The first answer over a new connection and the
median of the others are given, in milliseconds. 50,000,000 rows need some 20 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deeprx_gui.central import migrations
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.records import CentralRecords
from deeprx_gui.central.report import plant_report
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import resources_dir
from tests.central.postgres_server import OWNER_PASSWORD, Server, running

STEPS: Final = migrations.steps(resources_dir() / "central")
START: Final = datetime(2024, 12, 1, tzinfo=UTC)
MONTHS: Final = 24
STATIONS, LINES, PRODUCTS = 10, 5, 8
RARE, RARE_STATION = "product7", 4
"""A product that this station made in the first month only, the others all the time."""
VIEWS: Final = ("yield_by_hour", "false_calls_by_hour", "top_ng_places", "drift_by_hour")
STATION_SUMS: Final = "SELECT station, sum(parts) FROM days GROUP BY 1"
ROUNDS: Final = 5
LEAST_FREE: Final = 8_000_000_000
BYTES_A_ROW: Final = 420
"""With indexes, and the log of the server while it is filled."""
SETTINGS: Final = """
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 512MB
max_wal_size = 1GB
wal_level = minimal
max_wal_senders = 0
autovacuum = off
"""
_MASTER: Final = f"""
INSERT INTO stations (id, name, line, installation)
  SELECT lpad(to_hex(n), 32, '0'), 'Press ' || n, 'Line ' || 1 + n % {LINES}, 'x'
  FROM generate_series(0, {STATIONS - 1}) n;
INSERT INTO products (profile_id, name)
  SELECT 'product' || n, 'ブラケット ' || n FROM generate_series(0, {PRODUCTS - 1}) n;
INSERT INTO contexts (digest, station, product, profile, revision, review, ng, promise, runtime,
                      source, station_name, operator, method)
  SELECT sha256((s.number || '-' || p.number)::bytea), s.number, p.number, p.name, 3, 10, 12,
         '[[2, 50], [1, 50]]', 'openvino-cpu', 'camera:0', s.name, '佐藤', 'patchcore'
  FROM stations s, products p ORDER BY s.number, p.number;
"""  # noqa: S608 - our numbers
_MONTH: Final = """
CREATE TABLE deeprx.verdicts_{name} (LIKE deeprx.verdicts INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE deeprx.pictures_{name} (LIKE deeprx.pictures INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
INSERT INTO deeprx.verdicts_{name} (at, uid, station, product, context, row, verdict, score, times,
  milliseconds, latency, serial, places)
SELECT at, gen_random_uuid(), station, product, (station - 1) * {products} + product, n, verdict,
       times * 10, times, 3, 14, 'SN' || lpad(n::text, 9, '0'),
       CASE WHEN verdict = 2 THEN '[[0.' || 10 + n % 80 || ', 0.5, 0.01, 15.0]]' ELSE '' END
FROM (
  SELECT n, '{begin}'::timestamptz + (n - {first}) * interval '1 second' * {seconds} AS at,
         1 + n % {stations} AS station,
         CASE WHEN {later} AND 1 + n % {stations} = {rare_station} THEN 1 + (n / 5000) % {usual}
         ELSE 1 + (n / 5000) % {products} END AS product, verdict,
         CASE verdict WHEN 0 THEN 0.4 + 0.5 * r WHEN 1 THEN 1.0 + 0.2 * r WHEN 2 THEN 1.2 + 4 * r
         END AS times
  FROM (
    SELECT n, r, CASE WHEN q < 0.96 THEN 0 WHEN q < 0.985 THEN 1 WHEN q < 0.999 THEN 2 ELSE 3 END
           AS verdict
    FROM (SELECT n, random() AS r, random() AS q
          FROM generate_series({first}::bigint, {last}::bigint) n) a
  ) b
) c;
ALTER TABLE deeprx.verdicts ATTACH PARTITION deeprx.verdicts_{name}
  FOR VALUES FROM ('{begin}') TO ('{end}');
ALTER TABLE deeprx.pictures ATTACH PARTITION deeprx.pictures_{name}
  FOR VALUES FROM ('{begin}') TO ('{end}');
INSERT INTO hours SELECT date_trunc('hour', at, 'UTC'), station, product, verdict, count(*)
  FROM deeprx.verdicts_{name} GROUP BY 1, 2, 3, 4;
INSERT INTO ok_scores SELECT date_trunc('hour', at, 'UTC'), station, product,
    floor(least(greatest(times, 0), 2) * 200)::smallint, count(*)
  FROM deeprx.verdicts_{name} WHERE verdict = 0 GROUP BY 1, 2, 3, 4;
INSERT INTO days SELECT date_trunc('day', hour, 'UTC'), station, product, verdict, sum(parts)
  FROM hours WHERE hour >= '{begin}' GROUP BY 1, 2, 3, 4;
INSERT INTO ok_score_days SELECT date_trunc('day', hour, 'UTC'), station, product, bin, sum(parts)
  FROM ok_scores WHERE hour >= '{begin}' GROUP BY 1, 2, 3, 4;
INSERT INTO ok_score_weeks AS w SELECT date_bin('7 days', day, '1970-01-01Z'), station, product,
    bin, sum(parts)
  FROM ok_score_days WHERE day >= '{begin}' GROUP BY 1, 2, 3, 4
  ON CONFLICT (week, station, product, bin) DO UPDATE SET parts = w.parts + excluded.parts;
INSERT INTO ng_fields SELECT date_trunc('hour', at, 'UTC'), station, product,
    floor((places_json(places) -> 0 ->> 0)::double precision * 10)::smallint, 5, count(*),
    max(times)
  FROM deeprx.verdicts_{name} WHERE verdict = 2 GROUP BY 1, 2, 3, 4, 5;
INSERT INTO decided SELECT uid, at, station, product, verdict, row, (row % 2)::smallint, '佐藤', at,
    'looked'
  FROM deeprx.verdicts_{name} WHERE verdict = 2 AND row % 5 = 0;
"""


def months() -> list[tuple[str, datetime, datetime]]:
    """Return name, begin and end of each month."""
    found, begin = [], START
    for _ in range(MONTHS):
        end = (begin + timedelta(days=32)).replace(day=1)
        found.append((f"{begin:%Y_%m}", begin, end))
        begin = end
    return found


def fill(owner: CentralConnection, rows: int) -> None:
    """Let the server make the rows, month by month."""
    owner.script(_MASTER)
    each = rows // MONTHS
    for number, (name, begin, end) in enumerate(months()):
        free = shutil.disk_usage("/tmp").free  # noqa: S108 - where the server's folder lies
        if free < LEAST_FREE:
            raise SystemExit(f"only {free / 1e9:.1f} GB are free: stopped after {number} months")
        owner.script(
            _MONTH.format(
                name=name, begin=begin.isoformat(), end=end.isoformat(), products=PRODUCTS,
                stations=STATIONS, later=number > 0, rare_station=RARE_STATION, usual=PRODUCTS - 1,
                first=number * each, last=(number + 1) * each - 1,
                seconds=(end - begin).total_seconds() / each,
            )
        )  # fmt: skip
    owner.script("VACUUM ANALYZE")


def questions(centre: CentralRecords, rows: int) -> Mapping[str, Callable[[], object]]:
    """Return what a person asks; every answer is what the window would show."""
    end = months()[-1][2]
    week, month, middle = end - timedelta(days=7), months()[-1][1], START + (end - START) / 2
    ng = frozenset({Verdict.NG})
    bad = frozenset({Verdict.NG, Verdict.REVIEW, Verdict.ERROR})
    station, product = f"{RARE_STATION - 1:032x}", "product1"
    page = centre.page
    deep = page(RecordQuery(until=middle), count=1)[0].key
    everything = RecordQuery()
    return {
        "first page": lambda: page(everything),
        "next page": lambda: page(everything, before=deep),
        "scroll bar to the middle": lambda: page(everything, skip=rows // 2),
        "scroll bar to the end": lambda: page(everything, skip=rows - 100),
        "scroll bar to the end of NG": lambda: page(RecordQuery(verdicts=ng), skip=rows // 100),
        "page of NG": lambda: page(RecordQuery(verdicts=ng)),
        "page of NG, REVIEW, ERROR": lambda: page(RecordQuery(verdicts=bad), before=deep),
        "page of a station": lambda: page(RecordQuery(station_id=station)),
        "page of a line": lambda: page(RecordQuery(line="Line 2"), before=deep),
        "page of a product": lambda: page(RecordQuery(profile_id=product), before=deep),
        "page of NG of a product": lambda: page(RecordQuery(profile_id=product, verdicts=ng)),
        "page of a product at a station": lambda: page(
            RecordQuery(station_id=station, profile_id=product), before=deep
        ),
        "page of a product not made there": lambda: page(
            RecordQuery(station_id=station, profile_id=RARE)
        ),
        "page of NG of a station": lambda: page(RecordQuery(station_id=station, verdicts=ng)),
        "page of one hour": lambda: page(
            RecordQuery(since=middle, until=middle + timedelta(hours=1))
        ),
        "serial number": lambda: page(RecordQuery(serial=f"sn{rows // 3:09d}")),
        "serial numbers that begin alike": lambda: page(
            RecordQuery(serial=f"SN{rows // 3:09d}"[:9])
        ),
        "serial numbers that all begin so": lambda: page(RecordQuery(serial="SN0")),
        "page of what was decided OK": lambda: page(RecordQuery(decision=Decision.OK)),
        "page of NG not decided": lambda: page(RecordQuery(verdicts=ng, decided=False)),
        "count of all": lambda: centre.count(everything),
        "count of NG of a week": lambda: centre.count(RecordQuery(since=week, verdicts=ng)),
        "count of a line": lambda: centre.count(RecordQuery(line="Line 2")),
        "news": lambda: centre.newer(everything, deep, count=100),
        "count of a station since the middle": lambda: centre.count(
            RecordQuery(station_id=station, since=middle)
        ),
        "sum of a week": lambda: centre.summary(RecordQuery(since=week)),
        "sum of a month": lambda: centre.summary(RecordQuery(since=month)),
        "sum of a product": lambda: centre.summary(RecordQuery(profile_id=product)),
        "sum of all": lambda: centre.summary(everything),
        "stations side by side, a week": lambda: list(
            plant_report(centre.ask, RecordQuery(since=week))
        ),
        "stations side by side, a month": lambda: list(
            plant_report(centre.ask, RecordQuery(since=month))
        ),
        "stations side by side, all": lambda: list(plant_report(centre.ask, everything)),
        "stations and what they sent": lambda: centre.ask(STATION_SUMS, {}),
        **{
            f"view {name}, a week": partial(
                centre.ask,
                f"SELECT * FROM {name} WHERE hour >= :week",  # noqa: S608 - our words
                {"week": week},
            )
            for name in VIEWS
        },
    }


def measure(place: CentralPlace, rows: int) -> dict[str, dict[str, float]]:
    """Ask everything; milliseconds of the first answer and of the median of the others."""
    figures: dict[str, dict[str, float]] = {}
    naming = opened(place)
    names = list(questions(naming, rows))
    naming.close()
    for name in names:
        centre = opened(place)
        ask, spent = questions(centre, rows)[name], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            ask()
            spent.append((time.perf_counter() - start) * 1000)
        centre.close()
        figures[name] = {
            "first": round(spent[0], 1),
            "median": round(statistics.median(spent[1:]), 1),
        }
    return figures


def opened(place: CentralPlace) -> CentralRecords:
    """Open the centre; a question may take ten minutes here."""
    return CentralRecords(place, lambda: OWNER_PASSWORD, STEPS, Path(), longest=600)


def run(server: Server, rows: int) -> dict[str, object]:
    """Fill and measure."""
    with CentralConnection(server.place, OWNER_PASSWORD) as owner:
        owner.script("CREATE DATABASE deeprx")
    place = server.place_of("deeprx")
    start = time.perf_counter()
    with CentralConnection(place, OWNER_PASSWORD, timeout=7200) as owner:
        migrations.migrate(owner, STEPS)
        fill(owner, rows)
        size = int(owner.run("SELECT pg_database_size('deeprx')")[0][0])
        there = int(owner.run("SELECT sum(parts)::bigint FROM hours")[0][0])
        scores = int(owner.run("SELECT count(*) FROM ok_scores")[0][0])
    filled = time.perf_counter() - start
    return {
        "rows": there,
        "fill_seconds": round(filled),
        "gigabytes": round(size / 1e9, 2),
        "score_counters": scores,
        "ms": measure(place, there),
    }


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    free = shutil.disk_usage("/tmp").free  # noqa: S108 - where the server's folder lies
    if free - options.rows * BYTES_A_ROW < LEAST_FREE:
        print(f"{free / 1e9:.0f} GB are free: too little for {options.rows:,} rows")
        return 2
    with running(SETTINGS) as server:
        found = run(server, options.rows)
    if options.json:
        print(json.dumps(found))
        return 0
    print(
        f"{found['rows']:,} rows, {found['gigabytes']} GB, made in {found['fill_seconds']} s,"
        f" {found['score_counters']:,} counters of scores"
    )
    print(f"{'question':40} {'first':>9} {'median':>9}   ms")
    figures = found["ms"]
    assert isinstance(figures, dict)
    for name, spent in figures.items():
        print(f"{name:40} {spent['first']:9.1f} {spent['median']:9.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
