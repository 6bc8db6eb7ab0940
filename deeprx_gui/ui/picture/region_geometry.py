"""Shapes in a picture: find, move, reshape. Pure; places are shares of width and height, 0..1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from deeprx_gui.domain.view import Point, Region, Shape, ShapeKind


class Role(StrEnum):
    """What a shape does."""

    INSIDE = "inside"
    IGNORE = "ignore"


@dataclass(frozen=True)
class ShapeRef:
    """Which shape of a region."""

    role: Role
    index: int


def listed(region: Region) -> Iterator[tuple[ShapeRef, Shape]]:
    """Yield every shape, those that count first."""
    for role, shapes in ((Role.INSIDE, region.inside), (Role.IGNORE, region.ignore)):
        for index, shape in enumerate(shapes):
            yield ShapeRef(role, index), shape


def find(region: Region, ref: ShapeRef | None) -> Shape | None:
    """Return the shape, ``None`` when there is none of this number."""
    return next((shape for other, shape in listed(region) if other == ref), None)


def added(region: Region, role: Role, shape: Shape) -> tuple[Region, ShapeRef]:
    """Return the region with one more shape, and which one it is."""
    before = _of(region, role)
    return _with(region, role, (*before, shape)), ShapeRef(role, len(before))


def replaced(region: Region, ref: ShapeRef, shape: Shape) -> Region:
    """Return the region with another shape in this place."""
    shapes = list(_of(region, ref.role))
    shapes[ref.index] = shape
    return _with(region, ref.role, tuple(shapes))


def removed(region: Region, ref: ShapeRef) -> Region:
    """Return the region without this shape."""
    shapes = _of(region, ref.role)
    return _with(region, ref.role, shapes[: ref.index] + shapes[ref.index + 1 :])


def rectangle(a: Point, b: Point) -> Shape:
    """Return the rectangle between two opposite corners, whichever they are."""
    (ax, ay), (bx, by) = inside_picture(a), inside_picture(b)
    return Shape(ShapeKind.RECTANGLE, ((min(ax, bx), min(ay, by)), (max(ax, bx), max(ay, by))))


def polygon(points: tuple[Point, ...]) -> Shape:
    """Return a polygon."""
    return Shape(ShapeKind.POLYGON, tuple(inside_picture(p) for p in points))


def inside_picture(point: Point) -> Point:
    """Return the nearest place in the picture."""
    x, y = point
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def corners(shape: Shape) -> tuple[Point, ...]:
    """Return the corners in order around the shape."""
    if shape.kind is ShapeKind.POLYGON:
        return shape.points
    (x0, y0), (x1, y1) = shape.points
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def handles(shape: Shape) -> tuple[Point, ...]:
    """Return what can be dragged: the corners, then the middles of the edges after each."""
    around = corners(shape)
    following = (*around[1:], around[0])
    middles = (
        ((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in zip(around, following, strict=True)
    )
    return (*around, *middles)


def grasped(shape: Shape, number: int) -> tuple[Shape, int]:
    """Return the shape ready to have handle ``number`` dragged, and that handle's number then.

    The middle of a polygon's edge becomes a corner of its own.
    """
    count = len(corners(shape))
    if shape.kind is ShapeKind.RECTANGLE or number < count:
        return shape, number
    after = number - count + 1
    points = (*shape.points[:after], handles(shape)[number], *shape.points[after:])
    return replace(shape, points=points), after


def with_handle(shape: Shape, number: int, to: Point) -> Shape:
    """Return the shape with one handle dragged somewhere; a rectangle stays one."""
    x, y = inside_picture(to)
    if shape.kind is ShapeKind.POLYGON:
        return replace(shape, points=(*shape.points[:number], (x, y), *shape.points[number + 1 :]))
    (x0, y0), (x1, y1) = shape.points
    if number in (0, 3, 7):
        x0 = x
    if number in (1, 2, 5):
        x1 = x
    if number in (0, 1, 4):
        y0 = y
    if number in (2, 3, 6):
        y1 = y
    return rectangle((x0, y0), (x1, y1))


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """Return the shape somewhere else, as far as the picture reaches."""
    xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
    dx = min(max(dx, -min(xs)), 1 - max(xs))
    dy = min(max(dy, -min(ys)), 1 - max(ys))
    return replace(shape, points=tuple(inside_picture((x + dx, y + dy)) for x, y in shape.points))


def stretched(shape: Shape, dx: float, dy: float) -> Shape:
    """Return the shape wider and higher by so much, its upper left staying where it is."""
    left, top, right, bottom = bounds(shape)
    width, height = right - left, bottom - top
    across = max(width + dx, 0.01) / width if width else 1.0
    down = max(height + dy, 0.01) / height if height else 1.0
    points = tuple(
        inside_picture((left + (x - left) * across, top + (y - top) * down))
        for x, y in shape.points
    )
    return replace(shape, points=points)


def bounds(shape: Shape) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
    return min(xs), min(ys), max(xs), max(ys)


def contains(shape: Shape, point: Point) -> bool:
    """Return whether a place lies in the shape (even-odd rule)."""
    x, y = point
    around = corners(shape)
    hit = False
    for (ax, ay), (bx, by) in zip(around, (*around[1:], around[0]), strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            hit = not hit
    return hit


def shape_at(region: Region, point: Point) -> ShapeRef | None:
    """Return the uppermost shape at a place: what is ignored lies above, the newest first."""
    for ref, shape in reversed(list(listed(region))):
        if contains(shape, point):
            return ref
    return None


def handle_at(shape: Shape, point: Point, scale: tuple[float, float], reach: float) -> int | None:
    """Return the handle nearest to a place, within ``reach`` screen pixels.

    ``scale`` is how many screen pixels the picture is wide and high. Within a small shape less
    counts as near, so that there is room left to take hold of the shape itself.
    """
    if contains(shape, point):
        left, top, right, bottom = bounds(shape)
        reach = min(reach, (right - left) * scale[0] / 3, (bottom - top) * scale[1] / 3)
    gaps = [
        math.hypot((x - point[0]) * scale[0], (y - point[1]) * scale[1]) for x, y in handles(shape)
    ]
    nearest = min(range(len(gaps)), key=gaps.__getitem__)
    return nearest if gaps[nearest] <= reach else None


def _of(region: Region, role: Role) -> tuple[Shape, ...]:
    return region.inside if role is Role.INSIDE else region.ignore


def _with(region: Region, role: Role, shapes: tuple[Shape, ...]) -> Region:
    if role is Role.INSIDE:
        return replace(region, inside=shapes)
    return replace(region, ignore=shapes)
