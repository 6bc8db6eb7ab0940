"""The History page as a person meets it: find parts, look again, put right, hand on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.state.history_filter import Period
from deeprx_gui.ui.history.body import NEVER, NOTHING_FITS, TABLE
from deeprx_gui.ui.kit.scan_filter import ScanFilter
from deeprx_gui.ui.kit.theme import Theme
from tests.ui.conftest import MakeProfile, Pause
from tests.ui.history_shop import FakeScorer, Shop
from tests.ui.walk import clipped, speak, visible


@pytest.fixture
def shop(qtbot: QtBot, look: Theme, data_dir: Path) -> Iterator[Shop]:
    made = Shop(qtbot, data_dir)
    yield made
    made.close()


@pytest.fixture
def scored(shop: Shop, make_profile: MakeProfile, monkeypatch: pytest.MonkeyPatch) -> FakeScorer:
    """The profile of the parts is there, and an engine that needs no network."""
    scorer = FakeScorer()
    monkeypatch.setattr(EnginePool, "for_profile", lambda *_: scorer)
    monkeypatch.setattr(shop.profiles, "load", lambda *_: make_profile())
    return scorer


# -- finding ---------------------------------------------------------------------------------


def test_an_empty_history_says_how_it_fills(shop: Shop) -> None:
    page = shop.open()
    assert page.body.left.currentIndex() == NEVER
    assert not page.body.filter_bar.isVisible()
    shop.add(1)
    shop.controller.look_for_news()
    shop.settle()
    assert page.body.left.currentIndex() == TABLE
    assert page.body.filter_bar.isVisible()


def test_the_newest_part_is_on_top_with_its_count(shop: Shop) -> None:
    shop.fill(120)
    page = shop.open()
    assert shop.serials(2) == ["SN0000120", "SN0000119"]
    assert page.body.parts.text() == "120 parts"
    assert page.body.panel.badge.verdict is Verdict.NG


def test_chips_count_and_filter_and_can_be_combined(shop: Shop) -> None:
    shop.fill(70)
    bar = shop.open().body.filter_bar
    assert bar.chips[Verdict.NG].words() == "NG  14"
    shop.click(bar.chips[Verdict.NG])
    assert shop.history.rowCount() == 14
    shop.click(bar.chips[Verdict.REVIEW])
    assert shop.history.rowCount() == 22
    assert bar.chips[Verdict.OK].words() == "OK  48"
    shop.click(bar.chips[Verdict.NG])
    shop.click(bar.chips[Verdict.REVIEW])
    assert shop.history.rowCount() == 70


def test_a_serial_number_is_found_as_it_is_typed(shop: Shop, qtbot: QtBot) -> None:
    shop.fill(60)
    page = shop.open()
    shop.press(Qt.Key.Key_F, ctrl=True)
    assert page.body.filter_bar.search.hasFocus()
    QTest.keyClicks(page.body.filter_bar.search, "00042")
    shop.settle()
    assert shop.serials() == ["SN0000042"]
    assert page.body.parts.text() == "1 part"


def test_what_nothing_fits_says_so_and_one_button_brings_everything_back(shop: Shop) -> None:
    shop.fill(10)
    page = shop.open()
    page.body.filter_bar.search.setText("no such part")
    shop.settle()
    assert page.body.left.currentIndex() == NOTHING_FITS
    assert page.body.panel.said
    shop.click(page.body.nothing.button)
    assert shop.history.rowCount() == 10


def test_another_product_and_another_day_are_chosen(shop: Shop) -> None:
    shop.fill(10)
    shop.add(11, profile_id="cover-1", profile="Cover")
    bar = shop.open().body.filter_bar
    assert [bar.product.itemText(n) for n in range(bar.product.count())] == [
        "All products",
        "Bracket",
        "Cover",
    ]
    bar.product.setCurrentIndex(2)
    bar.product.activated.emit(2)
    shop.settle()
    assert shop.serials() == ["SN0000011"]
    bar.period.show_period(Period.YESTERDAY)
    shop.settle()
    assert shop.history.rowCount() == 0


def test_a_station_is_chosen_where_there_are_several(shop: Shop) -> None:
    shop.fill(3, station="Line 3", station_id="three")
    page = shop.open()
    bar = page.body.filter_bar
    assert not bar.station.isVisible(), "one station is no choice"
    shop.add(4, station="Line 4", station_id="four")
    page.refresh_requested.emit()
    shop.settle()
    assert bar.station.isVisible()
    assert [bar.station.itemText(n) for n in range(bar.station.count())] == [
        "All stations",
        "Line 3",
        "Line 4",
    ]
    bar.station.setCurrentIndex(2)
    bar.station.activated.emit(2)
    shop.settle()
    assert shop.serials() == ["SN0000004"]
    assert page.body.trend.summary is not None
    assert page.body.trend.summary.counts.total == 1
    titles = [shop.history.headerData(n, Qt.Orientation.Horizontal) for n in range(10)]
    assert titles[-3:] == ["Station", "Operator", "Method"]
    assert shop.history.data(shop.history.index(0, 7)) == "Line 4"
    bar.show_everything()
    shop.settle()
    assert shop.history.rowCount() == 4


def test_days_are_asked_for_only_where_they_are_needed(shop: Shop) -> None:
    shop.fill(3)
    period = shop.open().body.filter_bar.period
    assert not period.days.isVisible()
    period.show_period(Period.DAYS)
    shop.settle()
    assert period.days.isVisible()
    assert shop.history.rowCount() == 3


# -- looking again ---------------------------------------------------------------------------


def test_a_kept_picture_is_shown_with_its_heat_again(shop: Shop, scored: FakeScorer) -> None:
    shop.fill(5)
    shop.keep_picture()
    panel = shop.open().body.panel
    assert panel.said == ""
    assert panel.view.heat is not None
    assert panel.view.spots == ("1.50×",)
    assert "as recorded" in panel.note.text()
    shop.press(Qt.Key.Key_H)
    assert panel.view.heat is None


def test_a_score_that_is_another_one_now_is_said(shop: Shop, scored: FakeScorer) -> None:
    scored.value = 11.0
    shop.fill(5)
    shop.keep_picture()
    note = shop.open().body.panel.note.text()
    assert "1.10 × (REVIEW)" in note
    assert "Recorded: 1.50 ×" in note


def test_a_picture_that_was_not_kept_is_said(shop: Shop, scored: FakeScorer) -> None:
    shop.fill(4)
    assert "was not kept" in shop.open().body.panel.said


def test_a_picture_that_is_gone_is_said_with_its_place(shop: Shop, scored: FakeScorer) -> None:
    shop.fill(5)
    shop.keep_picture().unlink()
    said = shop.open().body.panel.said
    assert "no longer there" in said
    assert "kept.png" in said


def test_a_revision_that_is_gone_leaves_the_picture_without_heat(shop: Shop) -> None:
    shop.fill(5)
    shop.keep_picture()
    panel = shop.open().body.panel
    assert panel.said == ""
    assert panel.view.heat is None
    assert "revision r0001 of “Bracket”" in panel.note.text()


def test_a_broken_picture_is_said_and_the_page_goes_on(shop: Shop, scored: FakeScorer) -> None:
    shop.fill(6)
    shop.keep_picture().write_bytes(b"not a picture")
    page = shop.open()
    shop.press(Qt.Key.Key_Down)
    assert page.body.panel.said
    shop.press(Qt.Key.Key_Up)
    assert "was not kept" in page.body.panel.said


def test_an_error_says_why_there_was_no_verdict(shop: Shop, scored: FakeScorer) -> None:
    shop.keep_picture()
    shop.add(5, verdict=Verdict.ERROR, score=float("nan"), error=say("The camera sent half."))
    assert shop.open().body.panel.note.text() == "The camera sent half."


def test_arrows_walk_and_enter_makes_the_picture_large(shop: Shop) -> None:
    shop.fill(20)
    page = shop.open()
    shop.press(Qt.Key.Key_Down)
    shop.press(Qt.Key.Key_Down)
    record = page.body.panel.record
    assert record is not None
    assert record.serial == "SN0000018"
    shop.press(Qt.Key.Key_Return)
    assert not page.body.trend.isVisible()
    shop.press(Qt.Key.Key_Return)
    assert page.body.trend.isVisible()
    shop.click(page.body.panel.previous)
    assert page.body.panel.record is not None
    assert page.body.panel.record.serial == "SN0000019"


# -- a running inspection --------------------------------------------------------------------


def test_parts_that_arrive_do_not_move_what_is_looked_at(shop: Shop) -> None:
    shop.fill(150)
    page = shop.open()
    table = page.body.table
    table.verticalScrollBar().setValue(1000)
    table.selectRow(30)
    shop.settle()
    record = page.body.panel.record
    assert record is not None
    place = table.visualRect(table.currentIndex()).top()
    for n in range(151, 158):
        shop.add(n)
    shop.controller.look_for_news()
    shop.settle()
    assert shop.history.rowCount() == 157
    assert table.current() == record
    assert table.visualRect(table.currentIndex()).top() == place
    assert page.body.newer.text() == "7 new parts"
    shop.click(page.body.newer)
    assert table.current() is not None
    assert shop.serials(1) == ["SN0000157"]
    assert not page.body.newer.isVisible()
    assert page.body.parts.text() == "157 parts"


def test_a_shown_page_looks_for_news_by_itself(shop: Shop, qtbot: QtBot) -> None:
    shop.fill(3)
    shop.open()
    shop.add(4)
    qtbot.waitUntil(lambda: shop.history.rowCount() == 4)
    shop.settle()  # the figures are asked for as well


def test_a_hidden_page_leaves_the_store_alone(shop: Shop) -> None:
    shop.fill(3)
    page = shop.open()
    page.hide()
    assert not shop.controller.clock.isActive()
    shop.open()
    assert shop.controller.clock.isActive()


# -- figures ---------------------------------------------------------------------------------


def test_counts_trend_and_worst_parts_are_shown_in_words_too(shop: Shop) -> None:
    shop.fill(70)
    card = shop.open().body.trend
    assert card.hours.shown is not None
    assert card.hours.shown.heights[Verdict.NG].sum() == 14
    assert "NG 14" in card.legend.accessibleName()
    assert "0.70 ×" in card.sentence.text()
    assert card.sentence.fits()
    assert len(card.worst.tiles) > 5


@pytest.mark.parametrize("language", ["en", "ja"])
def test_rising_scores_are_a_warning_in_words_before_good_parts_are_called(
    shop: Shop, language: str
) -> None:
    now = datetime.now(UTC)
    for day in range(6):
        when = now - timedelta(days=5 - day)
        shop.add(1, when=when, score=7.0 + 0.5 * day, uid=f"day-{day}")
    page = shop.open()
    page.body.filter_bar.show_everything()
    shop.settle()
    speak(language)
    sentence = page.body.trend.sentence
    assert ("Rising from" if language == "en" else "上昇中") in sentence.text()
    assert sentence.fits()


def test_a_worst_part_is_shown_though_the_list_does_not_hold_it(shop: Shop) -> None:
    shop.fill(40)
    page = shop.open()
    page.body.filter_bar.search.setText("0000003")
    shop.settle()
    page.body.trend.worst.chosen.emit(0)
    shop.settle()
    record = page.body.panel.record
    assert record is not None
    assert record.verdict is Verdict.NG


def test_figures_follow_time_and_product_not_the_search(shop: Shop) -> None:
    shop.fill(40)
    page = shop.open()
    page.body.filter_bar.search.setText("0000003")
    shop.settle()
    assert page.body.trend.summary is not None
    assert page.body.trend.summary.counts.total == 40


def test_what_a_scanner_types_is_no_decision(
    shop: Shop, scan_filter: ScanFilter, scanner: Pause
) -> None:
    """A decision stays in the log for ever."""
    shop.fill(4)
    page = shop.open()
    QTest.keyClicks(page.body.table, "SN-1O")
    QTest.keyClick(page.body.table, Qt.Key.Key_Return)
    scanner(scan_filter)
    assert not scan_filter.holds
    shop.settle()
    assert shop.records.store().count(RecordQuery(decided=True)) == 0
    shop.press(Qt.Key.Key_O)
    scanner(scan_filter)
    assert not scan_filter.holds
    shop.settle()
    assert shop.records.store().count(RecordQuery(decided=True)) == 1, "a person's key does"


# -- how it looks ----------------------------------------------------------------------------


def test_the_page_follows_the_language_and_nothing_is_cut_off(shop: Shop, look: Theme) -> None:
    shop.fill(40)
    page = shop.open()
    shop.press(Qt.Key.Key_O)
    assert list(clipped(page)) == []
    look.use_language("ja")
    speak("ja")
    assert page.body.title.text() == "履歴"
    assert page.body.parts.text() == "40 件"
    assert page.body.decisions.ok.text().startswith("良品（過検出）")
    shop.qtbot.waitUntil(lambda: not list(clipped(page)))


def test_everything_to_press_is_large_enough_for_a_finger(shop: Shop) -> None:
    shop.fill(40)
    page = shop.open()
    page.body.filter_bar.period.show_period(Period.DAYS)
    shop.settle()
    small = [
        f"{type(w).__name__} {w.size()}"
        for w in visible(page)
        if isinstance(w, QAbstractButton | QComboBox | QLineEdit) and _is_pressed(w)
        if w.height() < 40 or w.width() < 40
    ]
    assert small == []


def _is_pressed(widget: QWidget) -> bool:
    """Leave out what Qt puts into a field or a plot of its own accord."""
    parent = widget.parentWidget()
    inside = isinstance(parent, QLineEdit | QComboBox) or "DateEdit" in type(parent).__name__
    return not inside and "Plot" not in type(parent).__name__
