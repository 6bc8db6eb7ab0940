"""Where false calls gather, and what ignoring such an area would save and lose."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.false_call_map import Area, FalseCallMap, PlacedMap, gathered, inside
from deeprx_gui.domain.view import ShapeKind

SMALL = np.zeros((2, 2, 3), np.uint8)


def spots(*cells: tuple[int, int]) -> Float32:
    values = np.full((10, 20), 0.5, np.float32)
    for row, column in cells:
        values[row, column] = 2.0
    return values


def placed(name: str, values: Float32) -> PlacedMap:
    return PlacedMap(name, values, None, SMALL)


def made(calls: list[Float32], bad: list[Float32]) -> FalseCallMap:
    counts, areas = gathered(calls, 1.0)
    return FalseCallMap(
        SMALL,
        (0.5, 0.0, 1.0, 1.0),
        counts,
        areas,
        tuple(placed(f"call {n}", values) for n, values in enumerate(calls)),
        tuple(placed(f"bad {n}", values) for n, values in enumerate(bad)),
        1.0,
        lambda values: float(values.max()),
    )


def test_the_fullest_place_comes_first_and_lone_ones_are_left_out() -> None:
    found = made([spots((2, 3)), spots((2, 3), (7, 15)), spots((2, 4)), spots((7, 15))], [])
    assert [area.calls for area in found.areas] == [3, 2]
    assert found.counts[2, 3] == 2
    lone = made([spots((2, 3)), spots((8, 8)), spots((5, 18))], [])
    assert lone.areas == ()


def test_what_ignoring_an_area_would_save_and_lose() -> None:
    calls = [spots((2, 3)), spots((2, 3), (7, 15)), spots((2, 3))]
    bad = [spots((2, 3)), spots((7, 15)), spots()]
    found = made(calls, bad)
    outcome = found.without(found.areas[0])
    assert (outcome.saved, outcome.calls) == (2, 3)
    assert [part.name for part in outcome.lost] == ["bad 0"]
    assert outcome.stopped == 2, "one bad part is missed already"
    elsewhere = found.without(Area((0.9, 0.9, 1.0, 1.0), 1))
    assert (elsewhere.saved, elsewhere.lost) == (0, ())
    everything = found.without(Area((0.0, 0.0, 1.0, 1.0), 3))
    assert (everything.saved, len(everything.lost)) == (3, 2)


def test_an_area_becomes_a_shape_of_the_whole_picture() -> None:
    found = made([spots((2, 3)), spots((2, 3))], [])
    shape = found.shape(Area((0.2, 0.1, 0.4, 0.3), 2))
    assert shape.kind is ShapeKind.RECTANGLE
    assert np.allclose(shape.points, [(0.6, 0.1), (0.7, 0.3)])


def test_cells_outside_the_region_do_not_count() -> None:
    values = spots((2, 3))
    counted = np.ones((10, 20), bool)
    counted[2, 3] = False
    found = made([spots((2, 3)), spots((2, 3))], [])
    part = PlacedMap("outside", values, counted, SMALL)
    only = FalseCallMap(
        SMALL, (0, 0, 1, 1), found.counts, found.areas, (part,), (), 1.0, found.reduce
    )
    assert only.without(found.areas[0]).calls == 0


def test_a_box_covers_cells_whose_centre_is_in_it() -> None:
    cells = inside((0.0, 0.0, 0.25, 0.5), 4, 4)
    assert cells.sum() == 2
    assert cells[:2, 0].all()
