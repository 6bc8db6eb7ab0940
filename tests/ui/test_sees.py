"""What the product can see, and the limit that finds every bad part, as a person asks for them."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, Program
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.engine.planting.room import room_in
from deeprx_gui.ui.sees_sheet import SeesSheet
from deeprx_gui.work import sees
from tests.ui.plates import part, write
from tests.ui.test_limit_setters import Begin, learn, wait

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, few in (("STEPS", 3), ("MIXED", 6), ("IMAGES", 3)):
        monkeypatch.setattr(sees, name, few)
    root = tmp_path / "部品"
    write(root / "train", [part(n) for n in range(11)])
    write(root / "bad", [part(200 + n, scratched=True) for n in range(3)])
    write(root / "good", [part(300 + n) for n in range(3)])
    return root


def looks_on(program: Program) -> bool:
    return program.job_service.engine.busy


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """While it is not set, looking stands still."""
    go = threading.Event()

    def wait_and_look(*args: Any) -> Any:
        assert go.wait(60)
        return room_in(*args)

    monkeypatch.setattr(sees, "room_in", wait_and_look)
    return go


def sheet_of(program: Program) -> SeesSheet:
    sheet = program.teach_controller.sees.sheet
    assert sheet is not None
    return sheet


def test_the_smallest_defects_are_shown_saved_and_counted_with(
    begin: Begin, qtbot: QtBot, folder: Path, tmp_path: Path, hold: threading.Event
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    session, page = program.session, program.teach_page
    assert page.lesson.sees.text() == "What can it see?"
    QTest.mouseClick(page.lesson.sees, LEFT)
    sheet = sheet_of(program)
    assert sheet.isVisible()
    assert sheet.strip.isVisible()
    assert not sheet.save.isVisible()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisibleTo(program.window)
    assert looks_on(program), "closing the sheet lets it look on"
    hold.set()
    wait(program, qtbot)
    assert "known now" in program.window.status.text.text()
    assert session.profile is not None
    assert session.profile.revision == 1, "it is kept in no profile"
    assert session.planted is not None

    QTest.mouseClick(page.lesson.sees, LEFT)
    assert not looks_on(program), "with the same limits it is known"
    assert [card.words.text()[:4] for card in sheet.cards] == ["spot", "scra"]
    shown = [card for card in sheet.cards if card.pictures]
    assert shown
    assert not shown[0].pictures[0].pixmap().isNull()
    assert "no real defects" in sheet.honestly.text()
    assert "planted defects" in sheet.step.text()
    assert "“Plate” revision 1, NG limit 1.00 ×" in sheet.product.text()
    file = tmp_path / "sees.png"
    sheet._chosen(str(file))
    wait(program, qtbot)
    saved = QImage(str(file))
    assert saved.height() > sheet.cards[0].height()
    assert saved.pixelColor(1, 1).alpha() == 255

    hold.clear()
    QTest.mouseClick(sheet.again, LEFT)
    assert sheet.cards == ()
    QTest.mouseClick(sheet.strip.cancel, LEFT)
    hold.set()
    wait(program, qtbot)
    assert sheet.trouble.text() == "Stopped. Nothing was changed."
    assert sheet.again.isVisible()
    program.teach_controller.start_new()
    session.close_profile()
    assert sheet.isHidden()


def test_the_limit_that_finds_every_bad_part_is_offered_used_and_taken_back(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    session, advice = program.session, program.check_page.body.advice
    program.window.show_page(CHECK)
    assert advice.sees.isVisible()
    assert not advice.use.isVisible()
    assert "Check bad parts" in advice.text.text()
    labelled = [(Label.BAD, "bad"), (Label.GOOD, "good")]
    items = [PendingImage(p, la) for la, name in labelled for p in (folder / name).iterdir()]
    program.check_controller.score(tuple(items))
    qtbot.waitUntil(lambda: program.results.rowCount() == 6, timeout=60_000)
    wait(program, qtbot)
    qtbot.waitUntil(lambda: "of 3 bad parts" in advice.text.text(), timeout=10_000)
    bad = [float(score) for score in program.results.rows.scores_of(Label.BAD)]
    assert session.limits is not None
    session.set_limits(session.limits.moved(review=1.2 * min(bad)))
    before = session.limits
    assert advice.use.isVisible()
    shown = re.search(r"REVIEW from ([0-9.]+) × finds all 3 bad parts", advice.text.text())
    assert shown is not None
    assert session.limits is before, "offered, not used"
    QTest.mouseClick(advice.use, LEFT)
    assert session.limits.review < min(bad)
    assert session.limits.review == pytest.approx(float(shown[1]) * before.unit)
    assert session.limits.review_times == pytest.approx(min(bad) / before.unit, abs=0.0101)
    assert not advice.use.isVisible()
    session.undo_stack.undo()
    assert session.limits == before
    assert advice.use.isVisible()
