"""Planted defects: inside the region, bounded, the same every time, or none at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.raster import rasterise
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.input_view import InputViewBuilder
from deeprx_gui.engine.planting.kinds import KINDS, visible_at
from deeprx_gui.engine.planting.plant import PlantOrder, is_grey, orders, plant, possible
from deeprx_gui.engine.planting.room import room_in
from tests.engine.parts import part, texture

ROOM = Region((Shape(ShapeKind.RECTANGLE, ((0.1, 0.2), (0.9, 0.8))),))
ORDERS = st.builds(
    PlantOrder,
    st.sampled_from(sorted(KINDS)),
    st.floats(0, 1),
    st.floats(1, 8),
    st.integers(0, 2**31),
)


@given(ORDERS)
def test_only_pixels_inside_the_region_change(order: PlantOrder) -> None:
    pixels = part(3)
    room = rasterise(ROOM, pixels.shape[0], pixels.shape[1])
    found = plant(pixels, order, room)
    if found is None:
        return
    differs = (found.pixels != pixels).any(axis=2)
    assert np.array_equal(differs, found.mask)
    assert differs.any()
    assert not (differs & ~room).any()
    assert found.pixels.dtype == np.uint8


@given(ORDERS)
def test_a_change_is_seen_and_shading_stays_within_its_strength(order: PlantOrder) -> None:
    pixels = texture(5)
    found = plant(pixels, order)
    if found is None:
        return
    change = np.abs(found.pixels.astype(float) - pixels).max()
    assert found.change > 0
    if order.kind in {"spot", "scratch", "crack", "stain", "colour"}:
        most = order.strength * visible_at(np.dstack([np.array([[0.0, 255.0]])] * 3))
        assert change <= most + 1


@given(ORDERS)
def test_the_same_order_plants_the_same_pixels(order: PlantOrder) -> None:
    pixels = part(1)
    before = pixels.copy()
    one, two = plant(pixels, order), plant(pixels, order)
    assert np.array_equal(pixels, before), "the picture itself stays as it is"
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert np.array_equal(one.pixels, two.pixels)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_finds_room_on_a_plain_part(kind: str) -> None:
    found = plant(part(2, 200, 160), PlantOrder(kind, 0.6, 6.0, 1))
    assert found is not None
    assert found.kind == kind
    rows, columns = np.nonzero(found.mask)
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    assert longest <= found.extent + 4


def test_no_room_is_no_defect() -> None:
    pixels = part(0)
    nowhere = np.zeros(pixels.shape[:2], np.bool_)
    assert plant(pixels, PlantOrder("spot", 0.5, 4.0, 1), nowhere) is None
    sliver = nowhere.copy()
    sliver[10, :] = True
    assert plant(pixels, PlantOrder("stain", 0.9, 4.0, 1), sliver) is None


def test_a_larger_size_is_larger_and_a_stronger_one_stronger() -> None:
    pixels = texture(1, 256)
    small, large = (plant(pixels, PlantOrder("spot", size, 4.0, 7)) for size in (0.1, 0.9))
    assert small is not None
    assert large is not None
    assert small.mask.sum() * 4 < large.mask.sum()
    faint, clear = (plant(pixels, PlantOrder("stain", 0.5, s, 7)) for s in (1.0, 8.0))
    assert faint is not None
    assert clear is not None
    assert faint.change * 2 < clear.change


def test_colours_are_planted_only_where_the_camera_sees_some() -> None:
    assert is_grey(texture(0))
    assert "colour" not in possible(texture(0))
    tinted = part(0)
    tinted[..., 0] //= 2
    assert set(possible(tinted)) == set(KINDS)


def test_a_mixture_has_every_kind_and_every_size() -> None:
    made = orders(96, tuple(KINDS), 3)
    assert made == orders(96, tuple(KINDS), 3)
    assert {order.kind for order in made} == set(KINDS)
    sizes = sorted(order.size for order in made)
    assert sizes[0] < 0.02
    assert sizes[-1] > 0.98
    assert min(order.strength for order in made) >= 1
    assert max(order.strength for order in made) <= 8
    assert len({order.seed for order in made}) == 96


def test_room_is_the_region_of_the_picture() -> None:
    view = View(ROOM)
    pixels = part(0, 100, 140)
    seen = InputViewBuilder(view, Preprocessing(64), 8, 16).see(pixels)
    room = room_in(pixels, view, seen)
    assert room is not None
    assert np.array_equal(room, rasterise(ROOM, 100, 140))
    assert room_in(pixels, View(), seen) is None
