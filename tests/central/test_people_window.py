"""People in the window: operators and engineers sign in by name, administrators look after them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from deeprx_gui import central_settings
from deeprx_gui.app import Program
from deeprx_gui.central import people as central_people
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.password import VARIABLE
from deeprx_gui.controllers.sign_in_controller import SignInController
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.domain.message import say
from deeprx_gui.domain.people import PeopleList, Person, Role
from deeprx_gui.jobs.lane import STOP_MS, Lane, once
from deeprx_gui.paths import Paths
from deeprx_gui.people import people_copy, secret_hash
from deeprx_gui.people.station_people import StationPeople
from deeprx_gui.ui.people.people_sheet import PeopleAction, PeopleSheet
from deeprx_gui.ui.people.sign_in_sheet import SignInSheet
from tests.central.postgres_server import free_port
from tests.ui import walk
from tests.ui.conftest import program_over
from tests.ui.driving import LEFT, settle

Login = Callable[[str], tuple[CentralPlace, str]]
SECRETS = {"Sato": "4711", "Sato Jiro": "2222x", "田中": "271828", "Admin": "correct horse"}
ROLES = {"田中": Role.ENGINEER, "Admin": Role.ADMINISTRATOR}


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hash, "COST", (2, 8, 1))
    monkeypatch.setattr(people_copy, "_COST", 2)
    monkeypatch.setattr("deeprx_gui.ui.kit.key_gate.KeyGate.pace", 0.0)


def everybody(*retired: str) -> PeopleList:
    return PeopleList(
        tuple(
            Person(n, name, ROLES.get(name, Role.OPERATOR), secret_hash.hashed(secret),
                   name in retired)
            for n, (name, secret) in enumerate(SECRETS.items(), start=1)
        )
    )  # fmt: skip


@contextmanager
def running(data_dir: Path, qapp: QApplication) -> Iterator[Program]:
    program = program_over(data_dir, qapp)
    try:
        program.start()
        program.finish()
        program.window.activateWindow()
        yield program
    finally:
        program.window.let_close()
        assert program.stop()
        program.window.deleteLater()
        program.deleteLater()


@pytest.fixture
def station(
    data_dir: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    """A station that knows its people; the centre is away."""
    monkeypatch.setenv(VARIABLE, "of the station")
    paths = Paths(data_dir)
    place = CentralPlace(host="127.0.0.1", user="s", port=free_port(), tls=Tls.OFF)
    central_settings.save(place, paths.central_file)
    StationPeople.open(paths, lambda _place: "of the station").hear(everybody())
    with running(data_dir, qapp) as program:
        yield program


def people_of(program: Program) -> StationPeople:
    return program.job_service.services.people


def signing(program: Program) -> SignInController:
    found = program.operator_controller.sign_in
    assert found is not None
    return found


def locked_in(program: Program) -> bool:
    return program.inspect_page.operator


def offered(sheet: SignInSheet) -> list[str]:
    return [button.text() for button in sheet.buttons]


def chosen(sheet: SignInSheet) -> str:
    return "" if sheet.person is None else sheet.person.name


def ask(program: Program, qtbot: QtBot, button: QAbstractButton) -> SignInSheet:
    sheet = signing(program).sheet
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(sheet.isVisible)
    return sheet


def prove(program: Program, qtbot: QtBot, name: str, secret: str) -> SignInSheet:
    """Choose a name and enter a PIN or password, as a person does."""
    sheet = signing(program).sheet
    if sheet.person is None:
        QTest.mouseClick(next(b for b in sheet.buttons if b.text() == name), LEFT)
    for letter in secret:
        if letter in sheet.keys.digits:
            QTest.mouseClick(sheet.keys.digits[letter], LEFT)
        else:
            QTest.keyClicks(sheet.secret, letter)
    QTest.mouseClick(sheet.keys.enter, LEFT)
    qtbot.waitUntil(lambda: not signing(program).people.lane.busy)
    return sheet


def trail(data_dir: Path) -> list[tuple[str, str]]:
    lines = (data_dir / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    return [(entry["what"], entry["who"]) for entry in map(json.loads, lines)]


def test_a_shift_with_the_centre_away(station: Program, qtbot: QtBot, data_dir: Path) -> None:
    top = station.inspect_page.top
    assert locked_in(station), "people guard the work, as the PIN does"
    assert top.person.text() == "Sign in"
    sheet = ask(station, qtbot, top.person)
    assert offered(sheet) == ["Admin", "Sato", "Sato Jiro", "田中"]
    small = [
        w for w in walk.visible(sheet)
        if isinstance(w, QAbstractButton | QLineEdit) and not isinstance(w.parent(), QLineEdit)
        and w.height() < 62 and w.property("kind") != "cross"
    ]  # fmt: skip
    assert not small, "everything is large enough for a glove"
    prove(station, qtbot, "Sato", "0000")
    assert "4 more tries" in sheet.message.text()
    prove(station, qtbot, "Sato", SECRETS["Sato"])
    assert sheet.isHidden()
    assert top.person.text() == "Sato"
    assert station.job_service.settings.who == "Sato"

    sheet = ask(station, qtbot, top.leave)
    assert offered(sheet) == ["Admin", "田中"], "operators have no engineer's rights"
    prove(station, qtbot, "田中", SECRETS["田中"])
    assert not locked_in(station)
    assert station.job_service.settings.who == "田中"
    station.window.settings_sheet.changed.emit(replace(station.settings.current, theme="dark"))

    signing(station).people._touched -= 16 * 60
    signing(station).people.look()
    assert locked_in(station)
    assert "nothing was touched" in station.window.status.text.text()
    assert people_of(station).name == ""
    assert trail(data_dir) == [
        ("wrong pin", "Sato"), ("signed in", "Sato"), ("signed out", "Sato"),
        ("signed in", "田中"), ("settings changed", "田中"), ("signed out", "田中"),
    ]  # fmt: skip


def test_a_badge_is_enough_a_typed_name_is_found_and_wrong_tries_lock(
    station: Program, qtbot: QtBot
) -> None:
    sheet = ask(station, qtbot, station.inspect_page.top.person)
    QTest.keyClicks(sheet.line, "sato")
    assert offered(sheet) == ["Sato", "Sato Jiro"]
    assert chosen(sheet) == "", "it may be the beginning of another name"
    QTest.keyClicks(sheet.line, " jiro")
    assert chosen(sheet) == "Sato Jiro"
    QTest.mouseClick(sheet.another, LEFT)
    QTest.keyClicks(sheet.line, "xyz")
    assert "Nobody here" in sheet.more.text()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isHidden()
    assert locked_in(station)

    sheet = ask(station, qtbot, station.inspect_page.top.leave)
    for _ in range(5):
        prove(station, qtbot, "田中", "1")
    assert sheet.locked
    assert "Wait 30 s" in sheet.message.text()
    assert not sheet.keys.digits["1"].isEnabled()
    sheet.count_down()
    assert "Wait 29 s" in sheet.message.text()
    assert locked_in(station)


def test_one_thing_leaves_the_operator_signed_in_and_who_is_retired_goes(
    station: Program, qtbot: QtBot
) -> None:
    ask(station, qtbot, station.inspect_page.top.person)
    prove(station, qtbot, "Sato", SECRETS["Sato"])
    done: list[str] = []
    station.operator_controller.ask_pin(lambda: done.append(station.job_service.settings.who))
    qtbot.waitUntil(signing(station).sheet.isVisible)
    prove(station, qtbot, "田中", SECRETS["田中"])
    assert done == ["田中"]
    assert station.inspect_page.top.person.text() == "Sato"
    assert locked_in(station)

    ask(station, qtbot, station.inspect_page.top.leave)
    prove(station, qtbot, "田中", SECRETS["田中"])
    assert not locked_in(station)
    people_of(station).hear(everybody("田中"))
    signing(station).people.look()
    assert locked_in(station)
    assert "is retired" in station.window.status.text.text()


def test_a_copy_that_was_tampered_with_is_said_and_the_line_stays(
    station: Program, qtbot: QtBot, data_dir: Path
) -> None:
    file = data_dir / "people.json"
    file.write_text(file.read_text(encoding="utf-8").replace("operator", "engineer"))
    QTest.mouseClick(station.inspect_page.top.leave, LEFT)
    qtbot.waitUntil(lambda: "damaged, or was changed" in station.window.status.text.text())
    assert locked_in(station)
    assert signing(station).sheet.isHidden()


def test_a_pc_without_a_centre_shows_and_starts_nothing(data_dir: Path, qapp: QApplication) -> None:
    with running(data_dir, qapp) as program:
        assert program.operator_controller.sign_in is None
        assert not locked_in(program)
        program.operator_controller.enter()
        assert program.inspect_page.top.person.isHidden()
    assert not list(data_dir.glob("audit*"))
    assert not list(data_dir.glob("people*"))


def set_up(program: Program, place: CentralPlace) -> None:
    """Save another place, as the sheet of the central database does once it has answered."""
    central_settings.save(place, program.job_service.services.paths.central_file)
    program.central_controller._changed()


def test_another_centre_does_not_leave_the_window_open_to_everybody(
    station: Program, qtbot: QtBot
) -> None:
    place = people_of(station).place
    assert place is not None
    ask(station, qtbot, station.inspect_page.top.leave)
    prove(station, qtbot, "田中", SECRETS["田中"])
    before = signing(station)
    set_up(station, replace(place, line="Line 3"))
    assert signing(station) is before
    assert (people_of(station).name, locked_in(station)) == ("田中", False), "only the line changed"
    station.central_controller.open()
    set_up(station, replace(place, database="another"))
    assert (people_of(station).name, locked_in(station)) == ("", True)
    assert station.central_controller.sheet.isHidden()
    assert "nobody is signed in any more" in station.window.status.text.text()


def test_the_window_does_not_wait_for_a_centre_that_hangs(
    station: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    begun: list[int] = []
    wait, place, answers = Lane.stop, people_of(station).place, Event()
    assert place is not None

    def stop(lane: Lane, wait_ms: int = STOP_MS, *, finish: bool = False) -> bool:
        waits.append(wait_ms)
        return wait(lane, min(wait_ms, 20), finish=finish)

    def hang() -> None:
        begun.append(1)
        answers.wait()

    library = station.library.controller
    assert library is not None
    for lane in (signing(station).people.lane, library._lane):
        lane.start(once(hang, say("Asking the central database")))
    qtbot.waitUntil(lambda: len(begun) == 2)
    with monkeypatch.context() as patched:
        patched.setattr(Lane, "stop", stop)
        set_up(station, replace(place, database="another"))
        assert set(waits) == {0}
        assert not station.operator_controller.stop(), "so that the program ends in spite of it"
        assert not station.library.stop()
        answers.set()


# -- administrators ------------------------------------------------------------------------------


@pytest.fixture
def administered(
    owner: CentralConnection, login: Login, data_dir: Path, qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:  # fmt: skip
    """A station whose centre answers; its people are in the real database."""
    place, password = login("deeprx_station")
    monkeypatch.setenv(VARIABLE, password)
    central_settings.save(place, Paths(data_dir).central_file)
    for person in everybody().people[::-1]:
        central_people.add(owner, person, who="it")
    with running(data_dir, qapp) as program:
        yield program


def request(sheet: PeopleSheet, action: PeopleAction, **fields: str) -> None:
    for name, text in fields.items():
        getattr(sheet, name).setText(text)
    assert sheet.buttons[action].isEnabled()
    QTest.mouseClick(sheet.buttons[action], LEFT)


def test_an_administrator_looks_after_people(
    administered: Program, qtbot: QtBot, login: Login, owner: CentralConnection
) -> None:
    program, admin = administered, signing(administered).admin
    qtbot.waitUntil(lambda: people_of(program).active)  # heard at the start
    QTest.mouseClick(admin.button, LEFT)
    sheet = admin.sheet
    assert sheet is not None
    qtbot.waitUntil(lambda: sheet.list.count() == 4)
    assert sheet.list.item(3).text() == "田中 · Engineer"

    assert "Choose somebody" in sheet.lacking.text()
    sheet.name.setText("Abe")
    sheet.secret.setText("123456")
    sheet.again.setText("12345")
    assert "the same in both fields" in sheet.lacking.text()
    assert not sheet.buttons[PeopleAction.ADD].isEnabled()
    sheet.again.setText("123456")
    assert "administrator of the database" in sheet.lacking.text()
    place, password = login("deeprx_admin")
    new = {"secret": "123456", "again": "123456"}
    station = central_settings.load(program.job_service.services.paths.central_file)
    assert station is not None
    program_password = people_of(program).password()
    request(
        sheet, PeopleAction.ADD, name="Abe", login=station.user, password=program_password, **new
    )
    qtbot.waitUntil(lambda: "does not allow" in sheet.message.text())
    request(sheet, PeopleAction.ADD, login=place.user, password=password)
    qtbot.waitUntil(lambda: sheet.list.count() == 5)
    assert "Abe may sign in" in sheet.message.text()
    assert sheet.secret.text() == ""
    short = {"secret": "11", "again": "11"}
    request(sheet, PeopleAction.SECRET, name="田中", **short)
    qtbot.waitUntil(lambda: "6 to 64 characters" in sheet.message.text())
    request(sheet, PeopleAction.RETIRE, name="Abe")
    assert admin.confirm is not None
    assert admin.confirm.isVisible()
    QTest.mouseClick(admin.confirm.yes, LEFT)
    qtbot.waitUntil(lambda: sheet.list.item(4).text() == "Abe · Operator · retired")
    assert not sheet.buttons[PeopleAction.RETIRE].isEnabled()
    found = central_people.listed(owner).named("Abe")
    assert found is not None
    assert found.retired
    sheet.close_sheet()
    assert sheet.password.text() == ""
    settle(program, qtbot)
