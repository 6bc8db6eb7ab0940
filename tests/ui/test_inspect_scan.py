"""The scanner at the line: nothing cut, nothing dropped silently."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.inspect import Phase
from deeprx_gui.state.notice import Notice
from tests.state.made_inspected import made_part
from tests.ui.conftest import Pause
from tests.ui.driving import LEFT
from tests.ui.fake_line import FakeLine
from tests.ui.test_inspect_line import HOLDING, Begin, begin, line, running, stopped

__all__ = ["begin", "line"]


def test_tab_ends_a_scan_and_nothing_is_cut_or_dropped_silently(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    run = program.inspect_page.body.run
    told: list[Notice] = []
    program.job_service.told.connect(told.append)
    running(program, qtbot)
    QTest.keyClicks(program.inspect_page, "A-1")
    QTest.keyClick(run.field, Qt.Key.Key_Tab)
    assert run.serial.text() == "A-1"
    QTest.keyClicks(run.field, "B" * 81)
    QTest.keyClick(run.field, Qt.Key.Key_Return)
    assert run.serial.text() == "A-1", "too long: refused, not cut"
    assert "81" in str(told[-1].message)
    QTest.keyClicks(run.field, "C-3")
    QTest.keyClick(run.field, Qt.Key.Key_Return)
    assert run.serial.text() == "C-3"
    assert "A-1" in str(told[-1].message), "the first one had no part"
    stopped(program, qtbot)


def test_a_scanned_text_that_begins_with_n_decides_nothing(
    begin: Begin, line: FakeLine, qtbot: QtBot, scanner: Pause
) -> None:
    program = begin(HOLDING)
    page = program.inspect_page
    running(program, qtbot)
    line.put(made_part(Verdict.NG))
    qtbot.waitUntil(page.body.decision.isVisible)
    QTest.keyClicks(page, "N123")
    QTest.keyClick(page.body.run.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.body.run.serial.text() == "N123")
    scanner(page)
    scanner(program.window.scans)
    assert program.inspect_model.run.phase is Phase.HOLDING
    QTest.mouseClick(page.body.decision.ng, LEFT)
    qtbot.waitUntil(page.body.decision.isHidden)
    stopped(program, qtbot)
