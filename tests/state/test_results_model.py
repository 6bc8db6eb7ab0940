from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QSignalSpy
from pytestqt.modeltest import ModelTester

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.result_columns import COLUMNS, LABEL, MESSAGE, NAME, TIMES, VERDICT
from deeprx_gui.state.result_rows import RowFilter
from deeprx_gui.state.results import ROW_ROLE, VERDICT_ROLE, ResultsModel
from deeprx_gui.state.session import Session
from tests.state.made_results import made_profile, made_scored, many_scored


@pytest.fixture
def session(qapp: Any) -> Session:
    session = Session()
    session.open_profile(made_profile(limits=Limits(10.0, 12.0)))
    return session


@pytest.fixture
def results(session: Session, qtmodeltester: ModelTester) -> ResultsModel:
    """A model that Qt's own tester watches; it asks too much of thousands of rows."""
    results = ResultsModel(session)
    qtmodeltester.check(results)  # type: ignore[no-untyped-call]
    return results


@pytest.fixture
def unwatched(session: Session) -> ResultsModel:
    return ResultsModel(session)


def _column(results: ResultsModel, column: int) -> list[object]:
    return [results.index(r, column).data() for r in range(results.rowCount())]


def test_a_result_becomes_a_row_with_its_verdict_and_times_limit(results: ResultsModel) -> None:
    results.add([made_scored(5.0), made_scored(11.0), made_scored(30.0)])
    assert _column(results, VERDICT) == ["OK", "REVIEW", "NG"]
    assert _column(results, TIMES) == ["0.51", "1.11", "3.03"]


def test_an_unreadable_picture_is_an_error_with_its_sentence(results: ResultsModel) -> None:
    results.add([made_scored(None, "empty.png")])
    assert _column(results, VERDICT) == ["ERROR"]
    assert _column(results, TIMES) == ["–"]
    assert _column(results, MESSAGE) == ["empty.png cannot be read: it is empty."]


def test_a_moved_limit_judges_again_with_one_signal(
    session: Session, unwatched: ResultsModel
) -> None:
    unwatched.add(many_scored(1000))
    told = QSignalSpy(unwatched.dataChanged)
    session.set_limits(Limits(8.0, 9.0))
    assert told.count() == 1
    first, last, _roles = told.at(0)
    assert (first.row(), last.row()) == (0, 999)
    assert (first.column(), last.column()) == (VERDICT, TIMES)
    values = unwatched.rows.values
    assert unwatched.counts().verdicts[Verdict.NG] == int((values > 9.0).sum())


def test_rows_come_and_go_when_a_filtered_verdict_moves(
    session: Session, results: ResultsModel
) -> None:
    results.add([made_scored(v, f"{v}.png") for v in (9.0, 11.0, 13.0)])
    results.set_filter(RowFilter(verdict=Verdict.OK))
    assert _column(results, NAME) == ["9.0.png"]
    session.set_limits(Limits(11.5, 12.0))
    assert _column(results, NAME) == ["9.0.png", "11.0.png"]
    results.set_filter(RowFilter(changed=True))
    assert _column(results, NAME) == ["11.0.png"]


def test_sorting_moves_the_selection_with_its_result(results: ResultsModel) -> None:
    results.add([made_scored(v, f"{v}.png") for v in (13.0, 9.0, 11.0)])
    chosen = QItemSelectionModel(results)
    chosen.select(
        results.index(0, 0),
        QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
    )
    kept = QPersistentModelIndex(results.index(0, NAME))
    results.sort(TIMES, Qt.SortOrder.AscendingOrder)
    assert _column(results, NAME) == ["9.0.png", "11.0.png", "13.0.png"]
    assert [i.row() for i in chosen.selectedRows()] == [2]
    assert kept.row() == 2
    results.sort(-1)
    assert _column(results, NAME) == ["13.0.png", "9.0.png", "11.0.png"]


def test_results_that_arrive_while_sorted_and_filtered_find_their_place(
    results: ResultsModel,
) -> None:
    results.sort(TIMES, Qt.SortOrder.DescendingOrder)
    results.set_filter(RowFilter(verdict=Verdict.NG))
    for value in (13.0, 9.0, 15.0, 14.0):
        results.add([made_scored(value, f"{value}.png")])
    assert _column(results, NAME) == ["15.0.png", "14.0.png", "13.0.png"]
    assert results.number(0) == 2
    assert results.row_of(0) == 2
    assert results.row_of(1) is None


def test_labels_change_in_one_step_of_undo(session: Session, results: ResultsModel) -> None:
    results.add(many_scored(20))
    told = QSignalSpy(results.contents_changed)
    results.set_labels([0, 9, 3], Label.UNKNOWN)
    assert [results.rows.label_of(i) for i in (0, 9, 3)] == [Label.UNKNOWN] * 3
    assert told.count() == 1
    session.undo_stack.undo()
    assert [results.rows.label_of(i) for i in (0, 9, 3)] == [Label.GOOD, Label.BAD, Label.GOOD]
    session.undo_stack.redo()
    assert results.rows.label_of(9) is Label.UNKNOWN


def test_a_label_is_not_an_unsaved_change_of_the_profile(
    session: Session, results: ResultsModel
) -> None:
    results.add(many_scored(3))
    results.set_labels([0], Label.BAD)
    told = QSignalSpy(session.dirty_changed)
    session.set_limits(Limits(9.0, 12.0))
    session.undo_stack.undo()
    assert [told.at(i)[0] for i in range(told.count())] == [True, False]


def test_a_label_can_be_edited_in_its_cell_only(results: ResultsModel) -> None:
    results.add([made_scored(1.0)])
    assert results.index(0, LABEL).flags() & Qt.ItemFlag.ItemIsEditable
    assert not results.index(0, NAME).flags() & Qt.ItemFlag.ItemIsEditable
    assert results.setData(results.index(0, LABEL), Label.BAD)
    assert results.index(0, LABEL).data() == "Bad"
    assert not results.setData(results.index(0, NAME), "other.png")
    assert not results.setData(results.index(0, LABEL), "scrap")


def test_undo_of_a_label_after_the_results_were_cleared_does_nothing(
    session: Session, results: ResultsModel
) -> None:
    results.add(many_scored(3))
    results.set_labels([2], Label.BAD)
    results.clear()
    session.undo_stack.undo()
    assert results.rowCount() == 0


def test_another_profile_clears_what_the_old_one_measured(
    session: Session, results: ResultsModel
) -> None:
    results.add(many_scored(5))
    session.open_profile(made_profile())
    assert results.rowCount() == 0


def test_saved_limits_are_the_new_ground_of_what_changed(
    session: Session, results: ResultsModel
) -> None:
    results.add([made_scored(11.0)])
    session.set_limits(Limits(11.5, 12.0))
    assert results.counts().changed == 1
    session.mark_saved(made_profile(limits=Limits(11.5, 12.0)))
    assert results.counts().changed == 0
    assert results.rowCount() == 1


def test_every_cell_of_five_thousand_rows_answers_after_sort_and_filter(
    unwatched: ResultsModel,
) -> None:
    unwatched.add(many_scored(5000))
    for column in range(len(COLUMNS)):
        unwatched.sort(column, Qt.SortOrder.DescendingOrder)
        assert unwatched.rowCount() == 5000
    unwatched.set_filter(RowFilter(text="part49"))
    assert unwatched.rowCount() == 111
    unwatched.sort(NAME, Qt.SortOrder.AscendingOrder)
    assert _column(unwatched, NAME)[:3] == ["part49.png", "part490.png", "part491.png"]
    assert unwatched.index(0, 0).data(ROW_ROLE) == 49
    assert Verdict(unwatched.index(0, 0).data(VERDICT_ROLE)) is unwatched.rows.verdict_of(49)
