"""An operator's shift with the real engine: product, replayed parts, NG acknowledged, report."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui import station as stations
from deeprx_gui.app import INSPECT, Program
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths
from deeprx_gui.state.inspect import Phase
from deeprx_gui.work.fit import fit
from tests.ui.driving import LEFT
from tests.ui.plates import part, write

GOOD, BAD = 4, 3
FOREVER = 60_000


def _goes_on(program: Program, held: Record) -> bool:
    return program.inspect_model.run.waiting is not held


def taught(program: Program, pictures: Path) -> None:
    """Learn a product beforehand, as the engineer did."""
    services = program.job_service.services
    request = FitRequest("Plate", tuple(sorted(pictures.iterdir())), FitSettings(), who="Sato")
    scratch = services.paths.scratch
    for _ in fit(request, engines=services.engines, store=services.store, scratch=scratch):
        pass


def test_a_shift_from_choosing_the_product_to_the_report(
    begin: Callable[[], Program], qtbot: QtBot, data_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "train", [part(n) for n in range(10)])
    line = [part(100 + n) for n in range(GOOD)] + [
        part(200 + n, scratched=True) for n in range(BAD)
    ]
    write(tmp_path / "line", line)
    source = SourceSpec("replay", str(tmp_path / "line"), {"fps": 0, "loop": False, "lossy": False})
    stations.save(Station(source=source, confirm_ng=True), Paths(data_dir).station_file)
    program = begin()
    taught(program, tmp_path / "train")
    program.profiles_controller.refresh()
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1, timeout=FOREVER)

    page, model = program.inspect_page, program.inspect_model
    program.window.show_page(INSPECT)
    QTest.mouseClick(page.top.operator, LEFT)
    assert page.operator
    QTest.mouseClick(page.top.product, LEFT)
    cards = page.sheets.product.list
    card = cards.visualRect(program.profiles.index(0)).center()
    QTest.mouseClick(cards.viewport(), LEFT, pos=card)
    qtbot.waitUntil(lambda: program.session.profile is not None, timeout=FOREVER)

    page.run_main()
    qtbot.waitUntil(lambda: model.run.active, timeout=FOREVER)
    acknowledged = 0
    while True:
        qtbot.waitUntil(lambda: model.run.phase in {Phase.HOLDING, Phase.IDLE}, timeout=FOREVER)
        held = model.run.waiting
        if held is None:
            break
        assert page.body.verdict.look.word == "NG"
        QTest.keyClick(page, Qt.Key.Key_N)
        acknowledged += 1
        qtbot.waitUntil(partial(_goes_on, program, held), timeout=FOREVER)
    assert model.counts.total == GOOD + BAD
    assert model.counts.ng == len(model.bad) == acknowledged
    assert acknowledged >= BAD, "a good part may be called NG, a scratched one is"

    QTest.mouseClick(page.top.leave, LEFT)
    QTest.keyClick(program.window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    history = program.history_page
    qtbot.waitUntil(lambda: history.history.rowCount() == GOOD + BAD, timeout=FOREVER)
    QTest.mouseClick(history.body.filter_bar.chips[Verdict.NG], LEFT)
    qtbot.waitUntil(lambda: history.history.rowCount() == acknowledged, timeout=FOREVER)
    found = program.records.store().page(RecordQuery(verdicts=frozenset({Verdict.NG})))
    assert {record.decision for record in found} == {Decision.NG}
    assert all(program.records.path_of(record.picture).is_file() for record in found)

    report = tmp_path / "shift.html"
    history.body.export.report_requested.emit(report)  # as the file dialog does
    qtbot.waitUntil(report.is_file, timeout=FOREVER)
    qtbot.waitUntil(
        lambda: not (program.job_service.busy or program.job_service.files.busy), timeout=FOREVER
    )
    text = report.read_text(encoding="utf-8")
    assert "Plate" in text
    assert text.count("data:image/") >= BAD
