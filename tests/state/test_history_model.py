"""The history as a model: a million rows, of which only those that are looked at are read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.history import RECORD_ROLE, HistoryModel
from deeprx_gui.state.history_columns import DECIDED, PRODUCT, SERIAL, TIMES
from deeprx_gui.state.history_rows import CHUNK, KEPT_CHUNKS
from tests.state.history_feed import Feed, made

pytestmark = pytest.mark.usefixtures("qapp")
MILLION = 1_000_000


@pytest.fixture
def model() -> HistoryModel:
    return HistoryModel()


def begin(model: HistoryModel, count: int, query: RecordQuery | None = None) -> Feed:
    feed = Feed(model, count)
    model.load(query or RecordQuery())
    model.take_count(model.series, count)
    return feed


def number(model: HistoryModel, row: int) -> int | None:
    record = model.record(row)
    return None if record is None else record.number


def is_loading(model: HistoryModel) -> bool:
    return model.loading


def is_open_ended(model: HistoryModel) -> bool:
    return model.open_ended


def test_it_is_a_sound_model_while_rows_come_change_and_go(
    model: HistoryModel, qtmodeltester: ModelTester
) -> None:
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    feed = begin(model, 450)
    model.look_at(395, 410)
    model.take_news(model.series, [made(n) for n in (452, 451, 450, 449)], joined=True)
    model.replace(made(440, decision=Decision.NG))
    feed.count = 0
    model.load(RecordQuery(text="nothing"))
    assert model.rowCount() == 0


def test_the_newest_part_is_on_top_and_the_first_page_is_shown_before_anything_is_counted(
    model: HistoryModel,
) -> None:
    feed = Feed(model, MILLION)
    model.load(RecordQuery())
    assert model.rowCount() == CHUNK
    assert number(model, 0) == MILLION
    assert feed.read == CHUNK
    model.take_count(model.series, MILLION)
    assert model.rowCount() == MILLION
    assert feed.read == CHUNK


def test_the_end_of_a_million_rows_is_read_without_those_between(model: HistoryModel) -> None:
    feed = begin(model, MILLION)
    model.look_at(MILLION - 20, MILLION - 1)
    assert number(model, MILLION - 1) == 1
    assert number(model, MILLION - 20) == 20
    assert number(model, MILLION // 2) is None
    assert feed.read <= 3 * CHUNK


def test_flinging_through_a_million_rows_keeps_few_of_them_in_memory(model: HistoryModel) -> None:
    begin(model, MILLION)
    for row in range(0, MILLION, 3777):
        model.look_at(row, row + 20)
        assert number(model, row + 20) == MILLION - row - 20
    assert model.kept <= (KEPT_CHUNKS + 3) * CHUNK
    model.look_at(0, 20)
    assert [number(model, row) for row in (0, 1, 20)] == [MILLION, MILLION - 1, MILLION - 20]


def test_a_row_that_was_not_read_yet_shows_dots_and_then_itself(model: HistoryModel) -> None:
    feed = begin(model, 1000)
    feed.hold = True
    model.look_at(500, 510)
    cell = model.index(505, SERIAL)
    assert cell.data() == "…"
    assert cell.data(RECORD_ROLE) is None
    feed.answer(feed.waiting.pop())
    assert cell.data() == "SN0000495"
    assert cell.data(RECORD_ROLE).number == 495


def test_only_what_is_looked_at_last_is_waited_for(model: HistoryModel) -> None:
    feed = begin(model, 100_000)
    feed.hold = True
    for row in (20_000, 40_000, 60_000):
        model.look_at(row, row + 20)
    feed.answer(feed.waiting[-1])
    assert number(model, 60_000) == 40_000
    assert number(model, 20_000) is None


def test_an_answer_for_an_earlier_filter_is_ignored(model: HistoryModel) -> None:
    feed = begin(model, 300)
    feed.hold = True
    model.load(RecordQuery(text="a"))
    model.load(RecordQuery(text="b"))
    stale, fresh = feed.waiting
    model.take_rows(fresh, [made(7)])
    model.take_rows(stale, [made(8), made(9)])
    assert model.rowCount() == 1
    assert number(model, 0) == 7


def test_the_old_rows_stay_until_the_first_of_another_filter_are_there(model: HistoryModel) -> None:
    feed = begin(model, 300)
    feed.hold = True
    model.load(RecordQuery(text="a"))
    assert is_loading(model)
    assert model.rowCount() == 300
    model.take_rows(feed.waiting[-1], [])
    assert not is_loading(model)
    assert model.rowCount() == 0


def test_parts_that_arrive_come_on_top_and_nothing_else_moves(model: HistoryModel) -> None:
    begin(model, 1000)
    model.look_at(500, 520)
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _p, first, last: inserted.append((first, last)))
    model.take_news(model.series, [made(n) for n in (1003, 1002, 1001, 1000, 999)], joined=True)
    assert inserted == [(0, 2)]
    assert model.rowCount() == 1003
    assert [number(model, row) for row in (0, 3, 503)] == [1003, 1000, 500]


def test_rows_are_read_rightly_after_hundreds_arrived_on_top(model: HistoryModel) -> None:
    feed = begin(model, 1000)
    for newest in range(1050, 2001, 50):
        feed.count = newest
        news = [made(n) for n in range(newest, newest - 60, -1)]
        model.take_news(model.series, news, joined=True)
    assert model.rowCount() == 2000
    for row in (0, 99, 100, 950, 999, 1000, 1001, 1500, 1999):
        model.look_at(max(row - 5, 0), min(row + 5, 1999))
        assert number(model, row) == 2000 - row


def test_a_long_run_with_the_page_open_does_not_fill_the_memory(model: HistoryModel) -> None:
    begin(model, 1000)
    for newest in range(1100, 30_000, 100):
        news = [made(n) for n in range(newest, newest - 101, -1)]
        model.take_news(model.series, news, joined=True)
    assert model.kept <= (KEPT_CHUNKS + 3) * CHUNK


def test_so_much_news_that_it_does_not_join_begins_the_list_anew(model: HistoryModel) -> None:
    feed = begin(model, 300)
    feed.count = 5000
    model.take_news(model.series, [made(n) for n in range(5000, 4900, -1)], joined=False)
    assert number(model, 0) == 5000


def test_the_first_part_ever_appears_in_an_empty_list(model: HistoryModel) -> None:
    begin(model, 0)
    model.take_news(model.series, [made(1)], joined=True)
    assert model.rowCount() == 1
    assert number(model, 0) == 1


def test_a_list_that_is_shorter_than_counted_ends_where_it_ends(model: HistoryModel) -> None:
    feed = begin(model, 500)
    model.take_count(model.series, 800)
    assert model.rowCount() == 800
    feed.count = 500
    model.look_at(700, 720)
    model.look_at(480, 520)
    assert model.rowCount() == 500
    assert number(model, 499) == 1


def test_a_list_nobody_counted_to_its_end_grows_as_it_is_scrolled(model: HistoryModel) -> None:
    feed = Feed(model, 30_000)
    model.load(RecordQuery())
    model.take_count(model.series, 10_000, open_ended=True)
    assert is_open_ended(model)
    while is_open_ended(model):
        last = model.rowCount() - 1
        model.look_at(last - 20, last)
    assert model.rowCount() == 30_000
    assert number(model, 29_999) == 1
    assert feed.read < 30_000


def test_a_decision_shows_and_the_part_stays_where_it_was(model: HistoryModel) -> None:
    feed = begin(model, 400, RecordQuery(decided=False))
    for row in (3, 4, 9):
        record = model.record(row)
        assert record is not None
        feed.decided[record.number] = Decision.OK
        model.replace(feed.record(record.number))
    assert model.index(3, DECIDED).data() == "Confirmed"
    assert model.outdated
    assert model.rowCount() == 400
    model.look_at(250, 260)
    assert number(model, 250) == 150


def test_a_decision_made_elsewhere_arrives_with_the_news(model: HistoryModel) -> None:
    begin(model, 50)
    changed: list[Record] = []
    model.record_changed.connect(changed.append)
    ng = made(50, Verdict.OK, decision=Decision.NG)
    model.take_news(model.series, [ng, made(49)], joined=True)
    assert [record.number for record in changed] == [50]
    assert model.index(0, DECIDED).data() == "Missed"
    model.take_news(model.series, [ng, made(49)], joined=True)
    assert len(changed) == 1


def test_what_is_doubted_is_read_again_when_it_is_looked_at(model: HistoryModel) -> None:
    feed = begin(model, 1000)
    model.look_at(300, 320)
    feed.decided[700] = Decision.NG
    model.doubt()
    model.look_at(295, 320)
    assert model.index(300, DECIDED).data() == "Missed"


def test_a_failed_question_is_asked_again(model: HistoryModel) -> None:
    feed = begin(model, 1000)
    feed.hold = True
    model.look_at(500, 510)
    model.not_read(feed.waiting.pop())
    model.look_at(500, 510)
    feed.answer(feed.waiting.pop())
    assert number(model, 500) == 500


def test_cells_are_written_as_people_read_them(model: HistoryModel) -> None:
    feed = Feed(model, 1)
    model.load(RecordQuery())
    assert feed.read == 1
    assert model.index(0, TIMES).data() == "0.70"
    assert model.index(0, PRODUCT).data() == "Bracket r0001"
    header = model.headerData(DECIDED, Qt.Orientation.Horizontal)
    assert header == "Decided"
