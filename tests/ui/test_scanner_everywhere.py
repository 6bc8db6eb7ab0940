"""A barcode scanner on every page: what it types is a serial number or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShortcutEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, HISTORY, INSPECT, PROFILES, TEACH, Program
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.state.notice import Notice
from deeprx_gui.ui.kit.number_row import NumberRow
from deeprx_gui.ui.kit.scan_filter import ScanFilter
from tests.ui.conftest import MakePictures, Pause, Start
from tests.ui.driving import LEFT, learned
from tests.ui.fake_line import FakeLine
from tests.ui.test_belongs import score
from tests.ui.test_inspect_line import Begin, begin, line, running, stopped

__all__ = ["begin", "line"]

CODE = "GB-10NU1HF+O"
"""Every letter that is a command on some page."""
RETURN, TAB = Qt.Key.Key_Return, Qt.Key.Key_Tab


class Keyboard:
    """What is typed into whatever has the focus: by a scanner, or by a person."""

    def __init__(self, pause: Pause) -> None:
        self._pause = pause

    def scan(self, program: Program, text: str = CODE, end: Qt.Key | None = RETURN) -> None:
        """Type as a scanner does; some time passes only after its end."""
        for letter in text:
            QTest.keyClicks(_focus(program), letter)
        if end is not None:
            QTest.keyClick(_focus(program), end)
        self.wait(program)

    def press(self, program: Program, key: Qt.Key) -> None:
        """Press one key as a person does."""
        QTest.keyClick(_focus(program), key)
        self.wait(program)

    def wait(self, program: Program) -> None:
        """Let time pass."""
        self._pause(program.window.scans)
        self._pause(program.inspect_page)
        assert not program.window.scans.holds


@pytest.fixture
def keys(scanner: Pause) -> Keyboard:
    return Keyboard(scanner)


def _focus(program: Program) -> QWidget:
    return QApplication.focusWidget() or program.window


def _told(program: Program) -> list[Notice]:
    told: list[Notice] = []
    tell = program.window.tell

    def heard(notice: Notice) -> None:
        told.append(notice)
        tell(notice)

    program.window.tell = heard  # type: ignore[method-assign]
    return told


@pytest.fixture
def checked(start: Start, qtbot: QtBot, make_pictures: MakePictures) -> Program:
    """The program with a product and three pictures on Check."""
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.window.show_page(CHECK)
    score(program, qtbot, tuple(PendingImage(p) for p in make_pictures(3, "unseen")))
    program.check_page.body.table.selectRow(0)
    program.check_page.body.table.setFocus()
    return program


def _labels(program: Program) -> list[Label]:
    rows = program.results.rows
    return [rows.label_of(number) for number in range(len(rows.items))]


def test_a_scan_on_check_labels_nothing_and_is_told(checked: Program, keys: Keyboard) -> None:
    told = _told(checked)
    for end in (RETURN, TAB, None):
        keys.scan(checked, end=end)
        assert _labels(checked) == [Label.UNKNOWN] * 3
        assert checked.check_page.body.table.hasFocus()
        assert "page Inspect" in str(told.pop().message)
    keys.scan(checked, "OK", end=None)
    keys.scan(checked, "G")
    assert _labels(checked) == [Label.UNKNOWN] * 3


def test_a_persons_keys_go_where_they_were_going(checked: Program, keys: Keyboard) -> None:
    keys.press(checked, Qt.Key.Key_B)
    assert _labels(checked)[0] is Label.BAD
    QTest.keyClick(_focus(checked), Qt.Key.Key_G)
    QTest.keyClick(_focus(checked), Qt.Key.Key_Down)
    assert _labels(checked) == [Label.GOOD, Label.UNKNOWN, Label.UNKNOWN], "before the row changed"
    heat = checked.check_page.picture.tools.heat
    before = heat.isChecked()
    keys.press(checked, Qt.Key.Key_H)
    assert heat.isChecked() is not before, "a shortcut of the page"
    table = checked.check_page.body.table
    QTest.keyClick(table, Qt.Key.Key_B)
    place = table.visualRect(table.model().index(2, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, pos=QPoint(place))
    assert _labels(checked) == [Label.GOOD, Label.BAD, Label.UNKNOWN], "before the click"
    keys.wait(checked)


def _buttons(within: QWidget) -> Iterator[QAbstractButton]:
    for button in within.findChildren(QAbstractButton):
        takes_focus = button.focusPolicy() & Qt.FocusPolicy.TabFocus
        if takes_focus and button.isVisible() and button.isEnabled():
            yield button


def test_a_scan_presses_no_button_that_has_the_focus(checked: Program, keys: Keyboard) -> None:
    window = checked.window
    pressed: list[QAbstractButton] = []
    for page in (PROFILES, TEACH, CHECK, INSPECT, HISTORY):
        window.show_page(page)
        buttons = list(_buttons(window))
        assert buttons
        for number, button in enumerate(buttons):
            button.clicked.connect(partial(pressed.append, button))
            button.setFocus()
            keys.scan(checked, end=(RETURN, TAB)[number % 2])
        assert pressed == []
        assert window.page == page


def test_ctrl_in_the_middle_of_a_code_is_no_command(checked: Program, keys: Keyboard) -> None:
    """Separators of a GS1 code come as Ctrl and a letter, or as function keys."""
    control = Qt.KeyboardModifier.ControlModifier
    for text in ("01", "21"):
        for letter in text:
            QTest.keyClicks(_focus(checked), letter)
        QTest.keyClick(_focus(checked), Qt.Key.Key_1, control)
        QTest.keyClick(_focus(checked), Qt.Key.Key_F1)
    keys.wait(checked)
    assert checked.window.page == CHECK
    search = checked.check_page.body.filter_bar.search
    search.setFocus()
    for letter in "0121":
        QTest.keyClicks(_focus(checked), letter)
    QTest.keyClick(_focus(checked), Qt.Key.Key_1, control)
    assert checked.window.page == CHECK
    assert search.text() == "0121", "in a search field a code is what is searched"


def test_a_scan_changes_no_limit_and_no_number(checked: Program, keys: Keyboard) -> None:
    row = checked.check_page.body.limits.ng
    text = row.field.text()
    row.field.setFocus()
    for end in (RETURN, None):
        keys.scan(checked, "4006381333931", end)
        assert row.field.text() == text
    row.slider.setFocus()
    keys.scan(checked, "4006381333931")
    assert not checked.session.dirty
    checked.window.show_page(TEACH)
    number = next(r for r in checked.teach_page.findChildren(NumberRow) if r.isVisible())
    before, text = number.value, number.field.text()
    number.field.setFocus()
    keys.scan(checked, "4006381333931")
    assert (number.value, number.field.text()) == (before, text)


def test_the_end_of_a_scan_answers_no_question(checked: Program, keys: Keyboard) -> None:
    seen: list[bool] = []

    def scans() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        for button in box.findChildren(QPushButton):
            button.setFocus()
            keys.scan(checked)
            seen.append(box.isVisible())
        box.reject()

    QTimer.singleShot(0, scans)
    checked.window.ask_about_unsaved()
    assert seen == [True, True, True]


def test_a_scan_is_no_try_of_the_pin_and_takes_no_product(checked: Program, keys: Keyboard) -> None:
    checked.window.show_page(INSPECT)
    sheets = checked.inspect_page.sheets
    tried: list[str] = []
    sheets.pin.entered.connect(tried.append)
    sheets.pin.ask()
    keys.scan(checked, "4006381333931")
    assert tried == []
    assert sheets.pin.dots.text() == "–"
    for digit in "4711":
        keys.press(checked, Qt.Key(ord(digit)))
    assert sheets.pin.dots.text() == "●●●●", "a person's digits count"
    sheets.pin.close_sheet()
    chosen: list[object] = []
    sheets.product.chosen.connect(chosen.append)
    sheets.product.open()
    told = _told(checked)
    keys.scan(checked)
    assert chosen == []
    assert "no sheet open" in str(told[-1].message)


def test_on_inspect_it_is_a_serial_wherever_the_focus_is(
    begin: Begin, line: FakeLine, qtbot: QtBot, keys: Keyboard
) -> None:
    program = begin()
    page = program.inspect_page
    running(program, qtbot)
    for number, button in enumerate((page.body.run.trigger, page.top.setup, page.top.product)):
        for end in (RETURN, TAB):
            button.setFocus()
            keys.scan(program, f"{CODE}{number}", end)
            assert page.body.run.serial.text() == f"{CODE}{number}"
    assert line.fired == []
    stopped(program, qtbot)


def test_a_command_repeats_while_its_key_is_held_down(
    scan_filter: ScanFilter, scanner: Pause, qtbot: QtBot
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    shortcut = QShortcut(QKeySequence("+"), page)
    done: list[int] = []
    shortcut.activated.connect(lambda: done.append(1))
    for repeats in (False, True, True):
        kind, none = QEvent.Type.ShortcutOverride, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(page, QKeyEvent(kind, Qt.Key.Key_Plus, none, "+", repeats))
        QApplication.sendEvent(shortcut, QShortcutEvent(shortcut.key(), 0))
        if not repeats:
            scanner(scan_filter)
    assert len(done) == 3
