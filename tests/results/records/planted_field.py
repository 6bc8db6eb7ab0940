"""A program with one more field of a verdict: what a developer writes, and nothing else.

Run by ``test_fields.py`` in a process of its own: the tables are made when the modules are read.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain import inspection, verdict_fields
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.verdict_fields import Kept, Kind, VerdictField


@dataclass(frozen=True)
class Record(inspection.Record):
    """The record with its new attributes."""

    lot: str = ""
    weight: float = 0.0


inspection.Record = Record  # type: ignore[misc]
LATER = verdict_fields.newest_schema() + 1
verdict_fields.FIELDS += (
    VerdictField("lot", Kind.TEXT, say("Lot"), Kept.CONTEXT, since=LATER),
    VerdictField(
        "weight", Kind.NUMBER, say("Weight (g)"), unit="g", decimals=1, since=LATER
    ),
)  # fmt: skip


def main(folder: Path) -> None:
    """Open a store of the schema before, remember a verdict, and print what shows everywhere."""
    from deeprx_gui.cli.history_output import listing, record_as_json
    from deeprx_gui.cli.inspect_output import as_json
    from deeprx_gui.domain.history import RecordQuery
    from deeprx_gui.outputs.payload import CSV_COLUMNS, payload, to_csv
    from deeprx_gui.results.records.export import export_csv
    from deeprx_gui.results.records.report import export_report
    from deeprx_gui.results.records.store import RecordStore
    from deeprx_gui.state.history_columns import COLUMNS
    from tests.results.records.conftest import record

    store = RecordStore(folder)
    old = next(iter(store.rows(RecordQuery())))
    new = store.add(record(9, Verdict.NG, lot="L-7", weight=12.25))
    found = store.get(new.number)
    assert found == new
    table, report = folder / "table.csv", folder / "report.html"
    for job in (
        export_csv(table, store, RecordQuery()),
        export_report(report, store, RecordQuery()),
    ):
        for _ in job:
            pass
    with store.reading() as connection:
        view = connection.execute("SELECT lot, weight FROM verdicts ORDER BY number").fetchall()
        schema = connection.execute("PRAGMA user_version").fetchone()[0]
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    told = payload(new)
    sys.stdout.write(
        json.dumps(
            {
                "schema": schema,
                "old": getattr(old, "lot", None),
                "payload": [told["lot"], told["weight"]],
                "line": dict(zip(CSV_COLUMNS, to_csv(new).decode().split(","), strict=True)),
                "history": record_as_json(new),
                "inspect": dict(as_json(new)),
                "listing": listing([new], 1, exact=True).json["verdicts"],
                "sheet": rows[-1],
                "columns": [[column.name, column.text(new)] for column in COLUMNS],
                "report": report.read_text("utf-8"),
                "view": [view[0], view[-1]],
            }
        )
    )
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
