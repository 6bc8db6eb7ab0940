"""Shadow mode in the window: begun, looked at with pictures, decided, put in use or dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.controllers import inspect_controller
from deeprx_gui.controllers.shadow_controller import ShadowController
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Trigger
from deeprx_gui.domain.shadow import ShadowNews, ShadowPart, Side, TrialState
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_jpeg
from deeprx_gui.state.inspect import Phase
from deeprx_gui.ui.inspect.shadow_sheet import ShadowSheet
from deeprx_gui.work.shadow import NoShadow, ShadowJudge
from tests.state.made_inspected import made_part
from tests.ui.conftest import MakeProfile, Start
from tests.ui.driving import LEFT, settle
from tests.ui.fake_line import FakeLine

STATION = Station(source=SourceSpec("camera", "0"), trigger=Trigger.KEY)
Begin = Callable[[], Program]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> FakeLine:
    made = FakeLine()
    monkeypatch.setattr(inspect_controller, "live", made.live)
    return made


@pytest.fixture
def begin(
    start: Start, line: FakeLine, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot
) -> Begin:
    """The Inspect page with a product whose r0001 is in use and whose r0002 is not."""

    def run() -> Program:
        stations.save(STATION, data_dir / "station.json")
        store = ProfileStore(data_dir / "profiles")
        first = store.save(replace(make_profile(), id="", revision=0))
        store.save(replace(first, limits=first.limits.moved(ng=14.0)))
        store.rollback(first.id, 1, who="佐藤", why="")
        program = start()
        program.session.open_profile(store.load(first.id))
        settle(program, qtbot)
        program.window.show_page(INSPECT)
        return program

    return run


def controller(program: Program) -> ShadowController:
    (found,) = program.inspect_controller.findChildren(ShadowController)
    return found


def opened(program: Program, qtbot: QtBot) -> ShadowSheet:
    QTest.mouseClick(program.inspect_page.top.shadow, LEFT)
    qtbot.waitUntil(lambda: controller(program).sheet is not None)
    sheet = controller(program).sheet
    assert sheet is not None
    qtbot.waitUntil(sheet.isVisible)
    return sheet


def running(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)


def stopped(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)


def judged(program: Program, qtbot: QtBot, line: FakeLine) -> None:
    """Three parts go by; the candidate differs about two of them, as its log says."""
    log, store = controller(program).log, program.records.store()
    profile = program.session.profile
    assert profile is not None
    verdicts = (Verdict.OK, Verdict.OK, Verdict.NG)
    line.put(*(made_part(verdict, profile_id=profile.id) for verdict in verdicts))
    qtbot.waitUntil(lambda: program.inspect_model.counts.total == 3)
    trial = log.running(profile.id)
    assert trial is not None
    picture = encode_jpeg(np.full((40, 60, 3), 120, np.uint8))
    others = (Verdict.OK, Verdict.NG, Verdict.OK)
    for record, other in zip(reversed(store.page(RecordQuery())), others, strict=True):
        log.add(
            trial.number,
            ShadowPart(
                record.uid, record.number, datetime.now(UTC), record.serial, "camera:0",
                1, record.verdict, 0.8, other, 1.2, 40.0, picture,
            ),
        )  # fmt: skip


def test_the_whole_story(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin()
    sheet = opened(program, qtbot)
    assert sheet.choice.isVisible()
    assert sheet.choice.value == 2
    assert not sheet.promote.isVisible()
    QTest.mouseClick(sheet.begin, LEFT)
    qtbot.waitUntil(sheet.promote.isVisible)
    assert "r0002" in sheet.trial.text()
    assert "No part was judged by both" in sheet.result.text()
    sheet.close_sheet()

    running(program, qtbot)
    assert isinstance(line.shadows[-1], ShadowJudge)
    judged(program, qtbot, line)
    line.put(ShadowNews(2, compared=3, differing=2, skipped=5))
    qtbot.waitUntil(lambda: program.inspect_page.top.shadow.text() == "Shadow 2/3")
    assert "5 parts were not judged" in program.inspect_page.top.shadow.toolTip()

    sheet = opened(program, qtbot)
    assert "3 parts judged by both: 1 passed in use" in sheet.result.text()
    assert "Nobody has decided" in sheet.decisions.text()
    assert [row.part.side for row in sheet.rows] == [Side.LOOSER, Side.STRICTER]
    assert all(not row.picture.pixmap().isNull() for row in sheet.rows)
    assert "In use: NG" in sheet.rows[0].verdicts.text()
    QTest.mouseClick(sheet.rows[0].buttons[Decision.NG], LEFT)
    qtbot.waitUntil(lambda: "decided about 1" in sheet.decisions.text())
    assert "Candidate: false calls 0, misses 1" in sheet.decisions.text()
    newest = program.records.store().page(RecordQuery())[0]
    assert newest.decision is Decision.NG
    assert sheet.rows[0].buttons[Decision.NG].isChecked()

    QTest.keyClicks(sheet.reason, "fewer false calls")
    QTest.mouseClick(sheet.promote, LEFT)
    qtbot.waitUntil(lambda: len(line.requests) == 2)
    assert line.requests[-1].profile.revision == 2, "the line goes on with it"
    assert line.shadows[1:] == [None]
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    assert not sheet.isVisible()
    profile = program.session.profile
    assert profile is not None
    assert profile.revision == 2
    latest = program.job_service.services.store.history(profile.id)[0]
    assert (latest.revision, latest.why) == (2, "fewer false calls")
    (trial,) = controller(program).log.trials(profile.id)
    assert (trial.state, trial.ended_why) == (TrialState.PROMOTED, "fewer false calls")
    stopped(program, qtbot)


@pytest.mark.parametrize(
    ("button", "state"), [("drop", TrialState.DROPPED), ("stop", TrialState.STOPPED)]
)
def test_a_candidate_goes_without_a_trace_in_the_line(
    begin: Begin, line: FakeLine, qtbot: QtBot, button: str, state: TrialState
) -> None:
    program = begin()
    sheet = opened(program, qtbot)
    QTest.mouseClick(sheet.begin, LEFT)
    qtbot.waitUntil(sheet.promote.isVisible)
    QTest.mouseClick(getattr(sheet, button), LEFT)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    profile = program.session.profile
    assert profile is not None
    assert profile.revision == 1
    assert controller(program).log.trials(profile.id)[0].state is state
    running(program, qtbot)
    assert line.shadows == [None]
    stopped(program, qtbot)


def test_a_trial_that_begins_while_the_line_runs_is_in_the_next_run(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    running(program, qtbot)
    sheet = opened(program, qtbot)
    QTest.mouseClick(sheet.begin, LEFT)
    qtbot.waitUntil(lambda: len(line.shadows) == 2)
    assert line.shadows[0] is None
    assert isinstance(line.shadows[1], ShadowJudge)
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)
    sheet.close_sheet()
    stopped(program, qtbot)


def test_a_candidate_that_cannot_be_read_is_said(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    profile = program.session.profile
    assert profile is not None
    controller(program).log.begin(profile.id, profile.name, 99, who="")
    running(program, qtbot)
    shadow = line.shadows[-1]
    assert isinstance(shadow, NoShadow)
    news = shadow.news()
    assert news is not None
    line.put(news)
    qtbot.waitUntil(
        lambda: "r0099 does not judge in the shadow" in str(program.window.status.message)
    )
    stopped(program, qtbot)


def test_one_revision_is_no_choice(
    start: Start, line: FakeLine, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot
) -> None:
    stations.save(STATION, data_dir / "station.json")
    store = ProfileStore(data_dir / "profiles")
    program = start()
    program.session.open_profile(store.save(replace(make_profile(), id="", revision=0)))
    settle(program, qtbot)
    program.window.show_page(INSPECT)
    sheet = opened(program, qtbot)
    assert "has only one revision" in sheet.nothing.text()
    assert not sheet.begin.isVisible()


def test_operators_do_not_see_it(begin: Begin, qtbot: QtBot) -> None:
    program = begin()
    program.inspect_page.set_operator(True)
    assert not program.inspect_page.top.shadow.isVisible()
    program.inspect_page.set_operator(False)
    assert program.inspect_page.top.shadow.isVisible()
