"""A part's number never changes when a limit moves: on every page, in every file, told to anybody.

With the real engine and the real window: learn, check, move both limits, save, inspect, look back.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from deeprx_gui import settings as preferences
from deeprx_gui import station as stations
from deeprx_gui.app import CHECK, HISTORY, INSPECT, Program
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.modbus_block import RegisterBlock
from deeprx_gui.outputs.payload import payload
from deeprx_gui.paths import Paths
from deeprx_gui.state import history_columns
from deeprx_gui.state.result_columns import TIMES
from tests.ui.conftest import drop
from tests.ui.driving import settle
from tests.ui.plates import part, write
from tests.ui.test_shift import FOREVER, taught

TEXT = Qt.ItemDataRole.DisplayRole
PARTS = 4


@dataclass(frozen=True)
class Shown:
    """What the Check page says about the pictures, by file name, and about the selected one."""

    table: dict[str, str]
    large: str
    csv: dict[str, str]
    spots: tuple[str, ...]


@pytest.fixture
def program(begin: Callable[[], Program], qtbot: QtBot, data_dir: Path, tmp_path: Path) -> Program:
    """A product is taught and its four parts are checked, two of them scratched."""
    write(tmp_path / "train", [part(n) for n in range(8)])
    write(tmp_path / "line", [part(100 + n, scratched=n % 2 == 1) for n in range(PARTS)])
    source = SourceSpec("replay", str(tmp_path / "line"), {"fps": 0, "loop": False, "lossy": False})
    stations.save(Station(source=source, confirm_ng=False), Paths(data_dir).station_file)
    made = begin()
    taught(made, tmp_path / "train")
    store = made.job_service.services.store
    made.session.open_profile(store.load(store.list()[0].id))
    made.window.show_page(CHECK)
    settle(made, qtbot)
    drop(made.check_page, [tmp_path / "line"])
    made.check_page.run_main()
    qtbot.waitUntil(lambda: made.results.rowCount() == PARTS, timeout=FOREVER)
    settle(made, qtbot)
    qtbot.waitUntil(lambda: made.check_page.picture.frame_shown is not None, timeout=FOREVER)
    return made


def shown(program: Program, qtbot: QtBot, file: Path) -> Shown:
    results, picture = program.results, program.check_page.picture
    table = {
        results.rows.names[row]: str(results.index(row, TIMES).data(TEXT)) for row in range(PARTS)
    }
    program.check_controller.write_table(file)
    settle(program, qtbot)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    told = {line["File"]: line["× suggested limit"] for line in lines}
    qtbot.waitUntil(lambda: picture.strip.limits == program.session.limits, timeout=FOREVER)
    return Shown(table, picture.times.text(), told, picture.view.spots)


def limits_of(program: Program) -> Limits:
    limits = program.session.limits
    assert limits is not None
    return limits


def test_a_moved_limit_changes_no_number_of_a_part(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    before = shown(program, qtbot, tmp_path / "before.csv")
    limits, card = limits_of(program), program.check_page.body.limits
    card.review.field.setValue(0.8)
    qtbot.waitUntil(lambda: limits_of(program).review < limits.review)
    card.ng.field.setValue(1.75)
    qtbot.waitUntil(lambda: limits_of(program).ng > limits.ng)
    moved = limits_of(program)
    assert moved.review_times == pytest.approx(0.8)
    assert moved.ng_times == pytest.approx(1.75)
    after = shown(program, qtbot, tmp_path / "after.csv")
    assert after.table == before.table
    assert after.csv == before.csv
    assert after.large == before.large
    assert {f"{float(text):.2f}" for text in after.csv.values()} == set(after.table.values())
    assert "0.80" in card.review.field.text()
    assert "1.75" in card.ng.field.text()

    program.job_service.limits_gate = None  # it would refuse: the golden images lie above 0.80
    program.window.actions_by_key["save"].trigger()
    qtbot.waitUntil(lambda: not program.session.dirty, timeout=FOREVER)
    settle(program, qtbot)
    records = inspected(program, qtbot)
    assert sorted(f"{record.times:.2f}" for record in records) == sorted(after.table.values())
    for record in records:
        assert record.limits.review_times == pytest.approx(0.8)
        told = payload(record)
        assert told["times"] == pytest.approx(record.times)
        assert told["review_times"] == pytest.approx(0.8)
        assert told["ng_times"] == pytest.approx(1.75)
        assert told["score"] == pytest.approx(record.score)
        numbered = NumberedRecord(record, 1, program.inspect_model.counts)
        assert register(numbered) == round(1000 * record.times)
        assert register(numbered, in_limit=True) == round(1000 * record.times / 0.8)
    program.window.show_page(HISTORY)
    history = program.history_page.history
    qtbot.waitUntil(lambda: history.rowCount() == PARTS, timeout=FOREVER)
    column = [str(history.index(row, history_columns.TIMES).data(TEXT)) for row in range(PARTS)]
    assert sorted(column) == sorted(after.table.values())


def register(told: NumberedRecord, *, in_limit: bool = False) -> int:
    return RegisterBlock(told, in_limit=in_limit).registers(0, running=True)[4]


def inspected(program: Program, qtbot: QtBot) -> list[Record]:
    """Replay the same pictures on Inspect; the large panel says the last one's number."""
    program.window.show_page(INSPECT)
    program.inspect_page.run_main()
    qtbot.waitUntil(lambda: program.inspect_model.counts.total == PARTS, timeout=FOREVER)
    qtbot.waitUntil(lambda: not program.inspect_model.run.active, timeout=FOREVER)
    settle(program, qtbot)
    panel = program.inspect_page.body.verdict
    assert panel.record is not None
    assert panel.look.lines[0] == f"{panel.record.times:.2f} × · limits 0.80 and 1.75"
    return list(program.records.store().page(RecordQuery()))


def is_heated(program: Program) -> bool:
    return program.check_page.picture.view.heat is not None


def test_what_lies_below_the_limit_is_switched_on_everywhere_and_remembered(
    program: Program, qtbot: QtBot, data_dir: Path
) -> None:
    picture = program.check_page.picture
    card = program.check_page.body.limits
    card.ng.field.setValue(60.0)  # so that nothing is above a limit
    card.review.field.setValue(50.0)
    qtbot.waitUntil(lambda: not is_heated(program))
    picture.tools.below.click()
    assert is_heated(program)
    assert program.inspect_page.picture.below.isChecked()
    assert program.history_page.body.panel.below.isChecked()
    assert program.settings.current.heat_below
    program.inspect_page.picture.below.click()
    assert not is_heated(program)
    assert not picture.below
    picture.tools.below.click()
    folder = Path(program.settings.current.image_folder or data_dir)
    program.settings.keep_folders(images=folder, exports=folder)
    assert preferences.load(Paths(data_dir).settings_file).heat_below
