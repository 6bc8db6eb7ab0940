"""A limit is dragged with the mouse, and everything on the page follows."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.state.result_columns import TIMES, VERDICT
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.charts.histogram import Histogram
from deeprx_gui.ui.charts.limit_handles import LimitKind
from deeprx_gui.ui.check.filter_bar import VerdictChip
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_profile, made_scored, many_scored
from tests.ui.check.conftest import UNIT

Fill = Callable[..., None]
_RGB = QImage.Format.Format_RGB888


def _drag(qtbot: QtBot, plot: Histogram, start: float, *stops: float, y: int = 90) -> None:
    """Press at a raw score, move over others, release there; the pacer gets its turns."""
    view = plot
    at = [QPoint(round(plot.x_of(score)), y) for score in (start, *stops)]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at[0])
    for place in at[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at[-1])


def _verdicts(results: ResultsModel) -> list[object]:
    return [results.index(r, VERDICT).data() for r in range(results.rowCount())]


def _limits(session: Session) -> Limits:
    assert session.limits is not None
    return session.limits


def test_the_verdict_column_and_the_counts_follow_the_line(
    page: CheckPage, session: Session, results: ResultsModel, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(9.0), made_scored(11.0), made_scored(15.0))
    assert _verdicts(results) == ["OK", "REVIEW", "NG"]
    _drag(qtbot, page.body.limits.histogram, 10.0, 9.6, 8.5)
    assert _limits(session).review == pytest.approx(8.5, abs=0.1)
    assert _verdicts(results) == ["REVIEW", "REVIEW", "NG"]
    assert results.index(0, TIMES).data() == "0.91", "the line moved, the part's number did not"
    assert page.body.filter_bar.chip(VerdictChip(Verdict.OK)).words() == "OK  0"
    assert page.body.filter_bar.chip(VerdictChip(Verdict.REVIEW)).words() == "REVIEW  2"
    assert page.body.filter_bar.chip(VerdictChip(changed=True)).words() == "Changed  1"
    assert page.body.flips.sentence.text() == "1 changes: 1 OK→REVIEW"


def test_a_drag_is_one_step_of_undo(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(50))
    before = session.undo_stack.count()
    _drag(qtbot, page.body.limits.histogram, 10.0, 9.8, 9.5, 9.2, 9.0)
    assert session.undo_stack.count() == before + 1
    session.undo_stack.undo()
    assert session.limits == Limits(10.0, 12.0)
    assert page.body.limits.review.field.value() == pytest.approx(10.0 / UNIT, abs=0.01)


def test_line_slider_and_number_stay_in_step(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(50))
    limits = page.body.limits
    _drag(qtbot, limits.histogram, 12.0, 13.0)
    ng = _limits(session).ng
    assert ng == pytest.approx(13.0, abs=0.1)
    assert limits.ng.field.value() == pytest.approx(ng / UNIT, abs=0.01)
    slid = limits.ng.slider.value()
    limits.ng.slider.setValue(slid + 40)
    qtbot.waitUntil(lambda: _limits(session).ng > ng)
    assert limits.ng.field.value() > ng / UNIT
    limits.ng.field.setValue(1.4)
    qtbot.waitUntil(lambda: _limits(session).ng == pytest.approx(1.4 * UNIT))
    assert limits.ng.slider.value() > slid
    assert limits.histogram.x_of(1.4 * UNIT) == pytest.approx(
        limits.histogram.flag_of(LimitKind.NG).left
    )


def test_the_promise_is_lost_by_hand_and_comes_back_with_the_suggestion(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    session.open_profile(made_profile())
    fill(*many_scored(20))
    row = page.body.limits.review
    kept = "At most about 3.9 % of good parts above this limit (50 held-out images, "
    assert row.promise == f"{kept}leave-one-out, approximate)"
    _drag(qtbot, page.body.limits.histogram, _limits(session).review, 8.0)
    assert row.promise.startswith("Moved by hand: no promise. ")
    assert " of 50 normal images, checked against the others, lie above." in row.promise
    page.body.limits.reset.click()
    assert row.promise.startswith(kept)
    assert not session.dirty


def test_the_slider_finds_back_to_the_promise(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    session.open_profile(made_profile())
    row = page.body.limits.review
    row.field.setValue(1.2)
    qtbot.waitUntil(lambda: _limits(session).review_promise is None)
    row.field.setValue(1.0)
    qtbot.waitUntil(lambda: _limits(session).review_promise is not None)


def test_the_heat_follows_and_a_normal_picture_has_no_coloured_pixel(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(9.0))
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    assert page.picture.view.heat is None
    assert _coloured(page) == 0
    assert len(page.picture.view.spots) == 0
    _drag(qtbot, page.body.limits.histogram, 10.0, 6.0)
    qtbot.waitUntil(lambda: list(page.picture.view.spots) == ["0.91×"])
    coloured = _coloured(page)
    assert coloured > 0
    session.set_limits(Limits(8.0, 12.0))
    assert 0 < _coloured(page) < coloured


def _coloured(page: CheckPage) -> int:
    """Pixels on screen that are not grey: the picture itself is."""
    image = page.picture.view.grab().toImage().convertToFormat(_RGB)
    height, width = image.height(), image.width()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    rgb = raw[:, : 3 * width].reshape(height, width, 3).astype(int)
    return int(np.count_nonzero(rgb.max(axis=2) - rgb.min(axis=2) > 40))


def test_where_both_limits_are_one_the_side_decides(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(20))
    session.set_limits(Limits(10.0, 10.0))
    plot = page.body.limits.histogram
    x, y = round(plot.x_of(10.0)), 90
    left, far = QPoint(x - 6, y), QPoint(round(plot.x_of(8.0)), y)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=left)
    QTest.mouseMove(plot, far)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=far)
    assert _limits(session).review == pytest.approx(8.0, abs=0.1)
    assert _limits(session).ng == 10.0


def test_review_pushed_beyond_ng_takes_it_along(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(20))
    _drag(qtbot, page.body.limits.histogram, 10.0, 13.0)
    assert _limits(session).review == _limits(session).ng == pytest.approx(13.0, abs=0.1)


def test_false_calls_misses_and_the_point_on_the_curve_follow(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(
        made_scored(9.0, label=Label.GOOD),
        made_scored(11.0, label=Label.GOOD),
        made_scored(9.5, label=Label.BAD),
        made_scored(14.0, label=Label.BAD),
    )
    judged = page.body.evaluation
    assert judged.false_calls.text() == "False calls: 0 of 2 good"
    assert judged.misses.text() == "Misses: 1 of 2 bad"
    assert judged.roc.limit_points[Verdict.REVIEW] == (0.5, 0.5)
    _drag(qtbot, page.body.limits.histogram, 12.0, 10.6)
    assert judged.false_calls.text() == "False calls: 1 of 2 good"
    assert judged.cells[Label.GOOD, Verdict.NG].words() == "1"
    assert judged.roc.limit_points[Verdict.NG] == (0.5, 0.5)
    _drag(qtbot, page.body.limits.histogram, 10.0, 9.2)
    assert judged.misses.text() == "Misses: 0 of 2 bad"


def test_equal_limits_are_never_shown_the_review_band_is_said_to_be_off(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(20))
    card = page.body.limits
    assert card.review.field.text() == "1.01 ×"
    session.set_limits(Limits(11.0, 11.0))
    assert card.review.field.text() == "off"
    assert card.ng.field.text() == "1.11 ×"
    assert card.review.promise.startswith("Review band off: every part is OK or NG.")
    assert card.histogram.words == ("review band off", "NG 1.11")
    assert list(page.body.evaluation.roc.limit_points) in ([], [Verdict.NG])
    card.review.less.click()  # and back on, from where it was
    qtbot.waitUntil(lambda: _limits(session).has_review_band)
    assert card.review.field.text() == "1.10 ×"
    assert card.histogram.words == ("REVIEW 1.10", "NG 1.11")
    session.set_limits(Limits(10.96, 10.98))
    assert card.histogram.words == ("REVIEW 1.107", "NG 1.109"), "two lines, two numbers"


def test_the_axis_stays_when_a_limit_moves(page: CheckPage, fill: Fill, qtbot: QtBot) -> None:
    fill(*many_scored(20))
    plot = page.body.limits.histogram
    bars = plot.span_shown
    assert "1.0×" in plot.tick_words
    before = plot.tick_words
    _drag(qtbot, plot, 10.0, 9.0)
    assert plot.span_shown == bars
    assert plot.tick_words == before
    assert plot.place(9.0, 0.0) == QPointF(plot.x_of(9.0), plot.place(9.0, 0.0).y())


def test_a_press_beside_the_lines_moves_nothing(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(20))
    _drag(qtbot, page.body.limits.histogram, 7.0, 6.0)
    assert session.limits == Limits(10.0, 12.0)


def test_a_limit_cannot_be_dragged_to_zero(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    fill(*many_scored(20))
    plot = page.body.limits.histogram
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=_on(plot, 10.0))
    QTest.mouseMove(plot, QPoint(-400, 90))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(-400, 90))
    assert _limits(session).review > 0


def _on(plot: Histogram, score: float) -> QPoint:
    return QPoint(round(plot.x_of(score)), 90)
