"""What a person does on the Check page, apart from dragging limits."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.result_columns import LABEL, NAME, TIMES, VERDICT
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.filter_bar import VerdictChip
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_profile, made_scored, many_scored
from tests.ui.check.conftest import UNIT, made_frame, turn_wheel
from tests.ui.walk import speak

Fill = Callable[..., None]


def _key(page: CheckPage, key: Qt.Key) -> None:
    QTest.keyClick(page.body.table, key)


def _names(results: ResultsModel) -> list[object]:
    return [results.index(r, NAME).data() for r in range(results.rowCount())]


# -- empty states ---------------------------------------------------------------------------


def test_without_a_profile_the_page_says_what_to_do(page: CheckPage, session: Session) -> None:
    session.close_profile()
    assert page.no_profile.isVisible()
    assert not page.body.isVisible()
    page.take([Path("/parts")])
    assert page.body.waiting.items == ()


def test_before_anything_is_scored_the_held_out_scores_are_shown(page: CheckPage) -> None:
    assert page.body.drop_zone.isVisible()
    assert not page.body.table.isVisible()
    plot = page.body.limits.histogram
    assert plot.span_shown.low < 5.0
    assert plot.span_shown.high > 12.0
    assert page.picture.sentence.text().startswith("Add pictures at the left and score them")


# -- scoring --------------------------------------------------------------------------------


def test_what_is_dropped_waits_for_its_label_and_the_button(page: CheckPage, qtbot: QtBot) -> None:
    asked = QSignalSpy(page.score_requested)
    page.take([Path("/parts/a"), Path("/parts/b.png"), Path("/parts/a")])
    assert page.body.waiting.isVisible()
    assert asked.count() == 0
    page.body.waiting.labels.setCurrentIndex(2)
    page.body.waiting.score.click()
    assert asked.at(0)[0] == (
        PendingImage(Path("/parts/a"), Label.BAD),
        PendingImage(Path("/parts/b.png"), Label.BAD),
    )
    assert not page.body.waiting.isVisible()
    assert page.strip.isVisible()


def test_scoring_cannot_start_twice(page: CheckPage) -> None:
    asked = QSignalSpy(page.score_requested)
    page.job_progress(Progress(3, 10, say("Scoring")))
    page.take([Path("/parts")])
    assert not page.body.waiting.score.isEnabled()
    page.run_main()
    assert asked.count() == 0
    page.job_ended()
    page.run_main()
    assert asked.count() == 1


def test_a_failed_job_says_why_and_the_page_goes_on(page: CheckPage) -> None:
    page.job_progress(Progress(3, 10, say("Scoring")))
    page.job_ended(say("No pictures were given. Choose files or a folder."))
    assert not page.strip.isVisible()
    assert page.banner.isVisible()
    assert page.banner.message is not None


def test_another_fit_offers_to_score_the_same_pictures_again(
    page: CheckPage, session: Session, results: ResultsModel, fill: Fill
) -> None:
    fill(made_scored(1.0, "a.png", Label.GOOD), made_scored(2.0, "b.png"))
    results.set_labels([1], Label.BAD)
    session.open_profile(made_profile())
    assert results.rowCount() == 0
    asked = QSignalSpy(page.score_requested)
    assert page.body.waiting.score.text() == "Score again"
    page.body.waiting.score.click()
    assert asked.at(0)[0] == (
        PendingImage(Path("/parts/today/a.png"), Label.GOOD),
        PendingImage(Path("/parts/today/b.png"), Label.BAD),
    )


# -- table ----------------------------------------------------------------------------------


def test_stepping_with_the_keyboard_changes_the_picture(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    fill(*(made_scored(v, f"{v}.png") for v in (8.0, 9.0, 15.0)))
    page.body.table.setFocus()
    _key(page, Qt.Key.Key_Down)
    _key(page, Qt.Key.Key_Down)
    assert page.picture.badge.verdict is Verdict.NG
    assert page.picture.times.text() == "1.52 ×"
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    shown = page.picture.frame_shown
    assert shown is not None
    assert Path(shown.source).name == "15.0.png"


def test_a_picture_that_comes_too_late_is_not_shown(page: CheckPage, fill: Fill) -> None:
    page.picture_requested.disconnect()
    fill(made_scored(8.0, "a.png"), made_scored(9.0, "b.png"))
    page.body.table.selectRow(1)
    page.show_picture(Path("/parts/today/a.png"), made_frame(Path("a.png")))
    assert page.picture.frame_shown is None
    page.body.table.selectRow(0)  # it was kept: no disk is asked again
    assert page.picture.frame_shown is not None


def test_an_error_row_says_its_sentence_and_is_never_ok(
    page: CheckPage, results: ResultsModel, fill: Fill
) -> None:
    fill(made_scored(None, "empty.png"))
    assert results.index(0, VERDICT).data() == "ERROR"
    assert page.picture.badge.verdict is Verdict.ERROR
    assert page.picture.sentence.text() == "empty.png cannot be read: it is empty."
    assert page.picture.sentence.isVisible()
    assert page.picture.times.text() == ""


def test_numbers_that_are_none_break_nothing(
    page: CheckPage, results: ResultsModel, session: Session, fill: Fill
) -> None:
    fill(made_scored(float("nan"), "nan.png"), made_scored(float("inf")), made_scored(9.0))
    session.set_limits(Limits(8.0, 9.0))
    assert results.counts().verdicts[Verdict.ERROR] == 2
    assert page.picture.badge.verdict is Verdict.ERROR
    assert page.body.limits.histogram.span_shown.high < 1000


def test_keys_label_the_selected_rows_and_the_matrix_follows(
    page: CheckPage, results: ResultsModel, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*(made_scored(15.0, f"{i}.png") for i in range(4)))
    assert not page.body.evaluation.isVisible()
    page.body.table.selectAll()
    _key(page, Qt.Key.Key_G)
    assert [results.index(r, LABEL).data() for r in range(4)] == ["Good"] * 4
    qtbot.waitUntil(page.body.evaluation.isVisible)
    assert page.body.evaluation.cells[Label.GOOD, Verdict.NG].words() == "4"
    assert page.body.labels.buttons[Label.GOOD].isChecked()
    page.body.table.selectRow(0)
    _key(page, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: page.body.evaluation.misses.text() == "Misses: 0 of 1 bad")
    session.undo_stack.undo()
    assert results.rows.label_of(0) is Label.GOOD


def test_a_chip_filters_and_selection_and_picture_stay(
    page: CheckPage, results: ResultsModel, fill: Fill
) -> None:
    fill(*(made_scored(v, f"{v}.png") for v in (15.0, 9.0, 11.0)))
    page.body.table.selectRow(0)
    page.body.filter_bar.chip(VerdictChip(Verdict.NG)).click()
    assert _names(results) == ["15.0.png"]
    assert page.body.table.chosen() == (0,)
    page.body.filter_bar.chip(VerdictChip()).click()
    assert page.body.table.chosen() == (0,)
    assert page.picture.item is results.rows.items[0]


def test_search_finds_among_five_thousand_sorted_rows(
    page: CheckPage, results: ResultsModel, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(5000))
    page.body.table.sortByColumn(TIMES, Qt.SortOrder.DescendingOrder)
    page.body.filter_bar.search.setText("part4321")
    qtbot.waitUntil(lambda: results.rowCount() == 1)
    assert _names(results) == ["part4321.png"]
    page.body.filter_bar.show_everything()
    assert results.rowCount() == 5000
    times = [float(str(results.index(r, TIMES).data())) for r in range(5000)]
    assert times == sorted(times, reverse=True)


def test_a_changed_tile_leads_to_its_row(page: CheckPage, session: Session, fill: Fill) -> None:
    fill(*(made_scored(v, f"{v}.png") for v in (8.0, 9.5, 15.0)))
    session.set_limits(Limits(9.0, 12.0))
    tiles = page.body.flips.tiles
    assert [(t.number, t.word) for t in tiles.tiles] == [(1, "OK→REVIEW")]
    page.body.filter_bar.chip(VerdictChip(Verdict.NG)).click()  # hides the row
    QTest.mouseClick(tiles, Qt.MouseButton.LeftButton, pos=QPoint(40, 30))
    assert page.body.table.current() == 1


def test_tiles_get_their_pictures_when_the_limit_rests(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*(made_scored(v, f"{v}.png") for v in (8.0, 9.5, 9.7)))
    tiles = page.body.flips.tiles
    with qtbot.waitSignal(tiles.thumbnails.wanted) as asked:
        session.set_limits(Limits(9.0, 12.0))
        assert not tiles.asking
    assert asked.args == [(Path("/parts/today/9.5.png"), Path("/parts/today/9.7.png"))]
    dark = tiles.grab().toImage().pixelColor(46, 30)
    for path in asked.args[0]:
        tiles.thumbnails.put(path, np.full((20, 30, 3), (200, 30, 30), np.uint8))
    qtbot.waitUntil(lambda: tiles.grab().toImage().pixelColor(46, 30) != dark)
    tiles.setFocus()
    QTest.keyClick(tiles, Qt.Key.Key_Right)
    QTest.keyClick(tiles, Qt.Key.Key_Return)
    assert page.body.table.current() == 1


# -- touch ---------------------------------------------------------------------------------


def test_digits_typed_into_a_field_do_not_zoom(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(15.0))
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    page.activateWindow()
    field, zoom = page.body.limits.ng.field, page.picture.view.zoom
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1.11")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert page.picture.view.zoom == zoom
    assert session.limits is not None
    assert session.limits.ng == pytest.approx(1.11 * UNIT)


def test_nothing_runs_away_under_wheel_or_finger(page: CheckPage, session: Session) -> None:
    row = page.body.limits.review
    for widget in (row.slider, row.field):
        turn_wheel(widget, 1200)
    assert session.limits == Limits(10.0, 12.0)
    assert not row.more.autoRepeat()
    assert row.field.buttonSymbols() is QDoubleSpinBox.ButtonSymbols.NoButtons


# -- saving, exports, language --------------------------------------------------------------


def test_saving_asks_for_a_reason_in_place(page: CheckPage, session: Session) -> None:
    asked = QSignalSpy(page.body.limits.save_requested)
    limits = page.body.limits
    assert not limits.save.isEnabled()
    session.set_limits(Limits(9.0, 12.0))
    limits.save.click()
    assert limits.reason.isVisible()
    QTest.keyClicks(limits.reason, "lamp was changed, 1 part in 200")
    QTest.keyClick(limits.reason, Qt.Key.Key_Return)
    assert asked.at(0)[0] == "lamp was changed, 1 part in 200"
    session.mark_saved(made_profile(limits=Limits(9.0, 12.0)))
    assert not limits.save.isEnabled()
    assert page.body.flips.sentence.text() == "No verdict changes."


@pytest.mark.parametrize("kind", ["csv", "report"])
def test_an_export_goes_where_the_person_says_and_remembers_it(
    page: CheckPage, fill: Fill, tmp_path: Path, kind: str
) -> None:
    assert not page.body.export.isVisible()
    fill(made_scored(9.0))
    asked = QSignalSpy(getattr(page.body.export, f"{kind}_requested"))
    getattr(page.body.export, f"_{kind}_chosen")(str(tmp_path / "results"))
    assert asked.at(0)[0] == tmp_path / "results"
    assert page.export_folder == tmp_path


def test_the_language_changes_while_everything_is_shown(
    page: CheckPage, results: ResultsModel, fill: Fill
) -> None:
    fill(made_scored(11.0), made_scored(None))
    speak("ja")
    assert page.body.title.text() == "検証"
    assert results.index(0, VERDICT).data() == "確認"
    assert page.body.filter_bar.chip(VerdictChip(Verdict.REVIEW)).words() == "確認  1"
    assert page.body.limits.review.promise.startswith("手で動かしたため")
    speak("en")
    assert results.index(0, VERDICT).data() == "REVIEW"


def test_everything_can_be_reached_with_tab(page: CheckPage, fill: Fill) -> None:
    fill(*many_scored(20))
    page.activateWindow()
    page.body.table.setFocus()
    reached = set()
    for _ in range(80):
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    body = page.body
    for widget in (
        body.add,
        body.export,
        body.filter_bar.search,
        body.table,
        body.limits.review.slider,
        body.limits.review.field,
        body.limits.ng.slider,
        body.picture.tools.opacity,
        body.picture.tools.heat,
        *body.labels.buttons.values(),
        body.filter_bar.chip(VerdictChip()),
    ):
        assert widget in reached, (widget, widget.accessibleName())
