"""The whole window, with work that needs no engine."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from deeprx_gui import settings as preferences
from deeprx_gui.app import CHECK, PROFILES, TEACH
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import language
from tests.ui import walk
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import LEFT, idle, learned, settle, teach
from tests.ui.fakes import FakeWork
from tests.ui.walk import speak


def test_the_story_from_good_parts_to_saved_limits(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    settle(program, qtbot)
    assert program.profiles_page.welcome.isVisible()
    QTest.mouseClick(program.profiles_page.welcome.new, LEFT)
    assert program.window.page == TEACH
    teach(program, qtbot, make_pictures(12))
    qtbot.waitUntil(program.teach_page.lesson.isVisible)
    settle(program, qtbot)
    assert program.window.header.product.text() == "Bracket"
    assert all(i.times_limit is not None for i in program.tray.images)

    QTest.mouseClick(program.teach_page.lesson.go, LEFT)
    assert program.window.page == CHECK
    unseen = make_pictures(6, "unseen")
    program.check_page.take([unseen[0].parent])
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: program.results.rowCount() == 6)
    settle(program, qtbot)

    limits = program.session.limits
    assert limits is not None
    program.session.set_limits(Limits(limits.review * 2, limits.ng * 3))
    assert program.window.header.save.isVisible()
    QTest.keyClick(program.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not program.session.dirty)
    settle(program, qtbot)
    verdicts = program.results.rows.verdicts.tolist()
    program.window.close()
    assert program.window.isHidden()
    assert program.stop()

    again = start()
    settle(again, qtbot)
    assert again.window.page == CHECK
    again.window.show_page(PROFILES)
    QTest.mouseClick(again.profiles_page.details.open, LEFT)
    qtbot.waitUntil(lambda: again.session.profile is not None)
    settle(again, qtbot)
    assert again.session.limits == Limits(limits.review * 2, limits.ng * 3)
    again.check_page.take([unseen[0].parent])
    again.check_page.run_main()
    qtbot.waitUntil(lambda: again.results.rowCount() == 6)
    settle(again, qtbot)
    assert again.results.rows.verdicts.tolist() == verdicts


def test_escape_stops_learning_and_nothing_is_saved(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, work: FakeWork
) -> None:
    program = start()
    work.hold.clear()
    teach(program, qtbot, make_pictures(8))
    strip = program.teach_page.strip
    qtbot.waitUntil(lambda: strip.progress is not None and strip.progress.done > 0)
    QTest.keyClick(program.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(strip.isHidden)
    assert work.closed.is_set()
    assert program.teach_page.banner.isVisible()
    assert program.job_service.services.store.list() == ()
    assert len(program.tray.images) == 8


def test_closing_while_a_job_runs_ends_it(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, work: FakeWork
) -> None:
    program = start()
    work.hold.clear()
    teach(program, qtbot, make_pictures(8))
    qtbot.waitUntil(lambda: program.job_service.engine.busy)
    program.window.close()
    program.operator_controller.sheets.confirm.yes.click()
    assert program.window.isHidden()
    assert program.stop()
    assert work.closed.is_set()


def _answer(button: QMessageBox.StandardButton, seen: list[str]) -> None:
    """Press a button of the question as soon as it is asked."""

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        QTest.mouseClick(box.button(button), LEFT)

    QTimer.singleShot(50, press)


@pytest.mark.parametrize(
    ("button", "closes", "revisions"),
    [
        (QMessageBox.StandardButton.Save, True, 2),
        (QMessageBox.StandardButton.Discard, True, 1),
        (QMessageBox.StandardButton.Cancel, False, 1),
    ],
)
def test_closing_asks_about_limits_that_are_not_saved(
    start: Start,
    qtbot: QtBot,
    make_pictures: MakePictures,
    *,
    button: QMessageBox.StandardButton,
    closes: bool,
    revisions: int,
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.session.set_limits(Limits(50.0, 60.0))
    seen: list[str] = []
    _answer(button, seen)
    program.window.close()
    qtbot.waitUntil(lambda: idle(program) and program.window.isHidden() == closes)
    assert seen == ["You moved the limits of “Bracket”. Save them?"]
    (card,) = program.job_service.services.store.list()
    assert card.revisions == revisions
    if not closes:
        program.session.undo_stack.undo()


def test_adding_a_folder_twice_says_so(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    pictures = make_pictures(6)
    program.teach_controller.add((pictures[0].parent,))
    settle(program, qtbot)
    assert program.window.status.text.text() == "6 images were added."
    program.teach_controller.add((pictures[0].parent,))
    settle(program, qtbot)
    assert program.window.status.text.text() == "No image was added. 6 were in the tray already."


def test_an_empty_folder_is_said_on_the_page(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    program = start()
    program.window.show_page(TEACH)
    program.teach_controller.add((tmp_path,))
    settle(program, qtbot)
    assert "No pictures were found" in program.teach_page.banner.text.text()


def test_keys_lead_to_pages_and_undo_is_the_pages_own(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    control = Qt.KeyboardModifier.ControlModifier
    for key, page in ((Qt.Key.Key_3, CHECK), (Qt.Key.Key_2, TEACH)):
        QTest.keyClick(program.window, key, control)
        assert program.window.page == page
    program.tray.add(make_pictures(6))
    counts = []
    for key in (Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_1, Qt.Key.Key_Z):
        QTest.keyClick(program.window, key, control)
        counts.append(len(program.tray.images))
    assert counts == [0, 6, 6, 6]


def test_shift_f1_shows_every_key(start: Start) -> None:
    program = start()
    QTest.keyClick(program.window, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    sheet = program.window.keys_sheet
    assert sheet.isVisible()
    rows = [(t.text(), k.text()) for t, k in sheet.rows]
    assert ("Stop what is running", "Esc") in rows
    assert ("User guide, at this page", "F1") in rows
    for code in ("ja", "en"):
        speak(code)
        walk.lay_out(program.window)
        seen = [key.visibleRegion().boundingRect().size() for _, key in sheet.rows]
        assert seen == [key.size() for _, key in sheet.rows], "no key is cut off"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_click_beside_the_settings_closes_them(start: Start) -> None:
    program = start()
    QTest.mouseClick(program.window.header.settings, LEFT)
    sheet = program.window.settings_sheet
    assert sheet.isVisible()
    QTest.mouseClick(sheet, LEFT, pos=QPoint(5, 400))
    assert not sheet.isVisible()


def test_language_theme_and_name_are_kept(start: Start, qtbot: QtBot, data_dir: Path) -> None:
    program = start()
    sheet = program.window.settings_sheet
    for key, value in (("language", "ja"), ("theme", "dark")):
        row = sheet.rows[key]
        row.set_value(value)
        row.box.activated.emit(row.box.currentIndex())
    sheet.fields["operator"][1].setText("佐藤")
    sheet.fields["operator"][1].editingFinished.emit()
    assert language() == "ja"
    kept = preferences.load(data_dir / "settings.json")
    assert (kept.language, kept.theme, kept.operator) == ("ja", "dark", "佐藤")
    row = sheet.rows["language"]
    row.set_value("en")
    row.box.activated.emit(row.box.currentIndex())
    assert program.window.rail.buttons[1].text() == "Teach"


def test_an_error_in_any_thread_becomes_a_sentence(start: Start, qtbot: QtBot) -> None:
    import logging

    program = start()
    log = logging.getLogger("deeprx_gui.test")

    def fail() -> None:
        log.critical("uncaught %s", "ZeroDivisionError")

    logging.getLogger("deeprx_gui").setLevel(logging.DEBUG)
    thread = threading.Thread(target=fail)
    with qtbot.waitSignal(program.alarm.raised):
        thread.start()
    thread.join()
    assert "uncaught ZeroDivisionError" in program.window.status.text.text()


test_an_error_in_any_thread_becomes_a_sentence = pytest.mark.logs_errors(
    test_an_error_in_any_thread_becomes_a_sentence
)


def test_settings_sheet_has_no_button_that_is_too_small(start: Start) -> None:
    program = start()
    for button in program.window.findChildren(QPushButton):
        if button.isVisible():
            assert button.height() >= 36, button.text()


def test_a_sentence_with_an_undo_button_leaves_when_pressed(start: Start) -> None:
    program = start()
    done: list[int] = []
    program.job_service.tell(say("Removed."), action=say("Undo"), run=lambda: done.append(1))
    QTest.mouseClick(program.window.status.button, LEFT)
    assert done == [1]
    assert program.window.status.message is None


def test_removing_says_so_and_its_undo_means_that_step(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    program.window.show_page(TEACH)
    program.tray.add(make_pictures(6))
    view = program.teach_page.panel.view
    view.selectAll()
    QTest.keyClick(view, Qt.Key.Key_Delete)
    status = program.window.status
    assert status.text.text() == "6 images were removed."
    QTest.mouseClick(status.button, LEFT)
    assert len(program.tray.images) == 6
    program.teach_page.panel.removed.emit(1)
    program.tray.remove(program.tray.paths[:1])
    QTest.mouseClick(status.button, LEFT)  # another step was made since: not this button's
    assert len(program.tray.images) == 5
