"""The limits are set by a target or from labels: shown before it is used, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from deeprx_gui.controllers.limits_sheet_controller import LimitsSheetController
from deeprx_gui.domain.limit_ways import Way
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.limits_sheet import LimitsSheet
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_profile, made_scored

LEFT = Qt.MouseButton.LeftButton
Fill = Callable[..., None]


@pytest.fixture
def controller(
    page: CheckPage, session: Session, results: ResultsModel
) -> Iterator[LimitsSheetController]:
    made = LimitsSheetController(session, results, page)
    yield made
    made.deleteLater()


def opened(page: CheckPage, controller: LimitsSheetController) -> LimitsSheet:
    QTest.mouseClick(page.body.limits.aim, LEFT)
    assert controller.sheet is not None
    assert controller.sheet.isVisible()
    return controller.sheet


def choose(sheet: LimitsSheet, way: Way) -> None:
    sheet.way.box.setCurrentIndex(sheet.way.values.index(way))
    sheet.way.box.activated.emit(sheet.way.box.currentIndex())


def enter(sheet: LimitsSheet, key: str, text: str) -> None:
    field = sheet.rows[key].field
    field.setText(text)
    field.editingFinished.emit()


def labelled(fill: Fill) -> None:
    """Eight bad parts of which three pass, four good ones of which one is NG."""
    good = [made_scored(v, f"g{v}.png", Label.GOOD) for v in (8.0, 8.5, 9.0, 12.5)]
    bad = [made_scored(v, f"b{v}.png", Label.BAD) for v in (9.2, 9.3, 9.5, 13, 14, 15, 16, 17)]
    fill(*good, *bad)


def test_a_target_gets_both_limits_how_sure_and_what_more_parts_would_bring(
    page: CheckPage, session: Session, controller: LimitsSheetController
) -> None:
    session.open_profile(made_profile())
    sheet = opened(page, controller)
    assert sheet.wish.way is Way.TARGET
    assert not sheet.use.isEnabled(), "with 50 parts these are the limits already"
    assert "So few parts cannot promise 0.5 %: about 150 more parts would" in sheet.answer.text()
    table = [label.text() for label in sheet._curve_room.findChildren(QLabel)]
    assert "50 (now)" in table
    assert "2 %" in table
    enter(sheet, "one_in", "10")
    assert sheet.reason.text() == "At most 1 false call in 10 good parts."
    assert "REVIEW from " in sheet.answer.text() or "NG from " in sheet.answer.text()
    assert "of good parts are called NG, " in sheet.answer.text()
    assert "5 parts learnt from" in sheet.consequences.text() or "False calls: 0 → " in (
        sheet.consequences.text()
    )
    before = session.limits
    QTest.mouseClick(sheet.use, LEFT)
    assert not sheet.isVisible()
    assert session.limits != before
    assert session.limits is not None
    assert session.limits.ng_promise is not None
    assert session.limits.ng_promise.rate <= 0.1
    assert session.dirty
    assert page.body.limits.reason.text() == "At most 1 false call in 10 good parts."
    session.undo_stack.undo()
    assert session.limits == before


def test_every_bad_part_is_stopped_and_what_flips_is_shown_first(
    page: CheckPage, session: Session, controller: LimitsSheetController, fill: Fill
) -> None:
    labelled(fill)
    sheet = opened(page, controller)
    choose(sheet, Way.CATCH_ALL)
    assert "finds all 8 bad parts" in sheet.reason.text()
    assert "Misses: 3 → 0 of 8 bad parts." in sheet.consequences.text()
    assert "False calls: 1 → 1 of 4 good parts" in sheet.consequences.text()
    assert sheet.flips.text() == "3 change: 3 OK→REVIEW"
    assert [tile.path.name for tile in sheet.tiles.tiles] == ["b9.5.png", "b9.3.png", "b9.2.png"]
    assert session.limits == Limits(10.0, 12.0), "shown, not used"
    sheet.tiles.chosen.emit(sheet.tiles.tiles[0].number)
    assert not sheet.isVisible()
    assert page.picture.item is not None
    assert page.picture.item.path.name == "b9.5.png"
    sheet = opened(page, controller)
    assert sheet.wish.way is Way.CATCH_ALL, "what was entered stays"
    QTest.mouseClick(sheet.use, LEFT)
    assert session.limits is not None
    assert session.limits.review < 9.2
    sheet = opened(page, controller)
    assert sheet.reason.text() == "All 8 bad parts are stopped already."
    assert not sheet.use.isEnabled()


def test_at_most_so_many_false_calls(
    page: CheckPage, session: Session, controller: LimitsSheetController, fill: Fill
) -> None:
    labelled(fill)
    sheet = opened(page, controller)
    choose(sheet, Way.AT_MOST)
    assert sheet.rows["false_calls"].isVisible()
    assert not sheet.rows["one_in"].isVisible()
    assert "False calls: 1 → 0 of 4 good parts" in sheet.consequences.text()
    QTest.mouseClick(sheet.rows["false_calls"].more, LEFT)
    assert sheet.wish.false_calls == 1
    assert sheet.reason.text() == "At most 1 false call among 4 good parts."
    enter(sheet, "false_calls", "4")
    assert "Only 4 good parts are known" in sheet.reason.text()
    assert not sheet.use.isEnabled()


def test_the_cheapest_limits_say_what_a_shift_costs(
    page: CheckPage, session: Session, controller: LimitsSheetController, fill: Fill
) -> None:
    labelled(fill)
    sheet = opened(page, controller)
    choose(sheet, Way.COSTS)
    enter(sheet, "false_call", "10")
    enter(sheet, "miss", "4000")
    enter(sheet, "per_shift", "800")
    enter(sheet, "bad_share", "1")
    assert "Misses: 3 → 0 of 8 bad parts." in sheet.consequences.text()
    # 792 good parts, one of four stopped either way; 8 bad ones, three of eight passed
    assert "Cost of a shift: 13,980 → 1,980 yen." in sheet.consequences.text()
    words = [label.text() for label in sheet.rows["bad_share"].findChildren(QLabel)]
    assert any("Of the labelled parts 67 % are bad" in text for text in words)
    QTest.mouseClick(sheet.use, LEFT)
    assert session.limits is not None
    assert 9.0 < session.limits.review < 9.2, "halfway to the next part"
    assert session.limits.ng == 12.0
    session.undo_stack.undo()
    assert session.limits == Limits(10.0, 12.0)


def test_labels_that_cannot_be_used_get_a_sentence(
    page: CheckPage, controller: LimitsSheetController, fill: Fill
) -> None:
    sheet = opened(page, controller)
    choose(sheet, Way.COSTS)
    assert "No picture is labelled. Label good and bad parts" in sheet.problems.text()
    assert "No picture is labelled bad" in sheet.reason.text()
    assert not sheet.use.isEnabled()
    sheet.close_sheet()
    one = made_scored(9.4, "a.png", Label.BAD)
    fill(one, made_scored(9.4, "copy.png", Label.GOOD, folder="/good"))
    fill(made_scored(13.0, "b.png", Label.BAD))
    sheet = opened(page, controller)
    assert "1 picture is labelled good and bad." in sheet.problems.text()
    assert "The 50 parts that were learnt from are counted instead" in sheet.problems.text()
    choose(sheet, Way.CATCH_ALL)
    assert sheet.reason.text() == "The bad part is stopped already."


def test_a_bad_part_that_scores_nothing_cannot_be_caught(
    page: CheckPage, controller: LimitsSheetController, fill: Fill
) -> None:
    fill(made_scored(0.0, "a.png", Label.BAD))
    sheet = opened(page, controller)
    choose(sheet, Way.CATCH_ALL)
    assert "looks exactly like the good ones" in sheet.reason.text()


def test_another_product_closes_the_sheet(
    page: CheckPage, session: Session, controller: LimitsSheetController, qtbot: QtBot
) -> None:
    sheet = opened(page, controller)
    session.close_profile()
    assert not sheet.isVisible()
    controller.open()
    assert not sheet.isVisible()
