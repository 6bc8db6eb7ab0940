"""Setting a station up by hand: what is chosen is kept at once, what makes no sense is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.capture.sources.table import SOURCES, check_source
from deeprx_gui.controllers import station_controller
from deeprx_gui.domain.field import FieldKind
from deeprx_gui.domain.inspection import Keep, Trigger
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import Device, SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.outputs.table import OUTPUTS, checked
from deeprx_gui.paths import Paths
from deeprx_gui.state.inspect import Phase
from deeprx_gui.ui.inspect.setup_sheet import SetupSheet
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.number_row import NumberRow
from tests import toys
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import LEFT, settle

SetUp = Callable[[], tuple[Program, SetupSheet]]


@pytest.fixture
def set_up(start: Start, make_profile: MakeProfile, qtbot: QtBot) -> SetUp:
    """Start the program with the setup sheet open."""

    def run() -> tuple[Program, SetupSheet]:
        program = start()
        settle(program, qtbot)
        program.session.open_profile(make_profile())
        program.window.show_page(INSPECT)
        QTest.mouseClick(program.inspect_page.top.setup, LEFT)
        return program, program.inspect_page.sheets.setup

    return run


def pick(row: ChoiceRow, value: object) -> None:
    row.set_value(value)
    assert row.value == value
    row.box.activated.emit(row.box.currentIndex())


def kept(program: Program, qtbot: QtBot, data_dir: Path) -> Station:
    settle(program, qtbot)
    return stations.load(Paths(data_dir).station_file, sources=SOURCES, outputs=OUTPUTS)


def test_everything_that_is_chosen_is_kept_at_once(
    set_up: SetUp, qtbot: QtBot, data_dir: Path
) -> None:
    program, sheet = set_up()
    pick(sheet.source.kind, "folder")
    sheet.source.address.line.setText(str(data_dir))
    sheet.source.address.line.editingFinished.emit()
    pick(sheet.trigger, Trigger.TIMER)
    assert sheet.every.isVisible()
    QTest.mouseClick(sheet.every.more, LEFT)
    QTest.mouseClick(sheet.takt.more, LEFT)
    pick(sheet.keep, Keep.EVERY)
    assert sheet.nth.isVisible()
    for switch in sheet.switches.values():
        switch.box.click()
    sheet.name.line.setText(" ライン 3 ")
    sheet.name.line.editingFinished.emit()
    station = kept(program, qtbot, data_dir)
    assert station.source == SourceSpec("folder", str(data_dir))
    assert station.trigger is Trigger.TIMER
    assert station.every == 2
    assert station.name == "ライン 3"
    assert station.takt > 0
    assert station.keep.keep is Keep.EVERY
    assert station.confirm_review
    assert station.confirm_ng
    assert station.sound
    assert station.operator_start
    assert str(data_dir.name) in program.inspect_page.top.source.toolTip()
    assert not program.inspect_page.body.run.trigger.isVisible()  # files are judged one by one


def test_an_option_out_of_the_ordinary_is_kept_and_the_default_is_not(
    set_up: SetUp, qtbot: QtBot, data_dir: Path
) -> None:
    program, sheet = set_up()
    pick(sheet.source.kind, "replay")
    sheet.source.address.line.setText(str(data_dir))
    sheet.source.address.line.editingFinished.emit()
    sheet.source.more.set_open(True)
    rate = sheet.source.options.rows["fps"]
    assert isinstance(rate, NumberRow)
    before = rate.value
    QTest.mouseClick(rate.more, LEFT)
    source = kept(program, qtbot, data_dir).source
    assert source is not None
    assert source.options["fps"] != before
    QTest.mouseClick(rate.less, LEFT)
    source = kept(program, qtbot, data_dir).source
    assert source is not None
    assert "fps" not in source.options


def test_cameras_are_found_without_stopping_the_window(
    set_up: SetUp, qtbot: QtBot, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Device("camera", "1", "Line camera"),)
    monkeypatch.setattr(station_controller, "find_devices", lambda: found)
    program, sheet = set_up()
    pick(sheet.source.kind, "camera")  # looks at once
    assert not sheet.source.address.search.isEnabled()
    qtbot.waitUntil(sheet.source.address.found.isVisible)
    box = sheet.source.address.found
    assert box.itemText(0) == "Line camera"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert kept(program, qtbot, data_dir).source == SourceSpec("camera", "1")
    assert program.inspect_page.body.isVisibleTo(program.inspect_page)


def test_no_camera_is_said(set_up: SetUp, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_controller, "find_devices", lambda: ())
    _program, sheet = set_up()
    pick(sheet.source.kind, "camera")
    note = sheet.source.address.note
    qtbot.waitUntil(lambda: "No camera" in note.text())
    assert sheet.source.address.search.isEnabled()


def test_outputs_are_added_shown_and_taken_away(
    set_up: SetUp, qtbot: QtBot, data_dir: Path, tmp_path: Path
) -> None:
    program, sheet = set_up()
    section = sheet.outputs
    section.adder.set_open(True)
    pick(section.kind, "http")
    section.address.line.setText("nonsense")
    section.add.click()
    assert section.problem.isVisible()
    pick(section.kind, "files")
    section.address.line.setText(str(tmp_path / "out"))
    section.add.click()
    assert [row.spec.kind for row in section.rows] == ["files"]
    qtbot.waitUntil(lambda: section.rows[0].state.text() == "ready")
    assert len(kept(program, qtbot, data_dir).outputs) == 1
    section.rows[0].remove.click()
    assert section.rows == []
    assert kept(program, qtbot, data_dir).outputs == ()
    assert program.inspect_model.outputs == ()


def test_while_the_line_runs_its_source_stays(set_up: SetUp) -> None:
    program, sheet = set_up()
    program.inspect_model.set_run(Phase.RUNNING)
    assert not sheet.source.isEnabled()
    assert not sheet.trigger.isEnabled()
    assert sheet.switches["sound"].isEnabled()
    program.inspect_model.set_run(Phase.IDLE)
    assert sheet.source.isEnabled()


def test_every_kind_is_offered_and_its_example_or_default_makes_sense(set_up: SetUp) -> None:
    _program, sheet = set_up()
    assert set(sheet.source.kind.values) == set(SOURCES)
    assert set(sheet.outputs.kind.values) == set(OUTPUTS)
    for kind in (*SOURCES.values(), *OUTPUTS.values()):
        for field in kind.fields:
            assert field.kind is not FieldKind.CHOICE or field.choices
            assert field.default is None or field.allows(field.default)
    for output in OUTPUTS.values():
        assert checked(OutputSpec(output.key, output.example)).kind == output.key
    for source in SOURCES.values():
        address = source.example or "somewhere"
        assert check_source(SourceSpec(source.key, address)) == SourceSpec(source.key, address)


def test_what_somebody_else_registered_is_offered_and_kept(
    set_up: SetUp, qtbot: QtBot, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_controller, "find_devices", toys.PROJECTOR.devices)
    with toys.registered():
        program, sheet = set_up()
        pick(sheet.source.kind, "projector")
        box = sheet.source.address.found
        qtbot.waitUntil(box.isVisible)
        assert box.itemText(0) == "The first slide"
        box.setCurrentIndex(0)
        box.activated.emit(0)
        sheet.source.more.set_open(True)
        times = sheet.source.options.rows["times"]
        assert isinstance(times, NumberRow)
        QTest.mouseClick(times.more, LEFT)
        section = sheet.outputs
        section.adder.set_open(True)
        pick(section.kind, "diary")
        voice = section.options.rows["voice"]
        assert isinstance(voice, ChoiceRow)
        assert [voice.box.itemText(n) for n in range(2)] == ["low voice", "loud voice"]
        pick(voice, "loud")
        section.address.line.setText(str(tmp_path / "diary.txt"))
        section.add.click()
        station = kept(program, qtbot, data_dir)
        assert station.source == SourceSpec("projector", "first.png", {"times": 4})
        diary = OutputSpec("diary", str(tmp_path / "diary.txt"), {"voice": "loud"})
        assert station.outputs == (diary,)
        assert not program.inspect_page.body.run.trigger.isVisible()  # it is not lossy
    forgotten = kept(program, qtbot, data_dir)
    assert (forgotten.source, forgotten.outputs) == (None, ())
