"""How tests drive the window: wait, teach, learn."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from tests.ui.conftest import drop

LEFT = Qt.MouseButton.LeftButton


def idle(program: Program) -> bool:
    return not (program.job_service.busy or program.job_service.files.busy)


def settle(program: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: idle(program))


def teach(program: Program, qtbot: QtBot, pictures: list[Path], name: str = "Bracket") -> None:
    QTest.keyClick(program.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    page = program.teach_page
    drop(page.panel.empty, pictures)
    qtbot.waitUntil(lambda: len(program.tray.images) == len(pictures))
    page.target.name.setFocus()
    QTest.keyClicks(page.target.name, name)
    QTest.mouseClick(page.learn, LEFT)


def learned(program: Program, qtbot: QtBot, pictures: list[Path]) -> None:
    teach(program, qtbot, pictures)
    qtbot.waitUntil(lambda: program.session.profile is not None)
    settle(program, qtbot)
