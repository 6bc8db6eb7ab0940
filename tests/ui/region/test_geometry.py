"""Shapes are found, moved and reshaped as a person expects, and never leave the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.view import Region, Shape, ShapeKind
from deeprx_gui.i18n import render, set_language
from deeprx_gui.ui.picture import region_geometry as geometry
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef, rectangle
from deeprx_gui.ui.picture.region_words import summary

BOX = rectangle((0.2, 0.2), (0.6, 0.8))
KITE = geometry.polygon(((0.5, 0.1), (0.9, 0.5), (0.5, 0.9), (0.1, 0.5)))
SCREEN = (1000.0, 800.0)
share = st.floats(-2, 3, allow_nan=False)


def test_a_rectangle_drawn_backwards_is_the_same() -> None:
    assert rectangle((0.6, 0.8), (0.2, 0.2)) == BOX


def test_what_is_ignored_lies_above_and_the_newest_first() -> None:
    region = Region(inside=(BOX, KITE), ignore=(BOX,))
    assert geometry.shape_at(region, (0.4, 0.5)) == ShapeRef(Role.IGNORE, 0)
    assert geometry.shape_at(region, (0.8, 0.5)) == ShapeRef(Role.INSIDE, 1)
    assert geometry.shape_at(region, (0.99, 0.99)) is None


@given(st.integers(0, 7), share, share)
def test_a_rectangle_stays_a_rectangle_in_the_picture(handle: int, x: float, y: float) -> None:
    shape = geometry.with_handle(BOX, handle, (x, y))
    assert shape.kind is ShapeKind.RECTANGLE
    left, top, right, bottom = geometry.bounds(shape)
    assert 0 <= left <= right <= 1
    assert 0 <= top <= bottom <= 1


@given(share, share)
def test_moving_keeps_the_size_and_the_picture(dx: float, dy: float) -> None:
    for shape in (BOX, KITE):
        left, top, right, bottom = geometry.bounds(geometry.moved(shape, dx, dy))
        old = geometry.bounds(shape)
        assert min(left, top) >= 0
        assert max(right, bottom) <= 1
        assert right - left == pytest.approx(old[2] - old[0])
        assert bottom - top == pytest.approx(old[3] - old[1])


@given(share, share)
def test_stretching_never_leaves_the_picture(dx: float, dy: float) -> None:
    left, top, right, bottom = geometry.bounds(geometry.stretched(KITE, dx, dy))
    assert min(left, top) >= 0
    assert max(right, bottom) <= 1
    assert right > left
    assert bottom > top


def test_a_finger_takes_hold_of_a_corner_from_22_pixels_away() -> None:
    assert geometry.handle_at(BOX, (0.185, 0.19), SCREEN, 22) == 0
    assert geometry.handle_at(BOX, (0.17, 0.17), SCREEN, 22) is None


def test_a_small_shape_can_still_be_taken_by_its_middle() -> None:
    small = rectangle((0.5, 0.5), (0.53, 0.53))
    assert geometry.handle_at(small, (0.515, 0.515), SCREEN, 22) is None


def test_the_middle_of_an_edge_becomes_a_corner_of_a_polygon() -> None:
    ready, number = geometry.grasped(KITE, 4)
    pulled = geometry.with_handle(ready, number, (0.8, 0.2))
    assert len(pulled.points) == 5
    assert pulled.points[1] == (0.8, 0.2)


@pytest.mark.parametrize(
    ("region", "english", "japanese"),
    [
        (Region(), "Region: the whole picture", "検査領域：画像全体"),
        (Region((BOX,), (BOX, KITE)), "Region: 1 rectangle, 2 ignored", "検査領域：矩形1・除外2"),
        (Region((BOX, KITE, KITE)), "Region: 1 rectangle, 2 polygons", "検査領域：矩形1・多角形2"),
        (Region((), (BOX,)), "Region: the whole picture, 1 ignored", "検査領域：画像全体・除外1"),
    ],
)
def test_the_region_in_one_line(region: Region, english: str, japanese: str) -> None:
    try:
        set_language("en")
        assert render(summary(region)) == english
        set_language("ja")
        assert render(summary(region)) == japanese
    finally:
        set_language("en")


def test_adding_replacing_and_removing_touch_one_shape_only() -> None:
    region, ref = geometry.added(Region((BOX,)), Role.IGNORE, KITE)
    assert geometry.find(region, ref) == KITE
    changed = geometry.replaced(region, ref, BOX)
    assert changed == Region((BOX,), (BOX,))
    assert geometry.removed(changed, ShapeRef(Role.INSIDE, 0)) == Region((), (BOX,))
    assert geometry.find(changed, ShapeRef(Role.IGNORE, 5)) is None


def test_a_polygon_has_its_points_as_corners() -> None:
    assert geometry.corners(KITE) == KITE.points
    assert geometry.corners(Shape(ShapeKind.RECTANGLE, ((0, 0), (1, 1))))[2] == (1, 1)
