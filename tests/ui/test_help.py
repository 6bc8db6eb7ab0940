"""F1, the self-test on its sheet, and the zip for support, in the real window."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from deeprx_gui.controllers import help_controller
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.self_test import Check, SelfTest, State
from deeprx_gui.i18n import set_language
from tests.ui.conftest import Start
from tests.ui.driving import LEFT, settle
from tests.ui.walk import speak

GOOD = Check("disk", say("Data folder"), State.OK, say("It can be written"), 0.1)
BAD = Check("weights", say("Built-in backbones"), State.FAILED, say("Install it again."), 0.1)
OUT = Check("cameras", say("Cameras"), State.SKIPPED, say("None is connected"), 0.1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[QUrl]:
    """Which addresses were opened; every page has a file."""
    for language in ("en", "ja"):
        folder = tmp_path / "guide" / language
        folder.mkdir(parents=True)
        for page in ("profiles", "teach", "check", "inspect", "history"):
            (folder / f"open-{page}.html").write_text("", encoding="utf-8")
    monkeypatch.setattr(help_controller, "resources_dir", lambda: tmp_path)
    found: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        found.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return found


def testing(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    def self_test(*_: Any) -> Generator[Progress, None, SelfTest]:
        for number, check in enumerate(checks, 1):
            yield Progress(number, len(checks), check.title, item=check)
        return SelfTest(checks)

    monkeypatch.setattr(help_controller, "self_test", self_test)


def status(program: Program) -> str:
    return program.window.status.text.text()


def test_f1_opens_each_page_at_its_own_chapter(start: Start, opened: list[QUrl]) -> None:
    program = start()
    for page in range(5):
        program.window.show_page(page)
        QTest.keyClick(program.window, Qt.Key.Key_F1)
    set_language("ja")
    QTest.keyClick(program.window, Qt.Key.Key_F1)
    names = [Path(url.toLocalFile()) for url in opened]
    assert [name.stem for name in names[:5]] == [
        "open-profiles", "open-teach", "open-check", "open-inspect", "open-history",
    ]  # fmt: skip
    assert [name.parent.name for name in names] == ["en"] * 5 + ["ja"]


def test_the_settings_lead_to_guide_and_self_test(start: Start, opened: list[QUrl]) -> None:
    program = start()
    window = program.window
    QTest.mouseClick(window.header.settings, LEFT)
    QTest.mouseClick(window.settings_sheet.guide, LEFT)
    assert len(opened) == 1
    assert window.settings_sheet.isHidden()
    QTest.mouseClick(window.header.settings, LEFT)
    QTest.mouseClick(window.settings_sheet.self_test, LEFT)
    assert window.self_test_sheet.isVisible()
    QTest.keyClick(window.self_test_sheet, Qt.Key.Key_Escape)
    assert window.self_test_sheet.isHidden()


def test_a_missing_guide_is_told(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    monkeypatch.setattr(help_controller, "resources_dir", lambda: tmp_path)
    program = start()
    settle(program, qtbot)
    QTest.keyClick(program.window, Qt.Key.Key_F1)
    assert "The user guide is not there" in status(program)


def test_a_pc_without_a_browser_is_told_where_the_guide_is(
    start: Start, opened: list[QUrl], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    program = start()
    settle(program, qtbot)
    program.window.show_page(0)
    QTest.keyClick(program.window, Qt.Key.Key_F1)
    assert "open-profiles.html" in status(program)


def test_what_the_self_test_found_and_the_zip(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    testing(monkeypatch, GOOD, BAD, OUT)
    program = start()
    sheet = program.window.self_test_sheet
    sheet.open()
    assert not sheet.support.isEnabled()
    for _ in range(2):  # the second run shows its own rows only
        QTest.mouseClick(sheet.begin, LEFT)
        assert not sheet.begin.isEnabled()
        qtbot.waitUntil(sheet.begin.isEnabled)
        assert [(t.text(), d.text()) for t, d in sheet.labels] == [
            ("Data folder: passed", "It can be written"),
            ("Built-in backbones: FAILED", "Install it again."),
            ("Cameras: skipped", "None is connected"),
        ]
    assert sheet.sentence.text().startswith("1 check failed.")
    target = tmp_path / "サポート.zip"
    sheet.save_to(str(target))
    qtbot.waitUntil(lambda: str(target) in status(program))
    with zipfile.ZipFile(target) as archive:
        report = json.loads(archive.read("self-test.json"))
    assert not report["ok"]
    assert [c["state"] for c in report["checks"]] == ["ok", "failed", "skipped"]


def test_when_all_is_well_it_says_so_in_both_languages(
    start: Start, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    testing(monkeypatch, GOOD)
    program = start()
    sheet = program.window.self_test_sheet
    program.help_controller.begin()
    qtbot.waitUntil(sheet.begin.isEnabled)
    assert sheet.sentence.text() == "Everything works on this PC."
    speak("ja")
    assert sheet.sentence.text() == "すべて正常です。"


def test_it_does_not_disturb_an_inspection(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    testing(monkeypatch, GOOD)
    program = start()
    monkeypatch.setattr(program.help_controller, "_line_runs", lambda: True)
    program.help_controller.begin()
    assert "Stop it first" in program.window.self_test_sheet.sentence.text()
    assert not program.window.self_test_sheet.labels


def test_what_is_wrong_with_this_pc_is_said_at_the_start(
    start: Start, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    sentence = say("It can only be read.")
    monkeypatch.setattr(help_controller, "pc_warnings", lambda _data: (sentence, say("And old.")))
    program = start()
    qtbot.waitUntil(lambda: status(program) == "It can only be read.")
