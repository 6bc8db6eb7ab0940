"""Limit samples in the window: kept, noted, removed; the line waits until they are as agreed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import CHECK, INSPECT, PROFILES, Program
from deeprx_gui.controllers import inspect_controller, samples_controller
from deeprx_gui.controllers.sample_editor import SampleEditor
from deeprx_gui.controllers.samples_controller import SamplesController
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.limit_samples import (
    LimitSample,
    SampleResult,
    SampleRule,
    SampleWay,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.profiles.codec import sample_pixels, sample_png
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.state.inspect import Phase
from deeprx_gui.ui.inspect.samples_sheet import SamplesSheet
from deeprx_gui.ui.limit_samples_sheet import LimitSamplesSheet
from deeprx_gui.work.limit_samples import SampleAsked, SamplesOutcome
from tests.ui.conftest import MakePictures, MakeProfile, Start
from tests.ui.driving import LEFT, settle
from tests.ui.fake_line import FakeLine

STATION = Station(source=SourceSpec("camera", "0"), trigger=Trigger.KEY, samples=SampleRule.START)
Begin = Callable[..., Program]
OK, NG = Verdict.OK, Verdict.NG


class Judged:
    """Stands for judging the samples: each gets what the test says."""

    def __init__(self) -> None:
        self.verdicts = [OK, NG]
        self.taken = 0
        self.go = threading.Event()

    def _result(self, profile: Profile, place: int) -> SampleResult:
        sample = profile.limit_samples[place]
        return SampleResult(sample.name, sample.expected, self.verdicts[place], 0.9, sample.note)

    def replay(self, profile: Profile, **_more: Any) -> Generator[Progress, None, SamplesOutcome]:
        results = []
        for place in range(len(profile.limit_samples)):
            results.append(self._result(profile, place))
            yield Progress(place, 2, say("Checking the limit samples"), None, results[-1])
        return SamplesOutcome(tuple(results), "openvino-cpu")

    def show(
        self, profile: Profile, _station: Station, *, controls: Any, **_more: Any
    ) -> Generator[Progress, None, SamplesOutcome]:
        fired: list[str] = []
        line = FakeLine()
        line.fired = fired
        controls.attach(line)
        results: list[SampleResult] = []
        for place, sample in enumerate(profile.limit_samples):
            yield Progress(place, 2, say("Show"), None, SampleAsked(place, sample))
            while len(fired) <= place and not controls.stopping:
                controls.nap(0.005)
                yield Progress(place, 2, say("Show"))
            if controls.stopping:
                break
            results.append(self._result(profile, place))
            yield Progress(place, 2, say("Show"), None, results[-1])
        controls.detach()
        whole = len(results) == len(profile.limit_samples)
        return SamplesOutcome(tuple(results), "openvino-cpu", whole)


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> FakeLine:
    made = FakeLine()
    monkeypatch.setattr(inspect_controller, "live", made.live)
    return made


@pytest.fixture(autouse=True)
def judged(monkeypatch: pytest.MonkeyPatch) -> Judged:
    made = Judged()
    monkeypatch.setattr(samples_controller, "replay_samples", made.replay)
    monkeypatch.setattr(samples_controller, "show_samples", made.show)
    return made


def sample(name: str, expected: Verdict) -> LimitSample:
    level = 90 if expected is OK else 180
    png = sample_png(np.full((20, 30, 3), level, np.uint8))
    return LimitSample(name, expected, "縁の傷", png, "佐藤", datetime.now(UTC))


@pytest.fixture
def begin(
    start: Start, line: FakeLine, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot
) -> Begin:
    def run(station: Station = STATION, samples: int = 2) -> Program:
        stations.save(station, data_dir / "station.json")
        store = ProfileStore(data_dir / "profiles")
        every = (sample("just good", OK), sample("just bad", NG))
        made = replace(make_profile(), id="", revision=0, limit_samples=every[:samples])
        program = start()
        program.session.open_profile(store.save(made))
        settle(program, qtbot)
        program.window.show_page(INSPECT)
        return program

    return run


def controller(program: Program) -> SamplesController:
    (found,) = program.inspect_controller.findChildren(SamplesController)
    return found


def pressed(program: Program, qtbot: QtBot) -> SamplesSheet:
    """Press Start; the sheet opens instead."""
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: controller(program).sheet is not None)
    sheet = controller(program).sheet
    assert sheet is not None
    return sheet


def runs(program: Program, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: program.inspect_model.run.phase is Phase.RUNNING)


def stop(program: Program, qtbot: QtBot) -> None:
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not program.inspect_model.run.active)


def test_stored_pictures_are_judged_and_the_line_begins(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin()
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    runs(program, qtbot)
    (record,) = controller(program).records.read()
    assert record.passed
    assert [r.name for r in record.results] == ["just good", "just bad"]
    assert record.operator == program.job_service.settings.who
    assert record.station_id
    assert record.way is SampleWay.REPLAYED
    assert not controller(program).sheet.isVisible()  # type: ignore[union-attr]
    stop(program, qtbot)
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    runs(program, qtbot)
    assert len(controller(program).records.read()) == 1, "once after a start of the program"
    stop(program, qtbot)


def test_the_line_is_locked_until_they_are_as_agreed(
    begin: Begin, line: FakeLine, judged: Judged, qtbot: QtBot
) -> None:
    program = begin()
    judged.verdicts = [OK, OK]
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.problem.isVisible)
    assert "1 limit sample was not judged as agreed" in sheet.problem.text()
    assert [one.mark.text() for one in sheet.lines] == ["✓", "✕"]
    assert "Agreed: NG · judged: OK" in sheet.lines[1].words.text()
    assert not program.inspect_controller.running
    sheet.close_sheet()
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.problem.isVisible)
    assert not line.requests, "closing the sheet opens nothing"
    judged.verdicts = [OK, Verdict.REVIEW]
    QTest.mouseClick(sheet.check, LEFT)
    runs(program, qtbot)
    assert [r.passed for r in controller(program).records.read()] == [False, False, True]
    stop(program, qtbot)


def test_an_engineer_releases_it_with_pin_and_reason(
    begin: Begin, line: FakeLine, judged: Judged, qtbot: QtBot
) -> None:
    program = begin()
    access = program.job_service.services.access
    access.set_pin("1234", who="佐藤")
    program.inspect_page.set_operator(True)
    judged.verdicts = [NG, NG]
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.problem.isVisible)
    assert not sheet.release.isEnabled(), "no release without a reason"
    QTest.keyClicks(sheet.reason, "lamp is changed at noon")
    QTest.mouseClick(sheet.release, LEFT)
    pin = program.inspect_page.sheets.pin
    qtbot.waitUntil(pin.isVisible)
    assert not line.requests
    for digit in "1234":
        QTest.mouseClick(pin.digits[digit], LEFT)
    QTest.mouseClick(pin.enter, LEFT)
    runs(program, qtbot)
    last = controller(program).records.read()[-1]
    assert last.released == "lamp is changed at noon"
    assert not last.passed
    assert not access.granted, "it opens the line and nothing else"
    assert sheet.check.height() >= 60, "large enough for gloves"
    program.inspect_page.set_operator(False)
    stop(program, qtbot)


def test_missing_ones_are_said_and_nothing_is_judged(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin(samples=0)
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.isVisible)
    assert "asks for limit samples, but the product has none" in sheet.why.text()
    assert not sheet.check.isVisible()
    QTest.keyClicks(sheet.reason, "new product")
    QTest.mouseClick(sheet.release, LEFT)
    runs(program, qtbot)
    stop(program, qtbot)


def test_they_are_shown_to_the_camera_one_by_one(
    begin: Begin, line: FakeLine, judged: Judged, qtbot: QtBot
) -> None:
    program = begin(replace(STATION, sample_way=SampleWay.SHOWN))
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.isVisible)
    QTest.mouseClick(sheet.check, LEFT)
    qtbot.waitUntil(lambda: "“just good” before the camera" in sheet.guide.text())
    QTest.mouseClick(sheet.picture, LEFT)
    qtbot.waitUntil(lambda: "“just bad” before the camera" in sheet.guide.text())
    assert sheet.lines[0].mark.text() == "✓"
    QTest.mouseClick(sheet.picture, LEFT)
    runs(program, qtbot)
    assert controller(program).records.read()[0].way is SampleWay.SHOWN
    stop(program, qtbot)


def test_a_check_that_is_broken_off_counts_for_nothing(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin(replace(STATION, sample_way=SampleWay.SHOWN))
    sheet = pressed(program, qtbot)
    qtbot.waitUntil(sheet.isVisible)
    QTest.mouseClick(sheet.check, LEFT)
    qtbot.waitUntil(sheet.picture.isVisible)
    sheet.close_sheet()
    again = pressed(program, qtbot)
    qtbot.waitUntil(again.check.isVisible)
    assert controller(program).records.read() == ()
    assert not line.requests
    again.close_sheet()


def test_every_so_many_hours(begin: Begin, line: FakeLine, qtbot: QtBot) -> None:
    program = begin(replace(STATION, samples=SampleRule.HOURS, sample_hours=2.0))
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    runs(program, qtbot)
    stop(program, qtbot)
    records = controller(program).records
    (fresh,) = records.read()
    records.add(replace(fresh, when=datetime.now(UTC) - timedelta(hours=1)))
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    runs(program, qtbot)
    assert len(records.read()) == 2, "not due yet"
    stop(program, qtbot)


def test_a_station_that_does_not_ask_begins_at_once(
    begin: Begin, line: FakeLine, qtbot: QtBot
) -> None:
    program = begin(replace(STATION, samples=SampleRule.OFF), samples=0)
    QTest.keyClick(program.window, Qt.Key.Key_F5)
    runs(program, qtbot)
    assert controller(program).sheet is None
    stop(program, qtbot)


def editor(program: Program) -> SampleEditor:
    (found,) = program.check_page.findChildren(SampleEditor)
    return found


def test_a_picture_on_check_becomes_one(
    begin: Begin, make_pictures: MakePictures, qtbot: QtBot
) -> None:
    program = begin(samples=0)
    program.window.show_page(CHECK)
    (file, *_rest) = make_pictures(2)
    page = program.check_page
    page.take([file])
    qtbot.waitUntil(lambda: len(page.body.waiting.items) == 1)
    page.run_main()
    qtbot.waitUntil(lambda: program.results.rowCount() == 1)
    settle(program, qtbot)
    QTest.mouseClick(page.body.keep_sample, LEFT)
    qtbot.waitUntil(lambda: editor(program).sheet is not None)
    sheet = editor(program).sheet
    assert isinstance(sheet, LimitSamplesSheet)
    qtbot.waitUntil(sheet.offer.isVisible)
    assert sheet.name.text() == file.name
    QTest.keyClicks(sheet.note, "scratch 0.3 mm")
    QTest.mouseClick(sheet.bad, LEFT)
    qtbot.waitUntil(lambda: len(sheet.rows) == 1)
    assert "has to be NG" in sheet.rows[0].title.text()
    assert not sheet.offer.isVisible()
    sheet.close_sheet()
    profile = program.session.profile
    assert profile is not None
    assert profile.revision == 2
    (kept,) = profile.limit_samples
    assert (kept.expected, kept.note) == (NG, "scratch 0.3 mm")
    assert sample_pixels(kept.png).shape == (32, 32, 3)

    QTest.mouseClick(page.body.keep_sample, LEFT)
    qtbot.waitUntil(sheet.offer.isVisible)
    QTest.mouseClick(sheet.good, LEFT)
    qtbot.waitUntil(lambda: "is a limit sample already" in str(program.window.status.message))
    sheet.close_sheet()


def test_they_are_looked_after_in_the_details_of_a_profile(begin: Begin, qtbot: QtBot) -> None:
    program = begin(samples=1)
    profile = program.session.profile
    assert profile is not None
    program.window.show_page(PROFILES)
    program.profiles_controller.refresh()
    settle(program, qtbot)
    profiles = program.profiles_page
    profiles.view.select(profile.id)
    QTest.mouseClick(profiles.details.samples, LEFT)
    own = program.profiles_controller.samples
    qtbot.waitUntil(lambda: own.sheet is not None and own.sheet.isVisible())
    listed = own.sheet
    assert listed is not None
    assert not listed.offer.isVisible()
    (row,) = listed.rows
    assert row.note.text() == "縁の傷"
    row.note.setText("scratch 0.4 mm")
    row.note.editingFinished.emit()
    store = program.job_service.services.store
    qtbot.waitUntil(lambda: store.load(profile.id).revision == 2)
    settle(program, qtbot)
    assert store.load(profile.id).limit_samples[0].note == "scratch 0.4 mm"
    QTest.mouseClick(listed.rows[0].remove, LEFT)
    qtbot.waitUntil(lambda: not listed.rows)
    assert store.load(profile.id).limit_samples == ()
    assert listed.nothing.isVisible()
    listed.close_sheet()


def test_the_station_asks_for_what_is_set_up(begin: Begin, qtbot: QtBot) -> None:
    program = begin(replace(STATION, samples=SampleRule.OFF))
    setup = program.inspect_page.sheets.setup
    setup.open()
    assert not setup.samples["sample_way"].isVisible()
    setup.samples["samples"].chosen.emit(SampleRule.HOURS)
    assert setup.samples["sample_way"].isVisibleTo(setup)
    assert setup.samples["sample_hours"].isVisibleTo(setup)
    assert program.station_controller.station.samples is SampleRule.HOURS
    setup.close_sheet()
    settle(program, qtbot)
