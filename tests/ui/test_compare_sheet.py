"""Compare on my images: tick, run, read, take one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from deeprx_gui.controllers import compare_controller
from deeprx_gui.domain.compare import Combination, CompareOutcome, CompareRequest, CompareRow
from deeprx_gui.domain.fit import FitForecast
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.state.compare import COLUMNS, Candidate, CompareModel
from deeprx_gui.ui.teach.compare_sheet import CompareSheet
from deeprx_gui.ui.teach.compare_words import titled
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import idle, settle

RX, PADIM, BANK = (Combination(d, "lite0") for d in ("deep-rx", "padim", "patchcore"))
LEFT = Qt.MouseButton.LeftButton
Show = Callable[[CompareSheet], CompareSheet]
MISSES, FALSE_CALLS, SECONDS, MEMORY = 2, 3, 6, 7


def candidate(which: Combination, *, ticked: bool = True) -> Candidate:
    return Candidate(
        which,
        say("{name}", name=which.detector.upper()),
        say("Lite"),
        needs_positioning=which is PADIM,
        ticked=ticked,
    )


def row(
    which: Combination, *, misses: float | None = 0.1, why: Message | None = None
) -> CompareRow:
    return CompareRow(
        detector=which.detector,
        backbone=which.backbone,
        false_call_rate=0.02,
        promised_false_call_rate=0.077,
        miss_rate=misses,
        missed_rate=misses,
        auroc=None if misses is None else 0.9,
        ms_per_image=2.5,
        peak_mb=812,
        predicted_mb=800,
        predicted_seconds=5,
        seconds=4.4,
        file_mb=1.2,
        needs_positioning=which is PADIM,
        not_started=why,
    )


@pytest.fixture
def sheet(show: Show) -> CompareSheet:
    made = CompareSheet((".png",))
    made.model.offer([candidate(RX), candidate(PADIM), candidate(BANK, ticked=False)])
    return show(made)


def cell(model: CompareModel, row_number: int, column: int) -> str:
    return str(model.data(model.index(row_number, column)))


def test_what_it_will_take_is_said_before_it_starts(sheet: CompareSheet) -> None:
    sheet.model.forecast(
        {
            RX: FitForecast(4, 770),
            PADIM: FitForecast(8, 840),
            BANK: FitForecast(60, 900),
        }
    )
    assert sheet.note.text() == "2 ticked, about 12 s to learn"
    assert cell(sheet.model, 0, SECONDS) == "≈ 4"
    assert cell(sheet.model, 1, MEMORY) == "≈ 840"


def test_what_takes_long_is_left_to_the_person(sheet: CompareSheet) -> None:
    sheet.model.forecast({RX: FitForecast(4, 770), PADIM: FitForecast(600, 840)})
    assert PADIM not in sheet.model.ticked
    sheet.model.tick(1, True)
    sheet.model.forecast({PADIM: FitForecast(650, 840)})
    assert sheet.note.text() == "2 ticked, about 11 min to learn"


def test_what_does_not_fit_says_why_and_cannot_be_ticked(sheet: CompareSheet) -> None:
    sheet.model.forecast({PADIM: FitForecast(0, 64_000, say("Too large for this PC."))})
    assert sheet.model.ticked == (RX,)
    assert cell(sheet.model, 1, SECONDS) == "does not fit"
    sheet.model.tick(1, True)
    assert sheet.model.ticked == (RX,)
    sheet.table.selectRow(1)
    assert sheet.detail.text() == "Too large for this PC."
    assert sheet.model.data(sheet.model.index(1, 0), Qt.ItemDataRole.CheckStateRole) is None


def test_a_press_on_the_name_or_space_ticks(sheet: CompareSheet) -> None:
    place = sheet.table.visualRect(sheet.model.index(2, 0)).center()
    QTest.mouseClick(sheet.table.viewport(), LEFT, pos=place)
    assert BANK in sheet.model.ticked
    sheet.table.setFocus()
    QTest.keyClick(sheet.table, Qt.Key.Key_Space)
    assert sheet.model.ticked == (RX, PADIM)


def test_nothing_ticked_is_nothing_to_compare(sheet: CompareSheet) -> None:
    for number in (0, 1):
        sheet.model.tick(number, False)
    assert not sheet.start.isEnabled()
    assert sheet.note.text() == "Tick what is to be compared."


def test_the_outcome_names_one_and_one_press_takes_it(sheet: CompareSheet, qtbot: QtBot) -> None:
    sheet.use_titles({"padim": say("PaDiM"), "lite0": say("Lite")}, ())
    why = say("Take {detector} with {backbone}.", detector="padim", backbone="lite0")
    sheet.show_outcome(CompareOutcome((row(RX), row(PADIM, misses=0.0)), 1, why))
    assert sheet.why.text() == "Take PaDiM with Lite."
    assert sheet.table.currentIndex().row() == 1
    assert cell(sheet.model, 1, MISSES) == "0.0 %"
    assert cell(sheet.model, 0, FALSE_CALLS) == "2.0 %"
    assert cell(sheet.model, 0, SECONDS) == "4.4"
    assert "same place" in sheet.detail.text()
    with qtbot.waitSignal(sheet.taken) as taken:
        QTest.mouseClick(sheet.take, LEFT)
    assert taken.args == [PADIM]


def test_without_bad_parts_misses_are_a_dash(sheet: CompareSheet) -> None:
    assert "misses cannot be counted" in sheet.bad.text()
    sheet.model.add_result(row(RX, misses=None))
    assert cell(sheet.model, 0, MISSES) == "–"


def test_a_row_that_was_not_started_says_why(sheet: CompareSheet) -> None:
    sheet.model.add_result(row(RX, why=say("It would need 9 GB.")))
    sheet.table.selectRow(0)
    assert sheet.detail.text() == "It would need 9 GB."
    assert cell(sheet.model, 0, MISSES) == ""
    assert not sheet.take.isEnabled()


def test_other_bad_parts_make_the_figures_old(sheet: CompareSheet) -> None:
    sheet.show_outcome(CompareOutcome((row(RX),), 0, say("Take it.")))
    sheet.add_bad_parts((Path("/bad/1.png"), Path("/bad/2.png"), Path("/bad/1.png")))
    assert sheet.bad.text() == "2 pictures of bad parts"
    assert cell(sheet.model, 0, MISSES) == ""
    assert not sheet.advice.isVisible()


def test_a_colour_detector_is_named_without_a_network() -> None:
    why = say(
        "Take {detector} with {backbone} ({misses}).", detector="rx", backbone="x", misses="5 %"
    )
    assert str(titled(why, {"rx": say("RX")}, {"rx"})) == "Take RX with no network (5\u00a0%)."


def test_every_column_has_a_title_and_a_hint(sheet: CompareSheet) -> None:
    for section in range(len(COLUMNS)):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            assert sheet.model.headerData(section, Qt.Orientation.Horizontal, role)


class FakeCompare:
    """Stands in for ``work.compare``; ``hold`` keeps it running until it is set."""

    def __init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.asked: list[CompareRequest] = []

    def __call__(
        self, request: CompareRequest, **_services: object
    ) -> Generator[Progress, None, CompareOutcome]:
        self.asked.append(request)
        rows = []
        for number, which in enumerate(request.combinations, 1):
            rows.append(row(which))
            note = say("Comparing {detector}", detector=which.detector)
            yield Progress(number, len(request.combinations), note, 1.0, rows[-1])
            while not self.hold.wait(0.005):
                yield Progress(number, len(request.combinations), note, 1.0)
        return CompareOutcome(tuple(rows), 1, say("Take {detector}.", detector="deep-rx-local"))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCompare]:
    made = FakeCompare()
    monkeypatch.setattr(compare_controller, "compare", made)
    yield made
    made.hold.set()


def opened(program: Program, qtbot: QtBot, pictures: list[Path]) -> CompareSheet:
    program.window.show_page(1)
    program.tray.add(pictures)
    program.teach_page.compare_button.click()
    settle(program, qtbot)
    return program.teach_page.compare


def test_from_the_window_to_the_settings(
    start: Start, make_pictures: MakePictures, fake: FakeCompare, qtbot: QtBot
) -> None:
    program = start()
    settle(program, qtbot)
    pictures = make_pictures(6)
    sheet = opened(program, qtbot, pictures)
    assert sheet.model.ticked[0] == Combination("deep-rx", "efficientnet-lite0")
    assert cell(sheet.model, 0, SECONDS).startswith("≈")
    bad = make_pictures(3, "bad")
    sheet.add_bad_parts((bad[0].parent,))
    QTest.mouseClick(sheet.start, LEFT)
    qtbot.waitUntil(lambda: idle(program))
    (request,) = fake.asked
    assert request.normals == tuple(pictures)
    assert set(request.labelled) == {PendingImage(path, Label.BAD) for path in bad}
    local = next(c for c in sheet.model.rows if c.combination.detector == "deep-rx-local")
    assert sheet.why.text() == f"Take {local.detector}."
    QTest.mouseClick(sheet.take, LEFT)
    assert program.teach_page.plan.settings.detector.name == request.combinations[1].detector
    assert program.teach_page.panel.isVisible()


def test_it_can_be_cancelled_and_keeps_what_was_measured(
    start: Start, make_pictures: MakePictures, fake: FakeCompare, qtbot: QtBot
) -> None:
    program = start()
    settle(program, qtbot)
    sheet = opened(program, qtbot, make_pictures(6))
    fake.hold.clear()
    QTest.mouseClick(sheet.start, LEFT)
    qtbot.waitUntil(lambda: sheet.model.rows[0].measured is not None)
    assert not sheet.start.isEnabled()
    assert program.teach_page.strip.note.text() == f"Comparing {sheet.model.rows[0].detector}"
    QTest.mouseClick(program.teach_page.strip.cancel, LEFT)
    qtbot.waitUntil(lambda: idle(program))
    assert sheet.model.rows[0].measured is not None
    assert "stays in the table" in program.teach_page.banner.text.text()
    assert sheet.start.isEnabled()
