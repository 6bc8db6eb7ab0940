"""The ``view`` of ``profile.json``: what it must look like, and back and forth."""

from __future__ import annotations

import math

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.view import Positioning, Region, Shape, ShapeKind, View
from deeprx_gui.profiles.untrusted_input import Raw

MOST_SHAPES = 64
MOST_POINTS = 1000
LARGEST_SHIFT = 0.5
LARGEST_TURN = 180.0
LARGEST_SCALE = 1e6


def is_number(value: object, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a finite number in a range; truth values are no numbers."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and least <= value <= most
    )


def is_shapes(value: object) -> bool:
    """Whether a value is a list of shapes that enclose something."""
    return isinstance(value, list) and len(value) <= MOST_SHAPES and all(map(is_shape, value))


def is_shape(value: object) -> bool:
    """Whether a value is a rectangle or a polygon within the picture."""
    if not isinstance(value, dict):
        return False
    kind, points = value.get("kind"), value.get("points")
    if not isinstance(points, list) or not all(map(_is_point, points)):
        return False
    if kind == ShapeKind.RECTANGLE.value:
        enough = len(points) == 2
    else:
        enough = kind == ShapeKind.POLYGON.value and 3 <= len(points) <= MOST_POINTS
    return enough and all(max(side) > min(side) for side in zip(*points, strict=True))


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(is_number(v, 0, 1) for v in value)


def is_positioning(value: object) -> bool:
    """Whether a value says how parts are brought to their place, or that they are not."""
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and is_shape(value.get("window"))
        and value["window"]["kind"] == ShapeKind.RECTANGLE.value
        and is_number(value.get("shift"), 0, LARGEST_SHIFT)
        and is_number(value.get("turn"), 0, LARGEST_TURN)
        and is_number(value.get("quality"), 0, 1)
    )


def is_scale(value: object) -> bool:
    """Whether a value is millimetres per pixel, or nothing."""
    return value is None or is_number(value, math.nextafter(0, 1), LARGEST_SCALE)


def is_sound(view: View) -> bool:
    """Whether a view is one that a profile may hold."""
    raw = view_to_raw(view)
    shapes = is_shapes(raw["region"]["inside"]) and is_shapes(raw["region"]["ignore"])
    return shapes and is_positioning(raw["positioning"]) and is_scale(raw["mm_per_pixel"])


def view_to_raw(view: View) -> Raw:
    """Return the group ``view``; the reference picture is a part of its own."""
    found = view.positioning
    return {
        "region": {
            "inside": [_shape_to_raw(shape) for shape in view.region.inside],
            "ignore": [_shape_to_raw(shape) for shape in view.region.ignore],
        },
        "positioning": None
        if found is None
        else {
            "window": _shape_to_raw(found.window),
            "shift": float(found.shift),
            "turn": float(found.turn),
            "quality": float(found.quality),
        },
        "mm_per_pixel": None if view.mm_per_pixel is None else float(view.mm_per_pixel),
    }


def view_from_raw(raw: Raw, reference: ByteImage) -> View:
    """Build the view from a checked group."""
    region = Region(
        tuple(shape_from_raw(shape) for shape in raw["region"]["inside"]),
        tuple(shape_from_raw(shape) for shape in raw["region"]["ignore"]),
    )
    found, scale = raw["positioning"], raw["mm_per_pixel"]
    positioning = None
    if found is not None:
        positioning = Positioning(
            reference,
            shape_from_raw(found["window"]),
            float(found["shift"]),
            float(found["turn"]),
            float(found["quality"]),
        )
    return View(region, positioning, None if scale is None else float(scale))


def _shape_to_raw(shape: Shape) -> Raw:
    points = [[float(x), float(y)] for x, y in shape.points]
    return {"kind": shape.kind.value, "points": points}


def shape_from_raw(raw: Raw) -> Shape:
    """Build a shape that ``is_shape`` let through."""
    return Shape(ShapeKind(raw["kind"]), tuple((float(x), float(y)) for x, y in raw["points"]))
