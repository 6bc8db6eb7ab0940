"""Teach: pictures of the same part are shown, and a person knows better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom
from deeprx_gui.results.encode import encode_png
from deeprx_gui.state.session import Session
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.state.tray import IMAGE_ROLE, TrayModel
from deeprx_gui.ui.teach.page import TeachPage
from deeprx_gui.ui.teach.parts_field import SERIAL
from tests.engine.parts import texture
from tests.ui.conftest import Start

NAMED = [Path(f"/parts/A{n // 3}_{n % 3}.png") for n in range(30)]
LEFT = Qt.MouseButton.LeftButton
Show = Callable[[TeachPage], TeachPage]


@pytest.fixture
def page(show: Show) -> Iterator[TeachPage]:
    made = TeachPage(Session(), TrayModel(), ThumbnailCache(), (".png",))
    made.tray.add(NAMED)
    made.tray.show_parts(NAMED, Parts.by(n // 3 for n in range(30)))
    yield show(made)
    for stack in (made.draft.undo_stack, made.tray.undo_stack):
        stack.clear()


def select(page: TeachPage, *rows: int) -> None:
    page.panel.view.clearSelection()
    for row in rows:
        page.panel.view.selectionModel().select(
            page.tray.index(row), QItemSelectionModel.SelectionFlag.Select
        )


def shown(page: TeachPage) -> list[int]:
    return [page.tray.index(row).data(IMAGE_ROLE).part for row in range(page.tray.rowCount())]


def test_the_tray_says_how_many_parts_there_are(page: TeachPage) -> None:
    assert page.panel._count.text() == "30 pictures of about 10 parts"
    assert "at most about 13 % false calls" in page.panel.hint.text()
    assert "Add about 107 more parts" in page.panel.hint.text()
    assert shown(page) == [n // 3 + 1 for n in range(30)]
    spoken = page.tray.index(4).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "part 2" in spoken


def test_a_person_says_that_they_are_different_parts_and_takes_it_back(page: TeachPage) -> None:
    select(page, 0, 1, 2)
    assert page.panel.same.isHidden(), "they are the same part already"
    QTest.mouseClick(page.panel.different, LEFT)
    assert page.panel._count.text() == "30 pictures of about 12 parts"
    assert shown(page)[:4] == [0, 0, 0, 1]
    assert page.plan.settings.parts.said == tuple((str(p),) for p in NAMED[:3])
    page.tray.undo_stack.undo()
    assert page.panel._count.text() == "30 pictures of about 10 parts"
    assert page.plan.settings.parts == PartRule()


def test_a_person_says_that_they_are_the_same_part(page: TeachPage) -> None:
    select(page, 0, 3)
    QTest.mouseClick(page.panel.same, LEFT)
    assert shown(page)[:7] == [1, 1, 1, 1, 1, 1, 2], "with everything that shows either of them"
    assert page.tray.parts.count == 9
    assert set(page.tray.same_part(NAMED[5])) == set(NAMED[:6])


def test_without_pictures_of_the_same_part_the_page_is_as_it_was(page: TeachPage) -> None:
    page.tray.show_parts(NAMED, Parts.each(30))
    assert page.panel._count.text() == "30 normal images"
    assert "Add 87 more for 1 %" in page.panel.hint.text()
    assert shown(page) == [0] * 30
    select(page, 0)
    assert page.panel.same.isHidden()
    assert page.panel.different.isHidden()


def test_file_names_can_name_the_part(page: TeachPage) -> None:
    field = page.parts_field
    field.by.set_value(PartsFrom.NAME)
    field.by.chosen.emit(PartsFrom.NAME)
    assert page.tray.rule == PartRule(PartsFrom.NAME, SERIAL)
    assert page.panel._count.text() == "30 pictures of 10 parts", "known, not about"
    field.pattern.setText("A.(")
    field.pattern.editingFinished.emit()
    assert "A.(" in field.problem.text()
    assert page.tray.rule.pattern == SERIAL, "a pattern that is none is not used"
    field.pattern.setText("^A")
    field.pattern.editingFinished.emit()
    assert page.tray.parts.count == 1
    assert "at least 4 more parts" in page.panel.hint.text()


def test_what_cannot_be_told_apart_is_said(page: TeachPage) -> None:
    page.tray.show_parts(NAMED, Parts(tuple(range(30)), alike=30))
    assert "30 of the 30 pictures differ as little" in page.panel.hint.text()


def test_new_pictures_are_looked_at_behind_the_page(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    files = []
    for n in range(12):
        noisy = np.clip(texture(n // 2, 96) + rng.normal(0, 2, (96, 96, 3)), 0, 255)
        files.append(tmp_path / f"{n}.png")
        files[-1].write_bytes(encode_png(noisy.astype(np.uint8)))
    program = start()
    program.teach_page.panel.paths_chosen.emit(tuple(files))
    qtbot.waitUntil(lambda: program.teach_page.tray.parts.count == 6, timeout=20_000)
    text = program.teach_page.panel._count.text
    qtbot.waitUntil(lambda: text() == "12 pictures of about 6 parts", timeout=20_000)
