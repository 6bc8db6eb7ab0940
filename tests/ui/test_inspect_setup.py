"""Setting a station up by hand: what is chosen is kept at once, what makes no sense is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.domain.inspection import Keep, Trigger
from deeprx_gui.domain.option import Form
from deeprx_gui.domain.output import OutputKind
from deeprx_gui.domain.source import Device, SourceKind, SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.paths import Paths
from deeprx_gui.state.inspect import Phase
from deeprx_gui.state.station_form import Draft
from deeprx_gui.ui.inspect.setup_sheet import SetupSheet
from deeprx_gui.ui.widgets.choice_row import ChoiceRow
from deeprx_gui.ui.widgets.number_row import NumberRow
from deeprx_gui.workbench import station_desk
from deeprx_gui.workbench.offers import offers, output_of, source_of
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
    return stations.load(Paths(data_dir).station_file)


def test_everything_that_is_chosen_is_kept_at_once(
    set_up: SetUp, qtbot: QtBot, data_dir: Path
) -> None:
    program, sheet = set_up()
    pick(sheet.source.kind, SourceKind.FOLDER)
    sheet.source.address.line.setText(str(data_dir))
    sheet.source.address.line.editingFinished.emit()
    pick(sheet.trigger, Trigger.TIMER)
    assert sheet.every.isVisible()
    QTest.mouseClick(sheet.every.more, LEFT)
    QTest.mouseClick(sheet.takt.more, LEFT)
    pick(sheet.keep, Keep.EVERY)
    assert sheet.nth.isVisible()
    for switch in sheet.switches.values():
        switch.click()
    sheet.name.setText(" ライン 3 ")
    sheet.name.editingFinished.emit()
    station = kept(program, qtbot, data_dir)
    assert station.source == SourceSpec(SourceKind.FOLDER, str(data_dir))
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
    pick(sheet.source.kind, SourceKind.REPLAY)
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
    found = (Device(SourceKind.CAMERA, "1", "Line camera"),)
    monkeypatch.setattr(station_desk, "find_devices", lambda: found)
    program, sheet = set_up()
    pick(sheet.source.kind, SourceKind.CAMERA)  # looks at once
    assert not sheet.source.address.search.isEnabled()
    qtbot.waitUntil(sheet.source.address.found.isVisible)
    box = sheet.source.address.found
    assert box.itemText(0) == "Line camera"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert kept(program, qtbot, data_dir).source == SourceSpec(SourceKind.CAMERA, "1")
    assert program.inspect_page.body.isVisibleTo(program.inspect_page)


def test_no_camera_is_said(set_up: SetUp, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station_desk, "find_devices", lambda: ())
    _program, sheet = set_up()
    pick(sheet.source.kind, SourceKind.CAMERA)
    note = sheet.source.address._note
    qtbot.waitUntil(lambda: "No camera" in note.text())
    assert sheet.source.address.search.isEnabled()


def test_outputs_are_added_shown_and_taken_away(
    set_up: SetUp, qtbot: QtBot, data_dir: Path, tmp_path: Path
) -> None:
    program, sheet = set_up()
    section = sheet.outputs
    section.adder.set_open(True)
    pick(section.kind, OutputKind.HTTP)
    section.address.line.setText("nonsense")
    section.add.click()
    assert section.problem.isVisible()
    pick(section.kind, OutputKind.FILES)
    section.address.line.setText(str(tmp_path / "out"))
    section.add.click()
    assert [row.spec.kind for row in section.rows] == [OutputKind.FILES]
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


def test_every_kind_is_offered_and_its_example_or_default_makes_sense() -> None:
    made = offers()
    assert {offer.kind for offer in made.sources} == set(SourceKind)
    assert {offer.kind for offer in made.outputs} == set(OutputKind)
    for offer in (*made.sources, *made.outputs):
        for field in offer.fields:
            assert field.form is not Form.CHOICE or field.choices
            assert field.default is None or isinstance(field.default, str | int | float | bool)
    for offer in made.outputs:
        draft = Draft(offer.kind, offer.example)
        assert output_of(draft).kind is offer.kind
    draft = Draft(SourceKind.STREAM, "rtsp://host/line")
    assert source_of(draft) == SourceSpec(SourceKind.STREAM, "rtsp://host/line")
