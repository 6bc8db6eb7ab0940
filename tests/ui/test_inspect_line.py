"""An inspection in the window: what a person at the line sees and does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.controllers import inspect_controller
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Trigger
from deeprx_gui.domain.live_items import HealthWarning
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import CapturedImage, SourceConnection, SourceSpec, SourceState
from deeprx_gui.domain.station import Station, StationIdentity
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.inspect import Phase
from tests.state.made_inspected import START, made_part
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import LEFT, settle
from tests.ui.fake_line import FakeLine

SOURCE = SourceSpec("camera", "0")
KEY_STATION = Station(source=SOURCE, trigger=Trigger.KEY)
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
    """Start the program on its Inspect page, a profile open, the station as given."""

    def run(station: Station = KEY_STATION) -> Program:
        stations.save(station, data_dir / "station.json")
        program = start()
        program.session.open_profile(make_profile())
        settle(program, qtbot)  # what went by of this product is counted
        program.window.show_page(INSPECT)
        return program

    return run


def running(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)


def stopped(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)


def word(program: Program) -> str:
    return program.inspect_page.body.verdict.look.word


def passes(line: FakeLine, program: Program, qtbot: QtBot, *verdicts: Verdict) -> None:
    before = program.inspect_model.counts.total
    line.put(*(made_part(verdict) for verdict in verdicts))
    total = before + len(verdicts)
    qtbot.waitUntil(lambda: program.inspect_model.counts.total == total)


def test_a_run_knows_the_station_and_who_operates_it_now(
    begin: Begin, line: FakeLine, qtbot: QtBot, data_dir: Path
) -> None:
    program = begin(replace(KEY_STATION, name="ライン 3"))
    running(program, qtbot)
    (request,) = line.requests
    kept = (data_dir / "station-id.txt").read_text(encoding="utf-8").strip()
    assert request.identity == StationIdentity(kept, "ライン 3")
    program.job_service.settings = replace(program.job_service.settings, operator="鈴木")
    assert request.operator == "鈴木"
    stopped(program, qtbot)


def test_the_verdict_changes_counts_add_up_and_an_ng_stays_to_be_seen(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    body = program.inspect_page.body
    assert word(program) == "Stopped"
    running(program, qtbot)
    assert word(program) == "Waiting for a part"
    passes(line, program, qtbot, Verdict.OK)
    assert word(program) == "OK"
    passes(line, program, qtbot, Verdict.NG)
    assert word(program) == "NG"
    assert "1.57 × limit" in body.verdict.look.lines
    assert len(body.bad.strip.tiles) == 1
    passes(line, program, qtbot, Verdict.REVIEW, Verdict.OK)
    assert body.counters.cells.numbers == (2, 1, 1, 0)
    assert body.counters.yielded.text() == "Yield 50.0 %"
    assert body.counters.since.text().startswith("4 parts since")
    stopped(program, qtbot)
    assert word(program) == "OK"  # the last verdict stays to be read


def test_an_error_says_why(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin()
    running(program, qtbot)
    line.put(made_part(Verdict.ERROR, error=say("The part is not in its place.")))
    qtbot.waitUntil(lambda: word(program) == "ERROR")
    look = program.inspect_page.body.verdict.look
    assert look.lines[0] == "The part is not in its place."
    assert look.icon == "verdict-error"


def test_counts_are_remembered_over_a_restart_and_set_to_zero_with_a_reason(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    running(program, qtbot)
    passes(line, program, qtbot, Verdict.OK, Verdict.OK, Verdict.NG)
    stopped(program, qtbot)
    program.window.let_close()
    assert program.stop()

    again = begin()
    counters = again.inspect_page.body.counters
    assert counters.cells.numbers == (2, 0, 1, 0)
    qtbot.waitUntil(lambda: len(again.inspect_model.bad) == 1)  # with its picture, as it was kept
    (bad,) = again.inspect_model.bad
    assert bad.frame is not None
    assert bad.record.verdict is Verdict.NG
    QTest.mouseClick(counters.reset, LEFT)
    sheet = again.inspect_page.sheets.reset
    assert not sheet.reset.isEnabled()
    QTest.mouseClick(sheet.reasons[1], LEFT)
    assert counters.cells.numbers == (0, 0, 0, 0)
    assert "New lot" in counters.since.text()
    running(again, qtbot)
    passes(line, again, qtbot, Verdict.OK)
    assert counters.cells.numbers == (1, 0, 0, 0)
    stopped(again, qtbot)


def test_space_triggers_and_the_serial_number_goes_with_the_next_part(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    page = program.inspect_page
    running(program, qtbot)
    QTest.keyClick(page, Qt.Key.Key_Space)
    assert line.fired == [""]
    QTest.keyClicks(page, "LOT-7 A")  # a scanner, wherever the focus is
    QTest.keyClick(page.body.run.field, Qt.Key.Key_Return)
    assert page.body.run.serial.text() == "LOT-7 A"
    QTest.keyClick(page.body.run.field, Qt.Key.Key_Space)
    assert line.fired == ["", "LOT-7 A"]
    passes(line, program, qtbot, Verdict.OK)
    assert page.body.verdict.record is not None
    assert page.body.verdict.record.serial == "LOT-7 A"
    assert page.body.run.serial.isHidden()
    stopped(program, qtbot)


def test_clicking_start_does_not_make_space_stop_the_line(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    run = program.inspect_page.body.run
    QTest.mouseClick(run.toggle, LEFT)
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    QTest.keyClick(program.window.focusWidget(), Qt.Key.Key_Space)
    assert line.fired == [""]
    assert program.inspect_model.run.active
    stopped(program, qtbot)


HOLDING = replace(KEY_STATION, confirm_review=True, confirm_ng=True)


@pytest.mark.parametrize(
    ("key", "decision"),
    [
        (Qt.Key.Key_O, Decision.OK),
        (Qt.Key.Key_N, Decision.NG),
        (Qt.Key.Key_G, Decision.OK),
        (Qt.Key.Key_B, Decision.NG),
    ],
)
def test_the_line_holds_until_a_person_decides(
    begin: Begin, line: FakeLine, qtbot: QtBot, key: Qt.Key, decision: Decision
) -> None:
    program = begin(HOLDING)
    body = program.inspect_page.body
    running(program, qtbot)
    line.put(made_part(Verdict.REVIEW), made_part(Verdict.OK))
    qtbot.waitUntil(body.decision.isVisible)
    assert word(program) == "REVIEW"
    QTest.keyClick(program.inspect_page, key)
    qtbot.waitUntil(lambda: word(program) == "OK")
    assert body.decision.isHidden()
    store = program.records.store()
    newest, before = store.page(RecordQuery())[:2]
    assert newest.decision is None
    assert before.decision is decision
    assert before.decided_by
    stopped(program, qtbot)


def test_the_big_button_decides_too(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin(HOLDING)
    body = program.inspect_page.body
    running(program, qtbot)
    line.put(made_part(Verdict.NG))
    qtbot.waitUntil(body.decision.isVisible)
    assert body.decision.ok.height() >= 64
    QTest.mouseClick(body.decision.ok, LEFT)
    qtbot.waitUntil(body.decision.isHidden)
    qtbot.waitUntil(lambda: any("OK" in text for text in body.verdict.look.lines))
    stopped(program, qtbot)


def test_banners_come_and_go(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin()
    bars = program.inspect_page.body.troubles
    running(program, qtbot)
    assert bars.isHidden()
    line.put(
        SourceState(SourceConnection.LOST, say("The camera is unplugged."), 5.0),
        HealthWarning(advice=(say("Check the lamp."),)),
    )
    qtbot.waitUntil(lambda: len(bars.sentences) == 2)
    assert "unplugged" in bars.sentences[0]
    assert "lamp" in bars.sentences[1]
    line.put(SourceState(SourceConnection.LIVE), HealthWarning())
    qtbot.waitUntil(bars.isHidden)
    stopped(program, qtbot)


def test_a_run_that_fails_says_why_and_can_be_started_again(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    line.failure = SourceError(say("The camera is used by another program."))
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    bars = program.inspect_page.body.troubles
    qtbot.waitUntil(lambda: bars.sentences == ("The camera is used by another program.",))
    assert program.inspect_model.run.phase is Phase.IDLE
    line.failure = None
    running(program, qtbot)
    assert bars.isHidden()
    stopped(program, qtbot)


def test_escape_never_stops_a_line_by_accident(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin()
    running(program, qtbot)
    sheet = program.inspect_page.sheets.confirm
    QTest.keyClick(program.inspect_page, Qt.Key.Key_Escape)
    assert sheet.isVisible()
    QTest.mouseClick(sheet.no, LEFT)
    passes(line, program, qtbot, Verdict.OK)
    QTest.keyClick(program.inspect_page, Qt.Key.Key_Escape)
    QTest.mouseClick(sheet.yes, LEFT)
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)


def test_closing_the_window_asks_while_the_line_runs(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    running(program, qtbot)
    program.window.close()
    assert program.window.isVisible()
    sheet = program.inspect_page.sheets.confirm
    assert sheet.isVisible()
    QTest.mouseClick(sheet.yes, LEFT)
    assert program.window.isHidden()
    assert program.stop()


def test_the_live_picture_is_shown_and_an_ng_can_be_looked_at_again(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    picture = program.inspect_page.picture
    running(program, qtbot)
    pixels = np.full((1080, 1920, 3), 90, np.uint8)
    line.seen = CapturedImage(1, Frame(pixels, "0"), START, 0.0, "camera:0")
    qtbot.waitUntil(lambda: picture.live.image is not None)
    image = picture.live.image
    assert image is not None
    assert image.width() < 1920  # made small before it is drawn
    passes(line, program, qtbot, Verdict.NG, Verdict.OK)
    qtbot.waitUntil(lambda: picture.shown is program.inspect_model.current)
    bad = program.inspect_page.body.bad.strip
    QTest.mouseClick(bad, LEFT, pos=bad.rect().topLeft() + bad.box(0).center())
    assert picture.looking is program.inspect_model.bad[0]
    assert picture.result.heat is not None
    passes(line, program, qtbot, Verdict.OK)
    assert picture.shown is program.inspect_model.bad[0]  # the line does not push it away
    assert word(program) == "OK"
    qtbot.waitUntil(lambda: not program.job_service.pictures.busy)
    QTest.mouseClick(picture.back, LEFT)
    qtbot.waitUntil(lambda: picture.shown is program.inspect_model.current)
    stopped(program, qtbot)


def test_every_place_above_the_limit_is_marked_not_only_the_hottest(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    running(program, qtbot)
    part = made_part(Verdict.NG)
    heat = np.full((6, 8), 3.0, np.float32)
    heat[1, 1], heat[2, 5], heat[4, 3] = 11.0, 15.7, 10.5  # the review limit is 10
    line.put(replace(part, map=heat))
    picture = program.inspect_page.picture
    qtbot.waitUntil(lambda: picture.shown is program.inspect_model.current is not None)
    assert picture.result.spots == ("1.57×", "1.10×", "1.05×")
    stopped(program, qtbot)


def test_another_profile_stops_the_line_and_new_limits_restart_it(
    begin: Begin, line: FakeLine, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = begin()
    running(program, qtbot)
    profile = program.session.profile
    assert profile is not None
    program.session.mark_saved(replace(profile, revision=2))
    qtbot.waitUntil(lambda: len(line.requests) == 2)
    assert line.requests[1].profile.revision == 2
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    program.session.open_profile(make_profile("Other"))
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)
    message = program.window.status.message
    assert message is not None
    assert "another profile" in str(message)


def test_receivers_are_told_also_those_that_come_in_the_middle_of_a_run(
    begin: Begin, line: FakeLine, qtbot: QtBot, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    program = begin(replace(KEY_STATION, outputs=(OutputSpec("files", str(first)),)))
    running(program, qtbot)
    passes(line, program, qtbot, Verdict.OK)
    qtbot.waitUntil(lambda: len(list(first.rglob("*.json"))) == 1)
    controller = program.station_controller
    controller.change(replace(controller.station, outputs=(OutputSpec("files", str(second)),)))
    passes(line, program, qtbot, Verdict.NG)
    qtbot.waitUntil(lambda: len(list(second.rglob("*.json"))) == 1)
    states = program.inspect_model.outputs
    assert [state.spec.address for state in states] == [str(second)]
    stopped(program, qtbot)


def test_a_receiver_is_told_when_nobody_takes_its_trigger(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    with pytest.raises(RequestError, match="does not run"):
        program.station_controller.line.fire("S-9", "tcp")
    running(program, qtbot)
    program.station_controller.line.fire("S-9", "tcp")
    assert line.fired == ["S-9"]
    with pytest.raises(RequestError, match="Kettle"):
        program.station_controller.line.check_product("Kettle")
    stopped(program, qtbot)


def test_empty_states_say_what_to_do(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin(Station())
    page = program.inspect_page
    assert page.empty.isVisible()
    assert "source" in page.empty.why.text()
    QTest.mouseClick(page.empty.button, LEFT)
    assert page.sheets.setup.isVisible()
    page.sheets.setup.close_sheet()
    program.session.close_profile()
    assert "product" in page.empty.why.text()
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    assert page.sheets.product.isVisible()
    page.sheets.product.close_sheet()
