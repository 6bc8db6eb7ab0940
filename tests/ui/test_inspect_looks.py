"""The Inspect page fits into every window, in both languages and themes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.domain.colours import contrast
from deeprx_gui.domain.inspection import RunCounts, Trigger
from deeprx_gui.domain.live_items import CycleTime
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import SourceConnection, SourceSpec, SourceState
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths
from deeprx_gui.state.inspect import Phase, RunState
from deeprx_gui.ui.inspect.verdict_panel import VerdictPanel
from deeprx_gui.ui.kit.theme import Theme
from tests.state.made_inspected import START, made_part
from tests.ui import walk
from tests.ui.conftest import MakeProfile, ShowWidget, Start
from tests.ui.driving import settle
from tests.ui.test_language import english_left, speak

STATION = Station(source=SourceSpec("camera", "0"), trigger=Trigger.CHANGE)
SIZES = [(1280, 800), (900, 520)]
Begin = Callable[[], Program]


@pytest.fixture
def begin(start: Start, make_profile: MakeProfile, data_dir: Path, qtbot: QtBot) -> Begin:
    """Start with a line that has seen everything: NGs, a hold, troubles."""

    def run() -> Program:
        stations.save(STATION, Paths(data_dir).station_file)
        program = start()
        settle(program, qtbot)
        program.session.open_profile(make_profile())
        program.window.show_page(INSPECT)
        return program

    return run


def busy(program: Program, verdict: Verdict, *, holding: bool = False) -> None:
    model = program.inspect_model
    model.set_run(Phase.STARTING)
    model.set_run(Phase.RUNNING)
    model.set_counts(RunCounts(START, ok=1_234_567, review=123, ng=45_678, reason="早番"))
    error = say("The camera is used by another program.") if verdict is Verdict.ERROR else None
    parts = [made_part(Verdict.NG) for _ in range(20)]
    newest = made_part(verdict, serial="LOT-2026-0412-000123", error=error)
    model.take([*parts, newest, CycleTime(1234.5, 2345.6, 2400.0, 1000.0)])
    model.set_serial("LOT-2026-0413")
    if holding:
        model.set_run(Phase.HOLDING, newest.record)


def troubled(program: Program) -> None:
    program.inspect_model.take(
        [SourceState(SourceConnection.LOST, say("The camera is used by another program."), 5.0)]
    )


def nothing_is_cut(program: Program) -> None:
    walk.lay_out(program.window)
    cut = list(walk.clipped(program.window))
    assert not cut, "\n".join(cut)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_cut_off(begin: Begin, language: str, size: tuple[int, int]) -> None:
    program = begin()
    program.window.resize(*size)
    speak(program, language)
    nothing_is_cut(program)
    for verdict in Verdict:
        busy(program, verdict)
        nothing_is_cut(program)
    busy(program, Verdict.NG, holding=True)
    nothing_is_cut(program)
    troubled(program)
    nothing_is_cut(program)
    program.inspect_model.set_run(Phase.IDLE)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_is_cut_off_for_operators(begin: Begin, language: str) -> None:
    program = begin()
    speak(program, language)
    program.operator_controller.enter()
    program.window.showNormal()
    program.window.resize(1280, 800)
    busy(program, Verdict.REVIEW, holding=True)
    troubled(program)
    nothing_is_cut(program)
    program.inspect_model.set_run(Phase.IDLE)


@pytest.mark.parametrize("size", SIZES)
def test_start_and_stop_are_always_on_screen(
    begin: Begin, size: tuple[int, int], qtbot: QtBot
) -> None:
    program = begin()
    program.window.resize(*size)
    busy(program, Verdict.NG, holding=True)
    page, toggle = program.inspect_page, program.inspect_page.body.run.toggle

    def in_sight() -> bool:
        return toggle.mapTo(page, toggle.rect().bottomRight()).y() < page.height()

    qtbot.waitUntil(in_sight)
    program.inspect_model.set_run(Phase.IDLE)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", SIZES)
def test_the_sheets_fit(begin: Begin, size: tuple[int, int], language: str) -> None:
    program = begin()
    speak(program, language)
    program.window.resize(*size)
    sheets = program.inspect_page.sheets
    for sheet in (sheets.setup, sheets.reset, sheets.confirm, sheets.product, sheets.pin):
        sheet.open()
        QApplication.sendPostedEvents()
        assert sheet.rect().contains(sheet.paper.geometry()), type(sheet).__name__
        inside = sheet.scroll_area.widget()
        assert inside.minimumSizeHint().width() <= sheet.scroll_area.viewport().width(), "cut off"
        sheet.close_sheet()


def test_no_english_is_left_in_japanese(begin: Begin) -> None:
    program = begin()
    speak(program, "ja")
    busy(program, Verdict.NG, holding=True)
    sheets = program.inspect_page.sheets
    for sheet in (None, sheets.setup, sheets.reset, sheets.confirm, sheets.product, sheets.pin):
        if sheet is not None:
            sheet.open()
        left = [
            f"{type(widget).__name__}: {text!r}"
            for widget, text in walk.words(program.window)
            if set(english_left(text)) - NAMES
        ]
        assert not left, "\n".join(left)
        if sheet is not None:
            sheet.close_sheet()
    program.inspect_model.set_run(Phase.IDLE)


NAMES = {
    "LOT", "No", "p95", "PIN", "PNG", "F5", "0413", "000123", "2026", "0412",
    "USB", "RTSP", "HTTP", "POST", "TCP", "Modbus", "MQTT", "PLC", "GenICam", "GigE", "Vision",
    "USB3",
}  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("verdict", Verdict)
def test_the_verdict_is_word_icon_and_colour_that_can_be_read(
    show: ShowWidget[VerdictPanel], look: Theme, theme: str, verdict: Verdict
) -> None:
    look.choose(theme)
    panel = show(VerdictPanel())
    seen = set()
    for which in Verdict:
        panel.show_record(made_part(which).record, RunState())
        seen.add((panel.look.word, panel.look.icon, panel.look.fill))
    assert len({word for word, _, _ in seen}) == 4
    assert len({icon for _, icon, _ in seen}) == 4
    assert len({fill for _, _, fill in seen}) == 4
    panel.show_record(made_part(verdict).record, RunState())
    assert contrast(panel.look.ink, panel.look.fill) >= 4.5
    assert panel.accessibleName() == panel.look.word


def test_the_station_follows_the_language(begin: Begin) -> None:
    program = begin()
    folder = SourceSpec("folder", "/parts")
    program.station_controller.change(replace(program.station_controller.station, source=folder))
    assert program.inspect_page.top.source.toolTip().startswith("Folder")
    speak(program, "ja")
    assert program.inspect_page.top.source.toolTip().startswith("フォルダー")
