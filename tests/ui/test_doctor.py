"""The training-set doctor on Teach, driven as a person does it, with the real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import TEACH, Program
from deeprx_gui.domain.doctor import Diagnosis, Finding, Reason, name_pictures
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import Preprocessing, Profile
from deeprx_gui.ui.kit.theme import Theme
from deeprx_gui.ui.teach.doctor_sheet import MOST_CARDS, DoctorSheet
from tests.ui.plates import part, write

LEFT = Qt.MouseButton.LeftButton
Begin = Callable[[], Program]
GOOD, BAD = 18, 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = [part(n, scratched=n >= GOOD) for n in range(GOOD + BAD)]
    write(tmp_path / "部品", pictures)
    return tmp_path / "部品"


def wait(program: Program, qtbot: QtBot) -> None:
    jobs = program.job_service
    qtbot.waitUntil(
        lambda: not (jobs.busy or jobs.files.busy or jobs.pictures.busy), timeout=120_000
    )


def look_through(program: Program, qtbot: QtBot) -> DoctorSheet:
    wait(program, qtbot)
    QTest.mouseClick(program.teach_page.panel.doctor, LEFT)
    doctor = program.teach_controller.doctor
    qtbot.waitUntil(lambda: doctor.sheet is not None and doctor.sheet.isVisible(), timeout=120_000)
    wait(program, qtbot)
    assert doctor.sheet is not None
    return doctor.sheet


def names(*numbers: int, folder: Path) -> set[Path]:
    return {folder / f"{n}.png" for n in numbers}


def tray_filled(program: Program, qtbot: QtBot, folder: Path) -> None:
    wait(program, qtbot)
    program.window.show_page(TEACH)
    program.teach_controller.start_new()
    assert program.teach_page.panel.doctor.isHidden()
    program.teach_controller.add((folder,))
    qtbot.waitUntil(lambda: len(program.tray.images) == GOOD + BAD)


def learn(program: Program, qtbot: QtBot) -> Profile:
    page = program.teach_page
    QTest.keyClicks(page.target.name, "Plate")
    page.set_settings(FitSettings(preprocessing=Preprocessing(96)))
    wait(program, qtbot)
    page.run_main()
    qtbot.waitUntil(page.lesson.isVisible, timeout=120_000)
    wait(program, qtbot)
    profile = program.session.profile
    assert profile is not None
    return profile


def test_bad_ones_are_named_answered_left_out_and_remembered(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    tray_filled(program, qtbot, folder)
    tray = program.tray
    sheet = look_through(program, qtbot)
    assert set(sheet.cards) == names(18, 19, 20, 21, folder=folder)
    assert "4 of 22 pictures should be looked at." in sheet.verdict.text()
    assert not tray.left_out  # nothing is left out silently
    first, second = (sheet.cards[folder / f"{n}.png"] for n in (18, 19))
    qtbot.waitUntil(lambda: not first.picture.pixmap().isNull())
    assert "19.png" in first.alike.text()
    assert "ure: of" in first.sure.text()

    first.keep.setFocus()
    QTest.keyClick(first.keep, Qt.Key.Key_Space)
    assert tray.accepted == (folder / "18.png",)
    assert "not asked about again" in first.state.text()
    QTest.mouseClick(second.leave, LEFT)
    assert tray.left_out == (folder / "19.png",)
    assert sheet.leave_all.text() == "Leave out all 2 not answered yet"
    QTest.mouseClick(sheet.leave_all, LEFT)
    assert set(tray.left_out) == names(19, 20, 21, folder=folder)
    tray.undo_stack.undo()
    assert tray.left_out == (folder / "19.png",)
    assert not sheet.cards[folder / "20.png"].leave.isChecked()
    tray.undo_stack.redo()

    QTest.mouseDClick(second.picture, LEFT)
    large = program.teach_controller.large
    assert large is not None
    qtbot.waitUntil(lambda: large.shown)
    QTest.keyClick(large, Qt.Key.Key_Escape)
    QTest.mouseClick(sheet.done, LEFT)
    assert sheet.isHidden()

    profile = learn(program, qtbot)
    assert record_of(profile).kept == (str(folder / "18.png"),)
    gone = {Path(source) for source in record_of(profile).left_out}
    assert {Path(s) for s in record_of(profile).why_left_out} == gone, "each with its reason"
    assert gone == names(19, 20, 21, folder=folder)
    sheet = look_through(program, qtbot)  # after the fit, its answers count
    assert folder / "18.png" not in sheet.cards
    assert "1 picture was called a good part before" in sheet.remarks.text()
    QTest.mouseClick(sheet.done, LEFT)
    assert program.session.profile is profile  # nothing new was answered: no new revision


def test_stopped_half_way_nothing_is_changed(begin: Begin, qtbot: QtBot, folder: Path) -> None:
    program = begin()
    tray_filled(program, qtbot, folder)
    wait(program, qtbot)
    QTest.mouseClick(program.teach_page.panel.doctor, LEFT)
    program.job_service.cancel()
    wait(program, qtbot)
    assert program.teach_controller.doctor.sheet is None
    assert program.tray.left_out == ()


def diagnosis(bad: int, ordinary: int = 3) -> Diagnosis:
    paths = tuple(Path(f"{n:03}.png") for n in range(bad + ordinary + 20))
    unread = say("The file is empty.")
    findings = [Finding(path, Reason.UNREADABLE, unread) for path in paths[:bad]]
    seen = paths[bad : bad + ordinary]
    findings += [Finding(path, Reason.LOOK, say("ordinary"), 0.9) for path in seen]
    return Diagnosis(paths, name_pictures(findings), Parts.each(len(paths)))


def test_hundreds_come_in_portions_and_one_button_answers_for_all(
    qtbot: QtBot, look: Theme
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    sheet = DoctorSheet(window)
    found = diagnosis(MOST_CARDS + 5)
    sheet.show_tray(found.pictures, (), ())
    sheet.show_diagnosis(found)
    assert len(sheet.cards) == MOST_CARDS
    QTest.mouseClick(sheet.more, LEFT)
    assert len(sheet.cards) == MOST_CARDS + 5
    assert sheet.more.isHidden()
    with qtbot.waitSignal(sheet.left_out) as told:
        QTest.mouseClick(sheet.leave_all, LEFT)
    assert told.args is not None
    assert len(told.args[0]) == MOST_CARDS + 5
    sheet.others.set_open(True)
    assert len(sheet.cards) == MOST_CARDS + 8


def test_a_clean_set_is_said_to_be_clean(qtbot: QtBot, look: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    sheet = DoctorSheet(window)
    sheet.show_diagnosis(diagnosis(0))
    assert "Nothing stands out in 23 pictures." in sheet.verdict.text()
    assert "Nothing is left out unless you say so." in sheet.certainty.text()
    assert sheet.leave_all.isHidden()
    assert not sheet.others.isHidden()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()
