"""Only the first page is made before the window is shown; nothing is missed by the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, HISTORY, INSPECT, PROFILES, TEACH
from tests.ui.conftest import MakePictures, Start, program_over
from tests.ui.driving import LEFT, settle, teach

ROOT = Path(__file__).resolve().parents[2]

_LATER = (
    "deeprx_gui.ui.check.page",
    "deeprx_gui.ui.teach.page",
    "deeprx_gui.ui.inspect.page",
    "deeprx_gui.ui.history.page",
    "deeprx_gui.outputs.table",
    "deeprx_gui.results.records.store",
    "deeprx_gui.work.live",
)


def test_what_the_first_page_does_not_need_is_not_imported_with_the_program() -> None:
    code = "import sys, deeprx_gui.app; print(*[n for n in sys.argv[1:] if n in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code, *_LATER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert told.stdout.split() == []


def test_every_page_is_made_without_a_click(
    qapp: QApplication, data_dir: Path, qtbot: QtBot
) -> None:
    program = program_over(data_dir, qapp)
    program.start()
    assert not {"_check", "_teach", "_history"} & set(vars(program))
    qtbot.waitUntil(lambda: program.window.pages_made == 5)
    program.window.let_close()
    assert program.stop()
    program.window.deleteLater()
    program.deleteLater()


@pytest.mark.parametrize("page", [TEACH, CHECK, INSPECT, HISTORY])
def test_a_page_asked_for_at_once_is_there_at_once(
    qapp: QApplication, data_dir: Path, qtbot: QtBot, page: int
) -> None:
    program = program_over(data_dir, qapp)
    program.start()
    program.window.show_page(page)
    assert program.window.page == page
    assert len(program.window.findChildren(QWidget)) > 50
    program.window.let_close()
    assert program.stop()
    program.window.deleteLater()
    program.deleteLater()


class _Windows(QObject):
    """Notes every window that appears."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_no_part_opens_a_window_of_its_own_while_it_is_made(
    qapp: QApplication, data_dir: Path
) -> None:
    seen = _Windows()
    qapp.installEventFilter(seen)
    program = program_over(data_dir, qapp)
    program.start()
    program.finish()
    qapp.removeEventFilter(seen)
    program.window.let_close()
    assert program.stop()
    program.window.deleteLater()
    program.deleteLater()
    assert seen.shown == ["MainWindow"]


def test_a_product_opened_at_the_first_moment_is_shown_on_every_page(
    start: Start,
    qapp: QApplication,
    data_dir: Path,
    qtbot: QtBot,
    make_pictures: MakePictures,
) -> None:
    first = start()
    teach(first, qtbot, make_pictures(12))
    qtbot.waitUntil(first.teach_page.lesson.isVisible)
    settle(first, qtbot)
    first.window.show_page(PROFILES)
    first.window.let_close()

    again = program_over(data_dir, qapp)
    again.start()
    key = first.session.profile.id if first.session.profile is not None else ""
    again.profiles_page.open_requested.emit(key)
    qtbot.waitUntil(lambda: again.session.profile is not None)
    settle(again, qtbot)
    assert again.window.page == CHECK
    assert again.check_page.no_profile.isHidden()
    assert len(again.tray.images) == 12
    QTest.mouseClick(again.window.rail.buttons[INSPECT], LEFT)
    assert again.inspect_page.isVisible()
    again.window.let_close()
    assert again.stop()
    again.window.deleteLater()
    again.deleteLater()
