"""Raster: drawn shapes as masks; a pixel belongs to a shape when its centre does."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.view import Point, Region, Shape, ShapeKind

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture, 0..1."""
WHOLE_BOX: Box = (0.0, 0.0, 1.0, 1.0)


def corners(shape: Shape) -> tuple[Point, ...]:
    """Return the corners of a shape in order."""
    if shape.kind is not ShapeKind.RECTANGLE:
        return shape.points
    (x0, y0), (x1, y1) = shape.points
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def box_of(region: Region) -> Box:
    """Return the smallest box around what is inside; the whole picture where nothing is drawn."""
    if not region.inside:
        return WHOLE_BOX
    points = [point for shape in region.inside for point in shape.points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def rasterise(region: Region, height: int, width: int, box: Box = WHOLE_BOX) -> Bools:
    """Return what counts of ``box`` as a mask (height, width)."""
    mask = _union(region.inside, height, width, box) if region.inside else None
    out = np.ones((height, width), np.bool_) if mask is None else mask
    if region.ignore:
        out &= ~_union(region.ignore, height, width, box)
    return out


def fill(points: Iterable[Point], height: int, width: int) -> Bools:
    """Fill one polygon into a mask (h, w), points in pixels, by the even-odd rule.

    A row of pixels is crossed at its centre line; from each crossing on, inside and outside change.
    """
    xy = np.asarray(tuple(points), np.float64)
    changes = np.zeros((height, width + 1), np.uint8)
    for (x0, y0), (x1, y1) in zip(xy, np.roll(xy, -1, axis=0), strict=True):
        low, high = min(y0, y1), max(y0, y1)
        first = max(0, int(np.ceil(low - 0.5)))
        rows = np.arange(first, min(height, int(np.ceil(high - 0.5))))
        if rows.size:
            x = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
            columns = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
            changes[rows, columns] ^= 1
    np.bitwise_xor.accumulate(changes, axis=1, out=changes)
    return np.ascontiguousarray(changes[:, :width]).view(np.bool_)


def _union(shapes: tuple[Shape, ...], height: int, width: int, box: Box) -> Bools:
    left, top, right, bottom = box
    across, down = width / (right - left), height / (bottom - top)
    out = np.zeros((height, width), np.bool_)
    for shape in shapes:
        placed = [((x - left) * across, (y - top) * down) for x, y in corners(shape)]
        out |= fill(placed, height, width)
    return out
