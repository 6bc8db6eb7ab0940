"""Shapes as masks, against a test of every single pixel centre."""

from __future__ import annotations

import numpy as np
import pytest

from deeprx_gui.domain.raster import box_of, rasterise
from deeprx_gui.domain.view import Point, Region, Shape, ShapeKind


def inside(points: list[Point], x: float, y: float) -> bool:
    """Even-odd rule, one point at a time (Franklin's pnpoly)."""
    found = False
    for (x0, y0), (x1, y1) in zip(points, points[-1:] + points[:-1], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            found = not found
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_polygon_holds_the_pixels_whose_centres_it_holds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 1, (3 + seed, 2))]
    mask = rasterise(Region((Shape(ShapeKind.POLYGON, tuple(points)),)), 23, 31)
    expected = [
        [inside(points, (x + 0.5) / 31, (y + 0.5) / 23) for x in range(31)] for y in range(23)
    ]
    assert np.array_equal(mask, np.array(expected))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Shape:
    return Shape(ShapeKind.RECTANGLE, ((x0, y0), (x1, y1)))


def test_what_counts_is_the_union_without_what_is_ignored() -> None:
    region = Region(
        (rectangle(0.0, 0.0, 0.5, 0.5), rectangle(1.0, 0.75, 0.25, 0.25)),
        (rectangle(0.25, 0.25, 0.5, 0.5),),
    )
    mask = rasterise(region, 4, 4)
    assert mask.astype(int).tolist() == [
        [1, 1, 0, 0],
        [1, 0, 1, 1],
        [0, 1, 1, 1],
        [0, 0, 0, 0],
    ]
    assert box_of(region) == (0.0, 0.0, 1.0, 0.75)
    part = rasterise(region, 2, 2, (0.25, 0.25, 0.75, 0.75))
    assert np.array_equal(part, mask[1:3, 1:3])


def test_nothing_drawn_is_everything() -> None:
    assert rasterise(Region(), 3, 5).all()
    assert box_of(Region(ignore=(rectangle(0, 0, 0.5, 0.5),))) == (0.0, 0.0, 1.0, 1.0)
