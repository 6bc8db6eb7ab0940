"""What a person says of remembered parts, and where they go from the History page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.controllers.history_queries import FalseCallPictures
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.state.notice import Notice
from deeprx_gui.ui.kit.theme import Theme
from tests.ui.history_shop import Shop


@pytest.fixture
def shop(qtbot: QtBot, look: Theme, data_dir: Path) -> Iterator[Shop]:
    made = Shop(qtbot, data_dir)
    yield made
    made.close()


# -- putting right ---------------------------------------------------------------------------


def test_a_false_call_is_told_by_a_key_and_taken_back_by_undo(shop: Shop) -> None:
    shop.fill(5)
    page = shop.open()
    assert page.body.decisions.ok.text().startswith("OK: false call")
    shop.press(Qt.Key.Key_O)
    stored = shop.records.store().get(5)
    assert stored is not None
    assert (stored.decision, stored.decided_by) == (Decision.OK, "Sato")
    assert page.body.decisions.ok.isChecked()
    assert "False call" in page.body.panel.name.text()
    stack = page.undo_stack()
    assert stack is not None
    stack.undo()
    shop.settle()
    stored = shop.records.store().get(5)
    assert stored is not None
    assert stored.decision is None
    assert not page.body.decisions.ok.isChecked()
    assert [d.decision for d in shop.records.store().decisions(5)] == [None, Decision.OK]


def test_a_miss_is_told_by_the_button(shop: Shop) -> None:
    shop.fill(4)
    page = shop.open()
    assert page.body.decisions.ng.text().startswith("NG: missed")
    shop.click(page.body.decisions.ng)
    assert "Missed" in page.body.panel.name.text()
    shop.click(page.body.decisions.back)
    stored = shop.records.store().get(4)
    assert stored is not None
    assert stored.decision is None


def test_several_rows_are_decided_at_once_and_undone_at_once(shop: Shop) -> None:
    shop.fill(30)
    page = shop.open()
    for _ in range(3):
        QTest.keyClick(page.body.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    shop.press(Qt.Key.Key_N)
    decided = RecordQuery(decided=True)
    assert shop.records.store().count(decided) == 4
    shop.decisions.undo_stack.undo()
    shop.settle()
    assert shop.records.store().count(decided) == 0


def test_letters_typed_into_the_search_are_letters(shop: Shop) -> None:
    shop.fill(5)
    page = shop.open()
    page.body.filter_bar.search.setFocus()
    QTest.keyClicks(page.body.filter_bar.search, "on")
    shop.settle()
    assert shop.records.store().count(RecordQuery(decided=True)) == 0


def test_a_decided_part_stays_in_sight_until_the_list_is_asked_for_again(shop: Shop) -> None:
    shop.fill(10)
    page = shop.open()
    shop.click(page.body.filter_bar.undecided)
    shop.press(Qt.Key.Key_O)
    assert shop.serials(2) == ["SN0000010", "SN0000009"]
    page.hide()
    shop.open()
    assert shop.serials(2) == ["SN0000009", "SN0000008"]


def test_an_impossible_number_of_rows_is_not_decided_blindly(shop: Shop) -> None:
    shop.fill(3)
    page = shop.open()
    page.body.table.chosen_rows = lambda: 501  # type: ignore[method-assign]
    shop.press(Qt.Key.Key_O)
    assert "at most 500 rows" in str(page.body.banner.message)
    assert shop.records.store().count(RecordQuery(decided=True)) == 0


def test_a_store_of_another_program_is_only_for_reading_and_says_so(shop: Shop) -> None:
    first = RecordStore(shop.paths.results)
    try:
        page = shop.open()
        assert "Another Deep RX Inspector" in str(page.body.notice.message)
        assert not page.body.decisions.writable
    finally:
        first.close()


def test_a_damaged_file_is_put_aside_and_said(shop: Shop) -> None:
    shop.paths.results.mkdir(parents=True)
    (shop.paths.results / "records.sqlite").write_bytes(b"damaged" * 4000)
    page = shop.open()
    assert "was damaged" in str(page.body.notice.message)
    assert page.body.decisions.writable
    assert (
        list(shop.paths.results.glob("*damaged*"))
        or len(list(shop.paths.results.glob("records*"))) > 2
    )


# -- handing on ------------------------------------------------------------------------------


def test_what_is_listed_is_exported_as_a_table(shop: Shop, tmp_path: Path) -> None:
    shop.fill(70)
    page = shop.open()
    shop.click(page.body.filter_bar.chips[Verdict.NG])
    told: list[Notice] = []
    shop.job_service.told.connect(told.append)
    file = tmp_path / "履歴.csv"
    page.body.export.csv_requested.emit(file)
    shop.qtbot.waitUntil(lambda: bool(told))
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 15
    assert "14 parts" in str(told[0].message)


def test_a_report_is_written(shop: Shop, tmp_path: Path) -> None:
    shop.fill(70)
    page = shop.open()
    told: list[Notice] = []
    shop.job_service.told.connect(told.append)
    file = tmp_path / "report.html"
    page.body.export.report_requested.emit(file)
    shop.qtbot.waitUntil(lambda: bool(told))
    assert "Bracket" in file.read_text(encoding="utf-8")


def test_the_agreement_of_repeated_verdicts_is_written(shop: Shop, tmp_path: Path) -> None:
    for number in (1, 2, 3, 4):
        record = shop.add(number, serial=f"SN-{number % 2}", station="Line 1")
        if number < 3:
            shop.records.store().decide(record.number, Decision.OK, who="Sato")
    page = shop.open()
    told: list[Notice] = []
    shop.job_service.told.connect(told.append)
    file = tmp_path / "agreement.html"
    assert page.body.export.agreement.text() == "Agreement of repeated verdicts (MSA, HTML)…"
    page.body.export.agreement_requested.emit(file)
    shop.qtbot.waitUntil(lambda: bool(told), timeout=5000)
    sheet = file.read_text(encoding="utf-8")
    assert "Parts: 2 (0 bad, 2 good) · appraisers: 1 · trials: 2" in sheet


def test_verdicts_that_cannot_agree_are_said(shop: Shop, tmp_path: Path) -> None:
    shop.fill(5)
    page = shop.open()
    page.body.export.agreement_requested.emit(tmp_path / "agreement.html")
    shop.qtbot.waitUntil(lambda: page.body.banner.message is not None, timeout=5000)
    assert not (tmp_path / "agreement.html").exists()


def test_an_export_to_a_bad_place_is_said(shop: Shop, tmp_path: Path) -> None:
    shop.fill(5)
    page = shop.open()
    (tmp_path / "file").write_text("in the way")
    page.body.export.csv_requested.emit(tmp_path / "file" / "table.csv")
    shop.qtbot.waitUntil(lambda: page.body.banner.message is not None)
    assert page.body.export.isEnabled()


def test_pictures_of_false_calls_are_offered_to_learn_from(shop: Shop) -> None:
    shop.fill(20)
    shop.keep_picture()
    page = shop.open()
    assert not page.body.normals.isVisible()
    shop.press(Qt.Key.Key_O)
    assert page.body.normals.text() == "Use 1 false call as a normal image…"
    found: list[FalseCallPictures] = []
    shop.controller.normals_found.connect(found.append)
    page.body.normals.click()
    shop.qtbot.waitUntil(lambda: bool(found))
    assert found[0].profile_id == "bracket-1"
    assert [path.name for path in found[0].paths] == ["kept.png"]
