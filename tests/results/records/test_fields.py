"""A new field of a verdict is one declaration, an attribute, and where it is filled."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.verdict_fields import FIELDS, SHEET_ORDER, Kept, stored
from deeprx_gui.results.records import schema

ROOT = Path(__file__).resolve().parents[3]


def test_every_attribute_of_a_record_is_declared() -> None:
    declared = {field.name.partition(".")[0] for field in FIELDS}
    assert {field.name for field in fields(Record)} <= declared
    assert set(SHEET_ORDER) <= {field.name for field in FIELDS}
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    assert len({field.told_as for field in FIELDS}) == len(FIELDS)


def test_no_two_fields_share_a_column() -> None:
    for table in (Kept.PART, Kept.CONTEXT, Kept.PRODUCT, Kept.DECISION):
        columns = schema.names(table)
        assert len(set(columns)) == len(columns) == len(stored(table))


def test_a_planted_field_is_stored_and_shows_everywhere(tmp_path: Path) -> None:
    newest = f"v{schema.SCHEMA}.sqlite"
    shutil.copy(ROOT / "tests" / "data" / "records" / newest, tmp_path / "records.sqlite")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.results.records.planted_field", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    shown = json.loads(ran.stdout)
    assert shown["schema"] == schema.SCHEMA + 1, "the number rises by itself"
    assert shown["old"] == ""
    assert shown["payload"] == ["L-7", 12.25]
    assert list(shown["line"])[-2:] == ["lot", "weight"], "a receiver's columns stay where they are"
    assert shown["line"]["lot"] == "L-7"
    for answer in (shown["history"], shown["inspect"], shown["listing"][0]):
        assert (answer["lot"], answer["weight"]) == ("L-7", 12.25)
    assert (shown["sheet"]["Lot"], shown["sheet"]["Weight (g)"]) == ("L-7", "12.2")
    assert shown["columns"][-2:] == [["lot", "L-7"], ["weight", "12.2"]]
    assert re.search(r"Lot: L-7.*Weight \(g\): 12\.2", shown["report"])
    assert shown["view"] == [["", None], ["L-7", 12.25]]
    assert list(tmp_path.glob(f"records-schema{schema.SCHEMA}-*.sqlite"))
