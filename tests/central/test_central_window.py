"""The central database in the window: set up, connected, alone again; nothing of it without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from deeprx_gui import central_settings
from deeprx_gui.app import HISTORY, Program
from deeprx_gui.central import password as passwords
from deeprx_gui.domain.central import CentralPlace, PictureRule, Tls
from deeprx_gui.domain.forwarding import ForwardPhase
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.store import RecordStore
from tests.central.postgres_server import free_port
from tests.made_record import made_record
from tests.ui.conftest import program_over

WAIT = 60_000


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The credential store of this PC."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(passwords, "read", lambda place: kept.get(place.user, ""))
    monkeypatch.setattr(passwords, "forget", lambda place: kept.pop(place.user, None))
    monkeypatch.setattr(
        passwords, "remember", lambda place, secret: kept.update({place.user: secret})
    )
    return kept


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Program]:
    with closing(RecordStore(Paths(tmp_path).results)) as store:
        for number in range(1, 6):
            store.add(made_record(number, uid=f"{number:032x}"))
    made = program_over(tmp_path, qapp)
    made.start()
    made.finish()
    yield made
    made.window.let_close()
    assert made.stop()
    made.window.deleteLater()
    made.deleteLater()


def _sends(program: Program) -> bool:
    return program.central_controller.forwarder is not None


def _offers_the_plant(program: Program) -> bool:
    """Whether the window offers the library, people and all stations; it offers all or none."""
    buttons = [b.text() for b in program.window.settings_sheet.findChildren(QPushButton)
               if not b.isHidden()]  # fmt: skip
    offered = {
        not program.profiles_page.library_button.isHidden(),
        program.operator_controller.sign_in is not None and "People…" in buttons,
        not program.history_page.body.source.isHidden(),
    }
    assert len(offered) == 1, offered
    return offered.pop()


def test_a_station_is_connected_and_stands_alone_again(
    program: Program,
    qtbot: QtBot,
    vault: dict[str, str],
    login: Callable[[str], tuple[CentralPlace, str]],
    tmp_path: Path,
) -> None:
    place, secret = login("deeprx_station")
    controller, header = program.central_controller, program.window.header
    program.window.show_page(HISTORY)
    assert not _sends(program)
    assert header.central.isHidden()
    assert not _offers_the_plant(program)
    program.window.resize(1366, 768)
    program.window.settings_sheet.central.click()
    sheet = controller.sheet
    assert sheet.isVisible()
    program.window.grab()
    assert sheet.scroll_area.verticalScrollBar().maximum() == 0, "all that is asked is in sight"
    assert sheet.alone.isHidden()
    sheet.show_place(replace(place, port=free_port(), line="Line 3", pictures=PictureRule.BAD))
    sheet.password.setText(secret)
    sheet.test.click()
    assert not sheet.test.isEnabled()
    qtbot.waitUntil(lambda: "cannot be reached" in sheet.result.text.text(), timeout=WAIT)
    sheet.port.line.setText(str(place.port))
    sheet.test.click()
    qtbot.waitUntil(lambda: "This station may send" in sheet.result.text.text(), timeout=WAIT)
    assert central_settings.load(Paths(tmp_path).central_file) is None
    sheet.save.click()
    qtbot.waitUntil(lambda: "up to date" in header.central.text(), timeout=WAIT)
    assert controller.forwarder is not None
    assert controller.forwarder.state.phase is ForwardPhase.UP_TO_DATE
    assert controller.forwarder.state.sent == 5
    assert vault == {place.user: secret}
    assert _offers_the_plant(program), "library, people and all stations, without a new start"
    kept = central_settings.load(Paths(tmp_path).central_file)
    assert kept == replace(place, line="Line 3", pictures=PictureRule.BAD)
    assert secret not in Paths(tmp_path).central_file.read_text(encoding="utf-8")
    sheet.alone.click()
    qtbot.waitUntil(lambda: not _sends(program), timeout=WAIT)
    assert header.central.isHidden()
    assert not _offers_the_plant(program)
    assert vault == {}
    assert central_settings.load(Paths(tmp_path).central_file) is None


def test_all_stations_are_listed_anew_from_another_centre(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = CentralPlace("127.0.0.1", "s", port=free_port(), tls=Tls.OFF)
    central_settings.save(place, Paths(tmp_path).central_file)
    program.window.show_page(HISTORY)
    program.history_controller.look_at(central=True)
    listed: list[object] = []
    monkeypatch.setattr(program.history_page.history, "load", listed.append)
    central_settings.save(replace(place, database="another"), Paths(tmp_path).central_file)
    program.job_service.central_changed.emit()
    assert listed == [program.history_page.query]


def test_in_the_clear_only_this_pc_is_taken(program: Program, qtbot: QtBot) -> None:
    controller = program.central_controller
    controller.open()
    controller.sheet.show_place(CentralPlace("db.example", "line_3", tls=Tls.OFF))
    controller.sheet.save.click()
    qtbot.waitUntil(lambda: "TLS" in controller.sheet.result.text.text(), timeout=WAIT)


def test_a_pc_that_stands_alone_loads_nothing_of_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from deeprx_gui.cli.main import main\n"
        "import deeprx_gui.cli.inspect_command, deeprx_gui.controllers.central_controller\n"
        "main(['history', 'list', '--data-dir', sys.argv[1]])\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('pg8000', 'keyring')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines()[-1] == "[]"
