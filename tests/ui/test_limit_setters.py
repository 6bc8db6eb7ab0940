"""Who sets the limit, driven as a person does it, with the real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, TEACH, Program
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limit_setters import record_of
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.ui.limit_sheet import LimitSheet
from tests.ui.plates import part, write

LEFT = Qt.MouseButton.LeftButton
Begin = Callable[[], Program]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "部品"
    pictures = [part(n) for n in range(11)]
    pictures[4] = part(50, scratched=True)
    write(root / "train", pictures)
    write(root / "bad", [part(200 + n, scratched=True) for n in range(3)])
    return root


def wait(program: Program, qtbot: QtBot) -> None:
    jobs = program.job_service
    qtbot.waitUntil(
        lambda: not (jobs.busy or jobs.files.busy or jobs.pictures.busy), timeout=60_000
    )


def learn(program: Program, qtbot: QtBot, folder: Path) -> None:
    wait(program, qtbot)
    program.window.show_page(TEACH)
    page = program.teach_page
    program.teach_controller.start_new()
    program.teach_controller.add((folder / "train",))
    qtbot.waitUntil(lambda: len(program.tray.images) == 11)
    QTest.keyClicks(page.target.name, "Plate")
    page.set_settings(FitSettings(preprocessing=Preprocessing(96)))
    wait(program, qtbot)
    page.run_main()
    qtbot.waitUntil(page.lesson.isVisible)
    wait(program, qtbot)


def opened(program: Program, qtbot: QtBot) -> LimitSheet:
    sheet = program.teach_controller.setters.sheet
    assert sheet is not None
    assert sheet.isVisible()
    wait(program, qtbot)
    return sheet


def left_out(program: Program) -> list[str]:
    return [str(path) for path in program.tray.left_out]


def test_one_tap_leaves_the_odd_picture_out_and_it_is_remembered(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    page, tray, session = program.teach_page, program.tray, program.session
    before = session.profile
    assert before is not None
    assert "set" in page.lesson.who.text()
    QTest.mouseClick(page.lesson.setters, LEFT)
    sheet = opened(program, qtbot)
    odd = str(folder / "train" / "4.png")
    card = next(c for c in sheet.cards if c.source == odd)
    qtbot.waitUntil(lambda: not card.picture.pixmap().isNull())
    assert "differs most from what the others taught" in card.place.text()
    assert "% lower" in card.facts.text()
    assert sheet.accept.text() == "Done"

    card.leave.setFocus()
    QTest.keyClick(card.leave, Qt.Key.Key_Space)
    assert left_out(program) == [odd]
    assert sheet.accept.text() == "Learn again without it"
    tray.undo_stack.undo()
    assert left_out(program) == []
    assert not card.leave.isChecked()
    QTest.keyClick(card.leave, Qt.Key.Key_Space)
    QTest.mouseClick(sheet.accept, LEFT)
    qtbot.waitUntil(lambda: session.profile is not before)
    wait(program, qtbot)
    after = session.profile
    assert after is not None
    assert after.revision == 2
    assert odd not in {n.source for n in after.normals}
    assert len(after.normals) == 10
    assert after.suggested.ng < before.suggested.ng
    assert record_of(after).left_out == (odd,)
    assert after.origin.why == "Left out: 4.png"
    assert left_out(program) == [odd]

    saved = after.id
    program.profiles_controller.open_profile(saved)  # as on another day
    qtbot.waitUntil(lambda: session.profile is not after)
    wait(program, qtbot)
    assert left_out(program) == [odd]
    assert len(tray.normals) == 10


def test_a_good_part_is_kept_from_check_and_not_asked_about_again(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    session = program.session
    first = session.profile
    assert first is not None
    program.window.show_page(CHECK)
    limits = program.check_page.body.limits
    assert limits.setters.toolTip() == "What sets the limit?"
    items = tuple(PendingImage(p, Label.BAD) for p in sorted((folder / "bad").iterdir()))
    program.check_controller.score(items)
    qtbot.waitUntil(lambda: program.results.rowCount() == 3)
    wait(program, qtbot)

    qtbot.waitUntil(lambda: "% false calls finds" in limits.setters.toolTip())
    QTest.mouseClick(limits.setters, LEFT)
    sheet = opened(program, qtbot)
    assert "of 3 bad parts" in sheet.step.text()
    assert QApplication.focusWidget() is sheet.cards[0].keep
    assert "of 3" in sheet.cards[0].facts.text()
    QTest.keyClick(sheet.cards[0].keep, Qt.Key.Key_Space)
    assert "not asked about again" in sheet.cards[0].state.text()
    kept = sheet.cards[0].source
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    qtbot.waitUntil(lambda: session.profile is not first)
    second = session.profile
    assert second is not None
    assert (second.revision, second.limits) == (2, first.limits)
    assert record_of(second).kept == (kept,)
    assert program.results.rowCount() == 3  # the same statistics: the scores stay
    stored = program.job_service.services.store.load(second.id)
    assert record_of(stored).kept == (kept,)
    assert set(record_of(stored).maps) == set(record_of(first).maps)

    QTest.mouseClick(limits.setters, LEFT)
    sheet = opened(program, qtbot)
    assert next(c for c in sheet.cards if c.source == kept).keep.isChecked()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    wait(program, qtbot)
    assert session.profile is second  # nothing new was said, nothing is saved
