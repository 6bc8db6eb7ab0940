"""Operator mode: only the Inspect page, and no way out without the PIN."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.access import PinAccess
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.controllers import inspect_controller
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.paths import Paths
from deeprx_gui.people.lockout import FREE_TRIES
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.state.inspect import Phase
from tests.ui import walk
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import LEFT, settle
from tests.ui.fake_line import FakeLine

PIN = "4711"
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
STATION = Station(source=SourceSpec("camera", "0"))
Begin = Callable[..., Program]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> FakeLine:
    made = FakeLine()
    monkeypatch.setattr(inspect_controller, "live", made.live)
    return made


@pytest.fixture
def begin(
    start: Start, line: FakeLine, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot
) -> Begin:
    """Start with two profiles on disk, the first open, perhaps with a PIN."""

    def run(station: Station = STATION, *, pin: str = PIN) -> Program:
        paths = Paths(data_dir)
        store = ProfileStore(paths.profiles)
        if not store.list():
            for name in ("Bracket", "Cover"):
                store.save(replace(make_profile(name), id=""))
        stations.save(station, paths.station_file)
        if pin:
            PinAccess(paths.access_file).set_pin(pin, who="Sato")
        program = start()
        settle(program, qtbot)
        return program

    return run


def operating(program: Program, qtbot: QtBot) -> None:
    program.operator_controller.open_product(id_of(program, "Bracket"))
    qtbot.waitUntil(lambda: program.session.profile is not None)
    program.window.show_page(INSPECT)
    QTest.mouseClick(program.inspect_page.top.operator, LEFT)


def id_of(program: Program, name: str) -> str:
    return next(card.id for card in program.profiles.cards if card.name == name)


def locked_in(program: Program) -> bool:
    page = program.inspect_page
    return page.operator and program.window.isVisible() and program.window.rail.isHidden()


def enter_pin(program: Program, qtbot: QtBot, pin: str) -> None:
    pad = program.inspect_page.sheets.pin
    for digit in pin:
        QTest.mouseClick(pad.digits[digit], LEFT)
    QTest.mouseClick(pad.enter, LEFT)
    settle(program, qtbot)


def test_only_the_inspect_page_is_left_and_everything_is_large(begin: Begin, qtbot: QtBot) -> None:
    program = begin()
    operating(program, qtbot)
    window = program.window
    assert locked_in(program)
    assert window.windowState() & Qt.WindowState.WindowFullScreen
    assert window.header.isHidden()
    walk.lay_out(window)
    small = [
        f"{type(w).__name__} {w.accessibleName() or w.toolTip()}: {w.size()}"
        for w in walk.visible(program.inspect_page)
        if isinstance(w, QAbstractButton | QLineEdit)
        and not isinstance(w.parent(), QLineEdit)
        and (w.height() < 64 or w.width() < 64)
    ]
    assert not small, "\n".join(small)


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Q, CTRL),
        (Qt.Key.Key_1, CTRL),
        (Qt.Key.Key_2, CTRL),
        (Qt.Key.Key_O, CTRL),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_F4, ALT),
    ],
)
def test_no_key_leaves_it(
    begin: Begin,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    program = begin()
    operating(program, qtbot)
    for target in (program.window, program.inspect_page, program.inspect_page.body.run.field):
        QTest.keyClick(target, key, modifier)
        assert locked_in(program)
        assert program.window.page == INSPECT
    assert program.window.keys_sheet.isHidden()
    assert not opened, "a browser would be a way out"


def test_the_cross_and_alt_f4_ask_for_the_pin(begin: Begin, qtbot: QtBot) -> None:
    program = begin()
    operating(program, qtbot)
    program.window.close()  # what Alt+F4 makes of it
    assert locked_in(program)
    assert program.inspect_page.sheets.pin.isVisible()
    QTest.keyClick(program.inspect_page.sheets.pin, Qt.Key.Key_Escape)
    assert locked_in(program)
    program.window.close()
    enter_pin(program, qtbot, PIN)
    assert program.window.isHidden()


def test_the_pin_opens_the_other_pages_and_a_wrong_one_does_not(begin: Begin, qtbot: QtBot) -> None:
    program = begin()
    operating(program, qtbot)
    pad = program.inspect_page.sheets.pin
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    assert pad.isVisible()
    assert all(button.height() >= 60 for button in pad.digits.values())
    enter_pin(program, qtbot, "0000")
    qtbot.waitUntil(lambda: "Wrong PIN" in pad.message.text())
    assert locked_in(program)
    assert PIN not in pad.dots.text()
    QTest.keyClicks(pad, PIN)  # a keyboard will do, too
    assert pad.dots.text() == "●●●●"
    QTest.keyClick(pad, Qt.Key.Key_Return)
    settle(program, qtbot)
    qtbot.waitUntil(lambda: not program.inspect_page.operator)
    assert program.window.rail.isVisible()
    assert not program.window.windowState() & Qt.WindowState.WindowFullScreen
    QTest.keyClick(program.window, Qt.Key.Key_1, CTRL)
    assert program.window.page == 0


def test_too_many_wrong_pins_lock_and_the_seconds_are_counted_down(
    begin: Begin, qtbot: QtBot
) -> None:
    program = begin()
    operating(program, qtbot)
    pad = program.inspect_page.sheets.pin
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    for _ in range(FREE_TRIES):
        enter_pin(program, qtbot, "0000")
    qtbot.waitUntil(lambda: pad.locked)
    assert not pad.enter.isEnabled()
    assert not pad.digits["1"].isEnabled()
    before = pad.message.text()
    pad.count_down()
    assert "Wait" in pad.message.text()
    assert pad.message.text() != before
    QTest.keyClicks(pad, PIN)
    QTest.keyClick(pad, Qt.Key.Key_Return)
    settle(program, qtbot)
    assert locked_in(program)


def test_a_pin_starts_the_program_in_operator_mode(begin: Begin, qtbot: QtBot) -> None:
    """It guards the work, not only the way out of operator mode."""
    program = begin()
    assert locked_in(program)
    for page in range(5):
        QTest.keyClick(program.window, Qt.Key(Qt.Key.Key_1 + page), CTRL)
        assert program.window.page == INSPECT
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    enter_pin(program, qtbot, PIN)
    qtbot.waitUntil(lambda: not program.inspect_page.operator)
    assert program.window.rail.isVisible()


def test_a_pin_file_that_is_damaged_starts_it_in_operator_mode(
    begin: Begin, qtbot: QtBot, data_dir: Path
) -> None:
    (data_dir / "access.json").write_bytes(b"{}")
    program = begin(pin="")
    assert locked_in(program)
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    enter_pin(program, qtbot, PIN)
    qtbot.waitUntil(lambda: "delete" in program.inspect_page.sheets.pin.message.text())
    assert locked_in(program)


def test_what_an_engineer_changes_is_in_the_access_log(
    begin: Begin, qtbot: QtBot, data_dir: Path
) -> None:
    program = begin()
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    enter_pin(program, qtbot, PIN)
    program.profiles_controller.rename(id_of(program, "Bracket"), "Bracket 7")
    settle(program, qtbot)
    entry = json.loads((data_dir / "access-log.jsonl").read_bytes().splitlines()[-1])
    assert (entry["what"], entry["product"]) == ("product renamed", "Bracket 7")


def test_without_a_pin_anybody_may_leave(begin: Begin, qtbot: QtBot) -> None:
    program = begin(pin="")
    operating(program, qtbot)
    QTest.mouseClick(program.inspect_page.top.leave, LEFT)
    assert not program.inspect_page.operator


def test_the_first_engineer_sets_the_pin_by_typing_it_twice(
    begin: Begin, qtbot: QtBot, data_dir: Path
) -> None:
    program = begin(pin="")
    sheets = program.inspect_page.sheets
    program.window.show_page(INSPECT)
    program.inspect_page.setup_requested.emit()
    QTest.mouseClick(sheets.setup.pin, LEFT)
    enter_pin(program, qtbot, "1234")
    enter_pin(program, qtbot, "4321")
    assert "not the same" in sheets.pin.message.text()
    enter_pin(program, qtbot, "123")
    enter_pin(program, qtbot, "123")
    qtbot.waitUntil(lambda: "digits" in sheets.pin.message.text())
    enter_pin(program, qtbot, "1234")
    enter_pin(program, qtbot, "1234")
    qtbot.waitUntil(sheets.pin.isHidden)
    assert PinAccess(Paths(data_dir).access_file).has_pin
    assert "Change" in sheets.setup.pin.text()


def test_a_product_is_chosen_by_card_and_by_its_barcode(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    operating(program, qtbot)
    page, session = program.inspect_page, program.session
    QTest.mouseClick(page.top.product, LEFT)
    cards = page.sheets.product.list
    assert cards.isVisible()
    row = program.profiles.row_of(id_of(program, "Cover"))
    assert row is not None
    QTest.mouseClick(
        cards.viewport(), LEFT, pos=cards.visualRect(program.profiles.index(row)).center()
    )
    qtbot.waitUntil(lambda: session.profile is not None and session.profile.name == "Cover")
    assert page.top.title == "Cover"

    page.run_main()
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    QTest.keyClicks(page, "bracket")
    QTest.keyClick(page.body.run.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(line.requests) == 2)  # the line goes on with the other product
    assert line.requests[1].profile.name == "Bracket"
    assert program.inspect_model.serial == ""
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)

    program.station_controller.product_wanted.emit("Cover")  # a PLC asks for it
    qtbot.waitUntil(lambda: len(line.requests) == 3)
    assert line.requests[2].profile.name == "Cover"
    program.inspect_controller.halt()
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)


def test_it_starts_in_operator_mode_with_the_last_product(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    operating(program, qtbot)
    program.inspect_page.run_main()
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    program.station_controller.change(
        replace(program.station_controller.station, operator_start=True)
    )
    program.inspect_controller.halt()
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)
    settle(program, qtbot)
    last = program.station_controller.station
    program.window.let_close()
    assert program.stop()

    again = begin(last, pin="")
    qtbot.waitUntil(lambda: again.session.profile is not None)
    assert again.session.profile is not None
    assert again.session.profile.name == "Bracket"
    assert locked_in(again)
    assert again.window.page == INSPECT
