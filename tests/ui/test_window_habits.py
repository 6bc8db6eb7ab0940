"""What people expect of any window: Enter, sizes, a question before work is lost, numbers to open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.ui.window_state import WindowState
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import learned, settle, teach
from tests.ui.fakes import FakeWork


def test_enter_presses_the_focused_button(start: Start, qtbot: QtBot) -> None:
    program = start()
    program.window.show_page(PROFILES)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        program.profiles_page.bin_button.setFocus()
        QTest.keyClick(program.profiles_page.bin_button, key)
        settle(program, qtbot)
        assert program.profiles_page.bin.isVisible()
        program.profiles_page.bin.close_sheet()


def test_closing_while_learning_asks(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, work: FakeWork
) -> None:
    program = start()
    work.hold.clear()
    teach(program, qtbot, make_pictures(8))
    qtbot.waitUntil(lambda: program.job_service.engine.busy)
    program.window.close()
    confirm = program.operator_controller.sheets.confirm
    assert confirm.isVisible()
    assert "learning" in confirm.question.text()
    assert confirm.no.hasFocus()
    confirm.no.click()
    assert program.window.isVisible()
    work.hold.set()
    settle(program, qtbot)
    assert program.session.profile is not None, "it learnt to the end"
    program.window.close()
    assert not program.window.isVisible(), "nothing to ask about"


def test_the_first_window_fits_the_screen(start: Start) -> None:
    window = start().window
    room = window.screen().availableSize()
    assert window.height() + 40 <= room.height()
    assert window.width() <= room.width()
    assert window.minimumSize() == QSize(900, 520).boundedTo(room - QSize(0, 40))


def test_maximised_is_remembered_and_full_screen_is_not(qtbot: QtBot, tmp_path: Path) -> None:
    state = WindowState(tmp_path / "window.ini")
    for full in (False, True):
        window = QMainWindow()
        qtbot.addWidget(window)
        window.showMaximized()
        if full:  # operator mode
            window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        window.close()
        state.keep(window, 0)
        again = QMainWindow()
        qtbot.addWidget(again)
        state.restore(again)
        again.show()
        assert again.isMaximized()
        assert not again.isFullScreen()


def test_numbers_of_the_confusion_matrix_open_their_pictures(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.window.show_page(CHECK)
    pictures = make_pictures(4, "unseen")
    labels = (Label.GOOD, Label.BAD, Label.BAD, Label.UNKNOWN)
    items = tuple(PendingImage(p, label) for p, label in zip(pictures, labels, strict=True))
    program.check_controller.score(items)
    settle(program, qtbot)
    body = program.check_page.body
    qtbot.waitUntil(body.evaluation.isVisible)
    counted = {key: int(cell.text()) for key, cell in body.evaluation.cells.items()}
    assert sum(counted.values()) == 3
    for (label, verdict), cell in body.evaluation.cells.items():
        cell.click()
        assert program.results.rowCount() == counted[label, verdict]
        shown = [int(number) for number in program.results.shown]
        assert all(program.results.rows.label_of(n) is label for n in shown)
        assert all(program.results.rows.verdict_of(n) is verdict for n in shown)
        assert body.filter_bar.label.currentIndex() == 1 + tuple(Label).index(label)
    assert Verdict.ERROR in {verdict for _label, verdict in counted}
