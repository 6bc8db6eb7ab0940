"""The window over a data folder nobody would wish for: it opens, and says what is wrong."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui import scratch
from deeprx_gui import settings as preferences
from deeprx_gui.app import Program
from deeprx_gui.paths import Paths
from deeprx_gui.settings import Settings
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import learned, settle

LONG = (*["長い名前のフォルダー" * 2] * 3, *["d" * 60] * 5)


@pytest.fixture(params=["blocked", "long", "japanese"])
def data_dir(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder that cannot be made, one of 300 characters, one of a Japanese account."""
    match request.param:
        case "blocked":
            (tmp_path / "file").write_bytes(b"")
            return tmp_path / "file" / "data"
        case "long":
            return tmp_path.joinpath(*LONG)
        case _:
            return tmp_path / "佐藤 太郎" / "AppData" / "Local" / "DeepRXInspector"


def status(program: Program) -> str:
    return program.window.status.text.text()


@pytest.mark.parametrize("data_dir", ["blocked"], indirect=True)
def test_a_folder_that_cannot_be_written_opens_and_is_named(
    start: Start, qtbot: QtBot, data_dir: Path
) -> None:
    program = start()
    qtbot.waitUntil(lambda: "can only be read" in status(program))
    assert str(data_dir) in status(program)
    assert program.window.isVisible()
    program.window.settings_sheet.changed.emit(Settings(language="en", theme="dark"))
    assert "preferences could not be saved" in status(program)
    for page in range(5):
        program.window.show_page(page)
    settle(program, qtbot)


@pytest.mark.parametrize("data_dir", ["long", "japanese"], indirect=True)
def test_learning_and_settings_work_in_any_folder(
    start: Start, qtbot: QtBot, data_dir: Path, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    (card,) = program.job_service.services.store.list()
    assert card.problem is None
    preferences.save(Settings(operator="佐藤"), Paths(data_dir).settings_file)
    assert preferences.load(Paths(data_dir).settings_file).who == "佐藤"


@pytest.mark.parametrize("data_dir", ["japanese"], indirect=True)
def test_a_folder_that_is_read_only_says_why(
    start: Start, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(scratch, "open_scratch", refuse)
    program = start()
    qtbot.waitUntil(lambda: "can only be read (Read-only file system)" in status(program))
