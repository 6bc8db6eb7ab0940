import numpy as np
import pytest

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.result_rows import ResultRows, RowFilter
from deeprx_gui.state.text_index import TextIndex, natural_key
from tests.state.made_results import made_scored, many_scored

LIMITS = Limits(10.0, 12.0)


def _rows(*values: float | None) -> ResultRows:
    rows = ResultRows()
    rows.append(made_scored(v, f"part{i}.png") for i, v in enumerate(values))
    rows.judge(LIMITS, LIMITS)
    return rows


def test_names_sort_as_people_count() -> None:
    names = ["part10.png", "Part2.png", "part1.png", "a.png", "10", "9a", "部品3", "部品12", ""]
    assert sorted(names, key=natural_key) == [
        "", "9a", "10", "a.png", "part1.png", "Part2.png", "part10.png", "部品3", "部品12",
    ]  # fmt: skip


def test_a_sorted_text_column_stays_sorted_while_it_grows() -> None:
    index = TextIndex()
    index.add(f"part{i}.png" for i in (5, 3, 9))
    assert index.order().tolist() == [1, 0, 2]
    index.add(["part4.png", "part3.png"])
    assert index.order().tolist() == [1, 4, 3, 0, 2]
    index.add(f"part{i}.png" for i in range(400))
    assert index.order().size == 405
    assert index.order()[:3].tolist() == [5, 6, 7]


@pytest.mark.parametrize("descending", [False, True])
def test_rows_without_a_score_stay_at_the_end_of_the_score_column(descending: bool) -> None:
    rows = _rows(11.0, None, 13.0, 9.0)
    order = rows.order("times", descending, RowFilter()).tolist()
    assert order == ([2, 0, 3, 1] if descending else [3, 0, 2, 1])


def test_the_worst_verdict_first_puts_errors_on_top() -> None:
    rows = _rows(11.0, None, 13.0, 9.0)
    assert rows.order("verdict", True, RowFilter()).tolist() == [1, 2, 0, 3]


def test_a_score_that_is_no_number_is_an_error_and_never_ok() -> None:
    rows = _rows(float("nan"), float("inf"), 9.0)
    assert [rows.verdict_of(i) for i in range(3)] == [Verdict.ERROR, Verdict.ERROR, Verdict.OK]
    assert rows.order("times", True, RowFilter()).tolist() == [2, 0, 1]


def test_filters_combine() -> None:
    rows = ResultRows()
    rows.append(many_scored(200))
    rows.judge(LIMITS, LIMITS)
    found = rows.order("", False, RowFilter(Verdict.NG, label=Label.BAD, text="PART1"))
    assert found.size > 0
    for row in found:
        assert rows.verdict_of(row) is Verdict.NG
        assert rows.label_of(row) is Label.BAD
        assert "part1" in rows.names[row]


def test_text_is_sought_in_the_whole_path() -> None:
    rows = ResultRows()
    rows.append([made_scored(1.0, folder="/line/午前"), made_scored(1.0, folder="/line/午後")])
    rows.judge(LIMITS, LIMITS)
    assert rows.order("", False, RowFilter(text="午後")).tolist() == [1]


def test_changes_are_counted_from_the_saved_limits() -> None:
    rows = _rows(9.0, 11.0, 11.5, 13.0, None)
    rows.judge(Limits(8.0, 11.2), LIMITS)
    assert rows.transitions() == {
        (Verdict.OK, Verdict.REVIEW): 1,
        (Verdict.REVIEW, Verdict.NG): 1,
    }
    assert rows.order("", False, RowFilter(changed=True)).tolist() == [0, 2]


def test_confusion_counts_every_row_once() -> None:
    rows = ResultRows()
    rows.append(many_scored(100))
    rows.append([made_scored(None, "broken.png", Label.GOOD)])
    rows.judge(LIMITS, LIMITS)
    table = rows.confusion()
    assert (table.count(Label.GOOD), table.count(Label.BAD), table.count(Label.UNKNOWN)) == (
        91,
        10,
        0,
    )
    assert table.table[Label.GOOD][Verdict.ERROR] == 1


def test_a_hundred_thousand_rows_keep_their_numbers_through_sort_and_filter() -> None:
    rows = ResultRows()
    batch = many_scored(1000)
    for _ in range(100):
        rows.append(batch)
    rows.judge(LIMITS, LIMITS)
    order = rows.order("times", True, RowFilter(Verdict.NG))
    values = rows.values[order]
    assert np.all(np.diff(values) <= 0)
    assert np.all(values > LIMITS.ng)
    assert order.size == np.count_nonzero(rows.values > LIMITS.ng)
