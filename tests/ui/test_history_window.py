"""The History page in the real window: from a shift's verdicts to the next revision."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import Verdict
from tests.state.history_feed import made
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import learned, settle

CTRL = Qt.KeyboardModifier.ControlModifier


def test_a_false_call_is_found_put_right_and_taught(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(6))
    profile = program.session.profile
    assert profile is not None
    part = make_pictures(1, "part")[0]
    kept = program.records.path_of("pictures/7.png")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(part.read_bytes())
    store = program.records.store()
    for number in range(1, 9):
        wrong = number == 7
        verdict = Verdict.NG if wrong else Verdict.OK
        record = replace(made(number, verdict), number=0, profile_id=profile.id, profile="Bracket")
        store.add(replace(record, picture="pictures/7.png" if wrong else ""))

    QTest.keyClick(program.window, Qt.Key.Key_5, CTRL)
    page = program.history_page
    assert page.isVisible()
    page.body.filter_bar.show_everything()
    qtbot.waitUntil(lambda: page.history.rowCount() == 8)
    page.body.table.setFocus()
    QTest.keyClick(page.body.table, Qt.Key.Key_Down)
    QTest.keyClick(page.body.table, Qt.Key.Key_O)
    qtbot.waitUntil(page.body.normals.isVisible)
    stored = store.get(7)
    assert stored is not None
    assert stored.decision is Decision.OK
    QTest.keyClick(program.window, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: not page.body.normals.isVisible())
    QTest.keyClick(program.window, Qt.Key.Key_Y, CTRL)
    qtbot.waitUntil(page.body.normals.isVisible)

    page.body.normals.click()
    qtbot.waitUntil(lambda: kept in program.tray.paths)
    assert program.teach_page.isVisible()
    assert len(program.tray.paths) == 7
    settle(program, qtbot)
