"""How large what is coloured is, and what was not looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.profile import Scoring
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.view import Positioning, Region, Shape, ShapeKind, View
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_profile, made_scored
from tests.ui.check.conftest import LIMITS

Fill = Callable[..., None]
LEFT_HALF = Region((Shape(ShapeKind.RECTANGLE, ((0.0, 0.0), (0.5, 1.0))),))


def two_places() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    heat = np.full((16, 16), 5, np.float32)
    heat[2:4, 2:6] = 15
    heat[10, 10] = 12
    return heat


def show(page: CheckPage, fill: Fill, qtbot: QtBot) -> None:
    made = made_scored(15.0)
    fill(replace(made, score=Score(15.0, two_places(), 1.0)))
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)


def opened(session: Session, *, view: View | None = None, min_area: int = 1) -> None:
    profile = made_profile(limits=LIMITS)
    scoring = Scoring(min_area=min_area)
    session.open_profile(replace(profile, view=view or View(), scoring=scoring))


def test_each_place_has_its_score_length_and_area(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session)
    show(page, fill, qtbot)
    strip = page.picture.strip
    qtbot.waitUntil(lambda: len(strip.found) == 2)
    assert strip.text().startswith("2 places:  1.52 ×, length ")
    assert "1.21 ×" in strip.text()
    assert " px²" in strip.text()


def test_with_a_scale_sizes_are_in_millimetres(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session, view=View(mm_per_pixel=0.5))
    show(page, fill, qtbot)
    qtbot.waitUntil(lambda: " mm²" in page.picture.strip.text())


def test_places_smaller_than_the_smallest_are_not_told(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session, min_area=4)
    show(page, fill, qtbot)
    qtbot.waitUntil(lambda: page.picture.strip.text().startswith("1 place:"))


def test_the_sizes_follow_the_limit(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session)
    show(page, fill, qtbot)
    limits = session.limits
    assert limits is not None
    session.set_limits(limits.moved(ng=30.0).moved(review=20.0))
    qtbot.waitUntil(lambda: page.picture.strip.text() == "Nothing lies above the review limit.")


def test_what_lies_outside_the_region_is_greyed(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session, view=View(LEFT_HALF))
    show(page, fill, qtbot)
    view = page.picture.view
    assert view.region_overlay.region == LEFT_HALF
    view.set_heat_visible(False)
    picture = view.viewport().grab().toImage()
    size = view.sceneRect()

    def light(x: float) -> int:
        at: QPoint = view.mapFromScene(size.width() * x, size.height() * 0.95)
        return picture.pixelColor(at).lightness()

    assert light(0.75) < light(0.25)


def test_where_parts_were_moved_the_map_says_what_was_not_looked_at(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    nowhere = np.zeros((0, 0, 3), np.uint8)
    anywhere = Shape(ShapeKind.RECTANGLE, ((0.0, 0.0), (1.0, 1.0)))
    opened(session, view=View(LEFT_HALF, Positioning(nowhere, anywhere)))
    heat = two_places()
    heat[:, 12:] = 0
    fill(replace(made_scored(15.0), score=Score(15.0, heat, 1.0)))
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    mapped = page.picture.view.region_overlay.mapped
    assert page.picture.view.region_overlay.region.whole
    assert mapped is not None
    assert mapped.pixelColor(14, 8).alpha() > 0
    assert mapped.pixelColor(8, 8).alpha() == 0


def test_the_whole_picture_is_not_greyed(
    page: CheckPage, session: Session, fill: Fill, qtbot: QtBot
) -> None:
    opened(session)
    show(page, fill, qtbot)
    assert page.picture.view.region_overlay.region.whole
    assert page.picture.view.region_overlay.mapped is None
