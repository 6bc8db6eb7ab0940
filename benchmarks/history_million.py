"""What a history of a million verdicts costs to page, search, count and sum up.

    python benchmarks/history_million.py [--rows 1000000] [--folder DIR] [--json]

Fills a store in a scratch folder by a bulk path of its own (one transaction, the product's tables
and triggers), then asks what a person asks. Each question is asked several times; the first answer
after the file was opened anew and the median of the others are given, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.results.records.rows import Value, part_of
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.results.records.writing import ADD_RECORD

START = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
SECONDS_APART = 2.0
SHIFT_HOURS = 16
PROFILES = tuple((f"product{n}", f"ブラケット {n}") for n in range(5))
LIMITS = Limits(10.0, 12.0)
ROUNDS = 7


def record(number: int, rng: np.random.Generator) -> Record:
    """Return one made-up verdict: 96 % OK, 2.5 % REVIEW, 1.4 % NG, 0.1 % ERROR."""
    verdict = VERDICTS[int(np.searchsorted([0.96, 0.985, 0.999], rng.random()))]
    low, high = {"OK": (4.0, 9.9), "REVIEW": (10.1, 11.9), "NG": (12.1, 60.0)}.get(
        verdict.value, (np.nan, np.nan)
    )
    day, in_shift = divmod(number * SECONDS_APART, SHIFT_HOURS * 3600)
    name, title = PROFILES[(number // 20_000) % len(PROFILES)]
    return Record(
        uid=uuid.UUID(int=int.from_bytes(rng.bytes(16), "big")).hex,
        when=START + timedelta(days=day, seconds=in_shift),
        profile_id=name,
        profile=title,
        revision=3 + number // 300_000,
        verdict=verdict,
        score=float("nan") if verdict is Verdict.ERROR else float(rng.uniform(low, high)),
        limits=LIMITS,
        runtime="openvino-cpu",
        milliseconds=float(rng.normal(3, 0.2)),
        latency=float(rng.normal(14, 2)),
        source="camera:0",
        serial=f"SN{number:08d}",
        picture="" if verdict is Verdict.OK else f"pictures/2026-01-05/{number}_{verdict}.jpg",
    )


def fill(folder: Path, rows: int) -> None:
    """Fill a store in one transaction, past the product but through its tables and triggers."""
    rng = np.random.default_rng(7)
    contexts: dict[tuple[str, int], tuple[int, int]] = {}
    with_store = RecordStore(folder)
    connection = with_store._writing()._connection  # noqa: SLF001 - what no product code may do

    def values() -> Iterator[tuple[Value, ...]]:
        for number in range(rows):
            made = record(number, rng)
            key = (made.profile_id, made.revision)
            if key not in contexts:
                contexts[key] = with_store._writing()._context(made)  # noqa: SLF001 - as above
            yield (*contexts[key], *part_of(made))

    connection.execute("BEGIN")
    connection.executemany(ADD_RECORD, values())
    connection.execute(  # people looked at every fifth NG
        "INSERT INTO decisions (record, decision, who, at, note)"
        " SELECT number, number % 2, 'sato', at, 'looked' FROM records"
        " WHERE verdict = 2 AND number % 5 = 0"
    )
    connection.execute("COMMIT")
    with_store.close()


def questions(store: RecordStore, rows: int) -> Mapping[str, Callable[[], object]]:
    """Return what a person asks; every answer is what the window would show."""
    end = START + timedelta(days=rows * SECONDS_APART / 3600 / SHIFT_HOURS)
    week = end - timedelta(days=7)
    hour = START + timedelta(days=(end - START).days // 2, hours=5)
    ng = frozenset({Verdict.NG})
    bad = frozenset({Verdict.NG, Verdict.REVIEW, Verdict.ERROR})
    one = PROFILES[1][0]
    return {
        "first page": lambda: store.page(RecordQuery()),
        "page in the middle": lambda: store.page(RecordQuery(), before=rows // 2),
        "page of NG": lambda: store.page(RecordQuery(verdicts=ng)),
        "page of NG, REVIEW, ERROR": lambda: store.page(
            RecordQuery(verdicts=bad), before=rows // 2
        ),
        "page of a profile": lambda: store.page(RecordQuery(profile_id=one), before=rows // 2),
        "page of NG of a profile": lambda: store.page(RecordQuery(profile_id=one, verdicts=ng)),
        "page of one hour": lambda: store.page(
            RecordQuery(since=hour, until=hour + timedelta(hours=1))
        ),
        "page of ERROR of one hour": lambda: store.page(
            RecordQuery(
                since=hour, until=hour + timedelta(hours=1), verdicts=frozenset({Verdict.ERROR})
            )
        ),
        "serial number": lambda: store.page(RecordQuery(serial=f"sn{rows // 3:08d}")),
        "serial numbers that begin alike": lambda: store.page(RecordQuery(serial="SN000")),
        "page of what was decided OK": lambda: store.page(RecordQuery(decision=Decision.OK)),
        "page of NG not decided": lambda: store.page(RecordQuery(verdicts=ng, decided=False)),
        "text that is rare (reads all rows)": lambda: store.page(
            RecordQuery(text=f"{rows // 3:08d}")
        ),
        "count of all": lambda: store.count(RecordQuery()),
        "count of NG of a week": lambda: store.count(RecordQuery(since=week, verdicts=ng)),
        "count from the middle of an hour": lambda: store.count(
            RecordQuery(since=week + timedelta(minutes=17))
        ),
        "count of a serial beginning": lambda: store.count(RecordQuery(serial="SN00")),
        "sum of a week": lambda: store.summary(RecordQuery(since=week)),
        "sum of a profile": lambda: store.summary(RecordQuery(profile_id=one)),
        "sum of all": lambda: store.summary(RecordQuery()),
        "sum of what has a serial beginning": lambda: store.summary(RecordQuery(serial="SN0001")),
        "is a file known": lambda: store.known("part 0001.png|1234|5678"),
    }


def measure(folder: Path, rows: int) -> dict[str, dict[str, float]]:
    """Ask everything; milliseconds of the first answer and of the median of the others."""
    figures: dict[str, dict[str, float]] = {}
    for name in questions(RecordStore(folder, read_only=True), rows):
        store = RecordStore(folder, read_only=True)
        ask, spent = questions(store, rows)[name], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            ask()
            spent.append((time.perf_counter() - start) * 1000)
        store.close()
        figures[name] = {"first": round(spent[0], 2), "median": round(statistics.median(spent), 2)}
    return figures


def adding(folder: Path, rows: int, count: int = 300) -> dict[str, float]:
    """Return milliseconds of adding one verdict, each flushed to the disk."""
    rng = np.random.default_rng()
    spent = []
    store = RecordStore(folder)
    for number in range(rows, rows + count):
        made = record(number, rng)
        start = time.perf_counter()
        store.add(made)
        spent.append((time.perf_counter() - start) * 1000)
    store.close()
    p50, p95, p99 = np.percentile(spent, [50, 95, 99])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2), "p99": round(float(p99), 2)}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where to make the store; made if missing")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        start = time.perf_counter()
        if not (folder / "records.sqlite").exists():
            fill(folder, options.rows)
        filled = time.perf_counter() - start
        start = time.perf_counter()
        RecordStore(folder).close()
        opened = (time.perf_counter() - start) * 1000
        size = (folder / "records.sqlite").stat().st_size / 1e6
        figures = measure(folder, options.rows)
        added = adding(folder, options.rows)
    if options.json:
        head = {"rows": options.rows, "fill_seconds": round(filled, 1), "megabytes": round(size, 1)}
        print(json.dumps({**head, "open_ms": round(opened, 1), "ms": figures, "add_ms": added}))
        return 0
    print(f"{options.rows} rows, {size:.0f} MB, made in {filled:.0f} s, opened in {opened:.1f} ms")
    print(f"{'question':40} {'first':>9} {'median':>9}   ms")
    for name, spent in figures.items():
        print(f"{name:40} {spent['first']:9.2f} {spent['median']:9.2f}")
    print(f"adding one verdict, flushed to the disk: {added} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
