"""What a second start brings, in the real window: it comes forward, profiles are asked about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, Program
from deeprx_gui.profiles import schema
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.single_instance import WindowInstance, claim_or_hand_over, request_folder
from tests.profiles.files import document, repacked
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import LEFT, idle, settle

pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def exported(make_profile: MakeProfile, tmp_path: Path) -> Path:
    """A profile file, in a folder with a long Japanese name."""
    store = ProfileStore(tmp_path / "elsewhere")
    saved = store.save(replace(make_profile("ブラケット"), id=""))
    folder = tmp_path / "佐藤さんの USB メモリ"
    folder.mkdir()
    return store.export(saved.id, folder / "部品.deeprx")


@pytest.fixture
def window(data_dir: Path) -> Iterator[WindowInstance]:
    taken = claim_or_hand_over(request_folder(data_dir))
    assert taken is not None
    yield taken
    taken.close()


@contextmanager
def second_start(window: WindowInstance, *files: Path) -> Iterator[list[WindowInstance | None]]:
    """Start the program again beside this test."""
    answers: list[WindowInstance | None] = []
    thread = threading.Thread(
        target=lambda: answers.append(claim_or_hand_over(window.place, files))
    )
    thread.start()
    yield answers
    thread.join()


def question(program: Program) -> QMessageBox | None:
    boxes = program.window.findChildren(QMessageBox)
    return next((box for box in boxes if box.isVisible()), None)


def answer(program: Program, qtbot: QtBot, words: str) -> str:
    qtbot.waitUntil(lambda: question(program) is not None)
    box = question(program)
    assert box is not None
    text = f"{box.text()} {box.informativeText()}"
    QTest.mouseClick(next(b for b in box.buttons() if b.text() == words), LEFT)
    return text


def test_a_minimised_window_comes_forward(
    start: Start, qtbot: QtBot, window: WindowInstance
) -> None:
    program = start()
    program.arrivals.watch(window.place)
    program.window.showMinimized()
    with second_start(window) as answers:
        qtbot.waitUntil(lambda: bool(answers))
    assert answers == [None]
    assert not program.window.windowState() & Qt.WindowState.WindowMinimized
    assert question(program) is None


def test_a_profile_is_imported_and_opened_after_a_question(
    start: Start, qtbot: QtBot, window: WindowInstance, exported: Path
) -> None:
    program = start()
    program.arrivals.watch(window.place)
    with second_start(window, exported) as answers:
        qtbot.waitUntil(lambda: bool(answers))
    assert program.job_service.services.store.list() == (), "not before the answer"
    asked = answer(program, qtbot, "Import")
    assert asked.startswith("Import this product? “ブラケット” from 部品.deeprx")
    qtbot.waitUntil(lambda: program.session.profile is not None)
    settle(program, qtbot)
    assert program.window.page == CHECK
    (card,) = program.job_service.services.store.list()
    assert card.name == "ブラケット"


def test_saying_no_imports_nothing(start: Start, qtbot: QtBot, exported: Path) -> None:
    program = start()
    program.arrivals.offer([exported])
    answer(program, qtbot, "Cancel")
    qtbot.waitUntil(lambda: question(program) is None and idle(program))
    assert program.job_service.services.store.list() == ()


def test_what_was_asked_before_the_window_was_ready_is_answered(
    start: Start, qtbot: QtBot, window: WindowInstance
) -> None:
    program = start()
    with second_start(window) as answers:
        qtbot.waitUntil(lambda: any(window.place.glob("*.request")))
        program.arrivals.watch(window.place)
        qtbot.waitUntil(lambda: bool(answers))
    assert answers == [None]


def test_operators_import_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch, exported: Path
) -> None:
    program = start()
    monkeypatch.setattr(program.arrivals, "_locked", lambda: True)
    program.arrivals.offer([exported])
    assert question(program) is None
    assert "Leave operator mode" in program.window.status.text.text()


@pytest.mark.parametrize("content", [None, b"Dear Sir"])
def test_what_cannot_be_imported_is_a_sentence_and_no_question(
    start: Start, qtbot: QtBot, tmp_path: Path, content: bytes | None
) -> None:
    program = start()
    settle(program, qtbot)
    file = tmp_path / "letter.deeprx"
    if content is not None:
        file.write_bytes(content)
    program.arrivals.offer([file])
    qtbot.waitUntil(lambda: file.name in program.window.status.text.text())
    assert question(program) is None
    assert program.job_service.services.store.list() == ()


def test_while_the_line_runs_an_import_opens_nothing(
    start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, exported: Path
) -> None:
    program = start()
    monkeypatch.setattr(type(program.inspect_controller), "running", property(lambda _self: True))
    program.arrivals.offer([exported])
    answer(program, qtbot, "Import")
    qtbot.waitUntil(lambda: len(program.job_service.services.store.list()) == 1)
    settle(program, qtbot)
    assert program.session.profile is None
    monkeypatch.undo()


def test_a_profile_of_a_newer_program_is_refused_in_plain_words(
    start: Start, qtbot: QtBot, exported: Path
) -> None:
    data = exported.read_bytes()
    exported.write_bytes(repacked(data, {**document(data), "schema": schema.CURRENT + 1}))
    program = start()
    program.arrivals.offer([exported])
    qtbot.waitUntil(lambda: "made by a newer program" in program.window.status.text.text())
    assert question(program) is None
    assert program.job_service.services.store.list() == ()


def test_of_several_files_the_good_ones_are_asked_about(
    start: Start, qtbot: QtBot, exported: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.deeprx"
    letter.write_bytes(b"Dear Sir")
    program = start()
    program.arrivals.offer([letter, exported])
    asked = answer(program, qtbot, "Import")
    assert "ブラケット" in asked
    assert "letter" not in asked
    qtbot.waitUntil(lambda: len(program.job_service.services.store.list()) == 1)


def improved(tmp_path: Path, exported: Path) -> Path:
    """The product of ``exported`` with another limit, saved on the other PC."""
    store = ProfileStore(tmp_path / "elsewhere")
    first = store.load("ブラケット")
    moved = first.limits.moved(ng=first.limits.ng * 1.5)
    store.save(replace(first, limits=moved))
    return store.export(first.id, exported.parent / "改良.deeprx")


def test_an_improved_profile_becomes_the_new_revision(
    start: Start, qtbot: QtBot, window: WindowInstance, exported: Path, tmp_path: Path
) -> None:
    program = start()
    store = program.job_service.services.store
    taken = store.import_file(exported, who="")
    program.arrivals.watch(window.place)
    with second_start(window, improved(tmp_path, exported)) as answers:
        qtbot.waitUntil(lambda: bool(answers))
    sheet = program.imports.sheet
    qtbot.waitUntil(sheet.isVisible)
    assert question(program) is None
    assert "newer than r0001" in sheet.sentence.text()
    assert sheet.revision.hasFocus()
    QTest.keyClick(sheet.revision, Qt.Key.Key_Return)
    settle(program, qtbot)
    assert store.load(taken.id).revision == 2
    assert "uses r0002" in program.window.status.text.text()
    assert store.rollback(taken.id, 1, who="", why="").limits == taken.limits


def test_escape_leaves_the_file_alone(
    start: Start, qtbot: QtBot, exported: Path, tmp_path: Path
) -> None:
    program = start()
    store = program.job_service.services.store
    taken = store.import_file(exported, who="")
    program.arrivals.offer([improved(tmp_path, exported)])
    sheet = program.imports.sheet
    qtbot.waitUntil(sheet.isVisible)
    QTest.keyClick(sheet.revision, Qt.Key.Key_Escape)
    settle(program, qtbot)
    assert not sheet.isVisible()
    assert store.load(taken.id).revision == 1
    assert len(store.list()) == 1
