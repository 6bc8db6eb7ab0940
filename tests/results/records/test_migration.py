"""Files of every schema number there ever was open, and a step in between is safe."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.history import Query
from deeprx_gui.domain.inspection import Cause, Decision
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records import opening, schema
from tests.results.records.conftest import Open, record

FROZEN = Path(__file__).resolve().parents[2] / "data" / "records"
STEP = {1: "ALTER TABLE records ADD COLUMN lot TEXT NOT NULL DEFAULT 'unknown';"}


@pytest.fixture
def frozen(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return Path(shutil.copy(FROZEN / "v1.sqlite", folder / "records.sqlite"))


def test_there_is_a_frozen_file_of_every_number() -> None:
    assert {p.name for p in FROZEN.glob("v*.sqlite")} == {
        f"v{number}.sqlite" for number in range(1, schema.SCHEMA + 1)
    }
    assert set(schema.MIGRATIONS) == set(range(1, schema.SCHEMA))


def test_the_frozen_v1_opens_with_everything_in_it(opened: Open, frozen: Path) -> None:
    store = opened()
    assert store.notice is None
    ok, review, ng, error = store.rows(Query())
    assert [r.verdict for r in (ok, review, ng, error)] == list(Verdict)
    assert (ok.profile, ok.source) == ("ギア <A&B>", "replay:C:\\部品")
    assert ng.serial == "SN-0003"
    assert ng.causes == (Cause.DARK,)
    assert (ng.decision, ng.decided_by, ng.note) == (Decision.OK, "佐藤", "ほこり")
    assert str(error.error) == "a.png is gone."
    assert ok.limits == record(1).limits
    assert store.known("review.png|1|2")
    assert store.summary(Query()).false_calls == 1
    assert store.add(record(9)).number == 5


def test_a_step_migrates_and_keeps_a_copy(frozen: Path) -> None:
    before = frozen.read_bytes()
    with closing(opening.connect(frozen, 1.0, writes=True)) as connection:
        opening.migrate(connection, frozen, steps=STEP, newest=2)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("SELECT DISTINCT lot FROM records").fetchall() == [("unknown",)]
    (copy,) = frozen.parent.glob("records-schema1-*.sqlite")
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert kept.execute("SELECT count(*) FROM records").fetchone() == (4,)
    assert len(before) > 0


def test_a_step_that_fails_changes_nothing(frozen: Path) -> None:
    broken = {1: STEP[1] + "INSERT INTO nowhere VALUES (1);"}  # noqa: S608 - our words
    with (
        closing(opening.connect(frozen, 1.0, writes=True)) as connection,
        pytest.raises(sqlite3.Error, match="nowhere"),
    ):
        opening.migrate(connection, frozen, steps=broken, newest=2)
    with closing(sqlite3.connect(frozen)) as left:
        assert left.execute("PRAGMA user_version").fetchone() == (1,)
        columns = [row[1] for row in left.execute("PRAGMA table_info(records)")]
    assert "lot" not in columns


def test_a_number_there_is_no_way_from_is_put_aside(opened: Open, frozen: Path) -> None:
    with closing(sqlite3.connect(frozen)) as tool:
        tool.execute("PRAGMA user_version = 0")
        tool.commit()
    store = opened()
    assert "kept as" in str(store.notice)
    assert store.count(Query()) == 0


def test_an_older_program_refuses_what_a_step_made(opened: Open, frozen: Path) -> None:
    with closing(opening.connect(frozen, 1.0, writes=True)) as connection:
        opening.migrate(connection, frozen, steps=STEP, newest=2)
    with pytest.raises(StorageError, match="newer version"):
        opened()
