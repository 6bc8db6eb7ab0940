"""The pure parts of the Check page, and its small widgets."""

from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from pytestqt.qtbot import QtBot

from deeprx_gui import i18n
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import FittedTail, HeldOutScheme, Limits, Promise, suggest_limits
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from deeprx_gui.ui.charts.bins import BINS, ScoreSpan, counts_in, span_of, ticks
from deeprx_gui.ui.charts.limit_handles import LimitFlag, LimitKind, grabbed
from deeprx_gui.ui.check.frame_cache import FrameCache
from deeprx_gui.ui.check.limit_mover import with_promises
from deeprx_gui.ui.check.limit_row import share_to_slider, slider_to_share
from deeprx_gui.ui.check.promise import promise_text, tighter_promise
from deeprx_gui.ui.check.verdict_changes import verdict_changes_text
from deeprx_gui.ui.kit.theme import Theme
from deeprx_gui.ui.kit.throttle import Throttle
from deeprx_gui.ui.picture.heat_layer import HeatLayer, resampled
from deeprx_gui.ui.picture.picture_items import SpotItem, reduced
from deeprx_gui.ui.picture.picture_view import PictureView, Spot
from deeprx_gui.ui.picture.spot_texts import text_plates

LIMITS = Limits(10.0, 12.0)
_LOO = HeldOutScheme.LEAVE_ONE_OUT


# -- bins -----------------------------------------------------------------------------------


def test_the_span_shows_every_score_and_both_limits() -> None:
    span = span_of([np.array([4.0, 15.0, np.nan])], LIMITS, LIMITS)
    assert span.low < 4.0
    assert span.high > 15.0
    assert span.covers(LIMITS)


def test_one_wild_part_does_not_push_the_others_into_a_corner() -> None:
    scores = np.array([8.0, 9.0, 5000.0])
    span = span_of([scores], LIMITS, LIMITS)
    assert span.high < 60
    counts = counts_in(scores, span)
    assert counts.sum() == 3
    assert counts[-1] == 1


def test_without_scores_there_is_still_an_axis() -> None:
    span = span_of([], LIMITS, LIMITS)
    assert span.covers(LIMITS)
    assert counts_in(np.empty(0), span).tolist() == [0.0] * BINS


def test_ticks_are_round_multiples_of_the_moving_limit() -> None:
    assert ticks(ScoreSpan(0.0, 20.0), 10.0, 3) == [(0.0, "0.0×"), (10.0, "1.0×"), (20.0, "2.0×")]
    moved = ticks(ScoreSpan(0.0, 20.0), 8.0, 6)
    assert (8.0, "1.0×") in moved
    assert all(score == pytest.approx(8.0 * float(text[:-1])) for score, text in moved)


# -- handles --------------------------------------------------------------------------------


def _grab(x: float, y: float = 100, review: float = 200, ng: float = 300) -> LimitKind | None:
    return grabbed(
        x,
        y,
        review_x=review,
        ng_x=ng,
        review_flag=LimitFlag(review - 60, review, 30),
        ng_flag=LimitFlag(ng, ng + 40, 30),
    )


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (200, LimitKind.REVIEW),
        (181, LimitKind.REVIEW),
        (179, None),
        (219, LimitKind.REVIEW),
        (285, LimitKind.NG),
    ],
)
def test_a_finger_beside_a_line_takes_hold_of_it(x: float, expected: LimitKind | None) -> None:
    assert _grab(x) is expected


def test_a_flag_takes_hold_from_far_away() -> None:
    assert _grab(145, 10) is LimitKind.REVIEW
    assert _grab(335, 10) is LimitKind.NG
    assert _grab(145, 100) is None


def test_lines_on_each_other_are_told_apart_by_the_side() -> None:
    assert _grab(195, review=200, ng=200) is LimitKind.REVIEW
    assert _grab(205, review=200, ng=200) is LimitKind.NG


# -- slider, promises -----------------------------------------------------------------------


def test_the_slider_goes_from_a_quarter_to_eight_times_and_snaps_to_the_suggestion() -> None:
    assert slider_to_share(0) == pytest.approx(0.25)
    assert slider_to_share(1000) == pytest.approx(8.0)
    assert slider_to_share(share_to_slider(1.0)) == 1.0
    assert slider_to_share(share_to_slider(1.004)) == 1.0
    assert slider_to_share(share_to_slider(1.5)) == pytest.approx(1.5, rel=0.01)
    assert share_to_slider(0.0) == 0
    assert share_to_slider(99.0) == 1000


def test_the_suggested_place_has_its_promise_however_it_was_reached() -> None:
    suggested = suggest_limits([float(v) for v in range(1, 100)])
    moved = suggested.moved(review=suggested.review * 0.9).moved(review=suggested.review)
    assert moved.review_promise is None
    assert with_promises(moved, suggested) == suggested


def test_a_promise_says_its_rate_its_images_and_that_it_is_approximate() -> None:
    text = render(promise_text(10.0, Promise(1, 50), _LOO, [1.0] * 50))
    assert text == (
        "At most about 2 % of good parts above this limit (50 held-out images, "
        "leave-one-out, approximate)"
    )


def test_a_promise_from_a_fitted_tail_says_so_with_its_band() -> None:
    tail = FittedTail(0.05, "exponential", 0.021, 0.11)
    assert render(promise_text(10.0, Promise(2, 50, tail), _LOO, [1.0] * 50)) == (
        "About 5 % of good parts above this limit, 2.1 to 11 % in nine of ten cases "
        "(curve through the highest of 50 held-out images, leave-one-out, approximate)"
    )


def test_without_a_promise_the_held_out_images_above_are_counted() -> None:
    text = render(promise_text(10.0, None, _LOO, [9.0, 10.0, 11.0]))
    assert text == (
        "Moved by hand: no promise. 1 of 3 normal images, checked against the others, lies above."
    )


def test_a_tighter_promise_names_the_images_it_needs() -> None:
    more = tighter_promise(Promise(1, 50))
    assert more is not None
    assert render(more) == "To promise 1 %, teach 49 more normal images."
    assert tighter_promise(Promise(3, 50)) is None
    assert tighter_promise(None) is None


def test_changed_verdicts_are_counted_in_one_sentence() -> None:
    ok, review, ng = Verdict.OK, Verdict.REVIEW, Verdict.NG
    text = render(verdict_changes_text({(ok, review): 2, (review, ng): 1}))
    assert text == "3 change: 2 OK→REVIEW, 1 REVIEW→NG"
    assert render(verdict_changes_text({})) == "No verdict changes."
    i18n.set_language("ja")
    text = render(verdict_changes_text({(ok, review): 2, (review, ng): 1}))
    assert text == "3 件の判定が変わります：OK→確認 2 件・確認→NG 1 件"


def test_texts_of_spots_beside_each_other_do_not_meet() -> None:
    """Neighbours, one on top of another, and one at each edge; at every zoom."""
    size, radius = QSizeF(48, 20), 13.0
    crowd = [(60, 50), (95, 55), (95, 90), (97, 92), (100, 52)]
    for zoom in (1.0, 2.5, 8.0):
        picture = QRectF(0, 0, 160 * zoom, 120 * zoom)
        spots = [(QPointF(x, y) * zoom, size) for x, y in crowd]
        plates = text_plates(spots, picture, radius)
        where = [p.translated(at) for p, (at, _) in zip(plates, spots, strict=True)]
        assert not any(a.intersects(b) for a, b in combinations(where, 2)), zoom
    alone = text_plates([(QPointF(50, 60), size)], QRectF(0, 0, 160, 120), radius)
    assert alone[0].left() > radius, "usually at the right"
    edge = text_plates([(QPointF(150, 60), size)], QRectF(0, 0, 160, 120), radius)
    assert edge[0].right() < -radius, "at the right edge at the left"
    assert text_plates([(QPointF(5, 5), QSizeF())], QRectF(0, 0, 9, 9), radius) == [QRectF()]


def test_texts_on_screen_do_not_meet_when_the_picture_is_zoomed(qtbot: QtBot, look: Theme) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    view.show_picture(np.zeros((300, 400, 3), np.uint8))
    view.show_spots([Spot(200.0 + 9 * i, 150.0 + 4 * i, f"1.{i}0×") for i in range(5)])
    for zoom in (view.fit, view.actual_size, view.zoom_in, view.zoom_in, view.zoom_out):
        zoom()
        items = [item for item in view.scene().items() if isinstance(item, SpotItem)]
        where = [item.plate.translated(view.mapFromScene(item.pos())) for item in items]
        assert len(where) == 5
        assert not any(a.intersects(b) for a, b in combinations(where, 2))


# -- heat -----------------------------------------------------------------------------------


def test_the_map_is_resampled_between_cell_centres_and_keeps_its_range() -> None:
    grid = np.array([[0.0, 10.0], [20.0, 30.0]], np.float32)
    big = resampled(grid, 800, 400)
    assert big.shape == (256, 512)
    assert big.min() == pytest.approx(0.0)
    assert big.max() == pytest.approx(30.0)
    assert big[127:129, 255:257].mean() == pytest.approx(15.0, abs=0.1)
    assert np.all(np.diff(big, axis=1) >= -1e-5)


def test_a_map_of_one_cell_and_a_map_with_holes_are_drawn() -> None:
    assert resampled(np.full((1, 1), 4.0, np.float32), 10, 10).mean() == 4.0
    holes = np.array([[np.nan, 20.0]], np.float32)
    assert HeatLayer(holes, 20, 10, 10.0).image(LIMITS, 1.0) is not None


def test_at_the_limit_there_is_no_heat_and_above_it_there_is() -> None:
    layer = HeatLayer(np.full((4, 4), 10.0, np.float32), 40, 40, 10.0)
    assert layer.image(LIMITS, 0.7) is None
    assert layer.image(Limits(9.99, 12.0), 0.7) is not None
    assert layer.image(Limits(9.0, 12.0), 0.0) is None


# -- small widgets and stores ---------------------------------------------------------------


def test_the_newest_frames_are_kept_within_the_budget() -> None:
    shelf = FrameCache(most_bytes=3 * 300)
    frames = {Path(str(i)): Frame(np.zeros((10, 10, 3), np.uint8), str(i)) for i in range(4)}
    for path, frame in frames.items():
        shelf.put(path, frame)
    assert shelf.get(Path("0")) is None
    assert shelf.get(Path("3")) is frames[Path("3")]
    huge = Frame(np.zeros((100, 100, 3), np.uint8), "huge")
    shelf.put(Path("huge"), huge)
    assert shelf.get(Path("huge")) is huge
    assert shelf.get(Path("3")) is None


def test_the_pacer_runs_the_first_and_the_last_of_many(qtbot: QtBot) -> None:
    pacer = Throttle(20)
    done: list[int] = []
    for i in range(100):
        pacer.ask(partial(done.append, i))
    assert done == [0]
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == [0, 99]
    pacer.ask(partial(done.append, 100))
    pacer.flush()
    assert done[-1] == 100


# -- picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("halvings", [0, 1, 2, 5, 12])
@pytest.mark.parametrize("shape", [(48, 64), (1500, 2000)])
def test_a_reduction_keeps_proportions_and_brightness(
    shape: tuple[int, int], halvings: int
) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)
    pixels[:, : shape[1] // 2] = 200
    image = reduced(pixels, halvings)
    assert image.width() >= max(1, shape[1] >> halvings)
    assert abs(image.width() - shape[1] / 2**halvings) <= 1
    if image.width() > 3:
        assert image.pixelColor(0, 0).red() == 200
        assert image.pixelColor(image.width() - 1, 0).red() == 0
